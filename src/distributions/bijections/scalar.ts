/** Maps of the real line, element by element. */
import {
  type Axis,
  constant,
  exp,
  log,
  log1p,
  sigmoid,
  softplus,
  type Tensor,
} from "../../tensor/index.ts";
import type { Bijection } from "./bijection.ts";

const sameAxes = (axes: readonly Axis[]) => axes;
const logit = (y: Tensor) => log(y).sub(log1p(y.neg()));
const logSlopeOfSigmoid = (x: Tensor) => softplus(x).add(softplus(x.neg())).neg();

/** The real line itself. */
export const identity: Bijection = {
  unconstrainedAxes: sameAxes,
  forward: (x) => x,
  inverse: (y) => y,
  logJacobian: (x) => constant(0, x.dtype),
};

/** exp(x), greater than 0. */
export const exponential: Bijection = {
  unconstrainedAxes: sameAxes,
  forward: exp,
  inverse: log,
  logJacobian: (x) => x,
};

/** 1 / (1 + exp(-x)), between 0 and 1. */
export const unit: Bijection = {
  unconstrainedAxes: sameAxes,
  forward: sigmoid,
  inverse: logit,
  logJacobian: logSlopeOfSigmoid,
};

/** 2 pi / (1 + exp(-x)) - pi, between -pi and pi. */
export const angle: Bijection = {
  unconstrainedAxes: sameAxes,
  forward: (x) =>
    sigmoid(x)
      .mul(2 * Math.PI)
      .sub(Math.PI),
  inverse: (y) => logit(y.add(Math.PI).mul(1 / (2 * Math.PI))),
  logJacobian: (x) => logSlopeOfSigmoid(x).add(Math.log(2 * Math.PI)),
};

/** low + exp(x). */
export function above(low: Tensor): Bijection {
  return {
    unconstrainedAxes: sameAxes,
    forward: (x) => low.add(exp(x)),
    inverse: (y) => log(y.sub(low)),
    logJacobian: (x) => x,
  };
}

/** high - exp(x). */
export function below(high: Tensor): Bijection {
  return {
    unconstrainedAxes: sameAxes,
    forward: (x) => high.sub(exp(x)),
    inverse: (y) => log(high.sub(y)),
    logJacobian: (x) => x,
  };
}

/** low + (high - low) / (1 + exp(-x)). */
export function interval(low: Tensor, high: Tensor): Bijection {
  const width = high.sub(low);
  return {
    unconstrainedAxes: sameAxes,
    forward: (x) => low.add(width.mul(sigmoid(x))),
    inverse: (y) => log(y.sub(low)).sub(log(high.sub(y))),
    logJacobian: (x) => logSlopeOfSigmoid(x).add(log(width)),
  };
}
