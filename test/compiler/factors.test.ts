/** Factors and divisors of sums: squares of quotients stay in range, and shared products are taken apart once. */
import { describe, expect, test } from "vitest";
import { normal } from "../../src/distributions/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  axis,
  gather,
  grad,
  index,
  input,
  sqrt,
  square,
  sum,
  type Tensor,
} from "../../src/tensor/index.ts";
import { COMPILED } from "../backends.ts";

const k = axis("k", 3);
const x = input("x", [k]);
const s = input("s", []);

describe.each(COMPILED)("with %s", (backend) => {
  // The square of either is no float32 number, or 0.
  test.each([1, 1e20, 1e30, 1e-23, 1e-30])("sums of squares in units of %g", (unit) => {
    const squares = sum(square(x.div(s)), k);
    const inverse = sum(square(x.mul(s)), k);
    const density = normal(0, s).event(k).logProb(x);
    const [byX, byS] = grad(density, [x, s]);
    const program = compile({ outputs: { squares, inverse, density, byX, byS } }, { backend });
    const data = Float32Array.of(unit, 2 * unit, -unit);
    const found = program.run({ inputs: { x: data, s: [unit] } });
    expect(found.squares.data[0]).toBeCloseTo(6, 4);
    const right = -3 - 3 * (Math.log(unit) + Math.log(2 * Math.PI) / 2);
    expect(found.density.data[0]).toBeCloseTo(right, 3);
    for (const [i, slope] of [-1, -2, 1].entries()) {
      expect(found.byX.data[i] * unit).toBeCloseTo(slope, 4);
    }
    expect(found.byS.data[0] * unit).toBeCloseTo(3, 4);
    const back = program.run({ inputs: { x: data, s: [1 / unit] } });
    expect(back.inverse.data[0]).toBeCloseTo(6, 4);
  });
});

const row = axis("row", 2);
const [u, v] = [input("u", [k, row]), input("v", [k, row])];
const scale = input("scale", [row]);
const big = input("big", [k]);
const small = input("small", [k]);

/** Sums along an axis, or of products, of values of any unit that are right in every other. */
const SUMS: Readonly<Record<string, Tensor>> = {
  "squares along an axis": sum(square(u.div(scale)), k),
  "a density along an axis": normal(0, scale).event(k).logProb(u),
  "two quotients": sum(u.div(scale).mul(v.div(scale)), k),
  "all of two quotients": sum(u.div(scale).mul(v.div(s))),
  "one quotient": sum(u.div(scale).div(scale).mul(v), k),
  "a quotient and what it scales": sum(u.mul(v.div(scale)).div(scale), k),
};

describe.each(COMPILED)("with %s", (backend) => {
  test.each([1, 1e20, 1e30, 1e-23, 1e-30])("sums along an axis in units of %g", (unit) => {
    const program = compile({ outputs: SUMS }, { backend });
    const [a, b] = [
      [1, 2, -1, 3, 2, 1],
      [2, -1, 1, 1, 3, -2],
    ];
    const numbers = { u: a, v: b, scale: [2, 3], s: [2] };
    const scaled = Object.fromEntries(
      Object.entries(numbers).map(([name, list]) => [name, list.map((x) => x * unit)]),
    );
    const found = program.run({ inputs: scaled });
    const right = compile({ outputs: SUMS }, { backend: "oracle" }).run({ inputs: numbers });
    for (const name of Object.keys(SUMS)) {
      const shift = name === "a density along an axis" ? 3 * Math.log(unit) : 0;
      for (const [i, x] of Array.from(right[name].data).entries()) {
        expect(Number(found[name].data[i]) + shift, name).toBeCloseTo(Number(x), 3);
      }
    }
  });

  test("squares of products of large and small", () => {
    const program = compile({ outputs: { y: sum(square(big.mul(small))) } }, { backend });
    const found = program.run({
      inputs: { big: [1e25, 2e25, 1e25], small: [1e-25, 1e-25, 3e-25] },
    });
    expect(found.y.data[0]).toBeCloseTo(14, 4);
  });
});

/** `f` so many times over, each time of a value that it uses twice. */
const repeated = (f: (y: Tensor) => Tensor, y: Tensor = x, times = 40): Tensor =>
  times === 0 ? y : repeated(f, f(y), times - 1);

// Of 2^40 paths, were each taken.
test.each<[string, Tensor, number, number]>([
  [
    "squares",
    sum(
      repeated((y) => y.mul(y)),
      k,
    ),
    3,
    2 ** 40,
  ],
  [
    "sums of products",
    sum(
      repeated((y) => x.mul(sum(y.mul(y), k)).div(3)),
      k,
    ),
    3,
    Number.NaN,
  ],
  [
    "a root of sums",
    sqrt(repeated((y) => y.add(y), sum(x.mul(x), k))),
    Math.sqrt(3) * 2 ** 20,
    2 ** 20 / Math.sqrt(3),
  ],
  [
    "positions",
    sum(
      gather(
        x,
        k,
        repeated((y) => y.sub(y).add(index(k)), index(k), 25),
      ),
      k,
    ),
    3,
    1,
  ],
  ["positions that are 0", sum(gather(x, k, index(k).sub(index(k))), k), 3, 3],
])("%s of what is used twice", (_, y, value, slope) => {
  const program = compile({ outputs: { y, slope: grad(y, [x])[0] } }, { backend: "wasm" });
  const found = program.run({ inputs: { x: [1, 1, 1] } });
  expect(found.y.data[0] / value).toBeCloseTo(1, 5);
  if (!Number.isNaN(slope)) expect(found.slope.data[0] / slope).toBeCloseTo(1, 5);
});
