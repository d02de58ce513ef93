import type { ChainRandom } from "../random.ts";
import type { Leapfrog } from "./leapfrog.ts";
import { copyPoint, type Phase, type Point } from "./phase.ts";

/** H0 - H after one leapfrog step from `point` with a fresh momentum, in nats; `phase` is overwritten. */
export function leapfrogTrial(
  leapfrog: Leapfrog,
  phase: Phase,
  point: Point,
  stepSize: number,
  random: ChainRandom,
): number {
  copyPoint(phase, point);
  random.normals(phase.momentum);
  leapfrog.begin(phase);
  const start = phase.kinetic - phase.logDensity;
  leapfrog.step(phase, phase, stepSize);
  const gain = start - (phase.kinetic - phase.logDensity);
  return Number.isNaN(gain) ? Number.NEGATIVE_INFINITY : gain;
}
