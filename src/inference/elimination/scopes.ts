/** The log factors that an elimination works on, and the plates (scope) to which each is reduced. */
import { overPlates, type Plate, subsampledAmong } from "../../model/internal.ts";
import { gatherClamped, type Tensor } from "../../tensor/internal.ts";
import { type Factor, mapFactor } from "../logWeight/factors.ts";
import type { LogWeight } from "../logWeight/weights.ts";
import type { ParticleAxis } from "../proposal/traces.ts";
import { type ChainStates, isLinked } from "./chainStates.ts";
import { refuseCrossing, refuseOutside, refuseSubsampling } from "./refusals.ts";

/** A log factor: one of a site, or what an elimination has made of several. */
export interface LogFactor extends LogWeight, Pick<Factor, "steps" | "combined"> {
  /** The sites it is made of. */
  readonly sites: readonly string[];
}

/** An importance axis that is yet to be eliminated, and its scope: the plates in which it will be. */
export interface ScopedAxis extends ParticleAxis {
  /** The innermost plates that hold everything that varies along the axis. */
  readonly scope: readonly Plate[];
}

/**
 * An axis with its scope, the plates that everything that varies along it stands in. The elements of a plate are not
 * independent where a site puts several of them together, and the steps of a chain where they share an axis, or one
 * hands its particles to the next.
 */
export function scopeOf(
  particle: ParticleAxis,
  factors: readonly LogFactor[],
): readonly ScopedAxis[] {
  const varying = factors.filter((term) => variesAlong(term, particle));
  const [first, ...rest] = varying;
  if (first === undefined || particle.kind === "average") return [];
  const { link } = particle;
  const linked = link !== undefined && isLinked(link, factors);
  const binds = ({ axis }: Plate) =>
    link === undefined
      ? varying.some(({ plates }) => plates.some((other) => other.axis === axis && other.chain))
      : linked && axis === link.chain;
  const combines = ({ axis }: Plate) => varying.some(({ combined }) => combined?.includes(axis));
  const scope = first.plates.filter(
    (plate) =>
      !binds(plate) && rest.every(({ plates }) => includesPlate(plates, plate)) && !combines(plate),
  );
  return [{ ...particle, scope }];
}

/**
 * A factor that varies along an axis of this scope: the sum over the other plates it stands in, but not over
 * a chain whose steps it belongs to.
 */
export function reduceToScope(
  factor: LogFactor,
  scope: readonly Plate[],
  open: readonly ScopedAxis[],
  chains: readonly ChainStates[],
  biased: boolean,
): LogFactor {
  const varying = open.filter((particle) => variesAlong(factor, particle));
  const here = varying.filter((particle) => sameScope(particle.scope, scope));
  if (here.length === 0) return factor;
  const [site] = factor.sites;
  const kept = here.flatMap(({ axis, latents }) => {
    const chain = chains.find(({ states }) => states.some(({ own }) => own === axis));
    if (chain === undefined) return [];
    const { along } = chain;
    const plate = factor.plates.find((one) => one.axis === along);
    return plate ?? refuseOutside(site, latents[0], along);
  });
  const outer = factor.plates.filter(
    (plate) => !includesPlate(scope, plate) && !includesPlate(kept, plate),
  );
  const crossing = varying.find((other) =>
    other.scope.some((plate) => !includesPlate(scope, plate)),
  );
  if (crossing !== undefined) refuseCrossing(site, here[0], crossing);
  const part = subsampledAmong(outer);
  if (part !== undefined && !biased) refuseSubsampling(site, part, here[0].axis);
  const unlike = varying.filter(({ values }) => outer.some(({ axis }) => values?.at.has(axis)));
  const plates = [...scope, ...kept.slice(0, 1)];
  return {
    ...mapFactor(factor, (x) =>
      gatherParticles(overPlates(gatherParticles(x, unlike), outer), here),
    ),
    plates,
  };
}

/** Whether a log factor varies along a particle axis, or along what stands for it. */
export function variesAlong(
  { value }: Pick<LogFactor, "value">,
  { axis, values, link }: ParticleAxis,
): boolean {
  return [axis, values?.axis, link?.previous].some((a) => a !== undefined && value.has(a));
}

/** `x` for each particle, where it was for each value of a discrete latent. */
function gatherParticles(x: Tensor, particles: readonly ParticleAxis[]): Tensor {
  return particles.reduce(
    (y, { values }) =>
      values !== undefined && y.has(values.axis) ? gatherClamped(y, values.axis, values.at) : y,
    x,
  );
}

function includesPlate(plates: readonly Plate[], { axis }: Plate): boolean {
  return plates.some((plate) => plate.axis === axis);
}

/** Whether both are the same set of plates. */
export function sameScope(a: readonly Plate[], b: readonly Plate[]): boolean {
  return a.length === b.length && a.every((plate) => includesPlate(b, plate));
}
