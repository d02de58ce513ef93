/** Unknown functions and an equation, joined with other words. */
import {
  axis,
  beta,
  betaBinomial,
  bSplines,
  censored,
  constant,
  gamma,
  gaussianProcess,
  halfNormal,
  hilbertSpaceProcess,
  linearKernel,
  lkjCholesky,
  log,
  lognormal,
  matern,
  model,
  negativeBinomial,
  normal,
  periodicKernel,
  poisson,
  sigmoid,
  solveOde,
  squaredExponential,
  studentT,
  sum,
  tensor,
  uniform,
  zeroInflated,
} from "../../../../src/index.ts";
import * as plain from "../../../densities.ts";
import { logistic } from "../../simulation.ts";
import type { Formulas, Values } from "../formula.ts";

const { total, rowsOf } = plain;
const place = axis("place", 6);
const where = [0, 0.7, 1.1, 2, 2.6, 3.5];
const counts = [0, 3, 1, 0, 6, 4];
const reals = [0.2, 1.4, -0.3, 2.1, 1.7, 0.1];
const flags = [0, 0, 1, 0, 1, 0];
const over = (x: readonly number[]) => tensor(x, [place]);
const marked = (x: readonly number[]) => tensor(Uint8Array.from(x), [place]);
const covariance = (k: (a: number, b: number) => number, more: number) =>
  where.map((a, i) => where.map((b, j) => k(a, b) + (i === j ? more : 0)));

/** Counts by a function that repeats and fades: a product of kernels, plus a line, by independent normals. */
function fadingSeason() {
  return {
    model: model(({ sample, observe, plate }) => {
      const [scale, period] = [sample("scale", halfNormal(1)), sample("period", gamma(8, 4))];
      const kernel = periodicKernel({ scale, lengthscale: 1.3, period })
        .mul(squaredExponential({ lengthscale: 3 }))
        .add(linearKernel({ scale: 0.4, centre: 1 }));
      const z = sample("z", normal(0, 1).event(place));
      const f = gaussianProcess(kernel, { jitter: 1e-3, mean: 0.5 }).values(z, over(where), place);
      const dispersion = sample("dispersion", halfNormal(1));
      plate(place, () => {
        const own = negativeBinomial({ logMean: f, dispersion });
        observe("y", censored(own, { right: marked(flags) }), over(counts));
      });
    }),
    logDensity: ({ scale: [scale], period: [period], z, dispersion: [d] }: Values) => {
      const k = (a: number, b: number) =>
        scale ** 2 *
          Math.exp(-2 * (Math.sin((Math.PI * (a - b)) / period) / 1.3) ** 2) *
          Math.exp(-0.5 * ((a - b) / 3) ** 2) +
        0.16 * (a - 1) * (b - 1);
      const average = total(6, (i) => k(where[i], where[i])) / 6;
      const lower = plain.cholesky(covariance(k, average * 1e-3));
      return (
        plain.halfNormal(scale) +
        plain.gamma(period, 8, 4) +
        plain.halfNormal(d) +
        total(6, (i) => plain.normal(z[i])) +
        total(6, (i) => {
          const mean = Math.exp(0.5 + total(i + 1, (j) => lower[i][j] * z[j]));
          const p = (n: number) => Math.exp(plain.negativeBinomial(n, mean, 1 / d));
          return flags[i] ? Math.log1p(-total(counts[i], p)) : Math.log(p(counts[i]));
        })
      );
    },
  };
}

/** Two outputs of one function with correlated weights (coregionalisation), seen with outliers. */
function twoOutputs() {
  const [output, other] = [axis("output", 2), axis("other", 2)];
  const y = reals.map((v, i) => [v, 0.5 * v - counts[i] / 4]);
  return {
    model: model(({ sample, observe, plate }) => {
      const lengthscale = sample("lengthscale", lognormal(0, 0.5));
      const scales = sample("scales", halfNormal(1).event(output));
      const factor = sample("factor", lkjCholesky(2, output, other)).mul(scales);
      const z = sample("z", normal(0, 1).event(place, other));
      const process = gaussianProcess(matern(5 / 2, { lengthscale }), { jitter: 1e-4 });
      const f = sum(process.values(z, over(where), place).mul(factor), other);
      plate(place, () =>
        plate(output, () => observe("y", studentT(4, f, 0.5), tensor(y, [place, output]))),
      );
    }),
    logDensity: ({ lengthscale: [l], scales, factor, z }: Values) => {
      const k = (a: number, b: number) => {
        const d = (Math.sqrt(5) * Math.abs(a - b)) / l;
        return (1 + d + d ** 2 / 3) * Math.exp(-d);
      };
      const lower = plain.cholesky(covariance(k, 1e-4));
      const [rows, noise] = [rowsOf(factor, 2), rowsOf(z, 2)];
      const weights = plain.scaledRows(rows, scales);
      const f = plain.times(plain.times(lower, noise), plain.transposed(weights));
      return (
        plain.lognormal(l, 0, 0.5) +
        total(2, (k) => plain.halfNormal(scales[k])) +
        plain.lkjCholesky(rows, 2) +
        total(12, (i) => plain.normal(z[i])) +
        total(6, (i) => total(2, (k) => plain.studentT(y[i][k], 4, f[i][k], 0.5)))
      );
    },
  };
}

