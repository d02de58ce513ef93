/** A model read at a position in unconstrained space: every latent is the image of unconstrained numbers. */
import {
  axesWithin,
  bijectionTo,
  type Distribution,
  type Support,
  sumAlong,
} from "../../distributions/internal.ts";
import {
  checkWhole,
  drawnAlong,
  type Interpretation,
  type Latent,
  type Model,
  overPlates,
  ownAxes,
  type ParamStore,
  type Plate,
  type Statement,
  type Trace,
  trace,
} from "../../model/internal.ts";
import {
  type Axis,
  cast,
  constant,
  type Key,
  key,
  log,
  nodesOf,
  Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";
import { type Elimination, type EliminationOptions, eliminate } from "../elimination/eliminate.ts";
import {
  drawValues,
  factorOfSite,
  particlesOf,
  summedOutFactor,
} from "../elimination/summedOut.ts";
import type { Factor } from "../logWeight/factors.ts";
import { logPriors } from "../logWeight/priors.ts";
import { sumOverPlates } from "../logWeight/weights.ts";
import { type Discrete, Enumeration, refuseInfinite } from "../proposal/enumeration.ts";

/** A latent of which a position has elements. */
export interface Unconstrained {
  /** The name of the latent. */
  readonly name: string;
  /** Of its unconstrained numbers: plates, then event axes, those of a set replaced (`bijectionTo`). */
  readonly axes: readonly Axis[];
  /** Its prior; in a chain, of the first step. */
  readonly distribution: Distribution;
  /** Whether its position is that of (x - location) / scale, of a prior that depends on other latents or steps. */
  readonly nonCentred: boolean;
  /** Whether its prior depends on other latents. */
  readonly hasParents: boolean;
}

/** The unconstrained numbers of a latent, over its axes and any further ones, such as chains. */
export type PositionOf = (latent: Unconstrained) => Tensor;

/** A model at a position in unconstrained space, and its log density there. */
export interface UnconstrainedTrace {
  /** The model, run on the constrained values. */
  readonly trace: Trace;
  /** In the order of the statements. */
  readonly latents: readonly Unconstrained[];
  /**
   * log p(data, constrain(u)) with the log priors of the parameters, and log |d constrain / d u| if requested for,
   * in nats: float64 over the further axes of the position.
   */
  readonly value: Tensor;
  /**
   * What each site, and each parameter with a prior, adds to it; of sites that depend on latents that are summed out
   * roughly.
   */
  readonly sites: Readonly<Record<string, Tensor>>;
  /** The discrete latents, which are summed out; undefined if there are none. */
  readonly summedOut: SummedOutOfTrace | undefined;
  /** The log factors of all sites that do not depend on latents that are summed out, over their plates. */
  factors(): readonly Factor[];
}

/** What is left of the discrete latents of a model at a position. */
export interface SummedOutOfTrace {
  /** Which they are, with all their values. */
  readonly enumeration: Enumeration;
  /** The log factors that depend on them. */
  readonly factors: readonly Factor[];
  /** How they were summed out. */
  readonly elimination: Elimination;
}

/** All latents, none, or those of some names. */
export type NonCentred = boolean | ReadonlySet<string>;

/** A model, its data and parameters, and which log density is asked for. */
export interface UnconstrainedOptions<Data> {
  /** The model p. */
  readonly model: Model<Data, unknown>;
  /** What it is called with. */
  readonly data: Data;
  /** The store of its parameters. */
  readonly parameters: ParamStore;
  /** Whether log |d constrain / d u| is added. */
  readonly jacobian: boolean;
  /** How discrete latents are summed out: step by step along chains, or in log depth. */
  readonly elimination?: EliminationOptions;
  /**
   * Which latents are read in units of priors that have a location and a scale, and depend on other latents
   * (Papaspiliopoulos, Roberts and Sköld, "A general framework for the parametrization of hierarchical models",
   * Statistical Science 22, 2007), or on the step before: then a position holds the innovations of a chain. All of
   * them, or those of these names; none unless given.
   */
  readonly nonCentred?: NonCentred;
}

/**
 * Runs `model` once at a position; discrete latents are summed out, unless `discrete` assigns values to them. In a
 * chain all steps are read at once, unless the support of a step depends on the step before.
 *
 * @throws SurmiseError naming a latent that is discrete with infinitely many values, or whose elements meet in a
 * site, or that stands in a subsampled plate.
 */
export function traceUnconstrained<Data>(
  options: UnconstrainedOptions<Data>,
  positionOf: PositionOf,
  discrete: Discrete = () => undefined,
): UnconstrainedTrace {
  const { model, data, parameters, jacobian, elimination, nonCentred = false } = options;
  const enumeration = new Enumeration();
  const met = new Map<string, Unconstrained & { readonly position: Tensor }>();
  const interpretation: Interpretation = (statement) => {
    const known = knownValue(statement);
    if (known !== undefined) return { kind: "latent", value: known };
    const assigned = discrete(statement) ?? enumeration.assign(statement);
    if (assigned !== undefined) return assigned;
    const { name, distribution, plates, step } = statement;
    let latent = met.get(name);
    if (latent === undefined) {
      refuseInfinite(statement);
      checkAllData(`latent '${name}'`, plates);
      const map = bijectionTo(distribution.support);
      const axes = map.unconstrainedAxes(ownAxes(plates, distribution));
      const positions = [...met.values()].map((each) => each.position);
      const hasParents = dependsOn(distribution, positions);
      const isChosen = typeof nonCentred === "boolean" ? nonCentred : nonCentred.has(name);
      const isBound = isChosen && (hasParents || step !== undefined);
      const found = isBound ? unitsOf(distribution) : undefined;
      const isOne = found && ![found.location, found.scale].some((x) => enumeration.varies(x));
      const one = { name, axes, distribution, nonCentred: isOne === true, hasParents };
      latent = { ...one, position: positionOf(one) };
      met.set(name, latent);
    }
    const isRead = latent.nonCentred || !hasFixedEnds(distribution.support);
    const own = step !== undefined && isRead ? step.at(latent.position) : latent.position;
    const position = latent.nonCentred ? outOfUnits(own, distribution) : own;
    return { kind: "latent", value: bijectionTo(distribution.support).forward(position) };
  };
  const run = trace(model, data, interpretation, parameters);
  const sites: Record<string, Tensor> = {};
  const parts: Tensor[] = [];
  const factors: Factor[] = [];
  const others: (() => Factor)[] = [];
  for (const site of [...run.latents, ...run.observed]) {
    const { name, plates } = site;
    const latent = met.get(name);
    const jacobianOf = (over: readonly Axis[]) =>
      jacobian && site.kind === "latent" && latent !== undefined
        ? logJacobian(site, latent, over)
        : undefined;
    if (site.distribution.support.kind === "point" && site.kind === "latent") continue;
    const density = cast(site.logProb(), "float64");
    const own = ownAxes(plates, site.distribution);
    const more = jacobianOf(own);
    const factorOf = () => {
      const within = withoutAxes(
        own,
        plates.map(({ axis }) => axis),
      );
      return factorOfSite(site, jacobianOf(within));
    };
    if (enumeration.varies(density) || (more && enumeration.varies(more))) {
      const factor = summedOutFactor(enumeration, factorOf());
      factors.push(factor);
      sites[name] = overPlates(enumeration.withoutValues(factor.value), plates);
    } else {
      const value = overPlates(density, plates);
      sites[name] = more === undefined ? value : value.add(more);
      parts.push(sites[name]);
      others.push(factorOf);
    }
  }
  const priors = logPriors([run], parameters);
  Object.assign(sites, priors);
  const eliminated = eliminate(factors, particlesOf(enumeration), elimination);
  const all = [...parts, ...Object.values(priors), sumOverPlates(eliminated.weights)];
  const value = all.reduce((a, b) => a.add(b), constant(0, "float64"));
  return {
    trace: run,
    latents: [...met.values()],
    value,
    sites,
    summedOut:
      enumeration.latents.length === 0
        ? undefined
        : { enumeration, factors, elimination: eliminated },
    factors: () => others.map((factorOf) => factorOf()),
  };
}

/**
 * The model at a position with joint draws of its discrete latents, along `along`, from their probabilities given the
 * position; the same trace if it has none.
 */
export function traceDrawn<Data>(
  options: UnconstrainedOptions<Data>,
  positionOf: PositionOf,
  along: Axis,
  key: Key,
): Trace {
  const sequential = { ...options.elimination, chains: "sequential" } as const;
  const found = traceUnconstrained({ ...options, elimination: sequential }, positionOf);
  if (found.summedOut === undefined) return found.trace;
  const { enumeration, elimination } = found.summedOut;
  const drawn = drawValues(enumeration, elimination, along, key);
  return traceUnconstrained(options, positionOf, drawn).trace;
}

/** The value of a latent that is known beforehand, a single point: nothing of it is unconstrained. */
export function knownValue(statement: Statement): Tensor | undefined {
  const { distribution } = statement;
  if (distribution.support.kind !== "point") return undefined;
  return distribution.sample(key(0), drawnAlong(statement));
}

/** log |d constrain / d u| of a latent given those that it depends on, summed over its elements along `over`. */
function logJacobian(
  { distribution }: Latent,
  { position, nonCentred }: { readonly position: Tensor; readonly nonCentred: boolean },
  over: readonly Axis[],
): Tensor {
  const { support } = distribution;
  const units = nonCentred ? unitsOf(distribution) : undefined;
  const each = withoutAxes(over, axesWithin(support));
  const at = units === undefined ? position : outOfUnits(position, distribution);
  const map = sumAlong(cast(bijectionTo(support).logJacobian(at), "float64"), each);
  return units === undefined ? map : map.add(sumAlong(cast(log(units.scale), "float64"), each));
}

/** What a non-centred latent is measured from, and in. */
interface Units {
  readonly location: Tensor;
  readonly scale: Tensor;
}

/** Location and scale of a prior that has both, of unconstrained numbers. */
export function unitsOf({ locationScale }: Pick<Distribution, "locationScale">): Units | undefined {
  const { location, scale } = locationScale?.() ?? {};
  return location === undefined || scale === undefined ? undefined : { location, scale };
}

/** Unconstrained numbers of what is read in units of its prior. */
function outOfUnits(position: Tensor, distribution: Distribution): Tensor {
  const { location, scale } = unitsOf(distribution) as Units;
  return location.add(scale.mul(position));
}

/** Unconstrained numbers of a latent as a position holds them: in units of its prior, where it is not centred. */
export function asRead(
  unconstrained: Tensor,
  distribution: Distribution,
  { nonCentred }: { readonly nonCentred: boolean },
): Tensor {
  const units = nonCentred ? unitsOf(distribution) : undefined;
  return units === undefined ? unconstrained : unconstrained.sub(units.location).div(units.scale);
}

/** Whether a prior, or where its values may lie, is made of these positions. */
function dependsOn({ parameters, support }: Distribution, positions: readonly Tensor[]): boolean {
  const ends = Object.values(support).filter((x) => x instanceof Tensor);
  const nodes = new Set(nodesOf([...Object.values(parameters), ...ends]));
  return positions.some((position) => nodes.has(position));
}

/** Whether the support is the same at every step of a chain. */
function hasFixedEnds(support: Support): boolean {
  const { low, high } = support as { low?: Tensor; high?: Tensor };
  return [low, high].every((end) => end === undefined || end.op === "constant");
}

/** @throws SurmiseError if a plate of `site` is subsampled. */
export function checkAllData(site: string, plates: readonly Plate[]): void {
  checkWhole(site, plates, "a log density is that of all data:");
}
