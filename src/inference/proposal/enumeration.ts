/**
 * Discrete latents that are not drawn: each is read with all its values at once, along an axis of its own, over which
 * what is made of them is summed later (`elimination/summedOut.ts`).
 */
import {
  describeSupport,
  type FiniteValues,
  finiteValues,
  isDiscrete,
} from "../../distributions/internal.ts";
import type { Assignment, Plate, Statement } from "../../model/internal.ts";
import {
  type Axis,
  axis,
  cast,
  describeAxes,
  index,
  logMeanExp,
  SurmiseError,
  sizeOf,
  type Tensor,
  tensor,
} from "../../tensor/internal.ts";

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

  /** How many values a site has that is summed out; 1 of others. */
  countOf(site: string): number {
    return this.met.get(site)?.own.size ?? 1;
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
}

/** What a discrete latent becomes; undefined of other latents. */
export type Discrete = (statement: Statement) => Assignment | undefined;

/** Whether a latent is discrete and has finitely many values, which are known. */
export function isSummable({ distribution: { support } }: Statement): boolean {
  return finiteValues(support) !== undefined;
}

function summedOut({ name, distribution, plates, step }: Statement): SummedOut {
  const { support, eventAxes, dtype } = distribution;
  const { first, count } = finiteValues(support) as FiniteValues;
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
      "that it cannot be summed out: cut it (truncated(..., { upper: 100 })), draw it by chains (method gibbs), " +
      "or choose method rws or mprws",
  );
}
