/** Splines against SciPy; lags, differences and rolling sums against plain loops. */

import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { compile } from "../../src/runtime/index.ts";
import {
  type Axis,
  axis,
  bSplines,
  cumulativeSum,
  difference,
  grad,
  input,
  lag,
  naturalSplines,
  quantileKnots,
  rollingMean,
  rollingSum,
  SurmiseError,
  sizeOf,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { expectClose } from "../close.ts";

const reference = JSON.parse(
  readFileSync(new URL("reference/splines.json", import.meta.url), "utf8"),
) as {
  readonly knots: readonly number[];
  readonly x: readonly number[];
  readonly bSplines: Readonly<Record<string, readonly number[]>>;
  readonly slopes: Readonly<Record<string, readonly number[]>>;
  readonly natural: readonly number[];
  readonly quantiles: readonly number[];
};
const { knots } = reference;
const place = axis("place", reference.x.length);
const x = tensor(reference.x, [place]);

/** The values of `y`, row-major over `order`. */
function run(
  y: Tensor,
  order: readonly Axis[],
  dtype: "float32" | "float64" = "float32",
  values?: readonly number[],
): number[] {
  const program = compile({ outputs: { y } }, { backend: "wasm", threads: 1, dtype, steps: 1 });
  if (values) program.write("x", Float64Array.from(values));
  const { axes, data } = program.run().y;
  return Array.from({ length: data.length }, (_, i) => {
    let [rest, at] = [i, 0];
    for (const a of order.toReversed()) {
      at += (rest % a.size) * sizeOf(axes.slice(axes.indexOf(a) + 1));
      rest = Math.floor(rest / a.size);
    }
    return data[at];
  });
}

describe.each([
  ["float64", 1e-13],
  ["float32", 3e-6],
] as const)("splines in %s", (dtype, within) => {
  test.each([1, 2, 3])("B-splines of degree %i", (degree) => {
    const basis = axis("basis", 4 + degree);
    const splines = bSplines(x, { knots, basis, degree });
    expectClose(run(splines, [place, basis], dtype), reference.bSplines[degree], within);
  });

  test("natural cubic splines", () => {
    const basis = axis("basis", 5);
    const splines = naturalSplines(x, { knots, basis });
    expectClose(run(splines, [place, basis], dtype), reference.natural, within);
  });
});

test.each([2, 3])("slopes of B-splines of degree %i, of places that are computed", (degree) => {
  const basis = axis("basis", 4 + degree);
  const at = input("x", [place], "float64");
  const splines = bSplines(at, { knots, basis, degree });
  const columns = Array.from({ length: basis.size }, (_, k) => {
    const weight = Float64Array.from({ length: basis.size }, (_, j) => (j === k ? 1 : 0));
    const [slope] = grad(sum(splines.mul(tensor(weight, [basis]))), [at]);
    return run(slope, [place], "float64", reference.x);
  });
  const found = reference.x.flatMap((_, i) => columns.map((column) => column[i]));
  expectClose(found, reference.slopes[degree], 1e-12);
});

test("B-splines of known places beyond the knots are told once", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const [ends, basis] = [[-100, 0.5, 100], axis("basis", 5)];
  const far = tensor([101.5, 0, -100], [axis("row", 3, ["a", "b", "c"])]);
  for (const x of [far, far, tensor([100, 0, -100], far.axes)]) bSplines(x, { knots: ends, basis });
  expect(warn.mock.calls).toEqual([
    [
      expect.stringMatching(
        /1 of 3 values lie beyond the knots, .* -100 to 100 \(such as row 'a', 101\.5\).*naturalSplines/,
      ),
    ],
  ]);
  warn.mockRestore();
});

test("knots at quantiles", () => {
  const sample = tensor([3, 1, 2, 2, 7, 5.5], [axis("row", 6)]);
  expectClose(quantileKnots(sample, 4), reference.quantiles, 1e-15);
});

