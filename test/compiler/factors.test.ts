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
