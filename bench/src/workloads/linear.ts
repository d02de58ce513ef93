/**
 * Linear algebra in float64. `cholesky`: the factor of a covariance. `solve`: the log density of a normal with that
 * covariance and its derivative: factor, triangular solve, log-determinant, and what belongs to them backwards.
 */
import { compile, type Program } from "../../../src/runtime/index.ts";
import {
  axis,
  cholesky,
  grad,
  input,
  logDeterminant,
  solveLower,
  sqrt,
  square,
  sum,
  type Tensor,
} from "../../../src/tensor/index.ts";
import type { Sizes } from "../protocol.ts";
import type { Family } from "./workload.ts";

/** A covariance, a value and the factor, each once for every matrix of a batch. */
function problem({ n, batch }: Sizes) {
  const [row, column] = [axis("row", n), axis("column", n)];
  const over = batch === 1 ? [] : [axis("matrix", batch)];
  const a = input("a", [...over, row, column], "float64");
  const y = input("y", [...over, row], "float64");
  const factor = cholesky(a, row, column);
  const z = solveLower(factor, y, row, column);
  const logDensity = sum(square(z))
    .mul(-0.5)
    .sub(sum(logDeterminant(factor, row, column)));
  return { a, y, row, column, factor, logDensity, slope: grad(logDensity, [a])[0] };
}

/** Entry (i, j) of matrix b is 1 / (1 + |i - j|), and 1 + b / batch more on the diagonal; y_i is sin(0.37 i + b). */
function ready(program: Program, { n, batch }: Sizes): Program {
  const entry = (b: number, i: number, j: number) =>
    1 / (1 + Math.abs(i - j)) + (i === j ? 1 + b / batch : 0);
  const [a, y] = [new Float64Array(batch * n * n), new Float64Array(batch * n)];
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < n; i++) {
      y[b * n + i] = Math.sin(0.37 * i + b);
      for (let j = 0; j < n; j++) a[(b * n + i) * n + j] = entry(b, i, j);
    }
  }
  if (program.inputs.has("a")) program.write("a", a);
  if (program.inputs.has("y")) program.write("y", y);
  return program;
}

const norm = (x: Tensor) => sqrt(sum(square(x)));

const members = (name: string) =>
  [
    ["20", 20, 1],
    ["200", 200, 1],
    ["1000", 1000, 1],
    ["8x1000", 8, 1000],
  ].map(([size, n, batch]) => ({
    name: `${name} ${size}`,
    sizes: { n: n as number, batch: batch as number },
  }));

export const choleskyFamily: Family = {
  name: "cholesky",
  members: members("cholesky"),
  check(sizes) {
    const { factor, row, column } = problem(sizes);
    const logDet = sum(logDeterminant(factor, row, column));
    const { logDeterminant: sumOfLogs, norm: size } = ready(
      compile({ outputs: { logDeterminant: logDet, norm: norm(factor) } }),
      sizes,
    ).run();
    return { logDeterminant: sumOfLogs.data[0], norm: size.data[0] };
  },
  program(sizes) {
    const { a, factor } = problem(sizes);
    const l = input("l", a.axes, "float64");
    return ready(compile({ outputs: {}, updates: [[l, factor]], varying: [a] }), sizes);
  },
};

export const solve: Family = {
  name: "solve",
  members: members("solve"),
  check(sizes) {
    const { logDensity, slope } = problem(sizes);
    const program = compile({ outputs: { logDensity, gradientNorm: norm(slope) } });
    const found = ready(program, sizes).run();
    return { loss: -found.logDensity.data[0], gradientNorm: found.gradientNorm.data[0] };
  },
  program(sizes) {
    const { a, y, logDensity, slope } = problem(sizes);
    const bar = input("slope", a.axes, "float64");
    const outputs = { logDensity };
    return ready(compile({ outputs, updates: [[bar, slope]], varying: [a, y] }), sizes);
  },
};
