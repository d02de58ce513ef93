import type { Distribution } from "../distributions/index.ts";
import type { Initialiser, Sites } from "../model/index.ts";
import {
  AXIS,
  type Axis,
  checkArguments,
  either,
  FUNCTION,
  listOf,
  OBJECT,
  optional,
  optionsWith,
  sum,
  TEXT,
  type Tensor,
} from "../tensor/internal.ts";
import { xavierUniform, zeros } from "./initialisers.ts";
import { checkHas, checkOtherNames } from "./windows.ts";

/** How the weights of a layer start, and their prior. */
export interface DenseOptions {
  /** xavierUniform(from, to) unless given. */
  readonly weights?: Initialiser;
  /** zeros unless given. */
  readonly bias?: Initialiser;
  /** A prior on every weight and bias. */
  readonly prior?: Distribution;
}

/**
 * The affine map y = sum_from x W + b, with the parameters `NAME.weight` over [from, to] and
 * `NAME.bias` over [to]. The result has the axis `to` in place of `from`, and all others of x. Either may be several axes, such
 * as the rows, columns and channels of images.
 *
 * @throws SurmiseError if an axis is on both sides, or (when applied) x lacks one of `from`.
 *
 * @example const hidden = tanh(dense(param, "encoder.hidden", pixel, unit)(images));
 */
export function dense(
  param: Sites["param"],
  name: string,
  from: Axis | readonly Axis[],
  to: Axis | readonly Axis[],
  options: DenseOptions = {},
): (x: Tensor) => Tensor {
  checkArguments("dense", { param }, FUNCTION);
  checkArguments("dense", { name }, TEXT);
  checkArguments("dense", { from, to }, either(AXIS, listOf(AXIS)));
  checkArguments(
    "dense",
    { options },
    optionsWith<DenseOptions>({
      weights: optional(FUNCTION),
      bias: optional(FUNCTION),
      prior: optional(OBJECT),
    }),
  );
  const { weights = xavierUniform(from, to), bias = zeros, prior } = options;
  const [inputs, outputs] = [from, to].map((x) => ("size" in x ? [x] : x));
  checkOtherNames(`dense '${name}'`, inputs, outputs);
  const shared = prior === undefined ? {} : { prior };
  const weight = param(`${name}.weight`, [...inputs, ...outputs], { init: weights, ...shared });
  const offset = param(`${name}.bias`, outputs, { init: bias, ...shared });
  return (x) => {
    checkHas(`dense '${name}'`, x, inputs);
    return sum(x.mul(weight), ...inputs).add(offset);
  };
}
