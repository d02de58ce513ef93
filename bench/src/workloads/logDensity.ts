/** What the workloads that call a log density from the host have in common. */
import type { LogDensity } from "../../../src/inference/index.ts";
import type { Program } from "../../../src/runtime/index.ts";
import type { Check } from "../protocol.ts";

/** What belongs to each program. */
const DENSITIES = new WeakMap<Program, LogDensity>();

/** The program of a log density, which is kept for `densityIn`. */
export function programOf(of: LogDensity): Program {
  DENSITIES.set(of.program, of);
  return of.program;
}

/** The log density of a program that `programOf` gave. */
export const densityIn = (program: Program) => DENSITIES.get(program) as LogDensity;

/** Minus the log density at a position, and the norm of its gradient there. */
export const checkAt = (of: LogDensity, position: Float64Array): Check => ({
  loss: -of.value(position),
  gradientNorm: Math.hypot(...of.gradient(position)),
});

/** Entry i is sin(0.37 i). */
export const startOf = ({ dimension }: LogDensity) =>
  Float64Array.from({ length: dimension }, (_, i) => Math.sin(0.37 * i));
