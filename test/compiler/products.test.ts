/** Matrix products of every axis pattern and size, against sums in doubles. */
import { describe, expect, test } from "vitest";
import { compile } from "../../src/runtime/index.ts";
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

/** Compares sum over `over` of f(a) b with doubles; the error may grow with the length of the sum. */
function check(
  left: readonly Axis[],
  right: readonly Axis[],
  over: readonly Axis[],
  type: "float32" | "float64" = "float32",
  wrap: (product: Tensor) => Tensor = (x) => x,
  wrapNumber: (x: number) => number = (x) => x,
) {
  const a = input("a", left, type);
  const b = input("b", right, type);
  const product = wrap(sum(a.mul(b), ...over));
  const program = compile({ outputs: { product } });
  expect(program.explain()).toContain("product ");
  const round = (data: Float64Array): TypedArray =>
    type === "float32" ? Float32Array.from(data) : data;
  const [x, y] = [round(wave(sizeOf(left), 0.7)), round(wave(sizeOf(right), 1.3))];
  const result = program.run({ inputs: { a: x, b: y } }).product;
  const unit = type === "float32" ? 2 ** -24 : 2 ** -53;
  let worst = 0;
  eachPlace(
    result.axes,
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
      worst = Math.max(
        worst,
        Math.abs(at(result.data, result.axes, place) - wrapNumber(exact)) / bound,
      );
    },
    Math.floor(sizeOf(result.axes) / 80) | 1,
  );
  expect(worst).toBeLessThan(1);
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

describe("matrix products", () => {
  for (const type of ["float32", "float64"] as const) {
    for (const left of [
      [r, k],
      [k, r],
    ]) {
      for (const right of [
        [k, c],
        [c, k],
      ]) {
        const name = `${type}: {${left.map((a) => a.name)}} times {${right.map((a) => a.name)}}`;
        test(name, () => check(left, right, [k], type));
      }
    }
    test(`${type}: a batch axis, in any place`, () => {
      check([b, r, k], [k, b, c], [k], type);
      check([r, b, k], [c, k, b], [k], type);
    });
    test(`${type}: several rows, columns and summed axes`, () => {
      check([r, s, k, l], [l, c, k, d], [k, l], type);
      check([k, s, l, r], [d, k, c, l], [l, k], type);
    });
  }
  test("contractions long enough to be cut into blocks", () => {
    const long = axis("long", 1501);
    check([r, long], [long, c], [long]);
    check([long, r], [c, long], [long], "float64");
    const outer = axis("outer", 300);
    check([outer, k, r], [c, outer, k], [outer, k]);
    check([b, outer, k, r], [b, c, outer, k], [outer, k]);
  });
  test("more rows than a block, with rows inside rows", () => {
    const many = axis("many", 211);
    check([many, k], [k, c], [k]);
    check([many, s, k], [k, c], [k]);
    check([s, many, k], [k, d, c], [k]);
    const long = axis("long", 1100);
    check([many, s, long], [long, c], [long]);
  });
  test("what follows the product is computed with it", () => {
    check(
      [r, k],
      [k, c],
      [k],
      "float32",
      (x) => tanh(x.mul(0.1)),
      (x) => Math.tanh(0.1 * x),
    );
  });
  test("bytes as an operand", () => {
    const bytes = input("bytes", [r, k], "uint8");
    const w = input("w", [k, c]);
    const program = compile({ outputs: { y: sum(cast(bytes, "float32").mul(w), k) } });
    const data = Uint8Array.from({ length: sizeOf([r, k]) }, (_, i) => (i * 7) % 256);
    const ones = new Float32Array(sizeOf([k, c])).fill(1);
    const { y } = program.run({ inputs: { bytes: data, w: ones } });
    const first = data.subarray(0, k.size).reduce((n, x) => n + x, 0);
    expect(y.data[0]).toBe(first);
  });
});
