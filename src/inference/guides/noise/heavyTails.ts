/** Noise with heavier tails than the standard normal: draws that are weighted reach where a normal guide hardly does. */
import {
  cast,
  fold,
  HALF_LOG_2PI,
  index,
  logAddExp,
  logSumExp,
  select,
  square,
  standardNormal,
  sum,
  uniform,
} from "../../../tensor/internal.ts";
import type { FixedNoise } from "./fixedNoise.ts";

/** The shares of vectors that are wider in all directions, and along one axis. */
const [ALL, ONE] = [0.1, 0.15];
/** The standard deviation along that axis. */
const WIDE = 2.5;
/** In all directions it is so much more than 1, over the root of their number, as their length varies by 1 / sqrt(2). */
const FARTHER = 1.5;

/**
 * A defensive mixture (Hesterberg, "Weighted average importance sampling and defensive mixture distributions", 1995):
 * standard normal, but for some vectors that are wider in all directions and some that are wider along one axis. Weights
 * are at most 4/3 of those of the normal.
 */
export const heavyTails: FixedNoise = ({ number, dtype }) => {
  const { size } = number;
  const wide = 1 + FARTHER / Math.sqrt(size);
  return {
    reparameterised: true,
    draw(key, particles) {
      const noise = standardNormal(fold(key, "normal"), [...particles, number], dtype);
      const which = uniform(fold(key, "which"), particles, dtype);
      const place = cast(uniform(fold(key, "axis"), particles, dtype).mul(size), "int32");
      const alongOne = select(index(number).eq(place), WIDE, 1);
      const scale = select(which.lt(ALL), wide, select(which.lt(ALL + ONE), alongOne, 1));
      return noise.mul(cast(scale, dtype));
    },
    logProb(noise) {
      const half = square(noise).mul(0.5);
      const all = sum(half, number);
      const normal = all.neg().sub(size * HALF_LOG_2PI);
      const wider = all.mul(-1 / wide ** 2).sub(size * (HALF_LOG_2PI + Math.log(wide)));
      const gains = half.mul(1 - 1 / WIDE ** 2).sub(Math.log(WIDE * size));
      const along = normal.add(logSumExp(gains, number));
      return logAddExp(
        normal.add(Math.log(1 - ALL - ONE)),
        logAddExp(wider.add(Math.log(ALL)), along.add(Math.log(ONE))),
      );
    },
  };
};
