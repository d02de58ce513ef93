/** Which latents along chains are better drawn as innovations: in units of their priors given the step before. */
import type { Model } from "../../model/index.ts";
import { broadcast } from "../../runtime/internal.ts";
import { posteriorCoordinates } from "./coordinates.ts";
import type { LogDensity } from "./logDensity.ts";
import { unitsOf } from "./traceUnconstrained.ts";

/**
 * The latents along chains of which the data know less than the step before does. Where that leaves a variance s^2, and
 * the data have the information J on a step, innovations depend little on each other and on s if J s^2 is below 1, as
 * effects of groups do (Papaspiliopoulos, Roberts and Sköld, "A general framework for the parametrization of
 * hierarchical models", Statistical Science 22, 2007). Both are taken at the normal of the latents outside of the chain,
 * with the chain integrated out, and that of the chain given their mean (`posteriorCoordinates`); where there is none,
 * none is.
 *
 * @param density that of the model, with all of them centred
 */
export function weaklyKnownAlongChains<Data>(
  density: LogDensity,
  model: Model<Data, unknown>,
  data: Data,
): ReadonlySet<string> {
  const names = latentsAlongChains(density);
  if (names.length === 0) return new Set();
  const position = typicalPosition(density, model, data);
  if (position === undefined) return new Set();
  return new Set(names.filter((name) => density.informationOf(name, position) < 1));
}

/** The latents along chains whose priors have a location and a scale; none where discrete latents are summed out or held. */
function latentsAlongChains({ trace, summedOut, held, parameters }: LogDensity): readonly string[] {
  if (summedOut.length > 0 || held.size > 0 || parameters.list().length > 0) return [];
  return trace.latents
    .filter(
      ({ plates, distribution, init }) =>
        plates.some(({ chain }) => chain) &&
        init === undefined &&
        unitsOf(distribution) !== undefined,
    )
    .map(({ name }) => name);
}

/** The means of the latents outside of a chain, and of the chain given these. */
function typicalPosition<Data>(
  { sites, dimension }: LogDensity,
  model: Model<Data, unknown>,
  data: Data,
): Float64Array | undefined {
  const { sites: outside = [], location, chain } = posteriorCoordinates(model, data) ?? {};
  if (location === undefined || chain === undefined) return undefined;
  const position = new Float64Array(dimension);
  for (const { name, axes, offset, size } of sites) {
    const own = outside.find((site) => site.name === name);
    const along = chain.sites.find((site) => site.name === name);
    if (own !== undefined) {
      position.set(location.subarray(own.offset, own.offset + size), offset);
    } else if (along !== undefined) {
      const mean = {
        axes: [chain.axis, ...along.outer],
        data: along.mean.value,
        dtype: "float64" as const,
      };
      position.set(broadcast(mean, axes), offset);
    } else {
      return undefined;
    }
  }
  return position;
}
