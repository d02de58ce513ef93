/** One step of drawing standard normals z, anew in every step, and summing (z + shift)^2. */
import { compile } from "../../../src/runtime/index.ts";
import {
  axis,
  fold,
  input,
  key,
  sqrt,
  square,
  standardNormal,
  sum,
} from "../../../src/tensor/index.ts";
import type { Check, Sizes } from "../protocol.ts";
import type { Family } from "./workload.ts";

function draws({ rows, columns }: Sizes) {
  const [row, column] = [axis("row", rows), axis("column", columns)];
  const [step, shift] = [input("step", [], "int32"), input("shift", [column])];
  const moved = standardNormal(fold(key(0), step), [row, column]).add(shift);
  return { step, loss: sum(square(moved)), mean: sum(moved, row) };
}

const inputsOf = ({ columns }: Sizes) => ({ step: [0], shift: new Float32Array(columns) });

function check(sizes: Sizes): Check {
  const { loss, mean } = draws(sizes);
  const program = compile({ outputs: { loss, norm: sqrt(sum(square(mean))) } });
  const found = program.run({ inputs: inputsOf(sizes) });
  return { loss: found.loss.data[0], gradientNorm: found.norm.data[0] };
}

function program(sizes: Sizes) {
  const { step, loss } = draws(sizes);
  const ready = compile({ outputs: { loss }, updates: [[step, step.add(1)]] });
  for (const [name, values] of Object.entries(inputsOf(sizes))) ready.write(name, values);
  return ready;
}

export const normals: Family = {
  name: "normals",
  members: [
    { name: "normals 100x20", sizes: { rows: 100, columns: 20 } },
    { name: "normals 1000x1000", sizes: { rows: 1000, columns: 1000 } },
  ],
  check,
  program,
};