/** Zeros of two causes, the rate by few functions of a smooth process. */
function waves() {
  const wave = axis("wave", 5);
  return {
    model: model(({ sample, observe, plate }) => {
      const [scale, lengthscale] = [sample("scale", halfNormal(1)), sample("l", lognormal(0, 0.5))];
      const kernel = squaredExponential({ scale, lengthscale });
      const process = hilbertSpaceProcess(kernel, wave, { range: [0, 4] });
      const f = process.values(sample("z", normal(0, 1).event(wave)), over(where));
      const idle = sample("idle", beta(2, 2));
      plate(place, () =>
        observe("y", zeroInflated(poisson({ logRate: f }), { probs: idle }), over(counts)),
      );
    }),
    logDensity: ({ scale: [scale], l: [l], z, idle: [idle] }: Values) => {
      const f = where.map((x) =>
        total(5, (j) => {
          const w = ((j + 1) * Math.PI) / 6;
          const variance = scale ** 2 * Math.sqrt(2 * Math.PI) * l * Math.exp(-0.5 * (l * w) ** 2);
          return Math.sqrt(variance / 3) * Math.sin(w * (x - 2 + 3)) * z[j];
        }),
      );
      return (
        plain.halfNormal(scale) +
        plain.lognormal(l, 0, 0.5) +
        total(5, (j) => plain.normal(z[j])) +
        plain.beta(idle, 2, 2) +
        total(6, (i) => {
          const p = Math.exp(plain.poisson(counts[i], Math.exp(f[i])));
          return Math.log((1 - idle) * p + (counts[i] === 0 ? idle : 0));
        })
      );
    },
  };
}

/** Successes by a broken line (splines of degree 1) whose heights walk, with chances that vary. */
function brokenLine() {
  const bend = axis("bend", 4);
  const knots = [0, 1, 2.5, 4];
  const shape = bSplines(over(where), { knots, basis: bend, degree: 1 });
  return {
    model: model(({ sample, observe, plate, chain }) => {
      const step = sample("step", halfNormal(1));
      const heights = chain(bend, constant(0), (last) => sample("height", normal(last, step)));
      const concentration = sample("concentration", gamma(4, 1));
      const mean = sigmoid(sum(shape.mul(heights), bend));
      plate(place, () => observe("y", betaBinomial(7, { mean, concentration }), over(counts)));
    }),
    logDensity: ({ step: [step], height, concentration: [c] }: Values) => {
      const line = (x: number) => {
        const i = knots.findLastIndex((t) => t <= x);
        const [a, b] = [height[i], height[i + 1]];
        return a + ((x - knots[i]) / (knots[i + 1] - knots[i])) * (b - a);
      };
      return (
        plain.halfNormal(step) +
        plain.gamma(c, 4, 1) +
        total(4, (k) => plain.normal(height[k], k === 0 ? 0 : height[k - 1], step)) +
        total(6, (i) => {
          const [n, a] = [counts[i], c * logistic(line(where[i]))];
          return (
            plain.logChoose(7, n) + plain.logBeta(n + a, 7 - n + c - a) - plain.logBeta(a, c - a)
          );
        })
      );
    },
  };
}

/** What is left of a dose given at an unknown time, with errors of its logarithm and a limit of detection. */
function lateDose() {
  const seen = [4.1, 3.2, 2.8, 1.2, 0.9, 0.8];
  return {
    spread: 0.2,
    model: model(({ sample, observe, plate }) => {
      const [rate, dose] = [
        sample("rate", lognormal(-1, 0.5)),
        sample("dose", lognormal(1.5, 0.3)),
      ];
      const given = sample("given", uniform(-1, 0));
      const noise = sample("noise", halfNormal(0.5));
      const { left } = solveOde(({ left }, _, { rate }) => ({ left: rate.mul(left).neg() }), {
        ...{
          initial: { left: dose },
          parameters: { rate },
          times: over(where).sub(given),
          along: place,
        },
        ...{ relative: 1e-11, absolute: 1e-11 },
      });
      plate(place, () =>
        observe("y", censored(lognormal(log(left), noise), { left: marked(flags) }), over(seen)),
      );
    }),
    logDensity: ({ rate: [rate], dose: [dose], given: [given], noise: [noise] }: Values) =>
      plain.lognormal(rate, -1, 0.5) +
      plain.lognormal(dose, 1.5, 0.3) +
      plain.halfNormal(noise, 0.5) +
      total(6, (i) => {
        const mean = Math.log(dose) - rate * (where[i] - given);
        return flags[i]
          ? Math.log(plain.normalCdf((Math.log(seen[i]) - mean) / noise))
          : plain.lognormal(seen[i], mean, noise);
      }),
  };
}

export const FUNCTIONS: Formulas = {
  fadingSeason,
  twoOutputs,
  waves,
  brokenLine,
  lateDose,
};
