/**
 * Derivatives of draws. Where a draw x(theta) is the quantile of a uniform number, the distribution
 * function at it does not change with theta: dF/dtheta + p(x) dx/dtheta = 0 for each draw. Where it
 * is made of two random numbers that holds on average, and moments are compared.
 */
import { describe, expect, test } from "vitest";
import { beta, dirichlet, studentT } from "../../src/distributions/index.ts";
import { REGISTRY } from "../../src/distributions/registry.ts";
import {
  axis,
  cast,
  exp,
  grad,
  index,
  input,
  key,
  log,
  square,
  sum,
  type Tensor,
} from "../../src/tensor/index.ts";
import { build, type Values } from "./build.ts";
import { run } from "./run.ts";
import { FIVE_SIGMA, meanAndError } from "./values.ts";

/** Those whose draws are quantiles, at all kinds of shapes. */
const QUANTILES: readonly (readonly [family: string, Readonly<Record<string, number>>])[] = [
  ["normal", { mean: 0.5, sd: 2 }],
  ["lognormal", { mean: 0.5, sd: 0.7 }],
  ["halfNormal", { scale: 2 }],
  ["cauchy", { location: 0.5, scale: 2 }],
  ["halfCauchy", { scale: 2 }],
  ["laplace", { location: 0.5, scale: 2 }],
  ["logistic", { location: 0.5, scale: 2 }],
  ["gumbel", { location: 0.5, scale: 2 }],
  ["exponential", { rate: 2 }],
  ["gamma", { shape: 0.3, rate: 2 }],
  ["gamma", { shape: 1.7, rate: 2 }],
  ["gamma", { shape: 300, rate: 2 }],
  ["chiSquare", { degrees: 3 }],
  ["inverseGamma", { shape: 2.5, scale: 2 }],
  ["weibull", { shape: 1.5, scale: 2 }],
  ["pareto", { shape: 3, scale: 2 }],
  ["gompertz", { shape: 0.7, rate: 0.2 }],
  ["uniform", { low: -1, high: 2 }],
  ["vonMises", { concentration: 0.5 }],
  ["vonMises", { concentration: 40 }],
  ["truncatedNormal", { mean: 0.5, sd: 2, lower: -1, upper: 3 }],
  ["truncatedNormal", { mean: -1, sd: 0.5, lower: 2 }],
  ["truncatedNormal", { mean: 1, sd: 0.5, upper: -2 }],
];

/** What is not varied. */
const FIXED: Readonly<Record<string, Values>> = { vonMises: { location: 0 } };

const draw = axis("draw", 300);
const STEP = 1e-4;

describe.each(QUANTILES)("draws of %s %o", (family, numbers) => {
  const names = Object.keys(numbers);
  const inputs = names.map((name) => input(name, [draw], "float64"));
  const given = Object.fromEntries(names.map((name, k) => [name, inputs[k]]));
  const member = build(family, { ...FIXED[family], ...given }, "float64");
  const filled = (changed?: string, by = 0) =>
    Object.fromEntries(
      names.map((name) => [
        name,
        new Float64Array(draw.size).fill(numbers[name] + (name === changed ? by : 0)),
      ]),
    );
  const x = member.sample(key(20240607), [draw]);
  const draws = run(x, [draw], filled());

  test.each(names)("move with the %s as its quantiles do", (name) => {
    const [slope] = grad(sum(x), [given[name]]);
    const at = input("at", [draw], "float64");
    const by = STEP * Math.max(1, Math.abs(numbers[name]));
    const [above, below] = [by, -by].map((step) =>
      run(member.cdf(at), [draw], { ...filled(name, step), at: draws }),
    );
    const density = run(exp(member.logProb(at)), [draw], { ...filled(), at: draws });
    const found = run(slope, [draw], filled());
    const differences = above.map((p, i) => (p - below[i]) / (2 * by));
    const largest = differences.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    expect(largest).toBeGreaterThan(0);
    found.forEach((one, i) => {
      expect(Math.abs(density[i] * one + differences[i])).toBeLessThan(1e-5 * largest);
    });
  });
});

/** The mean over many draws of the derivative of f(x) and its standard error. */
function meanSlope(f: Tensor, parameter: Tensor, inputs: Readonly<Record<string, number>>) {
  const full = Object.entries(inputs).map(([name, value]) => {
    return [name, new Float64Array(many.size).fill(value)] as const;
  });
  return meanAndError(run(grad(sum(f), [parameter])[0], [many], Object.fromEntries(full)));
}

const many = axis("many", 20_000);
const over = (name: string) => input(name, [many], "float64");

function expectMean(slope: ReturnType<typeof meanSlope>, expected: number): void {
  expect(Math.abs(slope.mean - expected)).toBeLessThan(FIVE_SIGMA * slope.error);
}

describe("mean derivatives", () => {
  test("of beta draws", () => {
    const [a, b] = [over("a"), over("b")];
    const x = beta(a, b).sample(key(1), [many]);
    const at = { a: 0.7, b: 2.5 };
    expectMean(meanSlope(x, a, at), 2.5 / 3.2 ** 2);
    expectMean(meanSlope(x, b, at), -0.7 / 3.2 ** 2);
    // trigamma(0.7) - trigamma(3.2) and -trigamma(3.2), by SciPy 1.17.
    expectMean(meanSlope(log(x), a, at), 2.4677279659632103);
    expectMean(meanSlope(log(x), b, at), -0.3663211907314009);
  });

  test("of Student's draws: d/dn of the variance n / (n - 2)", () => {
    const n = over("n");
    const x = studentT(n, 0, 1).sample(key(2), [many]);
    expectMean(meanSlope(square(x), n, { n: 12 }), -2 / 100);
  });

  test("of Dirichlet draws", () => {
    const part = axis("part", 3);
    const a = over("a");
    const concentration = a.add(cast(index(part), "float64"));
    const x = dirichlet(concentration, part).sample(key(3), [many]);
    const first = sum(x.mul(cast(index(part).eq(0), "float64")), part);
    // E[x_1] = a / (3 a + 3).
    expectMean(meanSlope(first, a, { a: 0.5 }), 3 / 4.5 ** 2);
  });
});

const reparameterised = Object.entries(REGISTRY).flatMap(([name, { example }]) => {
  const member = example("float32");
  return member.reparameterised ? [[name, member] as const] : [];
});

test.each(reparameterised)("derivatives of %s in float32 are finite", (_, member) => {
  const x = member.sample(key(4), [draw]);
  const slopes = grad(sum(x), Object.values(member.parameters));
  for (const slope of slopes) expect([...run(slope)].every(Number.isFinite)).toBe(true);
});

test("draws that are not reparameterised have no derivative", () => {
  for (const { example } of Object.values(REGISTRY)) {
    const member = example("float64");
    if (member.reparameterised) continue;
    const x = cast(member.sample(key(5), [axis("few", 5)]), "float64");
    for (const slope of grad(sum(x), Object.values(member.parameters))) {
      expect(slope.op).toBe("constant");
    }
  }
});
