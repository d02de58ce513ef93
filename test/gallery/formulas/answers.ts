/** Answers of persons to items: attributes, grades, guesses. */
import {
  axis,
  bernoulli,
  beta,
  binomial,
  categorical,
  concat,
  constant,
  dirichlet,
  exp,
  gather,
  halfNormal,
  index,
  lognormal,
  model,
  normal,
  ordered,
  rename,
  select,
  sigmoid,
  sum,
  tensor,
} from "../../../src/index.ts";
import * as plain from "../../densities.ts";
import { logistic, Simulation } from "../simulation.ts";
import type { Formulas, Values } from "./formula.ts";

const { total } = plain;

/** Ratings by two mastered skills, each item needing some of them; slips and guesses (DINA). */
function skills() {
  const draw = new Simulation(63);
  const [person, item, skill] = [axis("person", 20), axis("item", 5), axis("skill", 2)];
  const profile = axis("profile", 4);
  const needs = [
    [1, 0],
    [0, 1],
    [1, 1],
    [1, 0],
    [0, 1],
  ];
  const right = draw.many(20, (i) =>
    needs.map(([a, b]) => draw.bernoulli((i % 2 || !a) && (i % 3 || !b) ? 0.85 : 0.2)),
  );
  return {
    model: model(({ sample, observe, plate }) => {
      const share = sample("share", dirichlet(1, profile));
      const [slip, guess] = plate(item, () => [
        sample("slip", beta(5, 25)),
        sample("guess", beta(5, 25)),
      ]);
      // Profiles by their bits.
      const bits = tensor([0, 0, 0, 1, 1, 0, 1, 1], [profile, skill]);
      const lacks = sum(tensor(needs, [item, skill]).mul(constant(1).sub(bits)), skill);
      const able = lacks.eq(0);
      const probs = select(able, constant(1).sub(slip), guess);
      plate(person, () => {
        const z = sample("z", categorical(share, profile));
        plate(item, () => {
          const chance = gather(probs, profile, z);
          observe("right", bernoulli({ probs: chance }), tensor(right, [person, item]));
        });
      });
    }),
    logDensity: ({ share, slip, guess }: Values) =>
      plain.dirichlet(share, [1, 1, 1, 1]) +
      total(5, (j) => plain.beta(slip[j], 5, 25) + plain.beta(guess[j], 5, 25)) +
      total(20, (i) =>
        plain.logSumExp(
          share.map((s, z) => {
            const has = [z >> 1, z & 1];
            const items = total(5, (j) => {
              const able = needs[j].every((n, k) => n <= has[k]);
              return plain.bernoulli(right[i][j], able ? 1 - slip[j] : guess[j]);
            });
            return Math.log(s) + items;
          }),
        ),
      ),
  };
}

/** Answers in steps by persons with covariates and items with discriminations (generalised partial credit, posteriordb). */
function steps() {
  const draw = new Simulation(64);
  const [person, item, step, grade] = [15, 3, 2, 3].map((n, i) => axis(`axis ${i}`, n));
  const x = draw.many(15, () => draw.normal());
  const y = draw.many(15, () => draw.many(3, () => draw.categorical([0.3, 0.4, 0.3])));
  return {
    model: model(({ sample, observe, plate }) => {
      const slope = sample("slope", normal(0, 2));
      const [tilt, hard] = plate(item, () => [
        sample("tilt", lognormal(0, 0.5)),
        sample("hard", normal(0, 2).event(step)),
      ]);
      plate(person, () => {
        const ability = sample("ability", normal(slope.mul(tensor(x, [person])), 1));
        plate(item, () => {
          const each = tilt.mul(ability).sub(hard);
          const logits = sum(select(index(step).lt(index(grade)), each, 0), step);
          observe("y", categorical({ logits }, grade), tensor(y.flat(), [person, item]));
        });
      });
    }),
    logDensity: ({ slope: [slope], tilt, hard, ability }: Values) =>
      plain.normal(slope, 0, 2) +
      total(3, (j) => plain.lognormal(tilt[j], 0, 0.5)) +
      total(6, (j) => plain.normal(hard[j], 0, 2)) +
      total(15, (i) => plain.normal(ability[i], slope * x[i], 1)) +
      total(15, (i) =>
        total(3, (j) => {
          const each = [0, 1].map((k) => tilt[j] * ability[i] - hard[2 * j + k]);
          return plain.categoricalLogits(y[i][j], [0, each[0], each[0] + each[1]]);
        }),
      ),
  };
}

