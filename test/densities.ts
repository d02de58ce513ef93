/** Log densities from their textbook formulas, in plain numbers: nothing here comes from surmise. */

const LOG_2_PI = Math.log(2 * Math.PI);

/** The sum of f(0) to f(n - 1). */
export function total(n: number, f: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += f(i);
  return sum;
}

export function logSumExp(x: readonly number[]): number {
  const most = Math.max(...x);
  if (most === Number.NEGATIVE_INFINITY) return most;
  return most + Math.log(x.reduce((sum, v) => sum + Math.exp(v - most), 0));
}

/** log Gamma(x) by Stirling's series above 15, and the recursion below. */
export function logGamma(x: number): number {
  if (x < 15) return logGamma(x + 1) - Math.log(x);
  const y = 1 / (x * x);
  const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / x;
  return (x - 0.5) * Math.log(x) - x + LOG_2_PI / 2 + series;
}

/** P(N(0, 1) < x): the series of Marsaglia (2004) near 0, a continued fraction far from it. */
export function normalCdf(x: number): number {
  if (x > 0) return 1 - normalCdf(-x);
  const density = Math.exp(normal(x));
  if (x > -3) {
    let [sum, term] = [x, x];
    for (let k = 3; k < 120; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    return 0.5 + sum * density;
  }
  let fraction = 0;
  for (let k = 200; k > 0; k--) fraction = k / (-x + fraction);
  return density / (-x + fraction);
}

/** log(1 + exp(x)). */
export const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

export function normal(x: number, mean = 0, sd = 1): number {
  return -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd) - LOG_2_PI / 2;
}
export const halfNormal = (x: number, scale = 1) => Math.LN2 + normal(x, 0, scale);
export const halfCauchy = (x: number, scale = 1) =>
  Math.log(2 / Math.PI / scale) - Math.log1p((x / scale) ** 2);
export const lognormal = (x: number, mean: number, sd: number) =>
  normal(Math.log(x), mean, sd) - Math.log(x);
export const exponential = (x: number, rate: number) => Math.log(rate) - rate * x;
export const laplace = (x: number, location: number, scale: number) =>
  -Math.abs(x - location) / scale - Math.log(2 * scale);
export const gamma = (x: number, shape: number, rate: number) =>
  shape * Math.log(rate) - logGamma(shape) + (shape - 1) * Math.log(x) - rate * x;
export const inverseGamma = (x: number, shape: number, scale: number) =>
  shape * Math.log(scale) - logGamma(shape) - (shape + 1) * Math.log(x) - scale / x;
export const logBeta = (a: number, b: number) => logGamma(a) + logGamma(b) - logGamma(a + b);
export const beta = (x: number, a: number, b: number) =>
  (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logBeta(a, b);
export const studentT = (x: number, degrees: number, location: number, scale: number) =>
  logGamma((degrees + 1) / 2) -
  logGamma(degrees / 2) -
  0.5 * Math.log(degrees * Math.PI) -
  Math.log(scale) -
  ((degrees + 1) / 2) * Math.log1p(((x - location) / scale) ** 2 / degrees);
export const weibull = (x: number, shape: number, scale: number) =>
  Math.log(shape / scale) + (shape - 1) * Math.log(x / scale) - (x / scale) ** shape;

export const bernoulli = (x: number, p: number) => Math.log(x === 1 ? p : 1 - p);
export const bernoulliLogit = (x: number, logit: number) => x * logit - softplus(logit);
export const logChoose = (n: number, k: number) =>
  logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
export const binomial = (k: number, n: number, p: number) =>
  logChoose(n, k) + (k && k * Math.log(p)) + (n - k && (n - k) * Math.log1p(-p));
export const poisson = (k: number, rate: number) =>
  (k && k * Math.log(rate)) - rate - logGamma(k + 1);
/** By its mean and the size phi: its variance is mean + mean^2 / phi. */
export const negativeBinomial = (k: number, mean: number, phi: number) =>
  logGamma(k + phi) -
  logGamma(k + 1) -
  logGamma(phi) +
  phi * Math.log(phi / (mean + phi)) +
  k * Math.log(mean / (mean + phi));
/** The log probability of one of several kinds by their logits. */
export const categoricalLogits = (k: number, logits: readonly number[]) =>
  logits[k] - logSumExp(logits);
export const multinomial = (counts: readonly number[], p: readonly number[]) =>
  logGamma(counts.reduce((a, b) => a + b) + 1) +
  total(counts.length, (k) => counts[k] * Math.log(p[k]) - logGamma(counts[k] + 1));
export const dirichlet = (x: readonly number[], concentration: readonly number[]) =>
  logGamma(concentration.reduce((a, b) => a + b)) +
  total(x.length, (i) => (concentration[i] - 1) * Math.log(x[i]) - logGamma(concentration[i]));

export type Matrix = readonly (readonly number[])[];

/** Rows of so many numbers. */
export const rowsOf = (flat: readonly number[], size: number): number[][] =>
  Array.from({ length: flat.length / size }, (_, i) => flat.slice(i * size, (i + 1) * size));

export const times = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => b[0].map((_, j) => total(row.length, (k) => row[k] * b[k][j])));

export const transposed = (a: Matrix): number[][] => a[0].map((_, j) => a.map((row) => row[j]));

/** The lower factor L of a = L L'. */
export function cholesky(a: Matrix): number[][] {
  const l = a.map((row) => row.map(() => 0));
  a.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      const rest = row[j] - total(j, (k) => l[i][k] * l[j][k]);
      l[i][j] = i === j ? Math.sqrt(rest) : rest / l[j][j];
    }
  });
  return l;
}

/** L^-1 b of a lower factor. */
export function solveLower(l: Matrix, b: readonly number[]): number[] {
  const x: number[] = [];
  b.forEach((v, i) => {
    x.push((v - total(i, (k) => l[i][k] * x[k])) / l[i][i]);
  });
  return x;
}

/** By the lower factor of the covariance. */
export const multivariateNormal = (x: readonly number[], mean: readonly number[], l: Matrix) => {
  const scaled = solveLower(
    l,
    x.map((v, i) => v - mean[i]),
  );
  return total(x.length, (i) => normal(scaled[i]) - Math.log(l[i][i]));
};

/** Of the Cholesky factor of a correlation matrix, over its elements below the diagonal (Lewandowski and others 2009). */
export const lkjCholesky = (l: Matrix, concentration: number) => {
  const n = l.length;
  return total(n - 1, (i) => {
    const k = i + 1;
    const constant =
      0.5 * k * Math.log(Math.PI) +
      logGamma(concentration + 0.5 * (n - 1 - k)) -
      logGamma(concentration + 0.5 * (n - 1));
    return (n - 1 - k + 2 * concentration - 2) * Math.log(l[k][k]) - constant;
  });
};

/** Rows times their scales: the factor of a covariance by that of a correlation. */
export const scaledRows = (l: Matrix, scales: readonly number[]): number[][] =>
  l.map((row, i) => row.map((v) => v * scales[i]));
