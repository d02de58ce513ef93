/** Inverse autoregressive flows (Kingma and others, NeurIPS 2016), with masked networks (Germain and others, ICML 2015). */
import {
  type Axis,
  cast,
  constant,
  exp,
  gatherClamped,
  grad,
  index,
  mod,
  scan,
  select,
  solveLowerTransposed,
  stopGradient,
  sum,
  type Tensor,
} from "../../../tensor/internal.ts";
import { boundedLogScale, type NetworkOptions, network } from "./conditioner.ts";
import { type LayerFamily, sumOfAll } from "./layer.ts";

/**
 * y_i = m_i(x_1 ... x_(i-1)) + exp(s_i(x_1 ... x_(i-1))) x_i; the identity at the start. A draw is one pass through the
 * network. Its inverse takes a pass for each number, one after the other; J is a full triangle, so that J^-T v takes the
 * derivatives of all numbers, as many passes side by side, and a triangular solve: what the path derivative costs.
 */
export function inverseAutoregressive(options: NetworkOptions = {}): LayerFamily {
  return (space) => {
    const { number, axis } = space;
    const { size } = number;
    // A hidden unit of degree d sees the numbers up to d, and is seen by those after.
    const degree = (hidden: Axis) => mod(index(hidden), Math.max(1, size - 1));
    const networkOf = network(
      space,
      { mean: [], logScale: [] },
      {
        inward: (hidden) => index(number).le(degree(hidden)),
        outward: (hidden) => index(number).gt(degree(hidden)),
      },
      options,
    );
    const shapeAt = (x: Tensor) => {
      const { mean, logScale: raw } = networkOf(x);
      const logScale = boundedLogScale(raw);
      return { mean, logScale, scale: exp(logScale) };
    };
    const map = (x: Tensor) => {
      const { mean, scale } = shapeAt(x);
      return x.mul(scale).add(mean);
    };
    return {
      forward(x) {
        const { mean, logScale, scale } = shapeAt(x);
        return { value: x.mul(scale).add(mean), logDeterminant: sum(logScale, number) };
      },
      inverse(y) {
        // After i turns the first i numbers are right.
        const { last } = scan(axis("flow turn", size), { x: y }, ({ x }) => {
          const { mean, scale } = shapeAt(x);
          return { carries: { x: y.sub(mean).div(scale) } };
        });
        return last.x;
      },
      transposedInverse(v, x) {
        const row = axis("flow row", size);
        // The same vector for each row of J, whose derivatives are apart.
        const each = stopGradient(x).add(cast(index(row), x.dtype).mul(0));
        const own = select(index(row).eq(index(number)), map(each), 0);
        const [jacobian] = grad(sumOfAll(own), [each]);
        const solved = solveLowerTransposed(jacobian, v, row, number);
        return gatherClamped(solved, row, index(number));
      },
    };
  };
}

/** The numbers in the opposite order. */
export const reversedOrder: LayerFamily = ({ number, dtype }) => {
  const turn = (x: Tensor) =>
    gatherClamped(
      x,
      number,
      index(number)
        .neg()
        .add(number.size - 1),
    );
  return {
    forward: (x) => ({ value: turn(x), logDeterminant: constant(0, dtype) }),
    inverse: turn,
    transposedInverse: turn,
  };
};
