/** Life times, some of them censored. */
import {
  axis,
  bernoulli,
  beta,
  censored,
  halfCauchy,
  halfNormal,
  inverseGamma,
  logistic,
  lognormal,
  logSumExp,
  model,
  normal,
  POSITIVE,
  rename,
  select,
  sum,
  tensor,
  transformed,
  weibull,
} from "../../../src/index.ts";
import * as plain from "../../densities.ts";
import { Simulation } from "../simulation.ts";
import type { Formulas, Values } from "./formula.ts";

const { total } = plain;

/** Proportional hazards by Cox's partial likelihood: who dies first of those at risk. */
function hazards() {
  const draw = new Simulation(48);
  const [patient, other, column] = [axis("patient", 25), axis("other", 25), axis("column", 2)];
  const x = draw.many(25, () => [draw.normal(), draw.bernoulli(0.5)]);
  const time = x.map(([a, b]) => -Math.log(draw.uniform()) / Math.exp(0.7 * a - 0.5 * b));
  const died = time.map((t) => Number(t < 2));
  return {
    model: model(({ sample, plate, factor }) => {
      const slope = sample("slope", normal(0, 2).event(column));
      const risk = sum(tensor(x, [patient, column]).mul(slope), column);
      const [t, others] = [tensor(time, [patient]), tensor(time, [other])];
      const atRisk = others.ge(t);
      const all = select(atRisk, rename(risk, patient, other), Number.NEGATIVE_INFINITY);
      plate(patient, () => {
        factor("death", risk.sub(logSumExp(all, other)).mul(tensor(died, [patient])));
      });
    }),
    logDensity: ({ slope }: Values) => {
      const risk = x.map(([a, b]) => a * slope[0] + b * slope[1]);
      return (
        total(2, (k) => plain.normal(slope[k], 0, 2)) +
        total(25, (i) => {
          const atRisk = risk.filter((_, j) => time[j] >= time[i]);
          return died[i] * (risk[i] - plain.logSumExp(atRisk));
        })
      );
    },
  };
}

/** Log-logistic life times with covariates and censoring: a logistic distribution of their logarithms. */
function logLogistic() {
  const draw = new Simulation(49);
  const patient = axis("patient", 30);
  const x = draw.many(30, () => draw.normal());
  const life = x.map((v) => {
    const u = draw.uniform();
    return Math.exp(0.5 + 0.4 * v + 0.5 * Math.log(u / (1 - u)));
  });
  const right = life.map((t) => Number(t > 3));
  const y = life.map((t) => Math.min(t, 3));
  return {
    model: model(({ sample, observe, plate }) => {
      const [a, b] = [sample("a", normal(0, 2)), sample("b", normal(0, 2))];
      const scale = sample("scale", halfNormal(1));
      plate(patient, () => {
        const life = transformed(logistic(a.add(b.mul(tensor(x, [patient]))), scale), POSITIVE);
        const seen = { right: tensor(Uint8Array.from(right), [patient]) };
        observe("life", censored(life, seen), tensor(y, [patient]));
      });
    }),
    logDensity: ({ a: [a], b: [b], scale: [scale] }: Values) =>
      plain.normal(a, 0, 2) +
      plain.normal(b, 0, 2) +
      plain.halfNormal(scale) +
      total(30, (i) => {
        const z = (Math.log(y[i]) - a - b * x[i]) / scale;
        if (right[i] === 1) return -plain.softplus(z);
        return z - 2 * plain.softplus(z) - Math.log(scale) - Math.log(y[i]);
      }),
  };
}

/** Deaths of two causes with hazards of their own: what one cause ends is censored for the other. */
function causes() {
  const draw = new Simulation(50);
  const [patient, cause] = [axis("patient", 30), axis("cause", 2)];
  const two = draw.many(30, () => [2, 3].map((s) => s * (-Math.log(draw.uniform())) ** 0.7));
  const y = two.map((both) => Math.min(...both, 4));
  const other = two.map((both, i) => both.map((t) => Number(t !== y[i])));
  return {
    model: model(({ sample, observe, plate }) => {
      const shape = sample("shape", lognormal(0, 0.5).event(cause));
      const scale = sample("scale", inverseGamma(3, 4).event(cause));
      const right = tensor(Uint8Array.from(other.flat()), [patient, cause]);
      plate(patient, () =>
        plate(cause, () => {
          observe("life", censored(weibull(shape, scale), { right }), tensor(y, [patient]));
        }),
      );
    }),
    logDensity: ({ shape, scale }: Values) =>
      total(2, (k) => plain.lognormal(shape[k], 0, 0.5) + plain.inverseGamma(scale[k], 3, 4)) +
      total(30, (i) =>
        total(2, (k) => {
          const gone = (y[i] / scale[k]) ** shape[k];
          return other[i][k] === 1 ? -gone : plain.weibull(y[i], shape[k], scale[k]);
        }),
      ),
  };
}

/** Some are cured and never fall ill again; of those who did not, it is not known (a mixture cure model). */
function cured() {
  const draw = new Simulation(51);
  const patient = axis("patient", 30);
  const life = draw.many(30, () => (draw.bernoulli(0.4) === 1 ? 9 : -Math.log(draw.uniform())));
  const right = life.map((t) => Number(t > 2));
  const y = life.map((t) => Math.min(t, 2));
  return {
    model: model(({ sample, observe, plate }) => {
      const share = sample("share", beta(2, 2));
      const [shape, scale] = [sample("shape", lognormal(0, 0.5)), sample("scale", halfCauchy(2))];
      plate(patient, () => {
        const isCured = sample("cured", bernoulli({ probs: share }));
        // Whoever is cured does not fall ill within the study.
        const never = select(isCured.gt(0), 1e6, scale);
        const seen = { right: tensor(Uint8Array.from(right), [patient]) };
        observe("life", censored(weibull(shape, never), seen), tensor(y, [patient]));
      });
    }),
    logDensity: ({ share: [share], shape: [shape], scale: [scale] }: Values) =>
      plain.beta(share, 2, 2) +
      plain.lognormal(shape, 0, 0.5) +
      plain.halfCauchy(scale, 2) +
      total(30, (i) => {
        const of = (s: number) =>
          right[i] === 1 ? -((y[i] / s) ** shape) : plain.weibull(y[i], shape, s);
        return plain.logSumExp([Math.log(share) + of(1e6), Math.log(1 - share) + of(scale)]);
      }),
  };
}

export const SURVIVAL: Formulas = {
  hazards,
  logLogistic,
  causes,
  cured,
};
