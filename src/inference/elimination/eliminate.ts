/**
 * The elimination of particle axes from the log weight: the one traversal that all strategies share.
 * An axis is eliminated in the innermost plates that hold everything that varies along it, because inside
 * them different elements are weighed independently, and outside they are not; a plate some of whose elements a site puts
 * together does not count. So the log of the
 * mean weight stands inside the image plate of an autoencoder, outside every plate for particles that
 * all latents share, and plate by plate for particles of single latents: then it is the mean over all
 * K^n combinations, in polynomial time (Heap, Leech and Aitchison, UAI 2023, section 4). The steps of a
 * chain are weighed together: its axis is like a plate only for what steps do not hand on.
 */
import type { Plate } from "../../model/index.ts";
import {
  ANYTHING,
  FLAG,
  logMeanExp,
  oneOf,
  optional,
  realNumber,
  sizeOf,
  type Tensor,
  unionAxes,
} from "../../tensor/internal.ts";
import type { Factor } from "../logWeight/factors.ts";
import type { LogWeight } from "../logWeight/weights.ts";
import type { ParticleAxis } from "../proposal/traces.ts";
import { type ChainStates, chainStates, splitFactors } from "./chainStates.ts";
import { CHAIN_ORDERS, type Chain, type ChainOrder, eliminateChain } from "./chains.ts";
import { eliminationOrder } from "./order.ts";
import { refuseCost, refuseMixture } from "./refusals.ts";
import {
  type LogFactor,
  reduceToScope,
  type ScopedAxis,
  sameScope,
  scopeOf,
  variesAlong,
} from "./scopes.ts";

/** What an elimination may cost, and how it goes along chains. */
export interface EliminationOptions {
  /** The most elements that the joint factor of a step, or a mixture of the guide, may have; 1e9 unless given. */
  readonly maxCost?: number;
  /** Allows the log of a mean outside a subsampled plate, although it is biased there. */
  readonly biased?: boolean;
  /** The particles of chains: step by step unless given, or in log depth. */
  readonly chains?: ChainOrder;
}

/** What the entries of `EliminationOptions` must be. */
export const ELIMINATION_OPTIONS = {
  chains: optional(oneOf(...CHAIN_ORDERS)),
  biased: optional(FLAG),
  maxCost: ANYTHING,
};

/** One axis that was eliminated; or a chain, all of its steps but the last. */
export interface EliminationStep extends Pick<ParticleAxis, "axis" | "values"> {
  /** Where: the log of the mean is taken for each of their elements. */
  readonly plates: readonly Plate[];
  /** The sites whose factors vary along it. */
  readonly sites: readonly string[];
  /** These factors; the log weight of each particle along the axis is their sum. float64. */
  readonly factors: readonly Tensor[];
  /** The elements of the joint factor, their sum: exponentials to be taken. */
  readonly cost: number;
  /** Where the step goes along a chain. */
  readonly chain?: Chain;
}

/** The terms of a guide's density that is a mixture over particles of its parents on other axes. */
export interface GuideMixture extends Pick<Factor, "site" | "plates"> {
  /** Exponentials to be taken. */
  readonly cost: number;
}

/** The particle axes of a log weight, summed out (variable elimination; Aitchison, NeurIPS 2019). */
export interface Elimination {
  /** What is left: nothing in it varies along an importance axis. */
  readonly weights: readonly (LogWeight & Pick<LogFactor, "sites">)[];
  /** In the order in which they are made. */
  readonly steps: readonly EliminationStep[];
  /** The mixtures among the factors, computed before the first step. */
  readonly mixtures: readonly GuideMixture[];
}

/**
 * Eliminates all importance axes; averages stay. Within the same plates the order is the one that has the
 * lowest cost (`eliminationOrder`).
 *
 * @throws SurmiseError if latents of plates that cross meet in a factor, a step or a mixture of the guide costs more
 * than `maxCost`, or the log of a mean would stand outside a subsampled plate, where it is biased.
 */
