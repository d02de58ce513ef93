/** What expressions are worth, by the oracle: for tests of everything that is written in them. */
import { evaluate } from "../../src/compiler/oracle/index.ts";
import { sizeOf, type Tensor, type TypedArray } from "../../src/tensor/index.ts";

export type Inputs = Readonly<Record<string, TypedArray>>;

/** The values of each of `xs`, row-major over its axes. */
export function valuesOf(xs: readonly Tensor[], inputs: Inputs = {}): Float64Array[] {
  return evaluate(xs, new Map(Object.entries(inputs))).map(({ values }) => values);
}

/** The values of `x`, row-major over its axes. */
export function values(x: Tensor, inputs: Inputs = {}): Float64Array {
  return valuesOf([x], inputs)[0];
}

/** The value of the scalar `x`. */
export function value(x: Tensor, inputs: Inputs = {}): number {
  if (sizeOf(x.axes) !== 1) throw new Error(`${x} is not a scalar`);
  return values(x, inputs)[0];
}

/** Mean and standard error of the mean of independent draws. */
export function meanAndError(draws: ArrayLike<number>): { mean: number; error: number } {
  const n = draws.length;
  const xs = Array.from(draws);
  const mean = xs.reduce((a, b) => a + b, 0) / n;
  const variance = xs.reduce((a, x) => a + (x - mean) ** 2, 0) / (n - 1);
  return { mean, error: Math.sqrt(variance / n) };
}

/** Standard errors allowed to a Monte Carlo mean: exceeded once in 1.7 million fair draws. */
export const FIVE_SIGMA = 5;
