/** Draws of every family against its distribution function or its probabilities. */
import { describe, expect, test } from "vitest";
import { type Distribution, isDiscrete } from "../../src/distributions/internal.ts";
import {
  axis,
  cast,
  type DType,
  exp,
  index,
  input,
  key,
  roundTo,
  tensor,
} from "../../src/tensor/internal.ts";
import { build, FAMILIES, type Numbers } from "./build.ts";
import { chiSquareTest, kolmogorovSmirnov } from "./fit.ts";
import { run } from "./run.ts";

const N = 10_000;

/** The members that are tested: all branches of the samplers, near their ends and far out. */
const MEMBERS: Readonly<Record<string, readonly Numbers[]>> = {
  normal: [{ mean: -1, sd: 2 }],
  lognormal: [{ mean: 1, sd: 0.7 }],
  halfNormal: [{ scale: 3 }],
  cauchy: [{ location: 2, scale: 0.5 }],
  halfCauchy: [{ scale: 5 }],
  studentT: [
    { degrees: 0.7, location: 0, scale: 1 },
    { degrees: 3, location: 2, scale: 0.5 },
    { degrees: 60, location: -1, scale: 4 },
  ],
  laplace: [{ location: 1, scale: 2 }],
  logistic: [{ location: 1, scale: 2 }],
  gumbel: [{ location: 1, scale: 2 }],
  exponential: [{ rate: 0.2 }],
  gamma: [
    { shape: 0.1, rate: 1 },
    { shape: 0.6, rate: 3 },
    { shape: 1, rate: 1 },
    { shape: 2.5, rate: 0.01 },
    { shape: 80, rate: 7 },
    { shape: 1e6, rate: 1 },
  ],
  chiSquare: [{ degrees: 1 }, { degrees: 9 }],
  inverseGamma: [
    { shape: 0.5, scale: 2 },
    { shape: 4, scale: 3 },
  ],
  weibull: [
    { shape: 0.5, scale: 1 },
    { shape: 3, scale: 10 },
  ],
  pareto: [{ shape: 1.5, scale: 2 }],
  beta: [
    { alpha: 0.4, beta: 0.6 },
    { alpha: 2, beta: 5 },
    { alpha: 0.5, beta: 40 },
    { alpha: 3000, beta: 1000 },
  ],
  uniform: [{ low: -2, high: 5 }],
  vonMises: [
    { location: 0, concentration: 0.01 },
    { location: 1, concentration: 1.25 },
    { location: -3, concentration: 1.35 },
    { location: 0.5, concentration: 10 },
    { location: 2, concentration: 1e4 },
  ],
  truncatedNormal: [
    { mean: 0, sd: 1, lower: -1, upper: 2 },
    { mean: 1, sd: 2, lower: -3 },
    { mean: 0, sd: 1, upper: -2 },
    { mean: 0, sd: 1, lower: 12 },
    { mean: 0, sd: 1, lower: 5, upper: 5.5 },
  ],
  truncated: [
    { shape: 2.5, rate: 0.5, lower: 1, upper: 6 },
    { rate: 0.3, lower: 1 },
    { mean: 0, sd: 1, upper: -6 },
    { shape: 2, rate: 1, lower: 40 },
    { rate: 50, lower: 60, upper: 75 },
  ],
  halfStudentT: [
    { degrees: 0.7, scale: 1 },
    { degrees: 5, scale: 3 },
  ],
  skewNormal: [
    { location: 0, scale: 1, shape: 4 },
    { location: 1, scale: 2, shape: -1 },
  ],
  gompertz: [
    { shape: 0.1, rate: 0.01 },
    { shape: 2, rate: 1 },
  ],
  hurdle: [
    { rate: 4, probs: 0.3 },
    { mean: 4, dispersion: 0.5, logits: -1 },
  ],
  orderedProbit: [{ location: 0.5, cutpoints: [-1, 0, 2] }],
  bernoulli: [{ probs: 0.3 }, { logits: 2 }],
  binomial: [
    { total: 1, probs: 0.3 },
    { total: 10, probs: 0.3 },
    { total: 19, probs: 0.5 },
    { total: 22, probs: 0.5 },
    { total: 40, probs: 0.8 },
    { total: 3000, probs: 0.004 },
    { total: 1e6, probs: 0.3 },
  ],
  betaBinomial: [
    { total: 12, alpha: 0.5, beta: 2 },
    { total: 200, alpha: 4, beta: 3 },
    { total: 12, mean: 0.3, concentration: 5 },
  ],
  geometric: [{ probs: 0.02 }, { probs: 0.7 }],
  poisson: [
    { rate: 0.2 },
    { rate: 3 },
    { rate: 9.9 },
    { rate: 10.1 },
    { rate: 45 },
    { rate: 1e6 },
    { logRate: 1.2 },
  ],
  negativeBinomial: [
    { total: 0.2, logits: 1 },
    { total: 3, probs: 0.6 },
    { total: 130, logits: -1 },
    { mean: 20, dispersion: 2 },
    { logMean: 1, dispersion: 0.4 },
  ],
  zeroInflated: [{ rate: 4, probs: 0.3 }],
  categorical: [{ weights: [0.2, 0.5, 0, 0.3] }],
  orderedLogistic: [{ location: 0.5, cutpoints: [-1, 0, 2] }],
  mixture: [{ weights: [0.2, 0.3, 0.5], mean: [-2, 0, 3], sd: [0.5, 1, 2] }],
};

