/** The product of two matrices of float32. */
import { compile, type Program } from "../../../src/runtime/index.ts";
import { axis, input, sqrt, square, sum } from "../../../src/tensor/index.ts";
import type { Check, Sizes } from "../protocol.ts";
import { floats } from "./fixed.ts";
import type { Family } from "./workload.ts";

/** Entry i of an operand is (1 + sin(0.37 i + p)) / 2, where p is 0 for the left and 1 for the right. */
const operand = (length: number, p: number) =>
  floats(length, (i) => 0.5 * (1 + Math.sin(0.37 * i + p)));

/** A matrix, and the product of two others that takes its place. */
function product({ m, k, n }: Sizes) {
  const [row, inner, column] = [axis("row", m), axis("inner", k), axis("column", n)];
  const [a, b] = [input("a", [row, inner]), input("b", [inner, column])];
  return { a, b, c: input("c", [row, column]), ab: sum(a.mul(b), inner) };
}

function ready(program: Program, { m, k, n }: Sizes): Program {
  program.write("a", operand(m * k, 0));
  program.write("b", operand(k * n, 1));
  return program;
}

function check(sizes: Sizes): Check {
  const { ab } = product(sizes);
  const program = compile({ outputs: { sum: sum(ab), norm: sqrt(sum(square(ab))) } });
  const found = ready(program, sizes).run();
  return { sum: found.sum.data[0], norm: found.norm.data[0] };
}

const shapes = [
  [100, 784, 500],
  [20, 784, 200],
  [1000, 200, 784],
];

export const gemm: Family = {
  name: "gemm",
  members: shapes.map(([m, k, n]) => ({ name: `gemm ${m}x${k}x${n}`, sizes: { m, k, n } })),
  flop: ({ m, k, n }) => 2 * m * k * n,
  check,
  program: (sizes) => {
    const { a, b, c, ab } = product(sizes);
    return ready(compile({ outputs: {}, updates: [[c, ab]], varying: [a, b] }), sizes);
  },
};
