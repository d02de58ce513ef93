/** Where a value and its derivative are finite, so is the gradient. */
import { expect, test } from "vitest";
import {
  categorical,
  cauchy,
  gamma,
  kl,
  laplace,
  logistic,
  studentT,
  vonMises,
} from "../../src/distributions/index.ts";
import { elu } from "../../src/nn/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  atan,
  axis,
  constant,
  grad,
  input,
  lgamma,
  log,
  log1pSquare,
  logAddExp,
  logNormalCdf,
  logPoisson,
  logQuotient,
  logRatio,
  logSumExp,
  normalCdf,
  pow,
  select,
  sigmoid,
  sqrt,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/internal.ts";

const k = axis("k", 3);
const x = input("x", [k]);
const INF = Number.POSITIVE_INFINITY;

const edges: [string, (x: Tensor) => Tensor, number[], number[]][] = [
  ["a logarithm that is not taken", (x) => select(x.gt(0), log(x), 0), [0, -1, 2], [0, 0, 0.5]],
  ["a root that is not taken", (x) => select(x.gt(0), sqrt(x), x.mul(3)), [0, -1, 4], [3, 3, 0.25]],
  [
    "a quotient that is not taken",
    (x) => select(x.eq(0), 1, constant(2).div(x)),
    [0, 1, 2],
    [0, -2, -0.5],
  ],
  [
    "a pole that is not taken",
    (x) => select(x.eq(0), 0, lgamma(x)),
    [0, 1, 2],
    [0, -0.5772157, 0.4227843],
  ],
  [
    "through other operations",
    (x) => select(x.gt(0), log(x).mul(x).add(sqrt(x)), 0),
    [0, 1, 4],
    [0, 1.5, 2.6362944],
  ],
  ["x^2.5", (x) => pow(x, 2.5), [0, 1, 4], [0, 2.5, 20]],
  ["x^2 by a constant", (x) => pow(x, constant(2)), [-1, 0, 3], [-2, 0, 6]],
  ["x^3 by a tensor", (x) => pow(x, tensor([3, 3, 3], [k])), [-2, 0, 3], [12, 0, 27]],
  ["x^1, x^2, x^0 by a tensor", (x) => pow(x, tensor([1, 2, 0], [k])), [0, 0, 0], [1, 0, 0]],
  ["x^2 to the power of 1/2", (x) => pow(x.mul(x), 0.5), [-3, 0, 2], [-1, 0, 1]],
  // 1 - sigmoid(20) is 0 in float32.
  ["sigmoid", (x) => sigmoid(x).mul(1e9), [20, 0, -20], [2.0611536, 2.5e8, 2.0611536]],
  ["elu", (x) => elu(x), [-1, 0, 2], [Math.exp(-1), 1, 1]],
  [
    "log(exp(x) + exp(x))",
    (x) => logAddExp(select(x.lt(0), -INF, x), select(x.lt(0), -INF, x)),
    [-1, 0, 1],
    [0, 1, 1],
  ],
];
test.each(edges)("%s", (_, f, at, expected) => {
  for (const backend of ["wasm", "oracle"] as const) {
    const y = sum(select(f(x).gt(-INF), f(x), 0));
    const { slope } = compile({ outputs: { slope: grad(y, [x])[0] } }, { backend }).run({
      inputs: { x: at },
    });
    const data = Array.from({ length: 3 }, (_, i) => slope.data[slope.axes.length === 0 ? 0 : i]);
    data.forEach((d, i) => {
      expect(d, `${backend} at ${at[i]}`).toBeCloseTo(expected[i], 4);
    });
  }
});

test("a matrix product of a row that is not taken", () => {
  const [row, i, o] = [axis("row", 3), axis("in", 2), axis("out", 2)];
  const [u, w] = [input("u", [row, i]), input("w", [i, o])];
  const [taken, weight] = [tensor([1, 0, 1], [row]), tensor([1, 2], [o])];
  const y = sum(select(taken.gt(0), sum(log(u).mul(w), i), 0).mul(weight));
  const [du, dw] = grad(y, [u, w]);
  const inputs = { u: [1, 2, 0, Number.NaN, 4, 8], w: [1, 2, 3, 4] };
  for (const backend of ["wasm", "oracle"] as const) {
    const found = compile({ outputs: { du, dw } }, { backend }).run({ inputs });
    const near = (got: ArrayLike<number>, expected: number[]) =>
      expected.forEach((d, at) => {
        expect(got[at], `${backend} at ${at}`).toBeCloseTo(d, 5);
      });
    expect([found.du.axes, found.dw.axes]).toEqual([
      [row, i],
      [o, i],
    ]);
    near(found.du.data, [5, 5.5, 0, 0, 1.25, 1.375]);
    const [first, second] = [Math.log(4), Math.log(16)];
    near(found.dw.data, [first, second, 2 * first, 2 * second]);
  }
});

test("a category that cannot be: gradients of entropy and divergence", () => {
  const logits = input("logits", [k]);
  const q = categorical({ logits });
  const p = categorical({ logits: tensor([0.2, 0.3, 0.5], [k]) });
  const entropy = q.entropy() as Tensor;
  const divergence = kl(q, p) as Tensor;
  const outputs = {
    entropy: grad(entropy, [logits])[0],
    divergence: grad(divergence, [logits])[0],
  };
  const found = compile({ outputs }).run({ inputs: { logits: [-INF, 0, 1] } });
  [0, 0.1966, -0.1966].forEach((d, i) => {
    expect(found.entropy.data[i]).toBeCloseTo(d, 3);
  });
  expect([...found.divergence.data].every(Number.isFinite)).toBe(true);
});