/** Items with grades of different numbers: cutpoints side by side, of which each item takes its own (ragged). */
function scales() {
  const draw = new Simulation(75);
  const [answer, cut, grade] = [axis("answer", 24), axis("cut", 3), axis("grade", 4)];
  const grades = [3, 4];
  const of = draw.many(24, (i) => i % 2);
  const y = of.map((j) =>
    draw.categorical(grades[j] === 3 ? [0.3, 0.4, 0.3] : [0.2, 0.3, 0.3, 0.2]),
  );
  const [three, four] = [axis("three", 2), axis("four", 3)];
  return {
    model: model(({ sample, observe, plate }) => {
      const short = sample("short", ordered(normal(0, 2), three));
      const long = sample("long", ordered(normal(0, 2), four));
      const end = axis("end", 1);
      const filled = concat(short, tensor([1e9], [end]), [three, end], cut);
      const isLong = tensor(of, [answer]).eq(1);
      const cuts = select(isLong, rename(long, four, cut), filled);
      const above = sigmoid(cuts.neg());
      const [zero, one] = [tensor([0], [end]), tensor([1], [end])];
      const more = concat(one, above, [end, cut], grade);
      const less = concat(above, zero, [cut, end], grade);
      plate(answer, () => {
        observe("y", categorical(more.sub(less), grade), tensor(y, [answer]));
      });
    }),
    logDensity: ({ short, long }: Values) =>
      Math.log(2) +
      Math.log(6) +
      [...short, ...long].reduce((sum, c) => sum + plain.normal(c, 0, 2), 0) +
      total(24, (i) => {
        const cuts = of[i] === 0 ? short : long;
        const above = (k: number) => (k < 0 ? 1 : k >= cuts.length ? 0 : logistic(-cuts[k]));
        return Math.log(above(y[i] - 1) - above(y[i]));
      }),
  };
}

/** A lapse rate and 3 parameters of items: guesses, discriminations and difficulties with a common spread (3PL). */
function guesses() {
  const draw = new Simulation(12);
  const [person, item] = [axis("person", 30), axis("item", 5)];
  const right = draw.many(30, () => {
    const ability = draw.normal();
    return draw.many(5, (j) =>
      draw.bernoulli(0.2 + 0.8 * logistic((1 + 0.2 * j) * (ability - 0.5 * j + 1))),
    );
  });
  return {
    model: model(({ sample, observe, plate }) => {
      const spread = sample("spread", halfNormal(1));
      const [guess, slope, difficulty] = plate(item, () => [
        sample("guess", beta(5, 20)),
        exp(sample("logSlope", normal(0, 0.5))),
        sample("difficulty", normal(0, spread)),
      ]);
      plate(person, () => {
        const ability = sample("ability", normal(0, 1));
        plate(item, () => {
          const knows = constant(1).div(exp(slope.mul(difficulty.sub(ability))).add(1));
          const probs = guess.add(constant(1).sub(guess).mul(knows));
          observe("right", binomial(1, { probs }), tensor(right, [person, item]));
        });
      });
    }),
    logDensity: ({ spread: [spread], guess, logSlope, difficulty, ability }: Values) =>
      plain.halfNormal(spread) +
      total(
        5,
        (j) =>
          plain.beta(guess[j], 5, 20) +
          plain.normal(logSlope[j], 0, 0.5) +
          plain.normal(difficulty[j], 0, spread),
      ) +
      total(30, (i) => plain.normal(ability[i])) +
      total(30, (i) =>
        total(5, (j) => {
          const knows = logistic(Math.exp(logSlope[j]) * (ability[i] - difficulty[j]));
          return plain.bernoulli(right[i][j], guess[j] + (1 - guess[j]) * knows);
        }),
      ),
  };
}

export const ANSWERS: Formulas = {
  skills,
  steps,
  scales,
  guesses,
};