/** Those whose draws have several parts: the parts of a draw are tested one by one. */
const VECTORS: Readonly<Record<string, readonly Vector[]>> = {
  dirichlet: [
    { concentration: [0.5, 2, 7] },
    { concentration: [0.3, 0.3] },
    { concentration: [40, 1, 1, 90, 3] },
  ].map((parameters) => ({ parameters, part: shareOf })),
  multivariateNormal: [
    { mean: [1, -2], covariance: [4, 1.2, 1.2, 0.5] },
    { mean: [0, 1, 0], factor: [1, 0, 0, -3, 0.5, 0, 0.2, 0.3, 2] },
    { mean: [0, 1], precision: [4, 1.2, 1.2, 0.5] },
  ].map((parameters) => ({ parameters, part: elementOf })),
  multivariateStudentT: [
    { degrees: 3, location: [1, -2], scale: [4, 1.2, 1.2, 0.5] },
    { degrees: 12, location: [0, 1], scale: [1, -0.9, -0.9, 1] },
  ].map((parameters) => ({ parameters, part: elementOfT })),
  dirichletMultinomial: [
    { total: 12, concentration: [2, 5, 3] },
    { total: 300, concentration: [0.4, 1, 2, 3] },
  ].map((parameters) => ({ parameters, part: countOfShares })),
  multinomial: [
    { total: 3, weights: [0.2, 0.5, 0.3] },
    { total: 400, weights: [0.1, 0.2, 0.3, 0.35, 0.05] },
    { total: 50, weights: [1, 0, 3] },
  ].map((parameters) => ({ parameters, part: countOf })),
};

interface Vector {
  readonly parameters: Numbers;
  /** The distribution of part k of a draw. */
  readonly part: (parameters: Numbers, k: number) => readonly [family: string, Numbers];
}

function shareOf({ concentration }: Numbers, k: number): [string, Numbers] {
  const list = concentration as readonly number[];
  const others = list.reduce((a, b) => a + b, 0) - list[k];
  return ["beta", { alpha: list[k], beta: others }];
}

function elementOf(parameters: Numbers, k: number): [string, Numbers] {
  const { mean } = parameters as Readonly<Record<string, readonly number[]>>;
  return ["normal", { mean: mean[k], sd: Math.sqrt(covarianceOf(parameters)[k][k]) }];
}

