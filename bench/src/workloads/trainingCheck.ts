import type { Training } from "../../../src/inference/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { sqrt, square, sum, type TypedArray } from "../../../src/tensor/index.ts";
import type { Check } from "../protocol.ts";
import { writeParameters } from "./fixed.ts";

/**
 * The loss, which is -scale * bound, and the norm of its derivatives at the fixed parameters, `names`
 * being these in the order of the check.
 */
export function trainingCheck(
  { metrics, gradients }: Pick<Training, "metrics" | "gradients">,
  names: readonly string[],
  scale: number,
  inputs: Readonly<Record<string, TypedArray>>,
): Check {
  const squares = Object.values(gradients).map((gradient) => sum(square(gradient)));
  const gradientNorm = sqrt(squares.reduce((a, b) => a.add(b)));
  const program = compile({ outputs: { bound: metrics.bound, gradientNorm } });
  writeParameters(program, names);
  const found = program.run({ inputs });
  return { loss: -scale * found.bound.data[0], gradientNorm: found.gradientNorm.data[0] };
}
