/**
 * Whether short Markov chains that begin at draws move away from them: where draws are those of the posterior, nothing
 * does, and where they miss a part of it, the chains go there, which no weight of the draws tells of.
 */
import type { Model } from "../../model/index.ts";
import { compile } from "../../runtime/index.ts";
import { axis, fold, key, sizeOf, standardNormal, uniform } from "../../tensor/internal.ts";
import { LogDensity } from "../density/logDensity.ts";
import type { LogDensityOptions } from "../density/options.ts";
import type { SiteValue } from "../density/programs/siteValues.ts";
import { dot } from "../statistics/linear.ts";
import { meanOf, varianceOf } from "../statistics/moments.ts";
import { momentsOf, type PositionProposal } from "./positionProposal.ts";
import { positionsOf, whereKnown } from "./positions.ts";
import type { PosteriorDraws } from "./posteriorDraws.ts";
import { type Moved, TOLERANCE } from "./reliability/moved.ts";

/** Chains, trajectories of each, and how many of these, the first ones, choose the step size. */
const [CHAINS, TRAJECTORIES, CHOOSING] = [64, 40, 16];
/** Leapfrog steps of a trajectory at most, and its length at most, in standard deviations of the draws. */
const [MOST_STEPS, MOST_LENGTH] = [12, 2];
/** The share of proposals that is to be accepted. */
const TARGET = 0.8;
/** Operations of an evaluation up to which so many, about 15,000, take seconds. */
const MOST_OPERATIONS = 300_000;
/** Numbers of a position at most: a leapfrog step takes their square. */
const MOST_NUMBERS = 300;
/** Sets of draws that are alike at least: the errors of moments of fewer are hardly known. */
const LEAST_SETS = 50;
/** Standard errors that chance makes of the moments of hundreds of elements. */
const ERRORS = 4;

/** By site. */
type Values = Readonly<Record<string, SiteValue>>;

/** What densities are made of. */
export interface DensitySource {
  /** The model, */
  readonly model: Model<unknown, unknown>;
  /** its data, */
  readonly data: unknown;
  /** and what it is given besides. */
  readonly options: LogDensityOptions;
}

/**
 * The latent whose mean or standard deviation chains change most, if by more than the tolerance, and than chance makes of
 * it. Chains move by Hamiltonian Monte Carlo in units of the moments of the draws; where priors depend on other latents, on
 * the density as it is and with latents in units of their priors, in turn (interweaving: Yu and Meng, JCGS 20, 2011).
 * Undefined too where that would take long.
 */
export function driftOf(
  density: LogDensity,
  source: DensitySource,
  draws: PosteriorDraws,
  seed: number,
): Moved | undefined {
  const { dimension, operations } = density;
  if (dimension === 0 || dimension > MOST_NUMBERS || operations > MOST_OPERATIONS) return undefined;
  if (draws.draws < LEAST_SETS * (draws.together ?? 1)) return undefined;
  const kernels = densitiesOf(density, source).flatMap((each) => kernelOf(each, draws) ?? []);
  if (kernels[0]?.density !== density) return undefined;
  return mostDrifted(density, draws, statesOf(kernels, seed));
}

/** A density, and the same in units of priors that depend on other latents. */
function densitiesOf(density: LogDensity, { model, data, options }: DensitySource) {
  if (density.children.size === 0) return [density];
  const other = new LogDensity(model, data, { ...options, nonCentred: true });
  return other.sites.some(({ nonCentred }) => nonCentred) ? [density, other] : [density];
}

/** A density, and how chains move on it. */
interface Kernel extends Pick<PositionProposal, "factor"> {
  readonly density: LogDensity;
  /** Positions of draws. */
  readonly positions: readonly Float64Array[];
  stepSize: number;
}

function kernelOf(density: LogDensity, draws: PosteriorDraws): Kernel | undefined {
  const positions = positionsOf(density, draws);
  const moments = momentsOf(positions);
  const stepSize = density.dimension ** -0.25;
  return moments && { density, positions, factor: moments.factor, stepSize };
}

/** The values of each chain after the trajectories that choose the step size. */
function statesOf(kernels: readonly Kernel[], seed: number): readonly (readonly Values[])[] {
  const [{ positions, density }] = kernels;
  const random = randomNumbers(seed, density.dimension);
  const states = Array.from({ length: CHAINS }, (_, c) =>
    stateAt(density, positions[Math.floor((c * positions.length) / CHAINS)]),
  );
  const kept: Values[][] = states.map(() => []);
  for (let t = 0; t < TRAJECTORIES; t++) {
    const kernel = kernels[t % kernels.length];
    let accepted = 0;
    states.forEach((state, c) => {
      const { to, probability } = trajectory(kernel, state, random(t * CHAINS + c));
      accepted += probability / CHAINS;
      states[c] = to;
      if (t >= CHOOSING) kept[c].push(to.values);
    });
    if (t < CHOOSING) kernel.stepSize *= Math.exp(accepted - TARGET);
  }
  return kept;
}

/** Where a chain is. */
interface State {
  readonly density: LogDensity;
  /** Of that density. */
  readonly position: Float64Array;
  readonly values: Values;
}

function stateAt(density: LogDensity, position: Float64Array): State {
  return { density, position, values: density.constrain(position) };
}

/** The position of a density where a chain is; undefined where rounding puts that at an edge, which is infinitely far. */
function positionIn(density: LogDensity, { density: own, position, values }: State) {
  if (density === own) return position.slice();
  const latents = density.sites.map(({ name }) => [name, values[name].data] as const);
  return whereKnown(() => density.unconstrain(Object.fromEntries(latents)));
}

