/**
 * The elimination of particle axes from the log weight: the one traversal that all strategies share.
 * An axis is eliminated in the innermost plates that hold everything that varies along it, because inside
 * them different elements are weighed independently, and outside they are not. So the log of the
 * mean weight stands inside the image plate of an autoencoder, outside every plate for particles that
 * all latents share, and plate by plate for particles of single latents: then it is the mean over all
 * K^n combinations, in polynomial time (Heap, Leech and Aitchison, UAI 2023, section 4).
 */
import { overPlates, type Plate, scaleOf } from "../model/index.ts";
import { type Axis, logMeanExp, sizeOf, type Tensor, unionAxes } from "../tensor/index.ts";
import type { Factor } from "./factors.ts";
import { eliminationOrder } from "./order.ts";
import { refuseCost, refuseCrossing, refuseSubsampling } from "./refusals.ts";
import type { DrawnAxis } from "./traces.ts";
import type { Weight } from "./weights.ts";

export interface EliminationOptions {
  /** The most terms a step may have; beyond it is refused. 1e9 unless given. */
  readonly maxTerms?: number;
  /** Allows the log of a mean outside a subsampled plate, although it is biased there. */
  readonly biased?: boolean;
}

/** One axis that was eliminated. */
export interface Step {
  readonly axis: Axis;
  /** Where: the log of the mean is taken for each of their elements. */
  readonly plates: readonly Plate[];
  /** The sites whose factors vary along it. */
  readonly sites: readonly string[];
  /** These factors; the log weight of each particle along the axis is their sum. float64. */
  readonly factors: readonly Tensor[];
  /** How many elements their sum has: exponentials to be taken. */
  readonly terms: number;
}

export interface Elimination {
  /** What is left: nothing in it varies along an importance axis. */
  readonly weights: readonly Weight[];
  /** In the order in which they are made. */
  readonly steps: readonly Step[];
}

/** A factor, or what an elimination has made of several. */
interface Term extends Weight {
  readonly sites: readonly string[];
}

/** For each importance axis that is left, the plates in which it is eliminated. */
type Homes = ReadonlyMap<DrawnAxis, readonly Plate[]>;

/**
 * Eliminates all importance axes; averages stay. Within the same plates the order is the one that has the
 * fewest terms (`eliminationOrder`).
 *
 * @throws SurmiseError if latents of plates that cross meet in a factor, a step has more terms than
 * `maxTerms`, or the log of a mean would stand outside a subsampled plate, where it is biased.
 */
export function eliminate(
  factors: readonly Factor[],
  particles: readonly DrawnAxis[],
  { maxTerms = 1e9, biased = false }: EliminationOptions = {},
): Elimination {
  let terms: readonly Term[] = factors.map(({ site, ...rest }) => ({ sites: [site], ...rest }));
  const steps: Step[] = [];
  const homes = homesOf(terms, particles);
  while (homes.size > 0) {
    const home = innermost([...homes.values()]);
    const here = [...homes.keys()].filter((a) => isSame(homes.get(a) ?? [], home));
    const axes = here.map(({ axis }) => axis);
    const varies = ({ value }: Term) => axes.some((a) => value.has(a));
    terms = terms.map((term) => (varies(term) ? toHome(term, home, homes, biased) : term));
    const scopes = terms.filter(varies).map(({ value }) => value.axes);
    for (const axis of eliminationOrder(axes, scopes)) {
      const step = stepOf(axis, home, terms, maxTerms);
      const joint = step.factors.reduce((a, b) => a.add(b));
      const rest = terms.filter(({ value }) => !value.has(axis));
      terms = [...rest, { sites: step.sites, value: logMeanExp(joint, axis), plates: home }];
      steps.push(step);
    }
    for (const a of here) homes.delete(a);
  }
  return { weights: terms, steps };
}

/** The plates that everything that varies along an axis stands in. */
function homesOf(terms: readonly Term[], particles: readonly DrawnAxis[]) {
  const homes = new Map<DrawnAxis, readonly Plate[]>();
  for (const particle of particles.filter(({ kind }) => kind === "importance")) {
    const [first, ...rest] = terms.filter(({ value }) => value.has(particle.axis));
    if (first === undefined) continue;
    const shared = first.plates.filter((plate) => rest.every(({ plates }) => holds(plates, plate)));
    homes.set(particle, shared);
  }
  return homes;
}

function innermost(candidates: readonly (readonly Plate[])[]): readonly Plate[] {
  return candidates.reduce((a, b) => (b.length > a.length ? b : a));
}

/** The sum of a term over the plates that are not of its home. */
function toHome(term: Term, home: readonly Plate[], homes: Homes, biased: boolean): Term {
  const outer = term.plates.filter((plate) => !holds(home, plate));
  if (outer.length === 0) return term;
  const [site] = term.sites;
  const varying = [...homes].filter(([{ axis }]) => term.value.has(axis));
  const [[here]] = varying.filter(([, plates]) => isSame(plates, home));
  const crossing = varying.find(([, plates]) => plates.some((plate) => !holds(home, plate)));
  if (crossing !== undefined) {
    const [other, plates] = crossing;
    refuseCrossing(site, [here.latents[0], home], [other.latents[0], plates]);
  }
  const part = outer.find((plate) => scaleOf(plate) !== 1);
  if (part !== undefined && !biased) refuseSubsampling(site, part, here.axis);
  return { ...term, value: overPlates(term.value, outer), plates: home };
}

function stepOf(axis: Axis, plates: readonly Plate[], all: readonly Term[], most: number): Step {
  const joined = all.filter(({ value }) => value.has(axis));
  const factors = joined.map(({ value }) => value);
  const sites = [...new Set(joined.flatMap((term) => term.sites))];
  const joint = unionAxes(...factors.map(({ axes }) => axes));
  const terms = sizeOf(joint);
  if (terms > most) refuseCost(axis, plates, sites, joint, most);
  return { axis, plates, sites, factors, terms };
}

function holds(plates: readonly Plate[], { axis }: Plate): boolean {
  return plates.some((plate) => plate.axis === axis);
}

function isSame(a: readonly Plate[], b: readonly Plate[]): boolean {
  return a.length === b.length && a.every((plate) => holds(b, plate));
}