function elementOfT({ degrees, ...rest }: Numbers, k: number): [string, Numbers] {
  const { location, scale } = rest as Readonly<Record<string, readonly number[]>>;
  const sd = Math.sqrt(scale[k * location.length + k]);
  return ["studentT", { degrees, location: location[k], scale: sd }];
}

function countOfShares({ total, concentration }: Numbers, k: number): [string, Numbers] {
  const [, { alpha, beta }] = shareOf({ concentration }, k);
  return ["betaBinomial", { total, alpha, beta }];
}

/** The covariance of a multivariate normal of two values, or one that is told by its factor. */
function covarianceOf(parameters: Numbers): number[][] {
  const { mean, ...matrices } = parameters as Readonly<Record<string, readonly number[]>>;
  const n = mean.length;
  const rows = (m: readonly number[]) => mean.map((_, i) => mean.map((_, j) => m[i * n + j]));
  if (matrices.covariance !== undefined) return rows(matrices.covariance);
  if (matrices.precision !== undefined) {
    const [a, b, c, d] = matrices.precision;
    return rows([d, -b, -c, a].map((x) => x / (a * d - b * c)));
  }
  const l = rows(matrices.factor);
  return l.map((p) => l.map((q) => p.reduce((sum, x, k) => sum + x * q[k], 0)));
}

function countOf({ total, weights }: Numbers, k: number): [string, Numbers] {
  const list = weights as readonly number[];
  const sum = list.reduce((a, b) => a + b, 0);
  // A weight of 0 is a probability too small to matter.
  return ["binomial", { total, probs: Math.max(list[k] / sum, 1e-300) }];
}

/** The types of draws, and how many members of each family are tested in them. */
const TYPES = [
  ["float32", Infinity],
  ["float64", 2],
] as const;

/** The level of one test, so that all together fail for one set of seeds in a thousand. */
const LEVEL = 1e-3 / 200;

const rounded = (parameters: Numbers, type: DType): Numbers =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, x]) => [
      name,
      typeof x === "number" ? roundTo(type, x) : x.map((one) => roundTo(type, one)),
    ]),
  );

/**
 * Draws, and draws of a sampler that is wrong on purpose: once in five it takes the larger of two.
 */
function drawBoth(member: Distribution, seed: number) {
  const twice = axis("draw", 2 * N);
  const axes = [twice, ...member.eventAxes];
  const all = run(member.sample(key(seed), axes), axes);
  const size = all.length / 2;
  const right = all.slice(0, size);
  const wrong = right.map((x, i) => (i % 5 === 0 ? Math.max(x, all[size + i]) : x));
  return { right, wrong };
}

/** The probability of a worse fit to a float64 member. */
function goodness(member: Distribution, draws: Float64Array): number {
  if (isDiscrete(member.support)) return fitOfCounts(member, draws);
  const x = input("x", [axis("draw", draws.length)], "float64");
  return kolmogorovSmirnov(run(member.cdf(x), x.axes, { x: draws }));
}

/**
 * Over the whole numbers from the smallest to the largest draw; what lies outside is at the end.
 */
function fitOfCounts(member: Distribution, draws: Float64Array): number {
  const least = draws.reduce((a, b) => Math.min(a, b));
  const most = draws.reduce((a, b) => Math.max(a, b));
  const value = axis("value", most - least + 1);
  const at = cast(index(value).add(least), member.dtype);
  const p = run(exp(member.logProb(at)));
  const counts = new Array<number>(value.size).fill(0);
  for (const x of draws) counts[x - least]++;
  const outside = 1 - p.reduce((a, b) => a + b, 0);
  return chiSquareTest([...counts, 0], [...p, Math.max(0, outside)]);
}

test("every family is drawn from", () => {
  const others = ["lkjCholesky", "delta", ...TRIANGLES, "zeroOneInflatedBeta"];
  const tested = [...Object.keys(MEMBERS), ...Object.keys(VECTORS), ...others];
  expect(tested.sort()).toEqual([...FAMILIES].sort());
});

