/** Models of rows, groups and persons. */
import {
  bernoulli,
  beta,
  binomial,
  categorical,
  dirichlet,
  halfCauchy,
  halfNormal,
  improperUniform,
  lognormal,
  multinomial,
  normal,
  ordered,
  orderedLogistic,
  POSITIVE,
  REAL,
  uniform,
  zeroInflated,
} from "../../../../../src/distributions/index.ts";
import { axis, constant, gather, stack, tensor } from "../../../../../src/tensor/index.ts";
import { each, type Kind, Numbered, short } from "./kind.ts";

/** Flat cutpoints, which increase. */
export function orderedLogit(): Kind {
  const random = new Numbered(11);
  const x = each(80, () => short(random.normal()));
  const y = x.map((at) => {
    const u = random.uniform();
    const latent = 0.8 * at + Math.log(u / (1 - u));
    return [-1, 0.5, 2].filter((cut) => latent > cut).length;
  });
  const [row, cut, grade] = [axis("row", 80), axis("cut", 3), axis("grade", 4)];
  return {
    data: { N: 80, x, y: y.map((k) => k + 1) },
    model: ({ sample, observe, plate }) => {
      const slope = sample("slope", improperUniform(REAL));
      const cutpoints = sample("cutpoints", ordered(improperUniform(REAL), cut));
      plate(row, () => {
        const score = slope.mul(tensor(x, [row]));
        observe(
          "y",
          orderedLogistic(score, cutpoints, { cut, category: grade }),
          tensor(Int32Array.from(y), [row]),
        );
      });
    },
    sites: ["slope", "cutpoints"],
  };
}

/** Kinds that are summed out: shares, centres that increase, spreads. */
export function normalMixture(): Kind {
  const random = new Numbered(37);
  const y = each(150, () => {
    const low = random.uniform() < 0.4;
    return short(low ? -2.5 + random.normal() : 2 + 1.3 * random.normal());
  });
  const [row, kind] = [axis("row", 150), axis("kind", 2)];
  return {
    data: { N: 150, y },
    model: ({ sample, observe, plate }) => {
      const share = sample("share", beta(5, 5));
      const shares = stack([share, constant(1).sub(share)], kind);
      const centre = sample("centre", ordered(normal(0, 2), kind));
      const spread = sample("spread", halfNormal(2).event(kind));
      plate(row, () => {
        const z = sample("z", categorical(shares, kind));
        observe("y", normal(gather(centre, kind, z), gather(spread, kind, z)), tensor(y, [row]));
      });
    },
    sites: ["share", "centre", "spread"],
  };
}

/** Flat priors on supports that depend on another latent. */
export function nestedBounds(): Kind {
  const random = new Numbered(53);
  const y = each(40, () => short(1 + 2.5 * random.uniform()));
  const row = axis("row", 40);
  return {
    data: { N: 40, y },
    model: ({ sample, observe, plate }) => {
      const low = sample(
        "low",
        improperUniform({ kind: "interval", low: constant(-5), high: constant(Math.min(...y)) }),
        { init: 0 },
      );
      const high = sample(
        "high",
        improperUniform({ kind: "interval", low: constant(Math.max(...y)), high: constant(10) }),
      );
      const between = sample("between", improperUniform({ kind: "interval", low, high }));
      plate(row, () => observe("y", uniform(low, high), tensor(y, [row])));
      observe("mean", normal(between, 0.5), constant(2));
    },
    sites: ["low", "high", "between"],
  };
}

/** Varying intercepts and slopes of 40 groups. */
export function hierarchy(): Kind {
  const random = new Numbered(79);
  const effects = each(40, () => [1 + 0.7 * random.normal(), -0.5 + 0.3 * random.normal()]);
  const rows = each(400, (i) => {
    const [g, x] = [i % 40, short(random.normal())];
    return { g, x, y: short(effects[g][0] + effects[g][1] * x + 0.8 * random.normal()) };
  });
  const [row, group] = [axis("row", 400), axis("group", 40)];
  const [x, y] = [rows.map((each) => each.x), rows.map((each) => each.y)];
  const g = rows.map((each) => each.g);
  return {
    data: { N: 400, J: 40, g: g.map((k) => k + 1), x, y },
    model: ({ sample, observe, plate }) => {
      const [a, b] = [sample("a", improperUniform(REAL)), sample("b", improperUniform(REAL))];
      const [sa, sb] = [sample("sa", improperUniform(POSITIVE)), sample("sb", halfCauchy(1))];
      const noise = sample("noise", improperUniform(POSITIVE));
      const at = tensor(Int32Array.from(g), [row]);
      const { alpha, slope } = plate(group, () => {
        return { alpha: sample("alpha", normal(a, sa)), slope: sample("slope", normal(b, sb)) };
      });
      plate(row, () => {
        const mean = gather(alpha, group, at).add(gather(slope, group, at).mul(tensor(x, [row])));
        observe("y", normal(mean, noise), tensor(y, [row]));
      });
    },
    sites: ["a", "b", "sa", "sb", "noise", "alpha", "slope"],
  };
}

/** Answers of persons to questions: abilities, difficulties and discriminations. */
export function answers(): Kind {
  const random = new Numbered(97);
  const [persons, questions] = [30, 10];
  const ability = each(persons, () => random.normal());
  const question = each(questions, () => [random.normal(), Math.exp(0.3 * random.normal())]);
  const y = question.map(([b, a]) =>
    ability.map((t) => (random.uniform() < 1 / (1 + Math.exp(-a * (t - b))) ? 1 : 0)),
  );
  const [person, item] = [axis("person", persons), axis("item", questions)];
  return {
    data: { I: questions, J: persons, y },
    model: ({ sample, observe, plate }) => {
      const spread = sample("spread", halfCauchy(2));
      const ability = plate(person, () => sample("ability", normal(0, spread)));
      const { a, b } = plate(item, () => {
        return { a: sample("a", lognormal(0, 0.5)), b: sample("b", normal(0, 2)) };
      });
      plate(item, () =>
        plate(person, () => {
          const logits = a.mul(ability.sub(b));
          observe("y", bernoulli({ logits }), tensor(y.flat(), [item, person]));
        }),
      );
    },
    sites: ["spread", "a", "b", "ability"],
    draws: 2000,
  };
}

/** A simplex, and shares of occupied places, whose absences may be oversights: zeros of two kinds. */
export function sharesAndZeros(): Kind {
  const seen = [0, 0, 3, 1, 0, 2, 4, 0, 0, 1, 0, 2, 0, 3, 0, 0, 1, 2, 0, 0];
  const counts = [3, 9, 14, 2];
  const [place, kind] = [axis("place", 20), axis("kind", 4)];
  return {
    data: { N: 20, seen, counts },
    model: ({ sample, observe, plate }) => {
      const share = sample("share", dirichlet(1, kind));
      observe(
        "counts",
        multinomial(28, { probs: share }, kind),
        tensor(Int32Array.from(counts), [kind]),
      );
      const occupied = sample("occupied", uniform(0, 1));
      const detected = sample("detected", uniform(0, 1));
      plate(place, () => {
        const absent = constant(1).sub(occupied);
        observe(
          "seen",
          zeroInflated(binomial(5, { probs: detected }), { probs: absent }),
          tensor(Int32Array.from(seen), [place]),
        );
      });
    },
    sites: ["share", "occupied", "detected"],
  };
}
