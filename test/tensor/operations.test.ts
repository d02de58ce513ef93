/**
 * Every operation at the edges of its operands: its value and derivative where both are finite, and no word from it
 * below a `select` that takes another branch. The tables have an entry for every operation, which the type checker sees.
 */
import { describe, expect, test } from "vitest";
import { type Backend, compile } from "../../src/runtime/index.ts";
import {
  type Axis,
  apply,
  axis,
  type Binary,
  cholesky,
  constant,
  gatherClamped,
  grad,
  index,
  input,
  logSumExp,
  max,
  type Op,
  rename,
  select,
  solveLower,
  sum,
  type Tensor,
  tensor,
  type Unary,
} from "../../src/tensor/internal.ts";

const INF = Number.POSITIVE_INFINITY;
const BACKENDS: readonly Backend[] = ["wasm", "oracle"];
const TYPES = ["float32", "float64"] as const;
const { LN2, PI } = Math;
const ROOT = 2 / Math.sqrt(PI);

/** An operand, the value there, and the derivative. */
type At = readonly [x: number, value: number, slope: number];

/** At corners the mean of the slopes of both sides; at an end of the domain that of its one side. */
const UNARY: { readonly [O in Unary]: readonly At[] } = {
  neg: [
    [0, -0, -1],
    [1e30, -1e30, -1],
    [1e-38, -1e-38, -1],
  ],
  abs: [
    [0, 0, 0],
    [-0, 0, 0],
    [-1e-38, 1e-38, -1],
    [1e30, 1e30, 1],
  ],
  floor: [
    [0, 0, 0],
    [-1e-38, -1, 0],
    [1e30, 1e30, 0],
  ],
  sqrt: [
    [1e30, 1e15, 0.5e-15],
    [1e-30, 1e-15, 0.5e15],
  ],
  exp: [
    [-INF, 0, 0],
    [-1e30, 0, 0],
    [0, 1, 1],
    [1e-38, 1, 1],
    [80, Math.exp(80), Math.exp(80)],
  ],
  log: [
    [1e-30, Math.log(1e-30), 1e30],
    [1e30, Math.log(1e30), 1e-30],
  ],
  sin: [
    [0, 0, 1],
    [1e-38, 1e-38, 1],
  ],
  cos: [
    [0, 1, 0],
    [1e-38, 1, -1e-38],
  ],
  tanh: [
    [-INF, -1, 0],
    [INF, 1, 0],
    [1e30, 1, 0],
    [0, 0, 1],
    [1e-38, 1e-38, 1],
  ],
  sigmoid: [
    [-INF, 0, 0],
    [INF, 1, 0],
    [-1e30, 0, 0],
    [0, 0.5, 0.25],
    [-80, Math.exp(-80), Math.exp(-80)],
  ],
  softplus: [
    [-INF, 0, 0],
    [-1e30, 0, 0],
    [1e30, 1e30, 1],
    [0, LN2, 0.5],
    [-80, Math.exp(-80), Math.exp(-80)],
  ],
  log1p: [
    [0, 0, 1],
    [1e-38, 1e-38, 1],
    [-1e-38, -1e-38, 1],
    [1e30, Math.log(1e30), 1e-30],
  ],
  expm1: [
    [-INF, -1, 0],
    [-1e30, -1, 0],
    [-60, -1, Math.exp(-60)],
    [0, 0, 1],
    [1e-38, 1e-38, 1],
  ],
  erf: [
    [-INF, -1, 0],
    [INF, 1, 0],
    [1e30, 1, 0],
    [0, 0, ROOT],
    [1e-30, ROOT * 1e-30, ROOT],
  ],
  lgamma: [
    [1, 0, -0.5772156649015329],
    [1e-30, -Math.log(1e-30), -1e30],
    [1e30, 1e30 * (Math.log(1e30) - 1), Math.log(1e30)],
  ],
  digamma: [
    [1, -0.5772156649015329, PI ** 2 / 6],
    [1e-15, -1e15, 1e30],
    [1e30, Math.log(1e30), 1e-30],
  ],
  // It has no derivative here.
  trigamma: [],
};

/** Two operands, the value there, and the two derivatives. */
type Pair = readonly [a: number, b: number, value: number, byA: number, byB: number];

const BINARY: { readonly [O in Binary]: readonly Pair[] } = {
  add: [
    [0, -0, 0, 1, 1],
    [1e30, -1e30, 0, 1, 1],
  ],
  sub: [
    [0, 0, 0, 1, -1],
    [1e30, 1e30, 0, 1, -1],
  ],
  mul: [
    [0, 1e30, 0, 1e30, 0],
    [1e-20, 1e20, 1, 1e20, 1e-20],
  ],
  div: [
    [0, 1e-30, 0, 1e30, -0],
    [1, INF, 0, 0, -0],
    [1e-30, 1e-30, 1, 1e30, -1e30],
  ],
  minimum: [
    [0, 0, 0, 0.5, 0.5],
    [-INF, 0, -INF, 1, 0],
    [INF, 0, 0, 0, 1],
    [INF, INF, INF, 0.5, 0.5],
  ],
  maximum: [
    [0, 0, 0, 0.5, 0.5],
    [-INF, 0, 0, 0, 1],
    [-INF, -INF, -INF, 0.5, 0.5],
    [1e30, -1e30, 1e30, 1, 0],
  ],
  logAddExp: [
    [-INF, 0, 0, 0, 1],
    [0, -INF, 0, 1, 0],
    [-INF, -INF, -INF, 0.5, 0.5],
    [INF, 0, INF, 1, 0],
    [1e30, -1e30, 1e30, 1, 0],
    [0, 0, LN2, 0.5, 0.5],
  ],
};

