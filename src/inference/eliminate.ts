/**
 * The elimination of particle axes from the log weight: the one traversal that all strategies share.
 * An axis is eliminated in the innermost plates that hold everything that varies along it, because inside
 * them different elements are weighed independently, and outside they are not. So the log of the
 * mean weight stands inside the image plate of an autoencoder, outside every plate for particles that
 * all latents share, and plate by plate for particles of single latents: then it is the mean over all
 * K^n combinations, in polynomial time (Heap, Leech and Aitchison, UAI 2023, section 4).
 */
import { overPlates, type Plate, scaleOf } from "../model/index.ts";
import { gather, logMeanExp, sizeOf, type Tensor, unionAxes } from "../tensor/index.ts";
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
export interface Step extends Pick<DrawnAxis, "axis" | "values"> {
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

/** An importance axis that is yet to be eliminated, and the plates in which it will be. */
interface Homed extends DrawnAxis {
  readonly home: readonly Plate[];
}

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
  let open = particles.flatMap((particle) => homed(particle, terms));
  const steps: Step[] = [];
  while (open.length > 0) {
    const { home } = open.reduce((a, b) => (b.home.length > a.home.length ? b : a));
    const [here, left] = [true, false].map((is) => open.filter((a) => isSame(a.home, home) === is));
    terms = terms.map((term) => moved(term, home, open, biased));
    const order = eliminationOrder(
      here.map(({ axis }) => axis),
      terms.map(({ value }) => value.axes),
    );
    for (const axis of order) {
      const step = stepOf(here.find((a) => a.axis === axis) as Homed, terms, maxTerms);
      const joint = step.factors.reduce((a, b) => a.add(b));
      const rest = terms.filter(({ value }) => !value.has(axis));
      terms = [...rest, { sites: step.sites, value: logMeanExp(joint, axis), plates: home }];
      steps.push(step);
    }
    open = left;
  }
  return { weights: terms, steps };
}

/** An axis with the plates that everything that varies along it stands in. */
function homed(particle: DrawnAxis, terms: readonly Term[]): readonly Homed[] {
  const [first, ...rest] = terms.filter((term) => varies(term, particle));
  if (first === undefined || particle.kind === "average") return [];
  const home = first.plates.filter((plate) => rest.every(({ plates }) => holds(plates, plate)));
  return [{ ...particle, home }];
}

/** A term that varies along an axis whose home is `home`: the sum over the other plates it stands in. */
function moved(term: Term, home: readonly Plate[], open: readonly Homed[], biased: boolean): Term {
  const varying = open.filter((particle) => varies(term, particle));
  const here = varying.filter((particle) => isSame(particle.home, home));
  if (here.length === 0) return term;
  const [site] = term.sites;
  const outer = term.plates.filter((plate) => !holds(home, plate));
  const crossing = varying.find((other) => other.home.some((plate) => !holds(home, plate)));
  if (crossing !== undefined) refuseCrossing(site, here[0], crossing);
  const part = outer.find((plate) => scaleOf(plate) !== 1);
  if (part !== undefined && !biased) refuseSubsampling(site, part, here[0].axis);
  const unlike = varying.filter(({ values }) => outer.some(({ axis }) => values?.at.has(axis)));
  const summed = overPlates(byParticle(term.value, unlike), outer);
  return { ...term, value: byParticle(summed, here), plates: home };
}

function varies({ value }: Term, { axis, values }: DrawnAxis): boolean {
  return value.has(axis) || (values !== undefined && value.has(values.axis));
}

/** `x` for each particle, where it was for each value of a discrete latent. */
function byParticle(x: Tensor, particles: readonly DrawnAxis[]): Tensor {
  return particles.reduce(
    (y, { values }) =>
      values !== undefined && y.has(values.axis) ? gather(y, values.axis, values.at) : y,
    x,
  );
}

function stepOf({ axis, values, home }: Homed, all: readonly Term[], most: number): Step {
  const joined = all.filter(({ value }) => value.has(axis));
  const factors = joined.map(({ value }) => value);
  const sites = [...new Set(joined.flatMap((term) => term.sites))];
  const joint = unionAxes(...factors.map(({ axes }) => axes));
  const terms = sizeOf(joint);
  if (terms > most) refuseCost(axis, home, sites, joint, most);
  return { axis, ...(values && { values }), plates: home, sites, factors, terms };
}

function holds(plates: readonly Plate[], { axis }: Plate): boolean {
  return plates.some((plate) => plate.axis === axis);
}

function isSame(a: readonly Plate[], b: readonly Plate[]): boolean {
  return a.length === b.length && a.every((plate) => holds(b, plate));
}
