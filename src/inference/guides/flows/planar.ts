/** Planar flows (Rezende and Mohamed, "Variational inference with normalizing flows", ICML 2015). */
import { normalInit, zeros } from "../../../nn/index.ts";
import {
  abs,
  axis,
  constant,
  log,
  scan,
  select,
  softplus,
  square,
  stopGradient,
  sum,
  type Tensor,
  tanh,
} from "../../../tensor/internal.ts";
import type { LayerFamily } from "./layer.ts";

/** Halvings of an interval, to the rounding of float64. */
const turn = axis("turn", 55);

/**
 * y = x + u tanh(w x + b), with u moved along w so that w u > -1 and y is one-to-one (their appendix A.1). Nearly the
 * identity at the start. J is of rank one beside the identity (Sherman and Morrison); the inverse finds w x by bisection.
 */
export const planar: LayerFamily = ({ number, dtype, param }) => {
  const w = param("w", [number], normalInit(1 / Math.sqrt(number.size)));
  const free = param("u", [number], normalInit(0.01 / Math.sqrt(number.size)));
  const b = param("b", [], zeros);
  const dot = (x: Tensor, y: Tensor) => sum(x.mul(y), number);
  const product = dot(w, free);
  // softplus, shifted so that 0 becomes 0.
  const along = softplus(product.add(Math.log(Math.E - 1))).sub(1);
  const u = free.add(w.mul(along.sub(product)).div(dot(w, w)));
  const bent = (a: Tensor) => tanh(a.add(b));
  const bend = (a: Tensor) => constant(1, dtype).sub(square(bent(a)));
  const slope = (a: Tensor) => along.mul(bend(a)).add(1);
  return {
    forward(x) {
      const a = dot(w, x);
      return { value: x.add(u.mul(bent(a))), logDeterminant: log(slope(a)) };
    },
    inverse(y) {
      // a + (w u) tanh(a + b) = w y, which rises in a.
      const target = dot(w, y);
      const missing = (a: Tensor) => a.add(along.mul(bent(a))).sub(target);
      const init = { low: target.sub(abs(along)), high: target.add(abs(along)) };
      const { last } = scan(turn, init, ({ low, high }) => {
        const middle = low.add(high).div(2);
        const isBelow = missing(middle).lt(0);
        return {
          carries: { low: select(isBelow, middle, low), high: select(isBelow, high, middle) },
        };
      });
      const found = stopGradient(last.low);
      // A step of Newton's, by which the derivative is that of the inverse.
      const a = found.sub(missing(found).div(stopGradient(slope(found))));
      return y.sub(u.mul(bent(a)));
    },
    transposedInverse(v, x) {
      const a = dot(w, x);
      return v.sub(w.mul(bend(a).mul(dot(u, v))).div(slope(a)));
    },
  };
};
