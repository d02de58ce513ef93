/** Draws of the latents as positions of a log density. */
import { SurmiseError, sizeOf } from "../../tensor/internal.ts";
import type { LogDensity } from "../density/logDensity.ts";
import type { LatentValues } from "../density/unconstrain.ts";
import type { PosteriorDraws } from "./posteriorDraws.ts";

/** Undefined instead of an error that names a site, such as a latent with infinitely many values. */
export function whereKnown<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof SurmiseError) return undefined;
    throw cause;
  }
}

/** Draws at most that are taken. */
const MOST_DRAWS = 1000;

/** Draws, a thousand of them at most, as positions in unconstrained space, but for those at an edge, which is infinitely far there. */
export function positionsOf(
  density: LogDensity,
  { draws, sites }: PosteriorDraws,
): readonly Float64Array[] {
  const count = Math.min(draws, MOST_DRAWS);
  return Array.from({ length: count }, (_, i) => {
    const draw = Math.floor((i * draws) / count);
    const values: Record<string, LatentValues[string]> = {};
    for (const { name } of density.sites) {
      const { axes, data } = sites[name];
      const size = sizeOf(axes);
      values[name] = data.subarray(draw * size, (draw + 1) * size);
    }
    return whereKnown(() => density.unconstrain(values));
  }).flatMap((position) => (position?.every(Number.isFinite) ? [position] : []));
}
