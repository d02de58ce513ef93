/** Distributions cut to bounds, and seen with censoring, against SciPy's and mpmath's values. */
import { describe, expect, test } from "vitest";
import {
  categorical,
  censored,
  dirichlet,
  gamma,
  masked,
  normal,
  poisson,
  restricted,
  studentT,
  truncated,
  weibull,
} from "../../src/distributions/index.ts";
import {
  axis,
  constant,
  exp,
  grad,
  input,
  key,
  SurmiseError,
  sum,
  tensor,
} from "../../src/tensor/index.ts";
import { run } from "./run.ts";

const row = axis("row", 4);
const bytes = (...values: number[]) => tensor(Uint8Array.from(values), [row]);
const TYPES = [
  ["float64", 1e-12],
  ["float32", 2e-6],
] as const;

describe.each(TYPES)("in %s", (type, within) => {
  const numbers = (...values: number[]) => tensor(values, [row], type);
  const expectClose = (found: ArrayLike<number>, expected: readonly number[]) =>
    expected.forEach((x, i) => {
      expect(Math.abs(found[i] - x), `${i}: ${found[i]}, not ${x}`).toBeLessThan(
        within * Math.max(1, Math.abs(x)),
      );
    });

  test("each row is seen, or at most, at least or between values", () => {
    const seen = censored(weibull(constant(1.5, type), 2), {
      left: bytes(0, 1, 0, 0),
      right: bytes(0, 0, 1, 0),
      to: numbers(0, 0, 0, 3),
    });
    const expected = [
      -1.0078528858796663, -2.141290584763201, -1.8371173070873836, -0.6108069428405015,
    ];
    expectClose(run(seen.logProb(numbers(1.2, 0.5, 3, 1))), expected);
  });

  test("the ends of counts are included", () => {
    const seen = censored(poisson(constant(3, type)), {
      left: bytes(0, 1, 0, 0),
      right: bytes(0, 0, 1, 0),
      to: numbers(0, 0, 0, 5),
    });
    const expected = [
      -1.7836046756755066, -0.8599338365037289, -1.688823410620876, -0.3327717934180451,
    ];
    expectClose(run(seen.logProb(numbers(4, 2, 5, 2))), expected);
  });

  test("far tails are right, and nothing is known where both ends are open", () => {
    const seen = censored(normal(constant(0, type), 1), {
      left: bytes(0, 0, 0, 1),
      right: bytes(1, 0, 0, 1),
      to: numbers(0, 31, 2, 0),
    });
    const expected = [-454.32124395634315, -454.3212439563432, -0.2001662943244626, 0];
    expectClose(run(seen.logProb(numbers(30, 30, -1, 7))), expected);
  });

  test("a restricted density is the whole one between the bounds", () => {
    const half = restricted(studentT(constant(3, type), 0, 1), { lower: 0 });
    expectClose(
      run(half.logProb(numbers(1.5, 0.2, 1.5, 0.2))),
      [-2.1201204254943553, -1.027379303123551, -2.1201204254943553, -1.027379303123551],
    );
    expect(run(half.logProb(constant(-1, type)))[0]).toBe(-Infinity);
    const draws = run(half.sample(key(3), [axis("draw", 200)]));
    expect(draws.every((x) => x >= 0)).toBe(true);
  });

  test("bounds may be tensors", () => {
    const upper = numbers(6, 6, 8, 9);
    const cut = truncated(gamma(constant(2.5, type), 0.5), { lower: 1, upper });
    expectClose(run(cut.logProb(constant(2, type))), [-1.5567641633849798, -1.5567641633849798]);
  });
});

test("derivatives of tails are those of their probabilities, also with respect to bounds", () => {
  const at = axis("at", 1);
  const [shape, rate] = [input("a", [at], "float64"), input("b", [at], "float64")];
  const x = input("x", [at], "float64");
  const values = (a: number, b: number, v: number) => ({
    a: Float64Array.of(a),
    b: Float64Array.of(b),
    x: Float64Array.of(v),
  });
  for (const tail of ["logCdf", "logSurvival"] as const) {
    for (const v of [0.3, 4, 30]) {
      const member = gamma(shape, rate);
      const f = sum(member[tail](x));
      const slopes = grad(f, [shape, rate, x]);
      const here = [2.5, 0.7, v];
      slopes.forEach((slope, i) => {
        const step = 1e-5;
        const moved = (by: number) => {
          const p = here.map((h, j) => (i === j ? h * (1 + by) : h));
          return run(member[tail](x), [at], values(p[0], p[1], p[2]))[0];
        };
        const difference = (moved(step) - moved(-step)) / (2 * step * here[i]);
        const found = run(slope, slope.axes, values(2.5, 0.7, v))[0];
        expect(Math.abs(found - difference)).toBeLessThan(1e-6 * Math.max(1, Math.abs(found)));
      });
    }
  }
});

test("a truncated density integrates to one however its bounds move", () => {
  const low = input("low", [], "float64");
  const grid = axis("grid", 4001);
  const x = tensor(
    Array.from({ length: 4001 }, (_, i) => -2 + (i * 6) / 4000),
    [grid],
    "float64",
  );
  const p = exp(truncated(normal(constant(1, "float64"), 1), { lower: low, upper: 4 }).logProb(x));
  for (const at of [-1.5, 0, 2]) {
    const total = run(sum(p), [], { low: Float64Array.of(at) })[0] * (6 / 4000);
    expect(Math.abs(total - 1)).toBeLessThan(2e-3);
  }
});

describe("refusals", () => {
  const part = axis("part", 3);
  const refused: [string, () => unknown][] = [
    [
      "truncated: neither lower nor upper is given; leave truncated(...) out",
      () => truncated(normal(0, 1), {}),
    ],
    [
      "truncated: lower must be less than upper, not 2 and 1",
      () => truncated(normal(0, 1), { lower: 2, upper: 1 }),
    ],
    [
      "restricted: a bound must be finite, not Infinity; leave it out",
      () => restricted(normal(0, 1), { upper: Number.POSITIVE_INFINITY }),
    ],
    [
      "truncated: a dirichlet has the support 'simplex part: 3', which has no lower and upper part; use a " +
        "distribution of real numbers or of counts",
      () => truncated(dirichlet(1, part), { lower: 0 }),
    ],
    [
      "censored: a categorical has the support 'index part: 3', which has no lower and upper part; use a " +
        "distribution of real numbers or of counts",
      () => censored(categorical(tensor([1, 2, 3], [part])), { right: bytes(1, 0, 0, 0) }),
    ],
    [
      "censored: its normal has the event axes part: write .event(part) after censored(...)",
      () => censored(normal(0, 1).event(part), { right: bytes(1, 0, 0, 0) }),
    ],
    [
      "censored: give left, right or to; what is seen exactly needs no censored(...)",
      () => censored(normal(0, 1), {}),
    ],
    [
      "censored: right must be conditions (uint8), such as x.eq(1) of numbers x, not float32 {part: 3}",
      () => censored(normal(0, 1), { right: tensor([1, 0, 1], [part]) }),
    ],
    [
      "masked: mask must be conditions (uint8), such as x.eq(1) of numbers x, not float32 {part: 3}",
      () => masked(normal(0, 1), tensor([1, 0, 1], [part])),
    ],
  ];
  test.each(refused)("%s", (message, make) => {
    expect(make).toThrow(new SurmiseError(message));
  });
});
