/** Regimes, gaps and changes, joined with other words: summed out, beside sums over all that could be. */
import {
  axis,
  bernoulli,
  beta,
  categorical,
  constant,
  gamma,
  gather,
  halfNormal,
  index,
  inferGaps,
  masked,
  model,
  negativeBinomial,
  normal,
  ordered,
  orderedProbit,
  scan,
  select,
  sqrt,
  square,
  studentT,
  tensor,
} from "../../../../src/index.ts";
import * as plain from "../../../densities.ts";
import type { Formulas, Values } from "../formula.ts";
import { forward } from "./hidden.ts";

const { total, logSumExp } = plain;
const state = axis("state", 2);
const time = axis("time", 7);
const counts = [0, 3, 1, 0, 6, 4, 5];
const flags = [0, 0, 1, 0, 1, 0, 1];
const reals = [0.2, 1.4, -0.3, 2.1, 1.7, 0.1, -0.8];
const inputs = [0.5, -1, 0.3, 1.2, -0.4, 0.9, 0];
const over = (x: readonly number[]) => tensor(x, [time]);
const marked = (x: readonly number[]) => tensor(Uint8Array.from(x), [time]);

/** Two regimes of a GARCH with heavy tails: the variance follows what was seen, the regime moves on its own. */
function regimesOfVariance() {
  return {
    model: model(({ sample, observe, chain }) => {
      const stay = sample("stay", beta(3, 2));
      const [fed, kept] = [sample("fed", beta(2, 5)), sample("kept", beta(5, 2))];
      const base = sample("base", gamma(2, 2).event(state));
      const { outputs } = scan(time, { v: constant(1), last: constant(0) }, ({ v, last }, turn) => {
        const now = fed.mul(square(last)).add(kept.mul(v));
        return { carries: { v: now, last: turn.at(over(reals)) }, outputs: { now } };
      });
      chain(time, constant(0), (last, { at }) => {
        const z = sample(
          "z",
          bernoulli({ probs: select(last.eq(1), stay, constant(1).sub(stay)) }),
        );
        const sd = sqrt(at(outputs.now).add(gather(base, state, z.eq(1))));
        observe("y", studentT(5, 0, sd), at(over(reals)));
        return z;
      });
    }),
    logDensity: ({ stay: [stay], fed: [fed], kept: [kept], base }: Values) => {
      let [v, last] = [1, 0];
      const variances = reals.map((y) => {
        v = fed * last ** 2 + kept * v;
        last = y;
        return v;
      });
      const move = (_: number, from: number, to: number) =>
        Math.log((to === 1 ? from === 1 : from === 0) ? stay : 1 - stay);
      return (
        plain.beta(stay, 3, 2) +
        plain.beta(fed, 2, 5) +
        plain.beta(kept, 5, 2) +
        total(2, (z) => plain.gamma(base[z], 2, 2)) +
        forward(
          2,
          7,
          (z) => move(0, 0, z),
          move,
          (t, z) => plain.studentT(reals[t], 5, 0, Math.sqrt(variances[t] + base[z])),
        )
      );
    },
  };
}

/** Grades by a covariate with gaps and a flag with gaps: the first inferred, the second summed out. */
function gradesWithGaps() {
  const [cut, grade] = [axis("cut", 2), axis("grade", 3)];
  const y = [0, 2, 1, 0, 2, 1, 1];
  const known = [1, 1, 0, 1, 1, 0, 1];
  return {
    model: model(({ sample, observe, plate }) => {
      const cuts = sample("cuts", ordered(normal(0, 2), cut));
      const [a, b] = [sample("a", normal(0, 1)), sample("b", normal(0, 1))];
      const share = sample("share", beta(2, 2));
      const x = inferGaps(sample, "x", { value: over(inputs), present: marked(known) });
      plate(time, () => {
        observe("x", normal(0, 1), x);
        observe("flag", masked(bernoulli({ probs: share }), marked(known)), over(flags));
        const other = sample("other", bernoulli({ probs: share }));
        const flag = select(marked(known), over(flags), other);
        observe(
          "y",
          orderedProbit(a.mul(x).add(b.mul(flag)), cuts, { cut, category: grade }),
          over(y),
        );
      });
    }),
    logDensity: ({ cuts, a: [a], b: [b], share: [share], "x.missing": missing }: Values) => {
      const x = inputs.map((v, i) => (known[i] ? v : missing[i === 2 ? 0 : 1]));
      const below = (k: number, mean: number) =>
        k < 0 ? 0 : k > 1 ? 1 : plain.normalCdf(cuts[k] - mean);
      const mass = (i: number, flag: number) => {
        const mean = a * x[i] + b * flag;
        return below(y[i], mean) - below(y[i] - 1, mean);
      };
      return (
        Math.LN2 +
        total(2, (k) => plain.normal(cuts[k], 0, 2)) +
        plain.normal(a) +
        plain.normal(b) +
        plain.beta(share, 2, 2) +
        total(
          7,
          (i) =>
            plain.normal(x[i]) +
            (known[i]
              ? plain.bernoulli(flags[i], share) + Math.log(mass(i, flags[i]))
              : Math.log((1 - share) * mass(i, 0) + share * mass(i, 1))),
        )
      );
    },
  };
}

/** One year of change for all places, in counts that vary more than Poisson's. */
function sharedChange() {
  const place = axis("place", 3);
  const y = [0, 1, 2].map((i) => counts.map((k) => k + i));
  return {
    model: model(({ sample, observe, plate }) => {
      const when = sample("when", categorical(tensor([1, 2, 2, 1, 1, 1, 1], [time]), time));
      const [low, rise] = plate(place, () => [
        sample("low", normal(0, 1)),
        sample("rise", normal(0, 1)),
      ]);
      const dispersion = sample("dispersion", halfNormal(1));
      plate(place, () =>
        plate(time, () => {
          const logMean = low.add(select(index(time).ge(when), rise, 0));
          observe("y", negativeBinomial({ logMean, dispersion }), tensor(y, [place, time]));
        }),
      );
    }),
    logDensity: ({ low, rise, dispersion: [d] }: Values) =>
      total(3, (i) => plain.normal(low[i]) + plain.normal(rise[i])) +
      plain.halfNormal(d) +
      logSumExp(
        [1, 2, 2, 1, 1, 1, 1].map(
          (w, when) =>
            Math.log(w / 9) +
            total(3, (i) =>
              total(7, (t) => {
                const mean = Math.exp(low[i] + (t >= when ? rise[i] : 0));
                return plain.negativeBinomial(y[i][t], mean, 1 / d);
              }),
            ),
        ),
      ),
  };
}

export const CHANGES: Formulas = {
  regimesOfVariance,
  gradesWithGaps,
  sharedChange,
};
