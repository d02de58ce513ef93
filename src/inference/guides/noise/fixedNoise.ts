/** Noise that has no parameters. */
import { HALF_LOG_2PI, square, standardNormal, sum } from "../../../tensor/internal.ts";
import type { NoiseDensity, NoiseSpace } from "./sharedNoise.ts";

/** Makes a density of vectors of noise. */
export type FixedNoise = (space: Pick<NoiseSpace, "number" | "dtype">) => NoiseDensity;

/** Independent standard normals. */
export const normalNoise: FixedNoise = ({ number, dtype }) => ({
  reparameterised: true,
  draw: (key, particles) => standardNormal(key, [...particles, number], dtype),
  logProb: (noise) => sum(square(noise).mul(-0.5).sub(HALF_LOG_2PI), number),
});
