/** What each family says of itself, against sums over its own density. */
import { describe, expect, test } from "vitest";
import { type Distribution, kl } from "../../src/distributions/index.ts";
import { REGISTRY } from "../../src/distributions/registry.ts";
import {
  axis,
  cast,
  constant,
  cos,
  SurmiseError,
  sin,
  square,
  type Tensor,
} from "../../src/tensor/index.ts";
import { build, closedPairs, type Numbers } from "./build.ts";
import { expectation, gridOf } from "./grid.ts";
import { run } from "./run.ts";

const examples = Object.entries(REGISTRY)
  .filter(([name]) => name !== "delta")
  .map(([name, { example }]) => [name, example("float64")] as const);

/** Equal but for the error of the sums. */
function expectClose(found: Tensor, expected: Tensor, tolerance: number): void {
  const [a, b] = [run(found), run(expected)];
  const size = Math.max(a.length, b.length);
  for (let k = 0; k < size; k++) {
    const [x, y] = [a[k % a.length], b[k % b.length]];
    expect(Math.abs(x - y), `${x} and ${y}`).toBeLessThan(tolerance * Math.max(1, Math.abs(y)));
  }
}

const NO_MEAN = [
  "cauchy",
  "halfCauchy",
  "vonMises",
  "truncated",
  "gompertz",
  "wishartCholesky",
  "inverseWishartCholesky",
];

/** The sums converge quickly, but for the kink of the Laplace density. */
const accuracy = (name: string) => (name === "laplace" ? 1e-4 : 1e-8);

describe.each(examples)("%s", (name, member) => {
  const within = accuracy(name);
  const grid = gridOf(member);
  const one = constant(1, "float64");
  const x = cast(grid.x, "float64");
  const mean = (f: Tensor) => expectation(member, grid, f);

  test("has a density that integrates to one", () => {
    expectClose(mean(one), one, within);
  });

  test("has its mean and variance, if it has them as a number", () => {
    if (NO_MEAN.includes(name)) return;
    expectClose(mean(x), member.mean(), within);
    expectClose(mean(square(x.sub(member.mean()))), member.variance(), within);
  });

  test("has its entropy, if it has one", () => {
    const entropy = member.entropy();
    if (entropy === undefined) return;
    expectClose(mean(member.logProb(grid.x).neg()), entropy, within);
  });
});

test("the mean and variance of angles are those of directions", () => {
  const member = REGISTRY.vonMises.example("float64");
  const grid = gridOf(member);
  const [c, s] = [cos, sin].map((f) => expectation(member, grid, f(grid.x.sub(member.mean()))));
  expectClose(s, constant(0, "float64"), 1e-8);
  expectClose(c.neg().add(1), member.variance(), 1e-8);
});

test("families without a mean say so", () => {
  for (const name of ["cauchy", "halfCauchy"]) {
    const member = REGISTRY[name].example("float32");
    expect(() => member.mean()).toThrow(new SurmiseError(`${name}: there is no mean`));
    expect(() => member.variance()).toThrow(new SurmiseError(`${name}: there is no variance`));
  }
});

test("moments that do not exist are infinite or not numbers", () => {
  const worth = (x: Tensor) => run(x)[0];
  const t = (degrees: number) => build("studentT", { degrees, location: 1, scale: 2 }, "float64");
  expect([1, 1.5, 2.5].map((n) => worth(t(n).mean()))).toEqual([Number.NaN, 1, 1]);
  expect([1, 2, 4].map((n) => worth(t(n).variance()))).toEqual([Number.NaN, Infinity, 8]);
  const pareto = (shape: number) => build("pareto", { shape, scale: 1 }, "float64");
  expect([1, 2].map((a) => worth(pareto(a).mean()))).toEqual([Infinity, 2]);
  expect(worth(pareto(2).variance())).toBe(Infinity);
  const inverse = build("inverseGamma", { shape: 1, scale: 2 }, "float64");
  expect(worth(inverse.mean())).toBe(Infinity);
});

