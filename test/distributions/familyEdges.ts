/** Edges of families: parameters and values at the ends of their sets, with densities in closed form. */
import type { Numbers } from "./build.ts";

export const { LN2, LN10, PI } = Math;

/** log(2 pi) / 2. */
export const H = 0.5 * Math.log(2 * PI);
export const E30 = 30 * LN10;
export const INF = Number.POSITIVE_INFINITY;

/** Euler's constant, -digamma(1). */
export const GAMMA = 0.5772156649015329;

/** 2^60. */
export const MANY = 2 ** 60;

/** Parameters, the value, its log density, and its derivatives by parameters that are single numbers and by x. */
export type Edge = readonly [
  parameters: Numbers,
  x: number | readonly number[],
  logProb: number,
  slopes: Readonly<Record<string, number>>,
];

export const EDGES: Readonly<Record<string, readonly Edge[]>> = {
  normal: [
    [{ mean: 0, sd: 1e-30 }, 0, E30 - H, { mean: 0, sd: -1e30, x: 0 }],
    [{ mean: 0, sd: 1e30 }, 1e30, -E30 - H - 0.5, { mean: 1e-30, sd: 0, x: -1e-30 }],
    [{ mean: 0, sd: 1 }, -0, -H, { mean: 0, sd: -1, x: 0 }],
  ],
  lognormal: [
    [{ mean: 0, sd: 1 }, 1, -H, { mean: 0, sd: -1, x: -1 }],
    [{ mean: -E30, sd: 1 }, 1e-30, E30 - H, { sd: -1, x: -1e30 }],
  ],
  halfNormal: [[{ scale: 1e30 }, 0, LN2 - H - E30, { scale: -1e-30, x: 0 }]],
  cauchy: [
    [{ location: 0, scale: 1e-30 }, 0, E30 - Math.log(PI), { location: 0, scale: -1e30, x: 0 }],
    [{ location: 0, scale: 1 }, 1e20, -40 * LN10 - Math.log(PI), { scale: 1, x: -2e-20 }],
    // Of values whose distance is too many scales for a number of float32.
    [{ location: 0, scale: 1e-30 }, 1e20, -70 * LN10 - Math.log(PI), { scale: 1e30, x: -2e-20 }],
    [{ location: 1e38, scale: 0.1 }, 1, -77 * LN10 - Math.log(PI), { scale: 10, x: 2e-38 }],
  ],
  halfCauchy: [
    [{ scale: 1 }, 0, Math.log(2 / PI), { scale: -1, x: 0 }],
    [{ scale: 1 }, 1e30, Math.log(2 / PI) - 2 * E30, { scale: 1, x: -2e-30 }],
    [{ scale: 1e-30 }, 1e20, Math.log(2 / PI) - 70 * LN10, { scale: 1e30, x: -2e-20 }],
  ],
  studentT: [
    [
      { degrees: 1, location: 0, scale: 1 },
      1e20,
      -40 * LN10 - Math.log(PI),
      { scale: 1, x: -2e-20 },
    ],
    [{ degrees: MANY, location: 0, scale: 1 }, 0, -H, { location: 0, scale: -1, x: 0 }],
    // Of values whose distance is too many scales for a number of float32.
    [
      { degrees: 1, location: 0, scale: 1e-30 },
      1e20,
      -70 * LN10 - Math.log(PI),
      { scale: 1e30, x: -2e-20 },
    ],
  ],
  halfStudentT: [
    [{ degrees: 1, scale: 1 }, 0, Math.log(2 / PI), { scale: -1, x: 0 }],
    [{ degrees: 1, scale: 1e-30 }, 1e20, Math.log(2 / PI) - 70 * LN10, { scale: 1e30, x: -2e-20 }],
  ],
  skewNormal: [
    [{ location: 0, scale: 1, shape: 0 }, 0, -H, { scale: -1, shape: 0 }],
    [{ location: 0, scale: 1, shape: 1e10 }, 0, -H, { x: 1e10 * Math.sqrt(2 / PI), shape: 0 }],
  ],
  laplace: [[{ location: 0, scale: 1 }, 0, -LN2, { location: 0, scale: -1, x: 0 }]],
  logistic: [
    [{ location: 0, scale: 1 }, 0, -2 * LN2, { location: 0, scale: -1, x: 0 }],
    [{ location: 0, scale: 1 }, 1e20, -1e20, { location: 1, scale: 1e20, x: -1 }],
    [{ location: 0, scale: 1 }, -1e20, -1e20, { location: -1, scale: 1e20, x: 1 }],
  ],
  gumbel: [
    [{ location: INF, scale: 1 }, 0, -INF, {}],
    [{ location: 0, scale: 1 }, 0, -1, { location: 0, scale: -1, x: 0 }],
    [{ location: 0, scale: 1 }, 1e20, -1e20, { location: 1, scale: 1e20, x: -1 }],
  ],
  exponential: [
    [{ rate: 1 }, 0, 0, { rate: 1, x: -1 }],
    [{ rate: 1e-30 }, 1e30, -E30 - 1, { x: -1e-30 }],
  ],
  gamma: [
    [{ shape: 1, rate: 2 }, 0, LN2, { rate: 0.5, x: -2 }],
    [{ shape: 1, rate: 2 }, 0.5, LN2 - 1, { shape: GAMMA, rate: 0, x: -2 }],
    [{ shape: 2, rate: 1 }, 1e-30, -E30, { shape: -E30 - 0.4227843, rate: 2, x: 1e30 }],
    [{ shape: 1e-30, rate: 1 }, 1, -E30 - 1, { shape: 1e30, rate: -1, x: -2 }],
  ],
  chiSquare: [[{ degrees: 2 }, 0, -LN2, { x: -0.5 }]],
  inverseGamma: [
    [{ shape: 1, scale: 1 }, 1e30, -2 * E30, { shape: 0.5772157 - E30, scale: 1, x: -2e-30 }],
  ],
  weibull: [
    [{ shape: 1, scale: 1 }, 0, 0, { scale: -1, x: -1 }],
    [{ shape: 0.5, scale: 1e30 }, 1e-30, -LN2, { scale: -0.5e-30, x: -0.5e30 }],
  ],
  gompertz: [
    [{ shape: 1, rate: 2 }, 0, LN2, { shape: 0, rate: 0.5, x: -1 }],
    // Exponential where it hardly ages: log b + a x - b x - b a x^2 / 2.
    [{ shape: 1e-40, rate: 2 }, 3, LN2 - 6, { shape: 3 - 9, rate: 0.5 - 3, x: -2 }],
    [{ shape: 1e-30, rate: 1e30 }, 0, E30, { shape: 0, rate: 1e-30, x: -1e30 }],
    [
      { shape: 1e-4, rate: 0.5 },
      2,
      -1.6930471872,
      { shape: 0.9998666567, rate: -0.0002000133, x: -0.5000000107 },
    ],
    // A small hazard at birth times a growth that is no number of float32.
    [
      { shape: 90, rate: 1e-36 },
      1,
      -36 * LN10 + 90 - (1e-36 / 90) * Math.exp(90),
      { rate: 1e36 - Math.exp(90) / 90, x: 90 - 1e-36 * Math.exp(90) },
    ],
    [{ shape: 1e20, rate: 1 }, 1e20, -INF, {}],
  ],
  pareto: [
    [{ shape: 1e-30, scale: 1e-20 }, 1e20, -50 * LN10, { shape: 1e30, x: -1e-20 }],
    [{ shape: 1, scale: 1 }, 1, 0, { shape: 1, scale: 1, x: -2 }],
    [{ shape: 1, scale: 1 }, 1e30, -2 * E30, { shape: 1 - E30, scale: 1, x: -2e-30 }],
  ],
  beta: [
    [{ alpha: 1, beta: 1 }, 0, 0, { x: 0 }],
    [{ alpha: 1, beta: 1 }, 1, 0, { x: 0 }],
    [{ alpha: 1, beta: 2 }, 0, LN2, { x: -1 }],
    [{ alpha: 1, beta: 1 }, 0.5, 0, { alpha: 1 - LN2, beta: 1 - LN2, x: 0 }],
    [{ alpha: 2, beta: 1 }, 1e-30, LN2 - E30, { x: 1e30 }],
  ],
  zeroOneInflatedBeta: [
    [
      { alpha: 2, beta: 2, ends: 0.5, one: 0.25 },
      0,
      Math.log(0.375),
      { alpha: 0, beta: 0, ends: 2, one: -4 / 3 },
    ],
    [{ alpha: 2, beta: 2, ends: 0, one: 0.5 }, 0.5, Math.log(1.5), { ends: -1, one: 0, x: 0 }],
    [{ alpha: 2, beta: 2, ends: 0, one: 0.5 }, 1, -INF, {}],
    [{ alpha: 2, beta: 2, ends: 1, one: 1 }, 1, 0, { alpha: 0, beta: 0, ends: 1, one: 1 }],
    [{ alpha: 2, beta: 2, ends: 1, one: 0 }, 0, 0, { ends: 1, one: -1 }],
    [{ alpha: 2, beta: 2, ends: 1, one: 0.5 }, 0.5, -INF, {}],
    [
      { alpha: 2, beta: 2, ends: 0.5, one: 0.25 },
      1,
      Math.log(0.125),
      { alpha: 0, beta: 0, ends: 2, one: 4 },
    ],
  ],
  uniform: [
    [{ low: 0, high: 1 }, 0, 0, { low: 1, high: -1, x: 0 }],
    [{ low: 0, high: 1 }, 1, 0, { low: 1, high: -1, x: 0 }],
  ],
  vonMises: [
    [{ location: 0, concentration: 1e30 }, 0, E30 / 2 - H, { concentration: 0.5e-30, x: 0 }],
    [{ location: 0, concentration: 1e-30 }, 0, -2 * H, { concentration: 1, x: 0 }],
  ],
  truncatedNormal: [
    [{ mean: 0, sd: 1, lower: 0 }, 0, LN2 - H, { mean: -Math.sqrt(2 / PI), x: 0 }],
    [{ mean: 0, sd: 1, lower: -1e10, upper: 1e10 }, 0, -H, { mean: 0, sd: -1, x: 0 }],
    // Uniform where the spread is wide beside the bounds, exponential where the mean is far beyond one.
    [{ mean: 0, sd: 1e30, lower: -1, upper: 3 }, 0.5, -2 * LN2, { mean: 0, sd: 0, x: 0 }],
    [{ mean: 1e20, sd: 1e30, lower: -1, upper: 3 }, 0.5, -2 * LN2, { mean: 0, sd: 0, x: 0 }],
    [{ mean: 1e30, sd: 1, lower: -1, upper: 2 }, 0.5, -1.5e30, { mean: -1.5, x: 1e30 }],
    [{ mean: -1e30, sd: 1, lower: -1, upper: 2 }, -1, E30, { mean: 0, sd: -2, x: -1e30 }],
    [{ mean: -1e30, sd: 1, lower: -1 }, -1, E30, { mean: -1e-30, x: -1e30 }],
  ],
  truncated: [
    [{ mean: 0, sd: 1, lower: 0 }, 0, LN2 - H, { x: 0 }],
    [{ mean: 0, sd: 1, lower: -INF }, 0, -H, { mean: 0, sd: -1, x: 0 }],
    [{ mean: 0, sd: 1, lower: -INF, upper: 0 }, 0, LN2 - H, { x: 0 }],
    [{ mean: 0, sd: 1, lower: 0, upper: INF }, 0, LN2 - H, { x: 0 }],
    [{ shape: 1, rate: 2, upper: INF }, 0.5, LN2 - 1, { rate: 0, x: -2 }],
    [{ rate: 2, upper: INF }, 0, -2, { rate: -1 }],
    [{ rate: 2, lower: 0, upper: INF }, 1, LN2 - 2, { rate: -0.5 }],
  ],
  bernoulli: [
    [{ probs: 0 }, 0, 0, { probs: -1 }],
    [{ probs: 1 }, 1, 0, { probs: 1 }],
    [{ probs: 0 }, 1, -INF, {}],
    [{ probs: 1 }, 0, -INF, {}],
    [{ logits: 1000 }, 1, 0, { logits: 0 }],
    [{ logits: -1000 }, 1, -1000, { logits: 1 }],
    [{ logits: INF }, 1, 0, { logits: 0 }],
    [{ logits: INF }, 0, -INF, { logits: 0 }],
    [{ logits: -INF }, 0, 0, { logits: 0 }],
    [{ logits: -INF }, 1, -INF, { logits: 0 }],
  ],
  binomial: [
    [{ total: 12, probs: 0 }, 0, 0, { probs: -12 }],
    [{ total: 12, probs: 1 }, 12, 0, { probs: 12 }],
    [{ total: 12, logits: -INF }, 0, 0, { logits: 0 }],
    [{ total: 12, logits: INF }, 12, 0, { logits: 0 }],
    [{ total: 12, logits: -1000 }, 12, -12_000, { logits: 12 }],
    [{ total: MANY, probs: 0.5 }, 0, -MANY * LN2, { probs: -2 * MANY }],
    // By mpmath: a small difference of terms as large as the counts.
    [{ total: 2 ** 40, logits: 0 }, 2 ** 39, -14.08873496384386, { logits: 0 }],
    [{ total: 2 ** 100, logits: 0 }, 2 ** 99, -34.88315038064199, { logits: 0 }],
  ],
  betaBinomial: [
    [{ total: 12, alpha: 1, beta: 1 }, 0, -Math.log(13), { alpha: -2.1801338 }],
    // Where a formula is exchanged for another, at shapes and sums of them of 8.
    [
      { total: 2, alpha: 7, beta: 1 },
      1,
      Math.log(14 / 72),
      { alpha: -0.093253968, beta: 0.763888889 },
    ],
    [{ total: 1, alpha: 1, beta: 7 }, 0, Math.log(7 / 8), { alpha: -1 / 8, beta: 1 / 7 - 1 / 8 }],
    [{ total: 2, mean: 2 ** -120, concentration: 2 ** -30 }, 1, -149 * LN2, { mean: 2 ** 120 }],
    // Binomial where the probability is hardly spread.
    [{ total: 1, alpha: 1e30, beta: 1e30 }, 0, -LN2, { alpha: -0.5e-30, beta: 0.5e-30 }],
    [{ total: 5, mean: 0.5, concentration: 1e30 }, 5, -5 * LN2, { mean: 10, concentration: 0 }],
    [{ total: 1, mean: 2 ** -24, concentration: 1e30 }, 1, -24 * LN2, { mean: 2 ** 24 }],
    [{ total: 1, mean: 1e-30, concentration: 1e-7 }, 0, 0, { mean: -1, concentration: 0 }],
  ],
  geometric: [
    [{ probs: 1 }, 0, 0, { probs: 1 }],
    [{ logits: -1000 }, 0, -1000, { logits: 1 }],
    [{ logits: 200 }, 0, 0, { logits: 0 }],
    [{ logits: INF }, 0, 0, { logits: 0 }],
    [{ logits: INF }, 3, -INF, {}],
  ],
  poisson: [
    [{ rate: 0 }, 0, 0, { rate: -1 }],
    [{ rate: 1e30 }, 0, -1e30, { rate: -1 }],
  ],
  negativeBinomial: [
    [{ total: 1, probs: 0 }, 0, 0, { total: 0, probs: -1 }],
    [{ total: MANY, probs: 0.5 }, 0, -MANY * LN2, { total: -LN2, probs: -2 * MANY }],
    [{ mean: 1, dispersion: 2 ** -30 }, 0, -1, { mean: -1 }],
    // Where a formula is exchanged for another, at 1/2 and at 8 (x + total).
    [{ total: 0.5, logits: -50 }, 1, -LN2 - 50, { total: 2 }],
    [{ total: 7, logits: -20 }, 1, Math.log(7) - 20, { total: 1 / 7, logits: 1 }],
    [{ mean: 2, dispersion: 2 }, 2, -2.231835312, { mean: 0.0, dispersion: -0.2643071886 }],
    // By mpmath: the derivative by a total of which the counts are far more; a sure success that stays out.
    [{ total: 1, logits: -50 }, 2 ** 50, -50 * 2 ** 50, { total: 35.2345794 }],
    [{ total: 2 ** 110, logits: 20 }, 1, -20 * 2 ** 110, { logits: -(2 ** 110) }],
    // Poisson where the dispersion is a denormal number.
    [{ mean: 1, dispersion: 1e-40 }, 0, -1, { mean: -1 }],
    [{ mean: 2, dispersion: 1e-44 }, 5, 5 * LN2 - 2 - Math.log(120), { mean: 1.5 }],
    [{ logMean: 0, dispersion: 1e-40 }, 1, -1, { logMean: 0 }],
    [{ mean: 1e-30, dispersion: 1 }, 0, 0, { mean: -1, dispersion: 0 }],
    [{ total: 2 ** 40, logits: 0 }, 2 ** 40, -15.12845573468367, { total: 0, logits: 0 }],
    // log r + log p + r log(1 - p), where both counts are equal.
    [
      { total: 1, logits: 2 },
      1,
      -0.126928 - 2.126928,
      { total: 1 - 2.126928, logits: 1 - 2 * 0.8807971 },
    ],
  ],
  zeroInflated: [
    [{ rate: 1, probs: 0 }, 0, -1, { rate: -1, probs: Math.E - 1 }],
    [{ rate: 1, probs: 0 }, 1, -1, { rate: 0, probs: -1 }],
    [{ rate: 0, probs: 0.5 }, 0, 0, { rate: -0.5, probs: 0 }],
    [{ rate: 1, logits: INF }, 0, 0, { rate: 0, logits: 0 }],
    [{ rate: 1, logits: -INF }, 0, -1, { rate: -1, logits: 0 }],
  ],
  hurdle: [
    [{ rate: 1, probs: 1 }, 0, 0, { rate: 0, probs: 1 }],
    [{ rate: 1, probs: 0 }, 1, -1 - Math.log(1 - Math.exp(-1)), { probs: -1 }],
    // As the rate falls to 0, all that is not 0 is 1: (x - 1) log rate - rate / 2 - log x!.
    [{ rate: 0, probs: 0.5 }, 1, -LN2, { rate: -0.5, probs: -2 }],
    [{ rate: 0, probs: 0.5 }, 2, -INF, {}],
    [{ rate: 1e-40, probs: 0.5 }, 1, -LN2, { rate: -0.5, probs: -2 }],
    [{ rate: 1e-30, logits: 0 }, 2, -E30 - 2 * LN2, { rate: 1e30, logits: -0.5 }],
    [{ rate: 100, probs: 0.5 }, 1, 2 * LN10 - 100 - LN2, { rate: 0.01 - 1 }],
    [{ mean: 1e-30, dispersion: 2, logits: 0 }, 1, -LN2, { logits: -0.5 }],
    [{ mean: 2 ** -20, dispersion: 1e-40, logits: 0 }, 1, -LN2 - 2 ** -21, { logits: -0.5 }],
  ],
  categorical: [[{ weights: [0, 1, 1] }, 2, -LN2, {}]],
  orderedLogistic: [
    [{ location: 1000, cutpoints: [-1, 0, 1] }, 3, 0, { location: 0 }],
    [{ location: 1000, cutpoints: [-1, 0, 1] }, 0, -1001, { location: -1 }],
    [{ location: INF, cutpoints: [-1, 0, 1] }, 3, 0, { location: 0 }],
    [{ location: -INF, cutpoints: [-1, 0, 1] }, 0, 0, { location: 0 }],
    [{ location: INF, cutpoints: [-1, 0, 1] }, 2, -INF, {}],
  ],
  orderedProbit: [
    [{ location: 100, cutpoints: [-1, 0, 1] }, 3, 0, { location: 0 }],
    [{ location: INF, cutpoints: [-1, 0, 1] }, 3, 0, { location: 0 }],
    [{ location: -INF, cutpoints: [-1, 0, 1] }, 1, -INF, {}],
  ],
  mixture: [
    [{ weights: [0, 1, 0], mean: [-2, 0, 3], sd: [1, 1, 1] }, 0, -H, { x: 0 }],
    [{ weights: [1, 1], mean: [0, 0], sd: [1, 1e10] }, 0, -H - LN2, { x: 0 }],
  ],
  dirichlet: [[{ concentration: [1, 1, 1] }, [0, 0.5, 0.5], LN2, { x: 0 }]],
  multivariateNormal: [
    [{ mean: [0, 0], factor: [2 ** -50, 0, 0, 2 ** 50] }, [0, 0], -2 * H, { x: 0 }],
  ],
  multivariateStudentT: [
    [{ degrees: 1, location: [0, 0], factor: [1, 0, 0, 1] }, [0, 0], -2 * H, { x: 0 }],
  ],
  lkjCholesky: [[{ size: 2, concentration: 1 }, [1, 0, 0, 1], -LN2, {}]],
  wishartCholesky: [[{ degrees: 1, factor: [1] }, [1e-30], LN2 / 2 - Math.log(Math.sqrt(PI)), {}]],
  inverseWishartCholesky: [
    [{ degrees: 1, factor: [1] }, [1], LN2 / 2 - Math.log(Math.sqrt(PI)) - 0.5, {}],
  ],
  multinomial: [[{ total: 3, weights: [0, 1, 1] }, [0, 1, 2], Math.log(0.375), {}]],
  dirichletMultinomial: [[{ total: 3, concentration: [1, 1, 1] }, [0, 0, 3], -Math.log(10), {}]],
  delta: [[{ value: 0 }, 0, 0, {}]],
};
