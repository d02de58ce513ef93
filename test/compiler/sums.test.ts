/** Sums of float32 numbers: as exact as their terms, however many there are, and for any number of threads. */

import { describe, expect, test } from "vitest";
import { compile } from "../../src/runtime/index.ts";
import {
  type Axis,
  axis,
  cast,
  constant,
  gather,
  grad,
  input,
  mean,
  scan,
  square,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { COMPILED } from "../backends.ts";

/** Equal numbers round the same way at each step, which is the worst that can happen. */
const VALUES = [0.1, 0.3, 1 / 3, Math.PI];
const WITHIN = 1e-6;
/** Tiles of matrix products add up blocks of 512, as others' do. */
const WITHIN_PRODUCT = 512 * 2 ** -25;

describe.each(COMPILED)("sums of equal float32 numbers with %s", (backend) => {
  const run = (outputs: Record<string, Tensor>, x: Float32Array, threads: number) => {
    const program = compile({ outputs }, { backend, threads });
    for (const name of program.inputs.keys()) program.write(name, name === "x" ? x : 1);
    return program.run();
  };
  const check = (
    axes: readonly Axis[],
    of: (x: Tensor) => Tensor,
    terms: number,
    within = WITHIN,
  ) => {
    const x = input("x", axes);
    const data = new Float32Array(axes.reduce((n, a) => n * a.size, 1));
    for (const value of VALUES) {
      data.fill(value);
      const [one, two] = [1, 2].map((threads) => run({ y: of(x) }, data, threads).y.data);
      expect(one).toEqual(two);
      for (const y of one) {
        expect(Math.abs(y / (terms * Math.fround(value)) - 1)).toBeLessThan(within);
      }
    }
  };
  const [row, few, some] = [axis("row", 300_007), axis("few", 2), axis("some", 61)];
  const [outer, inner] = [axis("outer", 1009), axis("inner", 997)];

  test.each([99_991, 1_000_000])("of %i numbers that lie side by side", (n) => {
    const a = axis("a", n);
    check([a], (x) => sum(x), n);
  });
  test("along a slow axis", () => {
    check([row, few], (x) => sum(x, row), row.size);
    check([axis("row", 20_011), some], (x) => sum(x, x.axes[0]), 20_011);
  });
  test("over several axes, next to each other or not", () => {
    check([outer, inner], (x) => sum(x), outer.size * inner.size);
    check([outer, few, inner], (x) => sum(x, outer, inner), outer.size * inner.size);
  });
  test("of which one result needs a part only", () => {
    check([outer, inner], (x) => sum(x, inner).add(sum(x)), inner.size * (1 + outer.size));
  });
  test("of values that are added at positions, the derivative of a gather", () => {
    const w = input("w", [few]);
    const at = tensor(new Int32Array(row.size).fill(1), [row]);
    const of = (x: Tensor) => gather(grad(sum(gather(w, few, at).mul(x)), [w])[0], few, 1);
    check([row], of, row.size);
  });
  test("over the long contraction of a matrix product", () => {
    const [k, c, r] = [axis("k", 20_011), axis("c", 16), axis("r", 8)];
    const ones = tensor(new Float32Array(k.size * r.size).fill(1), [k, r]);
    check([k, c], (x) => sum(x.mul(ones), k), k.size, WITHIN_PRODUCT);
  });
  test("of what the turns of a scan contribute to a gradient", () => {
    const turn = axis("turn", 20_011);
    const w = input("w");
    const of = (x: Tensor) => {
      const { last } = scan(turn, { s: constant(0) }, ({ s }, { at }) => ({
        carries: { s: s.add(w.mul(at(x))) },
      }));
      return grad(last.s, [w])[0];
    };
    check([turn], of, turn.size);
  });
});

test.each(COMPILED)("the variance of equal numbers along a slow axis is 0 with %s", (backend) => {
  const [row, column] = [axis("row", 1_000_003), axis("column", 2)];
  const x = input("x", [row, column]);
  const v = mean(square(x.sub(mean(x, row))), row);
  const program = compile({ outputs: { v } }, { backend });
  program.write("x", new Float32Array(2 * row.size).fill(0.1));
  for (const y of program.run().v.data) expect(y).toBeLessThan(1e-14);
});

test.each(COMPILED)(
  "several long sums of one kernel end where their row does, with %s",
  (backend) => {
    // 100 is no multiple of a block: the last block of a row must not go on into the next one.
    const [part, item, state] = [axis("part", 100), axis("item", 2), axis("state", 3)];
    const w = input("w", [item, part]);
    const at = input("at", [item, part], "int32");
    const l = input("l", [item, state]);
    const [added] = grad(sum(gather(l, state, at).mul(w)), [l]);
    const counted = sum(w.mul(cast(at.lt(1), "float32")), part);
    const program = compile({ outputs: { added, counted, all: sum(w, part) } }, { backend });
    const weights = Array.from({ length: 200 }, (_, i) => 1 + i / 128);
    const found = program.run({
      inputs: { w: weights, at: weights.map((_, i) => i % 3) },
    });
    const of = (row: number, chosen: (i: number) => boolean) =>
      weights.reduce((x, y, i) => (Math.floor(i / 100) === row && chosen(i) ? x + y : x), 0);
    expect([...found.all.data]).toEqual([0, 1].map((row) => of(row, () => true)));
    expect([...found.counted.data]).toEqual([0, 1].map((row) => of(row, (i) => i % 3 === 0)));
    const { axes, data } = found.added;
    const [outer, inner] = axes;
    [...data].forEach((x, i) => {
      const at = { [outer.name]: Math.floor(i / inner.size), [inner.name]: i % inner.size };
      expect(x).toBe(of(at.item, (j) => j % 3 === at.state));
    });
  },
);

test.each(COMPILED)(
  "products of equal numbers are as exact along 8000 elements as in a block: %s",
  (backend) => {
    const [row, column, long] = [axis("row", 4), axis("column", 4), axis("long", 8000)];
    const [a, b] = [input("a", [row, long]), input("b", [long, column])];
    const program = compile({ outputs: { y: sum(a.mul(b), long) } }, { backend });
    const fill = (x: number) => new Float32Array(4 * 8000).fill(x);
    const { data } = program.run({ inputs: { a: fill(0.1), b: fill(1) } }).y;
    const exact = 8000 * Math.fround(0.1);
    for (const y of data) expect(Math.abs(y / exact - 1)).toBeLessThan(WITHIN_PRODUCT);
  },
);