const row = axis("row", 2);
const column = axis("column", 2);

/** Where a branch is not taken, its operands may be anything. */
const ANYTHING = [Number.NaN, INF, -INF, 0, -1, 1e30];

/** The rows of a Cholesky factor, added up. */
function factored(x: Tensor): Tensor {
  const outer = select(index(row).eq(index(column)), 1, x.mul(rename(x, row, column)));
  return sum(cholesky(outer, row, column), column);
}

/**
 * Of every operation a use of `x`, over [place, row], that is steep or no number at some x; or why there is none.
 */
const USES: { readonly [O in Op]: ((x: Tensor) => Tensor) | string } = {
  ...(Object.fromEntries(
    (Object.keys(UNARY) as Unary[]).map((op) => [op, (x: Tensor) => apply(op, x)]),
  ) as { readonly [O in Unary]: (x: Tensor) => Tensor }),
  ...(Object.fromEntries(
    (Object.keys(BINARY) as Binary[]).map((op) => [
      op,
      (x: Tensor) => apply(op, x, x.add(1)).add(apply(op, constant(1, x.dtype), x)),
    ]),
  ) as { readonly [O in Binary]: (x: Tensor) => Tensor }),
  trigamma: "it has no derivative",
  input: "it has no operand",
  literal: "it has no operand",
  constant: "it has no operand",
  index: "it has no operand",
  carry: "it has no operand",
  threefry: "its operands are whole numbers",
  and: "its operands are whole numbers",
  or: "its operands are whole numbers",
  xor: "its operands are whole numbers",
  shl: "its operands are whole numbers",
  shr: "its operands are whole numbers",
  mod: "its operands are whole numbers",
  lt: "its result is no number",
  le: "its result is no number",
  eq: "its result is no number",
  stopGradient: "its derivative is 0",
  straightThrough: "its values are those of its first operand",
  scan: "its turns have derivatives of their own, which do not see what is taken outside",
  scatterAdd: "it moves numbers and makes none; see gather",
  cast: (x) => apply("log", x),
  select: (x) => select(x.gt(0), apply("log", x), apply("sqrt", x)),
  gather: (x) => gatherClamped(apply("log", x), row, index(row)),
  sum: (x) => sum(apply("log", x), row),
  max: (x) => max(apply("log", x), row).add(logSumExp(apply("log", x), row)),
  cholesky: factored,
  choleskyAdjoint: (x) => grad(sum(factored(x)), [x])[0],
  triangularSolve: (x) => solveLower(select(index(row).eq(index(column)), x, 0.5), x, row, column),
};

describe.each(TYPES)("%s", (dtype) => {
  const near = (found: number, expected: number, what: string) => {
    const close = Math.abs(found - expected) <= 1e-5 * Math.abs(expected) + 1e-37;
    expect(found === expected || close, `${what}: ${found}, not ${expected}`).toBe(true);
  };

  test.each(Object.entries(UNARY))("%s", (op, places) => {
    if (places.length === 0) return;
    const place = axis("place", places.length);
    const x = input("x", [place], dtype);
    const y = apply(op as Unary, x);
    for (const backend of BACKENDS) {
      const program = compile({ outputs: { y, slope: grad(sum(y), [x])[0] } }, { backend });
      const found = program.run({ inputs: { x: places.map(([at]) => at) } });
      places.forEach(([at, value, slope], i) => {
        near(found.y.data[i], value, `${op}(${at}) on ${backend}`);
        const own = found.slope.axes.length === 0 ? found.slope.data[0] : found.slope.data[i];
        near(own, slope, `the derivative of ${op} at ${at} on ${backend}`);
      });
    }
  });

  test.each(Object.entries(BINARY))("%s", (op, places) => {
    const place = axis("place", places.length);
    const [a, b] = [input("a", [place], dtype), input("b", [place], dtype)];
    const y = apply(op as Binary, a, b);
    const [byA, byB] = grad(sum(y), [a, b]);
    for (const backend of BACKENDS) {
      const found = compile({ outputs: { y, byA, byB } }, { backend }).run({
        inputs: { a: places.map(([x]) => x), b: places.map(([, x]) => x) },
      });
      places.forEach(([x, z, ...expected], i) => {
        [found.y, found.byA, found.byB].forEach(({ axes, data }, k) => {
          const what = `${["value", "derivative by a", "derivative by b"][k]} of ${op}(${x}, ${z})`;
          near(data[axes.length === 0 ? 0 : i], expected[k], `${what} on ${backend}`);
        });
      });
    }
  });

  test.each(Object.entries(USES))("%s in a branch that is not taken", (op, use) => {
    if (typeof use === "string") return;
    const place = axis("place", ANYTHING.length + 1);
    const x = input("x", [place, row], dtype);
    const taken = tensor([...ANYTHING.map(() => 0), 1], [place]);
    const [slope] = grad(sum(select(taken.gt(0), use(x), 0)), [x]);
    const inputs = { x: [...ANYTHING, 0.25].flatMap((at) => [at, at]) };
    for (const backend of BACKENDS) {
      const program = compile({ outputs: { slope } }, { backend });
      const { axes, data } = program.run(program.inputs.size > 0 ? { inputs } : {}).slope;
      const at = (i: number, k: number) => {
        const of = (a: Axis) => (a === place ? i : a === row ? k : 0);
        return data[axes.reduce((n, a) => n * a.size + of(a), 0)];
      };
      ANYTHING.forEach((x, i) => {
        const both = [at(i, 0) + 0, at(i, 1) + 0];
        expect(both, `${op} at ${x} on ${backend}`).toEqual([0, 0]);
      });
      expect(Number.isFinite(at(ANYTHING.length, 1))).toBe(true);
    }
  });
});
