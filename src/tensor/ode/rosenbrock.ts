/**
 * The Rosenbrock method RODAS of order 4(3), stiffly accurate and L-stable (Hairer and Wanner, "Solving Ordinary Differential
 * Equations II", 1996, section IV.7, in the form of equation 7.25): each stage solves linear equations with the matrix
 * 1 / (gamma h) - J, J the Jacobian of the rates at the start of the step.
 */
import { sum } from "../math.ts";
import { carry, substitute } from "../scan/loop.ts";
import { constant, type Tensor } from "../tensor.ts";
import { grad } from "../transforms/grad.ts";
import { combined, type Method, type Rates } from "./method.ts";

const GAMMA = 0.25;
const ALPHA = [0, 0.386, 0.21, 0.63, 1, 1];
/** What stages take of the derivative of the rates by time, times h. */
const TIME = [0.25, -0.1043, 0.1035, -0.0362, 0, 0];
const LAST = [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.687886036105895];
const A: readonly (readonly number[])[] = [
  [],
  [1.544],
  [0.9466785280815826, 0.2557011698983284],
  [3.314825187068521, 2.896124015972201, 0.9986419139977817],
  LAST,
  [...LAST, 1],
];
const C: readonly (readonly number[])[] = [
  [],
  [-5.6688],
  [-2.430093356833875, -0.2063599157091915],
  [-0.1073529058151375, -9.594562251023355, -20.47028614809616],
  [7.496443313967647, -10.24680431464352, -33.99990352819905, 11.7089089320616],
  [
    8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136,
    -6.058818238834054,
  ],
];

/** For stiff problems of a few components. */
export const rosenbrock: Method = {
  order: 4,
  step(rates: Rates, y: readonly Tensor[], t: Tensor, h: Tensor) {
    const { jacobian, byTime } = slopes(rates, y, t);
    const solve = eliminated(
      jacobian.map((row, i) =>
        row.map((x, j) => {
          if (i === j)
            return constant(1 / GAMMA, "float64")
              .div(h)
              .sub(x);
          return x.op === "constant"
            ? constant(-(x.operation as { value: number }).value, "float64")
            : x.neg();
        }),
      ),
    );
    const stages: (readonly Tensor[])[] = [];
    let next = y;
    A.forEach((row, i) => {
      next = y.map((value, k) => combined(value, row, stages, k));
      const here = rates(next, t.add(h.mul(ALPHA[i])));
      const right = here.map((rate, k) => {
        const earlier = i === 0 ? rate : rate.add(combined(undefined, C[i], stages, k).div(h));
        return TIME[i] === 0 ? earlier : earlier.add(byTime[k].mul(h).mul(TIME[i]));
      });
      stages.push(solve(right));
    });
    const error = stages[stages.length - 1];
    return { next: next.map((value, k) => value.add(error[k])), error };
  },
};

/** The derivatives of each rate by each component, and by time. */
function slopes(rates: Rates, y: readonly Tensor[], t: Tensor) {
  const leaves = [...y, t].map((x) => carry(x.axes, x.dtype));
  const here = rates(leaves.slice(0, -1), leaves[y.length]);
  const found = here.map((rate) => grad(sum(rate), leaves));
  const put = new Map([...y, t].map((x, i) => [leaves[i], x] as const));
  const rows = found.map((row) => substitute(row, put));
  return {
    jacobian: rows.map((row) => row.slice(0, -1)),
    byTime: rows.map((row) => row[y.length]),
  };
}

/**
 * Solves equations with a small matrix, by Gaussian elimination without exchange of rows: for short steps the diagonal is
 * the largest part, and where it is not, the step has a large error and is made again.
 */
function eliminated(matrix: readonly (readonly Tensor[])[]) {
  const n = matrix.length;
  const a = matrix.map((row) => [...row]);
  const isZero = ({ operation }: Tensor) => operation.op === "constant" && operation.value === 0;
  /** x - factor y, where many factors are 0. */
  const less = (x: Tensor, factor: Tensor, y: Tensor) =>
    isZero(factor) || isZero(y) ? x : x.sub(factor.mul(y));
  for (let k = 0; k < n; k++) {
    for (let i = k + 1; i < n; i++) {
      if (isZero(a[i][k])) continue;
      a[i][k] = a[i][k].div(a[k][k]);
      for (let j = k + 1; j < n; j++) a[i][j] = less(a[i][j], a[i][k], a[k][j]);
    }
  }
  return (right: readonly Tensor[]): Tensor[] => {
    const x = [...right];
    for (let i = 0; i < n; i++) for (let k = 0; k < i; k++) x[i] = less(x[i], a[i][k], x[k]);
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) x[i] = less(x[i], a[i][k], x[k]);
      x[i] = x[i].div(a[i][i]);
    }
    return x;
  };
}