export function eliminate(
  factors: readonly Factor[],
  particles: readonly ParticleAxis[],
  { maxCost = 1e9, biased = false, chains = "sequential" }: EliminationOptions = {},
): Elimination {
  realNumber("maxCost", maxCost, { least: 1 });
  const mixtures = mixturesOf(factors, maxCost);
  let logFactors: readonly LogFactor[] = factors.map(({ site, ...rest }) => ({
    sites: [site],
    ...rest,
  }));
  let remaining = particles.flatMap((particle) => scopeOf(particle, logFactors));
  const steps: EliminationStep[] = [];
  while (remaining.length > 0) {
    const { scope } = remaining.reduce((a, b) => (b.scope.length > a.scope.length ? b : a));
    const [here, left] = [true, false].map((is) =>
      remaining.filter((a) => sameScope(a.scope, scope) === is),
    );
    const chainedStates = chainStates(here, logFactors);
    logFactors = logFactors.map((factor) =>
      reduceToScope(factor, scope, remaining, chainedStates, biased),
    );
    const eliminated = (axes: readonly ScopedAxis[], from: readonly LogFactor[]) => {
      const found = withoutParticles(axes, from, scope, maxCost);
      steps.push(...found.steps);
      return found.logFactors;
    };
    for (const chain of chainedStates) {
      const { first, later, others } = splitFactors(chain, logFactors);
      const before = here.filter(
        (a) => first.some((x) => variesAlong(x, a)) && !later.some((x) => variesAlong(x, a)),
      );
      const reached = eliminated(before, [...others, ...first]);
      const begins = ({ value }: LogFactor) => chain.states.some((state) => value.has(state.first));
      const { logFactor, step } = withoutChain(chain, reached.filter(begins), later, scope, chains);
      if (step.cost > maxCost) refuseCost(chain.along, scope, step.sites, step.factors, maxCost);
      steps.push(step);
      logFactors = [...reached.filter((x) => !begins(x)), logFactor];
    }
    const unchained = here.filter(({ axis }) => logFactors.some(({ value }) => value.has(axis)));
    logFactors = eliminated(unchained, logFactors);
    remaining = left;
  }
  return { weights: logFactors, steps, mixtures };
}

function mixturesOf(factors: readonly Factor[], most: number): readonly GuideMixture[] {
  return factors.flatMap(({ site, plates, mixture }) => {
    if (mixture === undefined) return [];
    const cost = sizeOf(mixture);
    if (cost > most) refuseMixture(site, mixture, most);
    return [{ site, plates, cost }];
  });
}

/** The elimination of the particles of a chain up to its last step. */
function withoutChain(
  { along, states }: ChainStates,
  start: readonly LogFactor[],
  later: readonly LogFactor[],
  scope: readonly Plate[],
  order: ChainOrder,
): { readonly logFactor: LogFactor; readonly step: EliminationStep } {
  const weights = start.map(({ value }) => value).reduce((a, b) => a.add(b));
  const factors = later.map(({ value }) => value);
  const { last, chain, cost } = eliminateChain(along, states, weights, factors, order);
  const sites = sitesOf([...start, ...later]);
  return {
    logFactor: { sites, value: last, plates: scope },
    step: { axis: along, plates: scope, sites, factors, cost, chain },
  };
}

/** The elimination of axes one after the other, in the cheapest order. */
function withoutParticles(
  axes: readonly ScopedAxis[],
  from: readonly LogFactor[],
  scope: readonly Plate[],
  maxCost: number,
): { readonly logFactors: readonly LogFactor[]; readonly steps: readonly EliminationStep[] } {
  let logFactors = from;
  const order = eliminationOrder(
    axes.map(({ axis }) => axis),
    logFactors.map(({ value }) => value.axes),
  );
  const steps = order.map((axis) => {
    const step = stepOf(axes.find((a) => a.axis === axis) as ScopedAxis, logFactors, maxCost);
    const joint = step.factors.reduce((a, b) => a.add(b));
    const rest = logFactors.filter(({ value }) => !value.has(axis));
    logFactors = [...rest, { sites: step.sites, value: logMeanExp(joint, axis), plates: scope }];
    return step;
  });
  return { logFactors, steps };
}

function stepOf(
  { axis, values, scope }: ScopedAxis,
  all: readonly LogFactor[],
  most: number,
): EliminationStep {
  const joined = all.filter(({ value }) => value.has(axis));
  const factors = joined.map(({ value }) => value);
  const sites = sitesOf(joined);
  const cost = sizeOf(unionAxes(...factors.map(({ axes }) => axes)));
  if (cost > most) refuseCost(axis, scope, sites, factors, most);
  return { axis, ...(values && { values }), plates: scope, sites, factors, cost };
}

function sitesOf(factors: readonly LogFactor[]): readonly string[] {
  return [...new Set(factors.flatMap(({ sites }) => sites))];
}
