/** Draws at extreme parameters: their means and variances, as far as the type can tell numbers apart. */
import { describe, expect, test } from "vitest";
import { categorical } from "../../src/distributions/index.ts";
import { axis, cast, type DType, fineUniform, index, key } from "../../src/tensor/internal.ts";
import { build, type Numbers } from "./build.ts";
import { run } from "./run.ts";

const N = 4000;
const many = axis("many", N);
/** Standard errors; exceeded with probability 6e-7. */
const SIGMAS = 5;

/** A member, and the mean and variance of what is drawn from it, or of its logarithm. */
type Extreme = readonly [family: string, Numbers, mean: number, variance: number];

const MOMENTS: readonly Extreme[] = [
  ["poisson", { rate: 1.25 * 2 ** 50 }, 1.25 * 2 ** 50, 1.25 * 2 ** 50],
  ["poisson", { rate: 1.25 * 2 ** 60 }, 1.25 * 2 ** 60, 1.25 * 2 ** 60],
  ["poisson", { rate: 2 ** -100 }, 0, 2 ** -100],
  ["binomial", { total: 1.25 * 2 ** 50, probs: 0.5 }, 1.25 * 2 ** 49, 1.25 * 2 ** 48],
  ["binomial", { total: 2 ** 60, probs: 0.25 }, 2 ** 58, 0.75 * 2 ** 58],
  ["binomial", { total: 2 ** 60, probs: 2 ** -58 }, 4, 4],
  ["negativeBinomial", { total: 2 ** 40, probs: 0.5 }, 2 ** 40, 2 ** 41],
  ["negativeBinomial", { total: 2 ** 40, probs: 2 ** -38 }, 4, 4],
  ["negativeBinomial", { mean: 4, dispersion: 2 ** -60 }, 4, 4],
  ["negativeBinomial", { mean: 1000, dispersion: 2 ** -100 }, 1000, 1000],
  ["betaBinomial", { total: 1000, alpha: 2 ** -20, beta: 2 ** -20 }, 500, 250_000],
  ["betaBinomial", { total: 1000, alpha: 2 ** 40, beta: 2 ** 40 }, 500, 250],
  ["gamma", { shape: 2 ** 40, rate: 1 }, 2 ** 40, 2 ** 40],
  ["beta", { alpha: 2 ** -10, beta: 2 ** -10 }, 0.5, 0.25],
  ["beta", { alpha: 2 ** -40, beta: 2 ** -40 }, 0.5, 0.25],
  ["geometric", { probs: 2 ** -20 }, 2 ** 20, 2 ** 40],
  ["geometric", { probs: 2 ** -60 }, 2 ** 60, 2 ** 120],
  ["studentT", { degrees: 2 ** 60, location: 0, scale: 1 }, 0, 1],
  ["vonMises", { location: 0, concentration: 2 ** 60 }, 0, 2 ** -60],
  ["vonMises", { location: 0, concentration: 2 ** 100 }, 0, 2 ** -100],
  ["vonMises", { location: 0, concentration: 2 ** -60 }, 0, Math.PI ** 2 / 3],
  ["truncatedNormal", { mean: 0, sd: 2 ** 60, lower: -1, upper: 3 }, 1, 4 / 3],
  ["truncatedNormal", { mean: 2 ** 33, sd: 2 ** 30, lower: -1, upper: 3 }, 1, 4 / 3],
  ["truncatedNormal", { mean: -(2 ** 20), sd: 1, lower: 0 }, 2 ** -20, 2 ** -40],
  ["truncatedNormal", { mean: -(2 ** 40), sd: 1, lower: 0, upper: 2 }, 2 ** -40, 2 ** -80],
  ["weibull", { shape: 2 ** 10, scale: 1 }, 0.999437, 1.5652e-6],
  ["pareto", { shape: 2 ** 20, scale: 1 }, 1 + 2 ** -20, 2 ** -40],
];

