/** Work of every kind, large enough to be cut into pieces: as the oracle says, on any number of threads. */
import { beforeAll, describe, expect, test } from "vitest";
import { compileFor } from "../../src/compiler/compile.ts";
import { WASM } from "../../src/compiler/targets/wasm/tile.ts";
import { native } from "../../src/runtime/native/executable.ts";
import {
  type Axis,
  axis,
  exp,
  gather,
  grad,
  input,
  key,
  logSumExp,
  max,
  sizeOf,
  softplus,
  square,
  standardNormal,
  sum,
  type Tensor,
  type TypedArray,
  tanh,
} from "../../src/tensor/index.ts";
import { compareWithOracle } from "../fuzz/check.ts";
import type { Graph } from "../fuzz/graphs.ts";
import { NativeCode } from "../fuzz/native.ts";
import { piecesOf } from "../fuzz/pieces.ts";
import { planOf, type Run, unchanged } from "../fuzz/subject.ts";
import { Wasm } from "../fuzz/wasm.ts";

/** Numbers between -2 and 2 without a pattern that sums could hide. */
const wave = (n: number, k: number) =>
  Float64Array.from({ length: n }, (_, i) => 2 * Math.sin(k * i * (1 + 1e-3 * i)));

const data = new Map<string, TypedArray>();
function given(name: string, axes: readonly Axis[], dtype: "float32" | "float64" = "float32") {
  const values = wave(sizeOf(axes), 0.37 + name.length / 7);
  data.set(name, dtype === "float32" ? Float32Array.from(values) : values);
  return input(name, axes, dtype);
}

const [r, c, k, b] = [axis("r", 173), axis("c", 211), axis("k", 61), axis("b", 19)];
const [long, tall] = [axis("long", 1100), axis("tall", 2003)];
const [m, n, l] = [axis("m", 37), axis("n", 41), axis("l", 31)];
const [x, wide, cube] = [
  given("x", [r, c]),
  given("x64", [tall, b], "float64"),
  given("cube", [b, k, r]),
];
const [left, right] = [given("left", [r, k]), given("right", [c, k])];
const [deepLeft, deepRight] = [given("deep left", [k, long]), given("deep right", [long, b])];
const [manyLeft, manyRight] = [given("many left", [b, l, m]), given("many right", [b, n, l])];
const table = given("table", [c, axis("column", 150)]);
const reads = axis("reads", 301);
const places = input("places", [reads], "int32");
data.set(
  "places",
  Int32Array.from({ length: 301 }, (_, i) => (i * i * 7) % 223),
);
const weights = given("weights", [k, r]);
const moments = given("moments", [k, r]);
const product = sum(left.mul(right), k);
const [few, twoFold] = [given("few", [m, k]), given("two fold", [n, axis("inner", 7), k])];
const thrice = [left, tanh(left), square(left)].map((y) => sum(y.mul(right), k));
const change = grad(sum(square(tanh(sum(weights.mul(cube), k)))), [weights])[0];

/** What is computed, or one value for each input that is updated. */
const CASES: Readonly<Record<string, readonly Tensor[] | readonly (readonly [Tensor, Tensor])[]>> =
  {
    "an elementwise walk": [softplus(x.mul(3)).sub(exp(x))],
    "a sum of everything": [sum(x)],
    "a sum of everything in float64": [sum(wide)],
    "a sum over the axis that is cut": [sum(square(x), r)],
    "a sum over the inner axis": [sum(square(x), c)],
    "sums over both axes at once": [sum(x, r), sum(x, c), max(x, r), max(x)],
    "a maximum over the axis that is cut": [max(cube, b, k)],
    "a sum over an axis in the middle": [sum(cube.mul(2), k)],
    "a stable sum of exponentials": [logSumExp(x, r), logSumExp(x, c)],
    "random numbers": [standardNormal(key(8), [r, c]), sum(standardNormal(key(9), [tall, b]))],
    "numbers read by position": [gather(table, c, places), sum(gather(table, c, places), reads)],
    "numbers added up by position": grad(sum(square(gather(table, c, places))), [table]),
    "a matrix product": [product],
    "what follows a matrix product": [tanh(product.mul(0.1).add(sum(x, c)))],
    "sums of a matrix product over rows and columns": [
      sum(tanh(product), r),
      sum(tanh(product), c),
      sum(square(product)),
    ],
    "operands that are computed": [sum(tanh(left).mul(exp(right.mul(0.2))), k)],
    "operands that are computed across the contraction": [
      sum(tanh(weights).mul(exp(right.mul(0.2))), k),
    ],
    "an operand that several products need in another order": thrice,
    "an operand that several products need, and that changes": [
      [right, sum(thrice[0].mul(thrice[1]).mul(left), r).mul(1e-3)],
    ],
    "an operand with columns of two axes, in another order": [few, tanh(few)].map((y) =>
      sum(y.mul(twoFold), k),
    ),
    "a long contraction": [sum(deepLeft.mul(deepRight), long)],
    "a batch of products": [sum(manyLeft.mul(manyRight), l)],
    "a batch of products that is added up": [
      sum(tanh(sum(manyLeft.mul(manyRight), l)), b),
      sum(manyLeft.mul(manyRight), l, b),
    ],
    "updates that follow the product of a gradient": [
      [moments, moments.mul(0.9).add(square(change).mul(0.1))],
      [weights, weights.sub(change.div(moments.mul(moments).add(1)).mul(1e-3))],
    ],
  };

const isUpdates = (list: readonly unknown[]): list is readonly (readonly [Tensor, Tensor])[] =>
  Array.isArray(list[0]);

function graphOf(what: (typeof CASES)[string]): Graph {
  const [outputs, updates] = isUpdates(what) ? [[], what] : [what as readonly Tensor[], []];
  const steps = updates.length > 0 ? 3 : 1;
  const written = { inputs: data, varying: undefined, rewritten: new Map() };
  return { outputs, updates, ...written, steps, grain: 2048, chain: 64 };
}

const graphs = new Map(Object.entries(CASES).map(([name, what]) => [name, graphOf(what)]));
const here = native();
const wasm = new Wasm();
const inC = typeof here === "string" ? undefined : new NativeCode(here);
const runs: Record<string, Run> = { WebAssembly: wasm.run };
beforeAll(async () => {
  if (inC !== undefined) runs.C = await inC.prepare([...graphs.values()]);
});

describe("work that is cut into pieces", () => {
  test.each([...graphs])("%s", (_, graph) => {
    expect(piecesOf(compileFor(WASM, planOf(graph, unchanged), 0).kernels)).toBeGreaterThan(1);
    const { detail, judged, unsure } = compareWithOracle(graph, runs);
    expect(detail).toBe("");
    expect(judged).toBeGreaterThan(0);
    expect(unsure).toBe(0);
  });

  test("packs an operand once for all products that need it alike", () => {
    const { kernels } = compileFor(WASM, planOf(graphOf(thrice), unchanged), 0);
    const stretches = kernels.map(({ body }) => body.filter((s) => s.kind === "parallel").length);
    expect(stretches).toEqual([2, 1, 1]);
    const panels = kernels.map(({ scratch }) => scratch.find((b) => b.kind === "temporary"));
    expect(panels[0]).toBeDefined();
    expect(new Set(panels).size).toBe(1);
  });

  test("is shared with helpers", () => {
    for (const subject of [wasm, ...(inC ? [inC] : [])]) {
      expect(subject.pieces.helped).toBeGreaterThan(0.02 * subject.pieces.all);
    }
  });
});
