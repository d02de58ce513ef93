/** Of what is measured with an error, in part, or with values of another kind among them. */
import {
  axis,
  beta,
  binomial,
  censored,
  exp,
  gather,
  halfNormal,
  inferGaps,
  lognormal,
  model,
  normal,
  poisson,
  sqrt,
  studentT,
  type Tensor,
  tensor,
  truncated,
  weibull,
  zeroInflated,
} from "../../../src/index.ts";
import { int, logistic, Simulation } from "../simulation.ts";

/** A regression whose covariate is seen with an error of known size. */
export function measurementError() {
  const draw = new Simulation(1);
  const row = axis("row", 60);
  const x = draw.many(row.size, () => draw.normal(2, 1));
  const seen = x.map((v) => draw.normal(v, 0.5));
  const y = x.map((v) => draw.normal(1 + 0.8 * v, 0.3));
  return {
    truth: { a: 1, b: 0.8, noise: 0.3, centre: 2, spread: 1 },
    // Of the noise a chain of 500 draws is worth some tens.
    draws: 1500,
    model: model(({ sample, observe, plate }) => {
      const [a, b] = [sample("a", normal(0, 5)), sample("b", normal(0, 5))];
      const noise = sample("noise", halfNormal(1));
      const [centre, spread] = [sample("centre", normal(0, 5)), sample("spread", halfNormal(2))];
      plate(row, () => {
        const truly = sample("x", normal(centre, spread));
        observe("seen", normal(truly, 0.5), tensor(seen, [row]));
        observe("y", normal(a.add(b.mul(truly)), noise), tensor(y, [row]));
      });
    }),
  };
}

/** Some values are missing: they are inferred. */
export function missingValues() {
  const draw = new Simulation(2);
  const row = axis("row", 50);
  const y = draw.many(row.size, () => draw.normal(3, 2));
  const present = y.map((_, i) => (i % 5 === 0 ? 0 : 1));
  return {
    truth: { mean: 3, sd: 2 },
    model: model(({ sample, observe, plate }) => {
      const [mean, sd] = [sample("mean", normal(0, 10)), sample("sd", halfNormal(5))];
      const data = {
        value: tensor(
          y.map((v, i) => v * present[i]),
          [row],
        ),
        present: tensor(Uint8Array.from(present), [row]),
      };
      const all = inferGaps(sample, "y", data);
      plate(row, () => observe("y", normal(mean, sd), all));
    }),
  };
}

/** Values below 1 were never recorded; those above 4 are recorded as 4. */
export function truncatedAndCensored() {
  const draw = new Simulation(3);
  const kept = draw
    .many(400, () => draw.normal(2, 1.5))
    .filter((v) => v > 1)
    .slice(0, 150);
  const row = axis("row", kept.length);
  const y = tensor(
    kept.map((v) => Math.min(v, 4)),
    [row],
  );
  const right = tensor(
    Uint8Array.from(kept, (v) => (v > 4 ? 1 : 0)),
    [row],
  );
  return {
    truth: { mean: 2, sd: 1.5 },
    model: model(({ sample, observe, plate }) => {
      const [mean, sd] = [sample("mean", normal(0, 10)), sample("sd", halfNormal(5))];
      plate(row, () => {
        observe("y", censored(truncated(normal(mean, sd), { lower: 1 }), { right }), y);
      });
    }),
  };
}

/** Life times with censoring, by a proportional effect of treatment and a frailty of each clinic. */
export function survival() {
  const draw = new Simulation(15);
  const [row, clinic] = [axis("row", 200), axis("clinic", 10)];
  const frailty = draw.many(clinic.size, () => draw.normal(0, 0.4));
  const at = draw.many(row.size, (i) => i % clinic.size);
  const treated = draw.many(row.size, () => draw.bernoulli(0.5));
  const times = at.map(
    (c, i) =>
      5 * Math.exp(0.6 * treated[i] + frailty[c]) * (-Math.log(draw.uniform())) ** (1 / 1.5),
  );
  const ended = times.map((t) => Math.min(t, 12));
  const right = tensor(
    Uint8Array.from(times, (t) => (t > 12 ? 1 : 0)),
    [row],
  );
  return {
    truth: { shape: 1.5, level: Math.log(5), effect: 0.6, spread: 0.4 },
    model: model(({ sample, observe, plate }) => {
      const shape = sample("shape", lognormal(0, 1));
      const [level, effect] = [sample("level", normal(0, 3)), sample("effect", normal(0, 1))];
      const spread = sample("spread", halfNormal(1));
      const own = plate(clinic, () => sample("own", normal(0, spread)));
      plate(row, () => {
        const logScale = level
          .add(effect.mul(tensor(treated, [row])))
          .add(gather(own, clinic, tensor(int(at), [row])));
        observe("time", censored(weibull(shape, exp(logScale)), { right }), tensor(ended, [row]));
      });
    }),
  };
}

/** Counts of which many are 0 for a cause of their own. */
export function manyZeros() {
  const draw = new Simulation(16);
  const row = axis("row", 250);
  const x = draw.many(row.size, () => draw.normal());
  const y = x.map((v) => (draw.bernoulli(0.35) ? 0 : draw.poisson(Math.exp(0.8 + 0.5 * v))));
  return {
    truth: { none: 0.35, level: 0.8, slope: 0.5 },
    model: model(({ sample, observe, plate }) => {
      const none = sample("none", beta(1, 1));
      const [level, slope] = [sample("level", normal(0, 2)), sample("slope", normal(0, 2))];
      plate(row, () => {
        const logRate = level.add(slope.mul(tensor(x, [row])));
        observe("y", zeroInflated(poisson({ logRate }), { probs: none }), tensor(y, [row]));
      });
    }),
  };
}

/** A regression with outliers, scale sqrt of a variance with a prior on the variance, and a binomial beside it. */
export function robust() {
  const draw = new Simulation(19);
  const row = axis("row", 120);
  const x = draw.many(row.size, () => draw.normal());
  const y = x.map((v, i) => draw.normal(0.5 + 1.5 * v, 0.4) + (i % 15 === 0 ? 6 : 0));
  const votes = x.map((v) => draw.binomial(20, logistic(v)));
  return {
    truth: { a: 0.5, b: 1.5, c: 1 },
    model: model(({ sample, observe, plate }) => {
      const [a, b, c] = ["a", "b", "c"].map((name): Tensor => sample(name, normal(0, 5)));
      const variance = sample("variance", lognormal(-1, 1));
      plate(row, () => {
        const at = tensor(x, [row]);
        observe("y", studentT(2, a.add(b.mul(at)), sqrt(variance)), tensor(y, [row]));
        observe("votes", binomial(20, { logits: c.mul(at) }), tensor(votes, [row]));
      });
    }),
  };
}