/** Where draws reach the ends of what a type can hold, they stay within, and their density exists. */
const WITHIN: readonly (readonly [family: string, Numbers])[] = [
  ["gamma", { shape: 2 ** -40, rate: 1 }],
  ["inverseGamma", { shape: 2 ** -10, scale: 1 }],
  ["geometric", { logits: -200 }],
  ["weibull", { shape: 2 ** -10, scale: 1 }],
  ["pareto", { shape: 2 ** -10, scale: 1 }],
  ["lognormal", { mean: 0, sd: 100 }],
  ["exponential", { rate: 2 ** -120 }],
  ["studentT", { degrees: 2 ** -3, location: 0, scale: 1 }],
  ["dirichlet", { concentration: [2 ** -40, 2 ** -40, 2 ** -39] }],
  ["beta", { alpha: 2 ** -40, beta: 1 }],
];

const drawn = (family: string, parameters: Numbers, type: DType) => {
  const member = build(family, parameters, type);
  const x = member.sample(key(20260), [many]);
  return { draws: run(x), logProb: run(member.logProb(x)) };
};

describe.each(["float32", "float64"] as const)("%s", (type) => {
  test.each(MOMENTS)("%s %o", (family, parameters, mean, variance) => {
    const { draws, logProb } = drawn(family, parameters, type);
    const roundoff = (type === "float32" ? 2 ** -23 : 2 ** -52) * Math.abs(mean);
    // From a known centre: the sum of large numbers would lose their differences.
    const apart = draws.map((x) => x - mean);
    const average = (of: (x: number) => number) => apart.reduce((s, x) => s + of(x) / N, 0);
    const error = Math.sqrt(variance / N);
    expect(Math.abs(average((x) => x))).toBeLessThan(SIGMAS * error + roundoff);
    const found = average((x) => x * x);
    const spread = Math.sqrt(
      Math.max(
        0,
        average((x) => (x * x - found) ** 2),
      ) / N,
    );
    const grid = roundoff * (2 * Math.sqrt(variance) + roundoff);
    const rare = variance < 1e-20 && mean === 0 && family === "poisson";
    if (!rare)
      expect(Math.abs(found - variance)).toBeLessThan(SIGMAS * spread + grid + 1e-3 * variance);
    expect(logProb.every((l) => Number.isFinite(l))).toBe(true);
  });

  test.each(WITHIN)("%s %o within the numbers", (family, parameters) => {
    const { draws, logProb } = drawn(family, parameters, type);
    expect(draws.every((x) => Number.isFinite(x))).toBe(true);
    expect(logProb.every((l) => Number.isFinite(l))).toBe(true);
  });
});

test("the quartiles of log |t| with few degrees of freedom", () => {
  // For small n the draw is as exp(E / n) with E exponential, but for a factor whose logarithm is of size 1.
  const { draws } = drawn("studentT", { degrees: 2 ** -3, location: 0, scale: 1 }, "float64");
  const logs = draws.map((x) => Math.log(Math.abs(x))).sort();
  expect(Math.abs(logs[N / 2] - 8 * Math.LN2)).toBeLessThan(2);
});

test("among a million equal categories winners are single, and none is preferred in float32", () => {
  const [category, few] = [axis("category", 2 ** 20), axis("few", 24)];
  const logits = cast(index(category), "float32").mul(0);
  const draws = run(categorical({ logits }, category).sample(key(5), [few]));
  const shares = draws.map((x) => x / category.size);
  const mean = shares.reduce((a, b) => a + b, 0) / few.size;
  expect(Math.abs(mean - 0.5)).toBeLessThan(SIGMAS / Math.sqrt(12 * few.size));
  const smallest = fineUniform(key(5), [category]);
  const values = run(smallest).sort();
  const alike = values.filter((x, i) => i > 0 && i < 1000 && x === values[i - 1]);
  expect(alike.length).toBe(0);
});
