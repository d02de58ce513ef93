/** Edges at which the log density ends. */
import type { LogDensity } from "../density/logDensity.ts";
import { hasPriorDraws } from "../density/programs/starts.ts";
import { edgeOfData } from "../logWeight/constraints.ts";

/** Draws from the prior among which one beyond the edge is looked for. */
const TRIES = 50;

/**
 * Which data are impossible for some values of the latents, with what to do, where a draw from the prior is beyond that
 * edge; undefined where none is, or the prior has no draws.
 */
export function edgeMet(density: LogDensity, seed: number): string | undefined {
  const edge = edgeOfData(density.trace);
  if (edge === undefined || !hasPriorDraws(density)) return undefined;
  for (let i = 0; i < TRIES; i++) {
    if (density.value(density.drawPrior(seed + i)) === Number.NEGATIVE_INFINITY) return edge;
  }
  return undefined;
}
