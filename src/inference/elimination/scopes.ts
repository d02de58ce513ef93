/** The terms that an elimination works on, and where each of them is brought. */
import { overPlates, type Plate, scaleOf } from "../../model/index.ts";
import { gather, type Tensor } from "../../tensor/index.ts";
import { type Factor, mapFactor } from "../logWeight/factors.ts";
import type { Weight } from "../logWeight/weights.ts";
import type { DrawnAxis } from "../proposal/traces.ts";
import { isLinked, type LinkedChain } from "./chainStates.ts";
import { refuseCrossing, refuseOutside, refuseSubsampling } from "./refusals.ts";

/** A factor, or what an elimination has made of several. */
export interface Term extends Weight, Pick<Factor, "steps"> {
  readonly sites: readonly string[];
}

/** An importance axis that is yet to be eliminated, and the plates in which it will be. */
export interface Homed extends DrawnAxis {
  readonly home: readonly Plate[];
}

/**
 * An axis with the plates that everything that varies along it stands in. The steps of a chain are not
 * independent where they share an axis, or one hands its particles to the next.
 */
export function homed(particle: DrawnAxis, terms: readonly Term[]): readonly Homed[] {
  const varying = terms.filter((term) => varies(term, particle));
  const [first, ...rest] = varying;
  if (first === undefined || particle.kind === "average") return [];
  const { link } = particle;
  const linked = link !== undefined && isLinked(link, terms);
  const binds = ({ axis }: Plate) =>
    link === undefined
      ? varying.some(({ plates }) => plates.some((other) => other.axis === axis && other.chain))
      : linked && axis === link.chain;
  const home = first.plates.filter(
    (plate) => !binds(plate) && rest.every(({ plates }) => holds(plates, plate)),
  );
  return [{ ...particle, home }];
}

/**
 * A term that varies along an axis whose home is `home`: the sum over the other plates it stands in, but
 * not over a chain whose steps it belongs to.
 */
export function moved(
  term: Term,
  home: readonly Plate[],
  open: readonly Homed[],
  chains: readonly LinkedChain[],
  biased: boolean,
): Term {
  const varying = open.filter((particle) => varies(term, particle));
  const here = varying.filter((particle) => isSame(particle.home, home));
  if (here.length === 0) return term;
  const [site] = term.sites;
  const kept = here.flatMap(({ axis, latents }) => {
    const chain = chains.find(({ states }) => states.some(({ own }) => own === axis));
    if (chain === undefined) return [];
    const { along } = chain;
    const plate = term.plates.find((one) => one.axis === along);
    return plate ?? refuseOutside(site, latents[0], along);
  });
  const outer = term.plates.filter((plate) => !holds(home, plate) && !holds(kept, plate));
  const crossing = varying.find((other) => other.home.some((plate) => !holds(home, plate)));
  if (crossing !== undefined) refuseCrossing(site, here[0], crossing);
  const part = outer.find((plate) => scaleOf(plate) !== 1);
  if (part !== undefined && !biased) refuseSubsampling(site, part, here[0].axis);
  const unlike = varying.filter(({ values }) => outer.some(({ axis }) => values?.at.has(axis)));
  const plates = [...home, ...kept.slice(0, 1)];
  return {
    ...mapFactor(term, (x) => byParticle(overPlates(byParticle(x, unlike), outer), here)),
    plates,
  };
}

export function varies({ value }: Pick<Term, "value">, { axis, values, link }: DrawnAxis): boolean {
  return [axis, values?.axis, link?.previous].some((a) => a !== undefined && value.has(a));
}

/** `x` for each particle, where it was for each value of a discrete latent. */
function byParticle(x: Tensor, particles: readonly DrawnAxis[]): Tensor {
  return particles.reduce(
    (y, { values }) =>
      values !== undefined && y.has(values.axis) ? gather(y, values.axis, values.at) : y,
    x,
  );
}

function holds(plates: readonly Plate[], { axis }: Plate): boolean {
  return plates.some((plate) => plate.axis === axis);
}

export function isSame(a: readonly Plate[], b: readonly Plate[]): boolean {
  return a.length === b.length && a.every((plate) => holds(b, plate));
}