const named = <T>(table: Readonly<Record<string, readonly T[]>>, most: number) =>
  Object.entries(table).flatMap(([family, list]) =>
    list.slice(0, most).map((one) => [family, JSON.stringify(one), one] as const),
  );

describe.each(TYPES)("draws in %s", (type, most) => {
  test.each(named(MEMBERS, most))("of %s %s", (family, _, parameters) => {
    const { right, wrong } = drawBoth(build(family, parameters, type), 20240607);
    const member = build(family, rounded(parameters, type), "float64");
    expect(goodness(member, right)).toBeGreaterThan(LEVEL);
    expect(goodness(member, wrong), "a wrong sampler").toBeLessThan(LEVEL);
  });

  test.each(named(VECTORS, most))("of %s %s", (family, _, { parameters, part }) => {
    const member = build(family, parameters, type);
    const { right, wrong } = drawBoth(member, 20240608);
    const [{ size }] = member.dimensions;
    const worst = (draws: Float64Array) => {
      const each = Array.from({ length: size }, (_, k) => {
        const [marginal, its] = part(rounded(parameters, type), k);
        return goodness(
          build(marginal, its, "float64"),
          draws.filter((_, i) => i % size === k),
        );
      });
      return Math.min(...each);
    };
    expect(worst(right)).toBeGreaterThan(LEVEL);
    expect(worst(wrong), "a wrong sampler").toBeLessThan(LEVEL);
  });
});

test("a multinomial's parts vary together as they should", () => {
  const member = build("multinomial", { total: 3, weights: [0.2, 0.5, 0.3] }, "float64");
  const { right } = drawBoth(member, 20240609);
  const outcomes = [0, 1, 2, 3].flatMap((a) => [0, 1, 2, 3].map((b) => [a, b, 3 - a - b]));
  const possible = outcomes.filter(([, , c]) => c >= 0);
  const outcome = axis("outcome", possible.length);
  const logP = member.logProb(tensor(possible, [outcome, ...member.dimensions], "float64"));
  const counts = possible.map(([a, b]) =>
    right.reduce((n, x, i) => n + Number(i % 3 === 0 && x === a && right[i + 1] === b), 0),
  );
  expect(chiSquareTest(counts, [...run(exp(logP))])).toBeGreaterThan(LEVEL);
});

test.each(VECTORS.multivariateNormal)("a normal vector's parts vary together: %o", (one) => {
  const { parameters } = one;
  const member = build("multivariateNormal", parameters, "float64");
  const { right, wrong } = drawBoth(member, 20240610);
  const { mean } = parameters as Readonly<Record<string, readonly number[]>>;
  const covariance = covarianceOf(parameters);
  const weights = [1, -2, 0.5].slice(0, mean.length);
  const dot = (xs: ArrayLike<number>) => weights.reduce((sum, w, k) => sum + w * xs[k], 0);
  const sum = build(
    "normal",
    { mean: dot(mean), sd: Math.sqrt(dot(covariance.map(dot))) },
    "float64",
  );
  const sums = (draws: Float64Array) =>
    Float64Array.from({ length: N }, (_, i) => dot(draws.subarray(i * mean.length)));
  expect(goodness(sum, sums(right))).toBeGreaterThan(LEVEL);
  expect(goodness(sum, sums(wrong)), "a wrong sampler").toBeLessThan(LEVEL);
});

const CORRELATIONS = [
  { size: 2, concentration: 1 },
  { size: 3, concentration: 0.3 },
  { size: 4, concentration: 2 },
  { size: 6, concentration: 30 },
];

