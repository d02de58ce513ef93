/** How parameters start. Draws are independent for each element over the parameter's axes. */
import type { Initialiser } from "../model/index.ts";
import {
  AXIS,
  type Axis,
  checkArguments,
  constant,
  realNumber,
  standardNormal,
  uniform,
} from "../tensor/internal.ts";

/** All zero. */
export const zeros: Initialiser = (_key, _axes, dtype) => constant(0, dtype);

/**
 * All equal to `value`.
 *
 * @throws SurmiseError unless it is a finite number.
 */
export function constantInit(value: number): Initialiser {
  realNumber("constantInit: the value", value);
  return (_key, _axes, dtype) => constant(value, dtype);
}

/**
 * Normal with mean zero and standard deviation (not variance) `sd`.
 *
 * @throws SurmiseError unless it is a number of at least 0.
 */
export function normalInit(sd: number): Initialiser {
  realNumber("normalInit: sd", sd, { least: 0 });
  return (key, axes, dtype) => standardNormal(key, axes, dtype).mul(sd);
}

/**
 * Uniform on (-a, a) with a = sqrt(6 / (fanIn + fanOut)), the sizes of the two axes (Glorot and
 * Bengio, AISTATS 2010, equation 16): the variance is 2 / (fanIn + fanOut).
 */
export function xavierUniform(fanIn: Axis, fanOut: Axis): Initialiser {
  checkArguments("xavierUniform", { fanIn, fanOut }, AXIS);
  const bound = Math.sqrt(6 / (fanIn.size + fanOut.size));
  return (key, axes, dtype) =>
    uniform(key, axes, dtype)
      .sub(0.5)
      .mul(2 * bound);
}

/** Normal with mean zero and variance 2 / (fanIn + fanOut) (Glorot and Bengio, AISTATS 2010). */
export function xavierNormal(fanIn: Axis, fanOut: Axis): Initialiser {
  checkArguments("xavierNormal", { fanIn, fanOut }, AXIS);
  return normalInit(Math.sqrt(2 / (fanIn.size + fanOut.size)));
}
