/**
 * Discrete latents that are not drawn but summed out: each is read with all its values at once, along an axis of its
 * own, as if every value were a particle that a uniform proposal has drawn exactly once. The elimination of that axis
 * is then the sum, in logarithms and float64: over each element of a plate by itself, in the cheapest order where
 * latents meet, and forwards along a chain (the forward algorithm; Rabiner, Proceedings of the IEEE 77, 1989).
 * Their probabilities and joint draws afterwards are those of particles.
 */
import { describeSupport, finiteValues, isDiscrete } from "../../distributions/internal.ts";
import type { Assignment, Latent, Observed, Plate, Statement } from "../../model/internal.ts";
import {
  type Axis,
  axis,
  cast,
  describeAxes,
  gatherClamped,
  index,
  logMeanExp,
  SurmiseError,
  sizeOf,
  type Tensor,
  tensor,
} from "../../tensor/internal.ts";
import { type Factor, mapFactor } from "../logWeight/factors.ts";
import type { ParticleAxis } from "../proposal/traces.ts";
import type { ChosenParticles } from "./ancestral.ts";
import { replaceValue } from "./enumerate.ts";

/** A discrete latent, with all its values along an axis. */
export interface SummedOut {
  /** The name of the latent. */
  readonly name: string;
  /** Its values, or the combinations of those along its event axes. */
  readonly own: Axis;
  /** In a chain, the axis of the chain and that of the values at the step before. */
  readonly link?: { readonly chain: Axis; readonly previous: Axis };
  /** The values, over `own`, the plates and the event axes. */
  readonly value: Tensor;
  /** The same without the plates, in which they are equal. */
  readonly each: Tensor;
  /** The plates it stands in. */
  readonly plates: readonly Plate[];
}

/** The most combinations of values along event axes. */
const MOST_COMBINATIONS = 2 ** 16;

/** What reads discrete latents with all their values, and remembers which. */
export class Enumeration {
  private readonly met = new Map<string, SummedOut>();

  /** The latents that were read so, in the order of the statements. */
  get latents(): readonly SummedOut[] {
    return [...this.met.values()];
  }

  /** All values of a discrete latent; undefined of one that is continuous or has infinitely many values. */
  assign(statement: Statement): Assignment | undefined {
    const { name } = statement;
    if (!isSummable(statement)) return undefined;
    const known = this.met.get(name) ?? summedOut(statement);
    this.met.set(name, known);
    const { value, own, link } = known;
    return {
      kind: "latent",
      value,
      allSteps: true,
      ...(link && { link: { own, previous: link.previous } }),
    };
  }

  /** The axes of values as those of particles. */
  particles(): readonly ParticleAxis[] {
    return this.latents.map(({ name, own, link }) => ({
      axis: own,
      kind: "importance",
      latents: [name],
      ...(link && { link: { ...link, own } }),
    }));
  }

  /** Whether a log density varies along the values of a latent that is summed out. */
  varies(x: Tensor): boolean {
    return this.latents.some(({ own, link }) => x.has(own) || (link && x.has(link.previous)));
  }

  /** `x` over the axes of values summed out, each axis by itself: what a site adds, roughly, for messages. */
  withoutValues(x: Tensor): Tensor {
    const axes = this.latents.flatMap(({ own, link }) => (link ? [own, link.previous] : [own]));
    const present = axes.filter((a) => x.has(a));
    return present.length === 0 ? x : logMeanExp(x, ...present);
  }

  /**
   * The log factor of a site with what it becomes where latents are summed out: of such a latent with the log of the
   * number of its values, over which the elimination takes a mean.
   *
   * @throws SurmiseError if the site depends on several elements of such a latent at once.
   */
  factor(site: string, factor: Factor): Factor {
    const count = this.met.get(site)?.own.size ?? 1;
    const start = count === 1 ? factor : mapFactor(factor, (x) => x.add(Math.log(count)));
    return this.latents.reduce<Factor>((found, latent) => {
      const { value, each, own } = latent;
      const bare = mapFactor(found, (x) => replaceValue(x, value, each, own));
      checkElements(bare, latent);
      return bare;
    }, start);
  }
}

