/**
 * The explicit pair of Runge-Kutta methods of order 5(4) of Dormand and Prince (Journal of Computational and Applied
 * Mathematics 6, 1980).
 */
import type { Tensor } from "../tensor.ts";
import { combined, type Method, type Rates } from "./method.ts";

const C = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1];
const A: readonly (readonly number[])[] = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
/** Weights of order 5, which are the last row of A, minus those of order 4. */
const E = [
  35 / 384 - 5179 / 57600,
  0,
  500 / 1113 - 7571 / 16695,
  125 / 192 - 393 / 640,
  -2187 / 6784 + 92097 / 339200,
  11 / 84 - 187 / 2100,
  -1 / 40,
];

/** For problems that are not stiff. */
export const dormandPrince: Method = {
  order: 5,
  step(rates: Rates, y: readonly Tensor[], t: Tensor, h: Tensor) {
    const stages: (readonly Tensor[])[] = [];
    let next = y;
    A.forEach((row, i) => {
      next = y.map((value, k) => combined(value, row, stages, k, h));
      stages.push(rates(next, t.add(h.mul(C[i]))));
    });
    const error = y.map((_, k) => combined(undefined, E, stages, k, h));
    return { next, error };
  },
};
