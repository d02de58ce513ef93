/** Tests of whether draws follow a distribution: the probability of a worse fit by chance. */
import { constant, gammaProbabilities } from "../../src/tensor/internal.ts";
import { value } from "./values.ts";

/**
 * Kolmogorov and Smirnov: from the distribution function at the draws, by the asymptotic law of the
 * largest distance.
 */
export function kolmogorovSmirnov(below: ArrayLike<number>): number {
  const sorted = Float64Array.from(below).sort();
  const n = sorted.length;
  const distance = sorted.reduce((d, p, i) => Math.max(d, p - i / n, (i + 1) / n - p), 0);
  const t = distance * Math.sqrt(n);
  if (t < 0.3) return 1;
  let p = 0;
  for (let k = 1; k <= 50; k++) p += (k % 2 === 0 ? -2 : 2) * Math.exp(-2 * k * k * t * t);
  return Math.min(Math.max(p, 0), 1);
}

/** Pearson's chi-square test of counts against probabilities that sum to one. */
export function chiSquareTest(counts: readonly number[], probabilities: readonly number[]): number {
  const n = counts.reduce((a, b) => a + b, 0);
  if (counts.some((count, k) => count > 0 && probabilities[k] === 0)) return 0;
  const [observed, expected] = classes(counts, probabilities, Math.max(10 / n, 1 / 50));
  if (observed.length < 2) return 1;
  const terms = observed.map((count, k) => (count - n * expected[k]) ** 2 / (n * expected[k]));
  const statistic = terms.reduce((a, b) => a + b, 0);
  const half = (x: number) => constant(x / 2, "float64");
  return value(gammaProbabilities(half(observed.length - 1), half(statistic)).above);
}

/** Neighbouring outcomes taken together until each class has the probability `least`. */
function classes(counts: readonly number[], probabilities: readonly number[], least: number) {
  const observed: number[] = [];
  const expected: number[] = [];
  let [count, probability] = [0, 0];
  counts.forEach((c, k) => {
    count += c;
    probability += probabilities[k];
    if (probability < least) return;
    observed.push(count);
    expected.push(probability);
    [count, probability] = [0, 0];
  });
  if (observed.length > 0) {
    observed[observed.length - 1] += count;
    expected[expected.length - 1] += probability;
  }
  return [observed, expected];
}
