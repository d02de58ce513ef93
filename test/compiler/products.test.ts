/** Matrix products of every axis pattern and size, in both printers, against sums in doubles. */
import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../src/runtime/index.ts";
import { native } from "../../src/runtime/native/executable.ts";
import {
  type Axis,
  axis,
  cast,
  input,
  sizeOf,
  sum,
  type Tensor,
  type TypedArray,
  tanh,
} from "../../src/tensor/index.ts";
import type { Graph } from "../fuzz/graphs.ts";
import { NativeCode } from "../fuzz/native.ts";
import type { Results, Run } from "../fuzz/subject.ts";
import { Wasm } from "../fuzz/wasm.ts";

const wave = (n: number, k: number) =>
  Float64Array.from({ length: n }, (_, i) => Math.sin(k * i + k));

/** The element of flat `data` over `axes` at the given positions. */
function at(
  data: ArrayLike<number>,
  axes: readonly Axis[],
  place: ReadonlyMap<Axis, number>,
): number {
  return data[axes.reduce((i, a) => i * a.size + (place.get(a) as number), 0)];
}

/** Visits every `step`-th place over the axes, and the last. */
function eachPlace(
  axes: readonly Axis[],
  visit: (place: Map<Axis, number>) => void,
  step = 1,
): void {
  const place = new Map(axes.map((a) => [a, 0]));
  const size = sizeOf(axes);
  for (let i = 0; i < size; i = i === size - 1 ? size : Math.min(i + step, size - 1)) {
    let rest = i;
    for (const a of [...axes].reverse()) {
      place.set(a, rest % a.size);
      rest = Math.floor(rest / a.size);
    }
    visit(place);
  }
}

const [b, r, s, c, d, k, l] = [
  axis("b", 3),
  axis("r", 37),
  axis("s", 5),
  axis("c", 29),
  axis("d", 4),
  axis("k", 41),
  axis("l", 6),
];
const [long, outer, many] = [axis("long", 1501), axis("outer", 300), axis("many", 211)];
const [few, narrow, deep] = [axis("few", 4), axis("narrow", 7), axis("deep", 1024)];
const [one, wide] = [axis("one", 1), axis("wide", 131)];

/** The sum over `over` of a b, where a is over `left` and b over `right`, and then `wrap`. */
interface Product {
  readonly left: readonly Axis[];
  readonly right: readonly Axis[];
  readonly over: readonly Axis[];
  readonly type: "float32" | "float64";
  readonly wrap: (product: Tensor) => Tensor;
  readonly wrapNumber: (x: number) => number;
}

function product(
  left: readonly Axis[],
  right: readonly Axis[],
  over: readonly Axis[],
  type: Product["type"] = "float32",
  wrap: Product["wrap"] = (x) => x,
  wrapNumber: Product["wrapNumber"] = (x) => x,
): Product {
  return { left, right, over, type, wrap, wrapNumber };
}

const TYPES = ["float32", "float64"] as const;
const both = (make: (type: Product["type"]) => readonly Product[]) => TYPES.flatMap(make);

const PRODUCTS: Readonly<Record<string, readonly Product[]>> = {
  "operands in any layout": both((type) =>
    [[r, k] as const, [k, r] as const].flatMap((left) =>
      [[k, c] as const, [c, k] as const].map((right) => product(left, right, [k], type)),
    ),
  ),
  "a batch axis, in any place": both((type) => [
    product([b, r, k], [k, b, c], [k], type),
    product([r, b, k], [c, k, b], [k], type),
  ]),
  "several rows, columns and summed axes": both((type) => [
    product([r, s, k, l], [l, c, k, d], [k, l], type),
    product([k, s, l, r], [d, k, c, l], [l, k], type),
  ]),
  "contractions long enough to be cut into blocks": [
    product([r, long], [long, c], [long]),
    product([long, r], [c, long], [long], "float64"),
    product([outer, k, r], [c, outer, k], [outer, k]),
    product([b, outer, k, r], [b, c, outer, k], [outer, k]),
    product([narrow, deep], [deep, wide], [deep]),
  ],
  "more rows than a block, with rows inside rows": [
    product([many, k], [k, c], [k]),
    product([many, s, k], [k, c], [k]),
    product([s, many, k], [k, d, c], [k]),
    product([many, s, deep], [deep, c], [deep]),
  ],
  "more columns than a block": [
    product([r, k], [k, many, s], [k]),
    product([few, k], [many, s, k], [k]),
    product([narrow, k], [k, wide], [k], "float64"),
  ],
  "sides no larger than a tile": [
    product([few, k], [k, c], [k]),
    product([r, k], [k, few], [k]),
    product([one, r, k], [k, narrow, one], [k]),
    product([narrow, s, l], [l, many], [l]),
  ],
  "what follows the product is computed with it": [
    product(
      [r, k],
      [k, c],
      [k],
      "float32",
      (x) => tanh(x.mul(0.1)),
      (x) => Math.tanh(0.1 * x),
    ),
  ],
};