describe("earlier places", () => {
  const [series, time] = [axis("series", 2), axis("time", 5)];
  const y = tensor(
    [
      [1, 4, 9, 16, 25],
      [2, 3, 5, 7, 11],
    ],
    [series, time],
  );
  const counts = tensor(Int32Array.of(3, 0, 2, 5, 1), [time]);
  const values = (z: Tensor) => run(z, z.has(series) ? [series, time] : [time]);

  test("lags and differences", () => {
    expect(values(lag(y, time, { before: -1 }))).toEqual([-1, 1, 4, 9, 16, -1, 2, 3, 5, 7]);
    expect(values(lag(y, time, { steps: 3, before: 0 }))).toEqual([0, 0, 0, 1, 4, 0, 0, 0, 2, 3]);
    expect(values(lag(y, time, { steps: 9, before: 0 }))).toEqual(new Array(10).fill(0));
    expect(values(difference(y, time, { before: 0 }))).toEqual([1, 3, 5, 7, 9, 2, 1, 2, 2, 4]);
    expect(values(lag(counts, time, { before: 0 }))).toEqual([0, 3, 0, 2, 5]);
  });

  test("the value before has a derivative", () => {
    const before = input("before", [series]);
    const program = compile({
      outputs: { slope: grad(sum(difference(y, time, { steps: 2, before })), [before])[0] },
    });
    expect([...program.run().slope.data]).toEqual([-2]);
  });

  test("cumulative sums", () => {
    expect(values(cumulativeSum(y, time))).toEqual([1, 5, 14, 30, 55, 2, 5, 10, 17, 28]);
    expect(values(cumulativeSum(counts, time))).toEqual([3, 3, 5, 10, 11]);
    expect(cumulativeSum(counts, time).dtype).toBe("float64");
    expect(cumulativeSum(y, time).dtype).toBe(y.dtype);
    const long = axis("long", 100_000);
    const tenths = tensor(new Float32Array(long.size).fill(0.1), [long]);
    expect(run(cumulativeSum(tenths, long), [long])[long.size - 1]).toBeCloseTo(1e4, 2);
    expect(() => cumulativeSum(tenths, time)).toThrow(
      /cumulativeSum along 'time': .* does not vary along it/,
    );
  });

  test("rolling sums and means", () => {
    expect(values(rollingSum(y, time, 3))).toEqual([1, 5, 14, 29, 50, 2, 5, 10, 15, 23]);
    expect(values(rollingSum(counts, time, 2))).toEqual([3, 3, 2, 7, 6]);
    expect(values(rollingSum(counts, time, 99))).toEqual([3, 3, 5, 10, 11]);
    expect(values(rollingMean(counts, time, 2))).toEqual([3, 1.5, 1, 3.5, 3]);
  });
});

describe("refusals", () => {
  const row = axis("row", 4);
  const basis = axis("basis", 3);
  const many = tensor([1, 1, 1, 2], [row]);
  test.each<[() => unknown, string]>([
    [
      () => bSplines(x, { knots, basis }),
      "bSplines: 5 knots of degree 3 make 7 functions, but axis 'basis' has 3",
    ],
    [
      () => naturalSplines(x, { knots: [0, 2, 2], basis }),
      "naturalSplines: knot 3 must be a number above 2, not 2",
    ],
    [
      () => quantileKnots(many, 3),
      "quantileKnots: knots 1 and 2 of 3 are both 1, which many values are: ask for fewer, or give " +
        "knots of your own",
    ],
    [
      () => quantileKnots(many.add(1), 3),
      "quantileKnots: x must be a tensor of known values, such as a column, and nothing made of one: take the knots of the column, " +
        "and do the same to these, as in quantileKnots(day, 4).map((t) => t / 365)",
    ],
    [
      () => lag(many, basis, { before: 0 }),
      "lag along 'basis': literal{row: 4} float32 does not vary along it",
    ],
  ])("%#", (make, message) => {
    expect(make).toThrow(new SurmiseError(message));
  });
});