/** Of a trajectory: standard normal numbers, and two that are uniform. */
interface Random {
  readonly momentum: Float64Array;
  readonly length: number;
  readonly accept: number;
}

function randomNumbers(seed: number, size: number): (trajectory: number) => Random {
  const [each, number] = [axis("trajectory", TRAJECTORIES * CHAINS), axis("number", size)];
  const stream = (purpose: string) => fold(fold(key(seed), "drift"), purpose);
  const outputs = {
    momentum: standardNormal(stream("momentum"), [each, number], "float64"),
    length: uniform(stream("length"), [each], "float64"),
    accept: uniform(stream("accept"), [each], "float64"),
  };
  const { momentum, length, accept } = compile({ outputs }, { steps: 1, dtype: "float64" }).run();
  return (at) => ({
    momentum: Float64Array.from(momentum.data.subarray(at * size, (at + 1) * size), Number),
    length: Number(length.data[at]),
    accept: Number(accept.data[at]),
  });
}

/** A trajectory of Hamiltonian Monte Carlo from a state, and the probability that its end was accepted with. */
function trajectory(
  { density, factor, stepSize }: Kernel,
  from: State,
  { momentum, length, accept }: Random,
): { readonly to: State; readonly probability: number } {
  const position = positionIn(density, from);
  if (position === undefined) return { to: from, probability: 0 };
  const { length: n } = position;
  const gradient = new Float64Array(n);
  let value = density.evaluate(position, gradient);
  const energy = () => value - dot(momentum, momentum) / 2;
  const before = energy();
  const steps = Math.ceil(Math.min(MOST_STEPS, MOST_LENGTH / stepSize) * length);
  kick(momentum, stepSize / 2, factor, gradient);
  for (let s = 0; s < steps; s++) {
    drift(position, stepSize, factor, momentum);
    value = density.evaluate(position, gradient);
    kick(momentum, s === steps - 1 ? stepSize / 2 : stepSize, factor, gradient);
  }
  const gain = energy() - before;
  const probability = Number.isNaN(gain) ? 0 : Math.min(1, Math.exp(gain));
  return { to: accept < probability ? stateAt(density, position) : from, probability };
}

/** momentum + size L' gradient, in the place of the momentum. */
function kick(momentum: Float64Array, size: number, factor: Float64Array, gradient: Float64Array) {
  const { length: n } = momentum;
  for (let i = 0; i < n; i++) {
    const by = size * gradient[i];
    for (let j = 0; j <= i; j++) momentum[j] += factor[i * n + j] * by;
  }
}

/** position + size L momentum, in the place of the position. */
function drift(position: Float64Array, size: number, factor: Float64Array, momentum: Float64Array) {
  const { length: n } = position;
  for (let i = 0; i < n; i++) {
    let by = 0;
    for (let j = 0; j <= i; j++) by += factor[i * n + j] * momentum[j];
    position[i] += size * by;
  }
}

/** Of all elements that which the chains move most, as `driftOf`. */
function mostDrifted(
  { sites }: LogDensity,
  draws: PosteriorDraws,
  chains: readonly (readonly Values[])[],
): Moved | undefined {
  let most = 1;
  let moved: Moved | undefined;
  for (const { name } of sites) {
    const { axes, data } = draws.sites[name];
    const size = sizeOf(axes);
    for (let at = 0; at < size; at++) {
      const drawn = Float64Array.from({ length: draws.draws }, (_, d) => data[d * size + at]);
      const there = chains.map((each) =>
        Float64Array.from(each, (values) => Number(values[name].data[at])),
      );
      const found = moves(drawn, draws.together ?? 1, there);
      if (!(found.excess > most)) continue;
      most = found.excess;
      moved = { name, shift: found.shift, ratio: found.ratio };
    }
  }
  return moved;
}

/** How the mean and the spread of chains of an element differ from those of draws, of which so many are alike, and by how much more than chance. */
function moves(drawn: Float64Array, together: number, chains: readonly Float64Array[]) {
  const mean = meanOf(drawn);
  const sd = Math.sqrt(varianceOf(drawn, mean));
  const sets = Array.from({ length: Math.ceil(drawn.length / together) }, (_, b) =>
    drawn.subarray(b * together, (b + 1) * together),
  );
  const compared = (power: 1 | 2) => {
    const [before, after] = [sets, chains].map((all) =>
      Float64Array.from(all, (each) => meanOf(each.map((x) => ((x - mean) / sd) ** power))),
    );
    const error = Math.sqrt(varianceOf(before) / before.length + varianceOf(after) / after.length);
    return { before: meanOf(before), after: meanOf(after), error };
  };
  const [first, second] = [compared(1), compared(2)];
  const shift = first.after - first.before;
  const spread = (second.after - shift ** 2) / second.before;
  // Both larger than chance makes it, and than is tolerated.
  const excessOf = (change: number, error: number, tolerance: number) =>
    Math.min(Math.abs(change) / error / ERRORS, Math.abs(change) / tolerance);
  const excess = Math.max(
    excessOf(shift, first.error, TOLERANCE),
    excessOf(second.after - second.before, second.error, 2 * TOLERANCE * second.before),
  );
  const ratio = 1 / Math.sqrt(spread);
  return { shift: shift * ratio, ratio, excess };
}