/** A factor of the log density of a site, with `more` added to it. */
export function factorOfSite(
  { name, plates, logProb, steps }: Latent | Observed,
  more?: Tensor,
): Factor {
  const of = (density: Tensor) => {
    const value = cast(density, "float64");
    return more === undefined ? value : value.add(more);
  };
  return {
    site: name,
    value: of(logProb()),
    plates,
    ...(steps && { steps: { first: of(steps.first()), later: of(steps.later()) } }),
  };
}

/** The drawn values of a latent, over the axis of the draws, its plates and its event axes. */
export function valueAtDraws({ own, each }: SummedOut, chosen: ChosenParticles): Tensor {
  return gatherClamped(each, own, chosen.get(own) as Tensor);
}

/** Whether a latent is discrete and has finitely many values, which are known. */
export function isSummable({ distribution: { support } }: Statement): boolean {
  return finiteValues(support) !== undefined;
}

function summedOut({ name, distribution, plates, step }: Statement): SummedOut {
  const { support, eventAxes, dtype } = distribution;
  const { first, count } = finiteValues(support) as { first: number; count: number };
  const combinations = count ** sizeOf(eventAxes);
  if (combinations > MOST_COMBINATIONS || combinations < 1)
    refuseCombinations(name, count, eventAxes);
  const own = axis(`value of ${name}`, combinations);
  const each = cast(digits(own, count, eventAxes).add(first), dtype);
  const value = plates
    .filter(({ chain }) => !chain)
    .reduce((x, plate) => x.add(cast(index(plate.axis).mul(0), dtype)), each);
  const previous = step && axis(`value of ${name} before`, combinations);
  return {
    name,
    own,
    ...(step && previous && { link: { chain: step.axis, previous } }),
    value,
    each,
    plates,
  };
}

/** Of the k-th combination of `count` values along `axes`, which value each element has: int32. */
function digits(own: Axis, count: number, axes: readonly Axis[]): Tensor {
  if (axes.length === 0) return index(own);
  const size = sizeOf(axes);
  const places = Int32Array.from({ length: own.size * size }, (_, i) => {
    const element = i % size;
    return Math.floor(Math.floor(i / size) / count ** (size - 1 - element)) % count;
  });
  return tensor(places, [own, ...axes]);
}

/** What varies along the values of a latent must stand in all its plates. */
function checkElements({ site, value, plates }: Factor, latent: SummedOut): void {
  const { own, link, name } = latent;
  if (!value.has(own) && !(link && value.has(link.previous))) return;
  const outside = latent.plates.find(({ axis }) => !plates.some((plate) => plate.axis === axis));
  if (outside === undefined) return;
  const along = outside.axis.name;
  throw new SurmiseError(
    `site '${site}' depends on several elements of latent '${name}' along '${along}' at once, ` +
      `${outside.chain ? "the steps of a chain" : "a plate"} in which each element is summed out by itself: state ` +
      `'${site}' inside ${outside.chain ? "the step of the chain" : `plate '${along}'`}, or, where a few elements ` +
      `belong together, make '${along}' an event axis of '${name}'`,
  );
}

function refuseCombinations(name: string, count: number, axes: readonly Axis[]): never {
  throw new SurmiseError(
    `latent '${name}' has ${count} values for each element of its event axes ${describeAxes(axes)}, which are ` +
      `more than ${MOST_COMBINATIONS} combinations to be summed out together: put it in a plate, where each ` +
      "element is summed out by itself",
  );
}

/** Refuses a discrete latent that cannot be summed out. */
export function refuseInfinite({ name, distribution: { support } }: Statement): void {
  if (!isDiscrete(support)) return;
  throw new SurmiseError(
    `latent '${name}' has the support '${describeSupport(support)}': it is discrete, with no end that is known, so ` +
      "that it cannot be summed out: cut it (truncated(..., { upper: 100 })), or choose method rws or mprws",
  );
}