/** Two members of families with a closed-form divergence: q, then p. */
const PAIRS: Readonly<Record<string, readonly [Numbers, Numbers]>> = {
  "normal, normal": [
    { mean: 0.5, sd: 0.8 },
    { mean: -1, sd: 2 },
  ],
  "lognormal, lognormal": [
    { mean: 0.5, sd: 0.8 },
    { mean: -1, sd: 2 },
  ],
  "halfNormal, halfNormal": [{ scale: 2 }, { scale: 0.7 }],
  "cauchy, cauchy": [
    { location: 0.5, scale: 0.8 },
    { location: -1, scale: 2 },
  ],
  "halfCauchy, halfCauchy": [{ scale: 2 }, { scale: 0.7 }],
  "laplace, laplace": [
    { location: 0.5, scale: 0.8 },
    { location: -1, scale: 2 },
  ],
  "gumbel, gumbel": [
    { location: 0.5, scale: 0.8 },
    { location: -1, scale: 2 },
  ],
  "weibull, weibull": [
    { shape: 1.5, scale: 2 },
    { shape: 0.8, scale: 3 },
  ],
  "inverseGamma, inverseGamma": [
    { shape: 3, scale: 2 },
    { shape: 1.5, scale: 0.7 },
  ],
  "pareto, pareto": [
    { shape: 3, scale: 2 },
    { shape: 1.5, scale: 0.7 },
  ],
  "beta, beta": [
    { alpha: 2, beta: 3 },
    { alpha: 0.7, beta: 1.5 },
  ],
  "dirichlet, dirichlet": [{ concentration: [2, 5, 3] }, { concentration: [1, 1.5, 4] }],
  "uniform, uniform": [
    { low: 0, high: 1.5 },
    { low: -1, high: 2 },
  ],
  "vonMises, vonMises": [
    { location: 0.5, concentration: 3 },
    { location: -1, concentration: 0.7 },
  ],
  "bernoulli, bernoulli": [{ probs: 0.7 }, { probs: 0.4 }],
  "binomial, binomial": [
    { total: 9, probs: 0.7 },
    { total: 9, probs: 0.4 },
  ],
  "geometric, geometric": [{ probs: 0.7 }, { probs: 0.4 }],
  "negativeBinomial, negativeBinomial": [
    { total: 2.5, probs: 0.7 },
    { total: 2.5, probs: 0.4 },
  ],
  "poisson, poisson": [{ rate: 3 }, { rate: 5 }],
  "categorical, categorical": [{ weights: [2, 5, 3] }, { weights: [4, 4, 2] }],
  "gamma, gamma": [
    { shape: 3, rate: 2 },
    { shape: 1.5, rate: 0.7 },
  ],
  "gamma, exponential": [{ shape: 3, rate: 2 }, { rate: 0.7 }],
  "gamma, chiSquare": [{ shape: 3, rate: 2 }, { degrees: 5 }],
  "exponential, gamma": [{ rate: 2 }, { shape: 1.5, rate: 0.7 }],
  "exponential, exponential": [{ rate: 2 }, { rate: 0.7 }],
  "exponential, chiSquare": [{ rate: 2 }, { degrees: 5 }],
  "chiSquare, gamma": [{ degrees: 5 }, { shape: 1.5, rate: 0.7 }],
  "chiSquare, exponential": [{ degrees: 5 }, { rate: 0.7 }],
  "chiSquare, chiSquare": [{ degrees: 5 }, { degrees: 3 }],
};

test("every closed form is tested", () => {
  expect(Object.keys(PAIRS).sort()).toEqual(closedPairs().sort());
});

describe.each(Object.entries(PAIRS))("the divergence %s", (names, parameters) => {
  const families = names.split(", ");
  const [q, p] = families.map((name, k) => build(name, parameters[k], "float64"));

  test("is the sum over the density", () => {
    const grid = gridOf(q);
    const ratio = q.logProb(grid.x).sub(p.logProb(grid.x));
    expectClose(expectation(q, grid, ratio), kl(q, p) as Tensor, accuracy(q.name));
  });

  test("is zero from itself", () => {
    expectClose(kl(q, q) as Tensor, constant(0, "float64"), 1e-13);
  });

  test("is added up over event axes", () => {
    const event = axis("event", 3);
    const [one, three] = [kl(q, p), kl(q.event(event), p.event(event))] as [Tensor, Tensor];
    expectClose(three, one.mul(3), 1e-13);
  });
});

describe("divergences", () => {
  const worth = (q: Distribution, p: Distribution) => run(kl(q, p) as Tensor)[0];

  test("are infinite where q reaches beyond p", () => {
    const [inner, outer] = [0.5, 2].map((high) => build("uniform", { low: 0, high }, "float64"));
    expect(worth(outer, inner)).toBe(Infinity);
    const [low, high] = [1, 2].map((scale) => build("pareto", { shape: 3, scale }, "float64"));
    expect(worth(low, high)).toBe(Infinity);
  });

  test("of binomials need totals that are known to be equal", () => {
    const [few, many] = [5, 6].map((total) => build("binomial", { total, probs: 0.3 }, "float64"));
    expect(kl(few, many)).toBeUndefined();
  });
});