test("a sum that is infinite is not NaN", () => {
  const found = compile({ outputs: { y: logSumExp(x, k) } }).run({ inputs: { x: [INF, 0, 1] } });
  expect(found.y.data[0]).toBe(INF);
});

/** The operation, its argument and another one, its value and its derivative by the argument. */
const far: [string, (x: Tensor, a: Tensor) => Tensor, number, number, number, number][] = [
  ["x^-2", (x) => pow(x, -2), 1e-10, 0, 1e20, -2e30],
  ["x^-3", (x) => pow(x, -3), 1e-7, 0, 1e21, -3e28],
  ["x^-3 far out", (x) => pow(x, -3), 1e10, 0, 1e-30, 0],
  ["log(x / a)", (x, a) => logQuotient(x, a), 1e30, 1e-20, 50 * Math.LN10, 1e-30],
  ["log(x / a)", (x, a) => logQuotient(x, a), 1e-20, 1e20, -40 * Math.LN10, 1e20],
  ["log(x / a) by a", (a, x) => logQuotient(x, a), 1e20, 1e-20, -40 * Math.LN10, -1e-20],
  ["log(x / a) about 1", (x, a) => logRatio(x, a), 1e-30, 1e30, -60 * Math.LN10, 1e30],
  ["log(x / a) about 1", (x, a) => logRatio(x, a), 1e30, 1e-30, 60 * Math.LN10, 1e-30],
  ["log(1 + (x / a)^2)", (a, x) => log1pSquare(x, a), 1e-40, 0, 0, 0],
  ["log(r^k exp(-r) / k!)", (r, k) => logPoisson(k, r), 1e-38, 2, -76 * Math.LN10 - Math.LN2, 2e38],
];
test.each(far)(
  "numbers on the way that are too large or small: %s",
  (_, f, at, other, value, slope) => {
    const [one, a] = [input("one"), input("a")];
    const y = f(one, a);
    for (const backend of ["wasm", "oracle"] as const) {
      const program = compile({ outputs: { y, slope: grad(y, [one])[0] } }, { backend });
      const inputs = program.inputs.has("a") ? { one: [at], a: [other] } : { one: [at] };
      const found = program.run({ inputs });
      expect(found.y.data[0] / (value || 1)).toBeCloseTo(value === 0 ? 0 : 1, 5);
      expect(found.slope.data[0] / (slope || 1)).toBeCloseTo(slope === 0 ? 0 : 1, 5);
    }
  },
);

const cdfs: [string, (x: Tensor) => Tensor, number, number, number][] = [
  ["atan", (x) => atan(x), 0, 0, 1],
  ["atan", (x) => atan(x), 1, Math.PI / 4, 0.5],
  ["atan", (x) => atan(x), -1, -Math.PI / 4, 0.5],
  ["normalCdf", (x) => normalCdf(x), 0, 0.5, 0.3989423],
  ["logNormalCdf", (x) => logNormalCdf(x), 0, -Math.LN2, 0.7978846],
  ["cdf of gamma", (x) => gamma(1, 1).cdf(x), 1, 1 - Math.exp(-1), Math.exp(-1)],
  ["cdf of gamma by its shape", (a) => gamma(a, 1).cdf(constant(1)), 1, 1 - Math.exp(-1), -0.4317],
  ["cdf of cauchy", (x) => cauchy(0, 1).cdf(x), 0, 0.5, 1 / Math.PI],
  ["cdf of studentT", (x) => studentT(3, 0, 1).cdf(x), 0, 0.5, 0.3675526],
  ["cdf of vonMises", (x) => vonMises(0, 1).cdf(x), 0, 0.5, 0.3417105],
  ["cdf of logistic", (x) => logistic(0, 1).cdf(x), 0, 0.5, 0.25],
  ["logCdf of laplace", (x) => laplace(0, 1).logCdf(x), 0, -Math.LN2, 1],
  ["logCdf of studentT", (x) => studentT(3, 0, 1).logCdf(x), 0, -Math.LN2, 2 * 0.3675526],
  ["cdf of laplace", (x) => laplace(0, 1).cdf(x), 0, 0.5, 0.5],
];
test.each(cdfs)("where the formulas of two sides meet: %s", (_, f, at, value, slope) => {
  const one = input("one");
  const y = f(one);
  const outputs = { y, slope: grad(y, [one])[0] };
  const found = compile({ outputs }).run({ inputs: { one: at } });
  expect(found.y.data[0]).toBeCloseTo(value, 5);
  expect(found.slope.data[0]).toBeCloseTo(slope, 4);
});

test("powers by tensors: below 0 for whole numbers only, and exact in float64", () => {
  const p = input("p", [k]);
  const y = pow(x, p);
  const outputs = { y, slope: grad(sum(select(y.eq(y), y, 0)), [p])[0] };
  for (const backend of ["wasm", "oracle"] as const) {
    const program = compile({ outputs }, { backend });
    const run = (at: number[], by: number[]) => program.run({ inputs: { x: at, p: by } });
    expect([...run([-2, -2, -2], [2, 3, 0.5]).y.data]).toEqual([4, -8, Number.NaN].map(near));
    const atZero = run([0, 0, 0], [2, 0, -1]);
    expect([...atZero.y.data]).toEqual([0, 1, INF]);
    expect(atZero.slope.data[0]).toBe(0);
    const unknown = [Number.NaN, Number.NaN, Number.NaN];
    expect([...run([0, 1, 2], unknown).y.data]).toEqual(unknown);
  }
  const root = { y: pow(constant(3), constant(0.1)) };
  const found = compile({ outputs: root }, { dtype: "float64" }).run().y.data[0];
  expect(found).toBeCloseTo(3 ** 0.1, 14);
});

const near = (value: number) => (Number.isNaN(value) ? value : expect.closeTo(value, 5));
