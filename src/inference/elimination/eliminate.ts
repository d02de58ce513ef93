/**
 * The elimination of particle axes from the log weight: the one traversal that all strategies share.
 * An axis is eliminated in the innermost plates that hold everything that varies along it, because inside
 * them different elements are weighed independently, and outside they are not. So the log of the
 * mean weight stands inside the image plate of an autoencoder, outside every plate for particles that
 * all latents share, and plate by plate for particles of single latents: then it is the mean over all
 * K^n combinations, in polynomial time (Heap, Leech and Aitchison, UAI 2023, section 4). The steps of a
 * chain are weighed together: its axis is like a plate only for what steps do not hand on.
 */
import type { Plate } from "../../model/index.ts";
import { logMeanExp, sizeOf, type Tensor, unionAxes } from "../../tensor/index.ts";
import type { Factor } from "../logWeight/factors.ts";
import type { Weight } from "../logWeight/weights.ts";
import type { DrawnAxis } from "../proposal/traces.ts";
import { chainsOf, type LinkedChain, split } from "./chainStates.ts";
import { type Chain, type ChainOrder, eliminateChain } from "./chains.ts";
import { eliminationOrder } from "./order.ts";
import { refuseCost } from "./refusals.ts";
import { type Homed, homed, isSame, moved, type Term, varies } from "./scopes.ts";

export interface EliminationOptions {
  /** The most terms a step may have; beyond it is refused. 1e9 unless given. */
  readonly maxTerms?: number;
  /** Allows the log of a mean outside a subsampled plate, although it is biased there. */
  readonly biased?: boolean;
  /** The particles of chains: step by step unless given, or in log depth. */
  readonly chains?: ChainOrder;
}

/** One axis that was eliminated; or a chain, all of its steps but the last. */
export interface Step extends Pick<DrawnAxis, "axis" | "values"> {
  /** Where: the log of the mean is taken for each of their elements. */
  readonly plates: readonly Plate[];
  /** The sites whose factors vary along it. */
  readonly sites: readonly string[];
  /** These factors; the log weight of each particle along the axis is their sum. float64. */
  readonly factors: readonly Tensor[];
  /** How many elements their sum has: exponentials to be taken. */
  readonly terms: number;
  readonly chain?: Chain;
}

export interface Elimination {
  /** What is left: nothing in it varies along an importance axis. */
  readonly weights: readonly Weight[];
  /** In the order in which they are made. */
  readonly steps: readonly Step[];
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
  { maxTerms = 1e9, biased = false, chains = "sequential" }: EliminationOptions = {},
): Elimination {
  let terms: readonly Term[] = factors.map(({ site, ...rest }) => ({ sites: [site], ...rest }));
  let open = particles.flatMap((particle) => homed(particle, terms));
  const steps: Step[] = [];
  while (open.length > 0) {
    const { home } = open.reduce((a, b) => (b.home.length > a.home.length ? b : a));
    const [here, left] = [true, false].map((is) => open.filter((a) => isSame(a.home, home) === is));
    const linked = chainsOf(here, terms);
    terms = terms.map((term) => moved(term, home, open, linked, biased));
    const eliminated = (axes: readonly Homed[], from: readonly Term[]) => {
      const found = withoutParticles(axes, from, home, maxTerms);
      steps.push(...found.steps);
      return found.terms;
    };
    for (const chain of linked) {
      const { first, later, others } = split(chain, terms);
      const before = here.filter(
        (a) => first.some((x) => varies(x, a)) && !later.some((x) => varies(x, a)),
      );
      const reached = eliminated(before, [...others, ...first]);
      const begins = ({ value }: Term) => chain.states.some((state) => value.has(state.first));
      const { term, step } = withoutChain(chain, reached.filter(begins), later, home, chains);
      if (step.terms > maxTerms) refuseCost(chain.along, home, step.sites, step.factors, maxTerms);
      steps.push(step);
      terms = [...reached.filter((x) => !begins(x)), term];
    }
    const remaining = here.filter(({ axis }) => terms.some(({ value }) => value.has(axis)));
    terms = eliminated(remaining, terms);
    open = left;
  }
  return { weights: terms, steps };
}

/** The elimination of the particles of a chain up to its last step. */
function withoutChain(
  { along, states }: LinkedChain,
  start: readonly Term[],
  later: readonly Term[],
  home: readonly Plate[],
  order: ChainOrder,
): { readonly term: Term; readonly step: Step } {
  const weights = start.map(({ value }) => value).reduce((a, b) => a.add(b));
  const factors = later.map(({ value }) => value);
  const { last, chain, terms } = eliminateChain(along, states, weights, factors, order);
  const sites = sitesOf([...start, ...later]);
  return {
    term: { sites, value: last, plates: home },
    step: { axis: along, plates: home, sites, factors, terms, chain },
  };
}

/** The elimination of axes one after the other, in the cheapest order. */
function withoutParticles(
  axes: readonly Homed[],
  from: readonly Term[],
  home: readonly Plate[],
  maxTerms: number,
): { readonly terms: readonly Term[]; readonly steps: readonly Step[] } {
  let terms = from;
  const order = eliminationOrder(
    axes.map(({ axis }) => axis),
    terms.map(({ value }) => value.axes),
  );
  const steps = order.map((axis) => {
    const step = stepOf(axes.find((a) => a.axis === axis) as Homed, terms, maxTerms);
    const joint = step.factors.reduce((a, b) => a.add(b));
    const rest = terms.filter(({ value }) => !value.has(axis));
    terms = [...rest, { sites: step.sites, value: logMeanExp(joint, axis), plates: home }];
    return step;
  });
  return { terms, steps };
}

function stepOf({ axis, values, home }: Homed, all: readonly Term[], most: number): Step {
  const joined = all.filter(({ value }) => value.has(axis));
  const factors = joined.map(({ value }) => value);
  const sites = sitesOf(joined);
  const terms = sizeOf(unionAxes(...factors.map(({ axes }) => axes)));
  if (terms > most) refuseCost(axis, home, sites, factors, most);
  return { axis, ...(values && { values }), plates: home, sites, factors, terms };
}

function sitesOf(terms: readonly Term[]): readonly string[] {
  return [...new Set(terms.flatMap(({ sites }) => sites))];
}
