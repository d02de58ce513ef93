/** How parameters start. Draws are independent for each element over the parameter's axes. */
import type { Initialiser } from "../model/index.ts";
import {
  AXIS,
  type Axis,
  checkArguments,
  constant,
  either,
  listOf,
  realNumber,
  sizeOf,
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

/** An axis, or several, whose sizes are multiplied. */
export type Fan = Axis | readonly Axis[];

const FAN = either(AXIS, listOf(AXIS));

const sizeOfFan = (fan: Fan) => sizeOf("size" in fan ? [fan] : fan);

/**
 * Uniform on (-a, a) with a = sqrt(6 / (fanIn + fanOut)), the sizes of the axes (Glorot and
 * Bengio, AISTATS 2010, equation 16): the variance is 2 / (fanIn + fanOut).
 */
export function xavierUniform(fanIn: Fan, fanOut: Fan): Initialiser {
  checkArguments("xavierUniform", { fanIn, fanOut }, FAN);
  const bound = Math.sqrt(6 / (sizeOfFan(fanIn) + sizeOfFan(fanOut)));
  return (key, axes, dtype) =>
    uniform(key, axes, dtype)
      .sub(0.5)
      .mul(2 * bound);
}

/** Normal with mean zero and variance 2 / (fanIn + fanOut) (Glorot and Bengio, AISTATS 2010). */
export function xavierNormal(fanIn: Fan, fanOut: Fan): Initialiser {
  checkArguments("xavierNormal", { fanIn, fanOut }, FAN);
  return normalInit(Math.sqrt(2 / (sizeOfFan(fanIn) + sizeOfFan(fanOut))));
}
