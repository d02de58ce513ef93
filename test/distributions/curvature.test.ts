/** Second derivatives where two sides of a formula meet, beside closed forms. */
import { expect, test } from "vitest";
import { cauchy, normal, studentT, truncatedNormal } from "../../src/distributions/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  constant,
  grad,
  input,
  log1pSquare,
  logAddExp,
  type Tensor,
} from "../../src/tensor/internal.ts";

const number = (x: number) => constant(x, "float64");
const t4 = studentT(number(4), number(0), number(1));

test.each<[string, (x: Tensor) => Tensor, number, number]>([
  ["log(exp(x) + 1) at 0", (x) => logAddExp(x, number(0)), 0, 1 / 4],
  ["log(1 + x^2) at 0", (x) => log1pSquare(x, number(1)), 0, 2],
  ["a Cauchy density at its location", (x) => cauchy(number(3), number(2)).logProb(x), 3, -1 / 2],
  ["Student's at its location", (x) => t4.logProb(x), 0, -5 / 4],
  ["log P of Student's at its location", (x) => t4.logCdf(x), 0, -((3 / 4) ** 2)],
  ["log P of Student's near it", (x) => t4.logCdf(x), 5e-5, -0.56250468636],
  [
    "two normals of which x is in the middle",
    (x) =>
      logAddExp(normal(number(-2), number(1)).logProb(x), normal(number(2), number(1)).logProb(x)),
    0,
    3,
  ],
  [
    "by the mean of a truncated normal that is its bound",
    (m) => truncatedNormal(m, number(1), { lower: 0 }).logProb(number(1)),
    0,
    2 / Math.PI - 1,
  ],
  [
    "by that of one with two bounds",
    (m) => truncatedNormal(m, number(1), { lower: -9, upper: 0 }).logProb(number(-1)),
    0,
    2 / Math.PI - 1,
  ],
])("%s", (_, of, at, curvature) => {
  const x = input("x", [], "float64");
  const [slope] = grad(of(x), [x]);
  const program = compile({ outputs: { second: grad(slope, [x])[0] } }, { backend: "wasm" });
  expect(program.run({ inputs: { x: [at] } }).second.data[0]).toBeCloseTo(curvature, 6);
});
