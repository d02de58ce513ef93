/** What is computed together: the tables that `explain` prints are the tests. */
import { describe, expect, test } from "vitest";
import { compile } from "../../src/runtime/index.ts";
import {
  axis,
  exp,
  fold,
  grad,
  input,
  key,
  log,
  mean,
  softplus,
  square,
  sum,
  tanh,
  uniform,
} from "../../src/tensor/index.ts";

/** The kernels of a program: axes and what is computed, without the numbers of temporaries. */
function kernels(spec: Parameters<typeof compile>[0]): string[] {
  const lines = compile(spec).explain().split("\n").slice(1, -2);
  return lines.map((line) => line.slice(line.indexOf("{")).replaceAll(/ (\d+)(?=;|$)/g, ""));
}

const [row, unit, column] = [axis("row", 100), axis("unit", 50), axis("column", 80)];
const x = input("x", [row, column]);
const w = input("w", [column, unit]);
const bias = input("bias", [unit]);
const z = input("z", [row, column]);
const sd = input("sd", [unit]);
const centre = input("centre", [unit, column]);

describe("fusion", () => {
  test("bias and activation run with the product, random numbers where they are used", () => {
    const noise = log(uniform(fold(key(1), input("#step", [], "int32")), [row, unit]));
    const h = tanh(sum(x.mul(w), column).add(bias)).add(noise);
    expect(kernels({ outputs: { h } })).toMatchInlineSnapshot(`
      [
        "{}                    threefry -> threefry; threefry -> threefry",
        "{row: 100, unit: 50}  product 100x80x50; add tanh mul threefry shr cast log -> h",
      ]
    `);
  });
  test("sums over what a product yields run with it, and the product itself is not stored", () => {
    const loss = mean(sum(softplus(sum(x.mul(w), column)), unit), row);
    expect(kernels({ outputs: { loss } })).toMatchInlineSnapshot(`
      [
        "{row: 100, unit: 50}  product 100x80x50; softplus sum over row unit -> sum",
        "{}                    mul -> loss",
      ]
    `);
  });
  test("a gradient that only an update needs is never stored", () => {
    const y = input("y", [row, unit]);
    const loss = mean(square(sum(x.mul(w), column).sub(y)));
    const [g] = grad(loss, [w]);
    const m = input("m", [column, unit]);
    const next = m.mul(0.9).add(g.mul(0.1));
    const spec = {
      outputs: {},
      updates: [[m, next] as const, [w, w.sub(next.mul(0.01))] as const],
    };
    expect(kernels(spec)).toMatchInlineSnapshot(`
      [
        "{row: 100, unit: 50}    product 100x80x50; -> sum",
        "{unit: 50, column: 80}  product 50x100x80; mul add -> m; mul sub -> w",
      ]
    `);
  });
  test("factors without the summed axis leave the sum, and an expensive one is computed once", () => {
    const spread = input("spread", [unit]);
    const z = input("z", [row, unit]);
    const near = sum(square(z).mul(exp(spread)), row);
    expect(kernels({ outputs: { near } })).toMatchInlineSnapshot(`
      [
        "{row: 100, unit: 50}  mul sum over row -> sum",
        "{unit: 50}            exp mul -> near",
      ]
    `);
  });
  test("so do divisors, also those of a square that have an axis it lacks", () => {
    const product = sum(z.mul(w).div(sd), column);
    const group = axis("group", 5);
    const spread = input("spread", [unit, group]);
    const distance = sum(square(z.sub(centre).div(spread)).mul(-0.5), column);
    expect(kernels({ outputs: { product, distance } })).toMatchInlineSnapshot(`
      [
        "{row: 100, unit: 50}              product 100x80x50; div -> product",
        "{row: 100, column: 80, unit: 50}  sub mul sum over column -> sum",
        "{row: 100, unit: 50, group: 5}    mul div -> distance",
      ]
    `);
  });
  test("what scales one factor of a product stays with it", () => {
    const distance = sum(square(z.sub(centre).div(sd)).mul(-0.5), column);
    expect(kernels({ outputs: { distance } })).toMatchInlineSnapshot(`
      [
        "{row: 100, column: 80, unit: 50}  sub div mul sum over column -> sum",
        "{row: 100, unit: 50}              mul -> distance",
      ]
    `);
  });
  test("broadcasts are never written out", () => {
    const program = compile({ outputs: { s: sum(x.add(bias).mul(w), unit, column) } });
    expect(program.bytes).toBeLessThan(4 * 100 * 80 * 50);
  });
});
