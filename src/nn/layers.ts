/** Layers beside `dense`. */
import type { Initialiser, Sites } from "../model/index.ts";
import {
  ANYTHING,
  AXIS,
  type Axis,
  checkArguments,
  FUNCTION,
  fold,
  gather,
  KEY,
  type Key,
  mean,
  optional,
  optionsWith,
  realNumber,
  select,
  sqrt,
  square,
  TENSOR,
  TEXT,
  type Tensor,
  uniform,
} from "../tensor/internal.ts";
import { constantInit, normalInit, zeros } from "./initialisers.ts";

/**
 * A vector along `unit` for each element of `kind`, the parameter `NAME.weight` over [kind, unit], taken at int32
 * positions along `kind`: the result has the axes of the positions, and `unit`. Starts from N(0, 1) unless `weights` is given.
 *
 * @throws SurmiseError (when applied) for known positions outside the axis.
 */
export function embedding(
  param: Sites["param"],
  name: string,
  kind: Axis,
  unit: Axis,
  { weights = normalInit(1) }: { readonly weights?: Initialiser } = {},
): (positions: Tensor) => Tensor {
  checkArguments("embedding", { param, weights }, FUNCTION);
  checkArguments("embedding", { name }, TEXT);
  checkArguments("embedding", { kind, unit }, AXIS);
  const weight = param(`${name}.weight`, [kind, unit], { init: weights });
  return (positions) => gather(weight, kind, positions);
}

interface LayerNormOptions {
  /** Added to the variance, so that it is not 0; 1e-5 unless given. */
  readonly epsilon?: number;
}

const LAYER_NORM_OPTIONS = optionsWith<LayerNormOptions>({ epsilon: ANYTHING });

/**
 * (x - mean) / sqrt(variance + epsilon) along `unit`, times `NAME.scale` and plus `NAME.shift`, parameters over [unit] that
 * start at 1 and 0 (Ba, Kiros and Hinton 2016); the variance is the mean square.
 *
 * @throws SurmiseError unless `epsilon` is above 0, or (when applied) if x lacks the axis.
 */
export function layerNorm(
  param: Sites["param"],
  name: string,
  unit: Axis,
  options: LayerNormOptions = {},
): (x: Tensor) => Tensor {
  checkArguments("layerNorm", { param }, FUNCTION);
  checkArguments("layerNorm", { name }, TEXT);
  checkArguments("layerNorm", { unit }, AXIS);
  checkArguments("layerNorm", { options }, LAYER_NORM_OPTIONS);
  const { epsilon = 1e-5 } = options;
  realNumber(`layerNorm '${name}': epsilon`, epsilon, { above: 0 });
  const scale = param(`${name}.scale`, [unit], { init: constantInit(1) });
  const shift = param(`${name}.shift`, [unit], { init: zeros });
  return (x) => {
    const apart = x.sub(mean(x, unit));
    const variance = mean(square(apart), unit);
    return apart
      .div(sqrt(variance.add(epsilon)))
      .mul(scale)
      .add(shift);
  };
}

/**
 * Dropout (Srivastava and others, JMLR 15, 2014): x times 0 with probability `rate`, each element on its own, and else over
 * 1 - rate, so that its mean is x. Without a key, as in evaluation, it is x: hand the model the key of a step as a part of
 * its data while it is trained.
 *
 * @throws SurmiseError unless the rate is from 0 to below 1.
 *
 * @example const hidden = dropout(relu(layer(x)), 0.5, training ? fold(stepKey, "hidden") : undefined);
 */
export function dropout(x: Tensor, rate: number, key?: Key): Tensor {
  checkArguments("dropout", { x }, TENSOR);
  checkArguments("dropout", { key }, optional(KEY));
  realNumber("dropout: the rate", rate, { least: 0, below: 1 });
  if (key === undefined) return x;
  const stays = uniform(fold(key, "dropout"), x.axes).ge(rate);
  return select(stays, x.mul(1 / (1 - rate)), 0);
}