const inputsOf = ({ left, right, type }: Product): [TypedArray, TypedArray] => {
  const round = (data: Float64Array) => (type === "float32" ? Float32Array.from(data) : data);
  return [round(wave(sizeOf(left), 0.7)), round(wave(sizeOf(right), 1.3))];
};

const outputOf = ({ left, right, over, type, wrap }: Product) =>
  wrap(sum(input("a", left, type).mul(input("b", right, type)), ...over));

/** The program of a product; with small work cut into pieces. */
function graphOf(p: Product): Graph {
  const [x, y] = inputsOf(p);
  const inputs = new Map([
    ["a", x],
    ["b", y],
  ]);
  const written = { inputs, varying: undefined, rewritten: new Map() };
  return { outputs: [outputOf(p)], updates: [], ...written, steps: 1, grain: 1000, chain: 64 };
}

/** The worst error, where 1 is as much as rounding may do: the bound grows with the length of the sum. */
function worstError(p: Product, { outputs }: Graph, [values]: Results): number {
  const { left, right, over, type, wrapNumber } = p;
  const { axes } = outputs[0];
  const [x, y] = inputsOf(p);
  const unit = type === "float32" ? 2 ** -24 : 2 ** -53;
  let worst = 0;
  eachPlace(
    axes,
    (place) => {
      let exact = 0;
      let size = 0;
      eachPlace(over, (inner) => {
        const all = new Map([...place, ...inner]);
        const term = at(x, left, all) * at(y, right, all);
        exact += term;
        size += Math.abs(term);
      });
      const bound = 2 * (sizeOf(over) + 8) * unit * (size + 1);
      worst = Math.max(worst, Math.abs(at(values, axes, place) - wrapNumber(exact)) / bound);
    },
    Math.floor(sizeOf(axes) / 80) | 1,
  );
  return worst;
}

const graphs = new Map(Object.values(PRODUCTS).flatMap((list) => list.map((p) => [p, graphOf(p)])));
const here = native();
const runs: Record<string, Run> = { WebAssembly: new Wasm().run };
beforeAll(async () => {
  if (typeof here !== "string") runs.C = await new NativeCode(here).prepare([...graphs.values()]);
});

describe("matrix products on 1, 2 and 4 threads", () => {
  test.each(Object.entries(PRODUCTS))("%s", (_, list) => {
    for (const p of list) {
      const graph = graphs.get(p) as Graph;
      expect(
        compile({ outputs: { y: graph.outputs[0] } }, { backend: "wasm" }).explain(),
      ).toContain("product ");
      for (const run of Object.values(runs)) {
        expect(worstError(p, graph, run(graph))).toBeLessThan(1);
      }
    }
  });
});

test.each(["wasm", "c"] as const)("bytes as an operand, %s", (backend) => {
  if (backend === "c" && typeof here === "string") return;
  const bytes = input("bytes", [r, k], "uint8");
  const w = input("w", [k, c]);
  const program = compile({ outputs: { y: sum(cast(bytes, "float32").mul(w), k) } }, { backend });
  const data = Uint8Array.from({ length: sizeOf([r, k]) }, (_, i) => (i * 7) % 256);
  const ones = new Float32Array(sizeOf([k, c])).fill(1);
  const { y } = program.run({ inputs: { bytes: data, w: ones } });
  const first = data.subarray(0, k.size).reduce((n, x) => n + x, 0);
  expect(y.data[0]).toBe(first);
});

test("tiles lie as lanes walk them, also along a side that is summed away", () => {
  const [row, inner, pixel] = [axis("row", 400), axis("inner", 50), axis("pixel", 784)];
  const [a, b] = [input("a", [row, inner]), input("b", [inner, pixel])];
  const [bias, x] = [input("bias", [pixel]), input("x", [row, pixel])];
  const total = sum(tanh(sum(a.mul(b), inner).add(bias)).mul(x), pixel);
  const loops = compile({ outputs: { total } }, { backend: "wasm" }).explain("loops");
  expect(loops).toMatch(/for pixel < .* 4 lanes/);
  expect(loops).toMatch(/= tile\[\d+ row\S* \+ pixel\]/);
});
