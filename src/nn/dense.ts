import type { Distribution } from "../distributions/index.ts";
import type { Initialiser, Sites } from "../model/index.ts";
import {
  AXIS,
  type Axis,
  checkArguments,
  describeAxes,
  FUNCTION,
  OBJECT,
  optional,
  optionsWith,
  SurmiseError,
  sum,
  TEXT,
  type Tensor,
} from "../tensor/internal.ts";
import { xavierUniform, zeros } from "./initialisers.ts";

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
 * `NAME.bias` over [to]. The result has the axis `to` in place of `from`, and all others of x.
 *
 * @throws SurmiseError if `from` and `to` are one axis, or (when applied) x lacks `from`.
 *
 * @example const hidden = tanh(dense(param, "encoder.hidden", pixel, unit)(images));
 */
export function dense(
  param: Sites["param"],
  name: string,
  from: Axis,
  to: Axis,
  options: DenseOptions = {},
): (x: Tensor) => Tensor {
  checkArguments("dense", { param }, FUNCTION);
  checkArguments("dense", { name }, TEXT);
  checkArguments("dense", { from, to }, AXIS);
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
  if (from.name === to.name) {
    throw new SurmiseError(
      `dense '${name}': it maps axis '${from.name}' to an axis of the same name; give each layer ` +
        "of units an axis with a name of its own",
    );
  }
  const shared = prior === undefined ? {} : { prior };
  const weight = param(`${name}.weight`, [from, to], { init: weights, ...shared });
  const offset = param(`${name}.bias`, [to], { init: bias, ...shared });
  return (x) => {
    if (!x.has(from)) {
      throw new SurmiseError(
        `dense '${name}': the input has axes ${describeAxes(x.axes)} and lacks '${from.name}'`,
      );
    }
    return sum(x.mul(weight), from).add(offset);
  };
}