test.each(CORRELATIONS)("correlations are alike, by their beta: %o", (parameters) => {
  const { size: n, concentration } = parameters;
  for (const [type, most] of TYPES) {
    if (CORRELATIONS.indexOf(parameters) >= most) continue;
    const { right, wrong } = drawBoth(build("lkjCholesky", parameters, type), 20240611);
    // (1 + r) / 2 of each correlation r (Lewandowski, Kurowicka and Joe 2009, section 3.2).
    const shape = roundTo(type, concentration) + n / 2 - 1;
    const member = build("beta", { alpha: shape, beta: shape }, "float64");
    const rowOf = (l: Float64Array, draw: number, i: number) =>
      l.subarray((draw * n + i) * n, (draw * n + i + 1) * n);
    const product = (l: Float64Array, draw: number, i: number, j: number) =>
      rowOf(l, draw, i).reduce((sum, x, k) => sum + x * rowOf(l, draw, j)[k], 0);
    const worst = (l: Float64Array) =>
      Math.min(
        ...pairs(n).map(([i, j]) => {
          const each = (_: unknown, draw: number) => (1 + product(l, draw, i, j)) / 2;
          return goodness(member, Float64Array.from({ length: N }, each));
        }),
      );
    expect(worst(right)).toBeGreaterThan(LEVEL);
    expect(worst(wrong), "a wrong sampler").toBeLessThan(LEVEL);
    for (let i = 0; i < n; i++) expect(product(right, 0, i, i)).toBeCloseTo(1, 6);
  }
});

const TRIANGLES = ["wishartCholesky", "inverseWishartCholesky"];

test.each(TRIANGLES)("%s: the diagonal of the matrix is chi-square, up or down", (family) => {
  const factor = [1, 0, 0, 0.5, 2, 0, -1, 0.3, 0.4];
  const n = 6.5;
  for (const type of ["float32", "float64"] as const) {
    const member = build(family, { degrees: n, factor }, type);
    const { right, wrong } = drawBoth(member, 20240612);
    const row = (m: ArrayLike<number>, at: number, i: number) =>
      [0, 1, 2].map((j) => m[at + 3 * i + j]);
    const square = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x * x, 0);
    const worst = (l: Float64Array) =>
      Math.min(
        ...[0, 1, 2].map((i) => {
          const scale = square(row(factor, 0, i));
          const each = Float64Array.from({ length: N }, (_, k) => square(row(l, 9 * k, i)));
          return family === "wishartCholesky"
            ? goodness(build("gamma", { shape: n / 2, rate: 1 / (2 * scale) }, "float64"), each)
            : goodness(
                build("inverseGamma", { shape: (n - 2) / 2, scale: scale / 2 }, "float64"),
                each,
              );
        }),
      );
    expect(worst(right)).toBeGreaterThan(LEVEL);
    expect(worst(wrong), "a wrong sampler").toBeLessThan(LEVEL);
    expect([1, 2, 5].every((place) => right[place] === 0)).toBe(true);
  }
});

test("shares are 0 or 1 as often as they should be, and else beta", () => {
  const parameters = { alpha: 2, beta: 3.5, ends: 0.3, one: 0.4 };
  const { right } = drawBoth(build("zeroOneInflatedBeta", parameters, "float64"), 20240613);
  const inner = right.filter((x) => x > 0 && x < 1);
  const counts = [0, 1].map((end) => right.filter((x) => x === end).length);
  expect(chiSquareTest([...counts, inner.length], [0.18, 0.12, 0.7])).toBeGreaterThan(LEVEL);
  expect(goodness(build("beta", { alpha: 2, beta: 3.5 }, "float64"), inner)).toBeGreaterThan(LEVEL);
});

/** The first correlation, the last, and that of the first with the last. */
const pairs = (n: number): readonly [number, number][] =>
  n === 2
    ? [[1, 0]]
    : [
        [1, 0],
        [n - 1, n - 2],
        [n - 1, 0],
      ];

test("a delta's draws are its value", () => {
  const draws = build("delta", { value: 2.5 }, "float32").sample(key(1), [axis("few", 3)]);
  expect([...run(draws)]).toEqual([2.5, 2.5, 2.5]);
});
