/** Hamiltonian Monte Carlo as an expression: many short chains side by side, inside the program of a training step. */
import {
  ANYTHING,
  type Axis,
  cast,
  constant,
  FUNCTION,
  fold,
  grad,
  type Key,
  log,
  mean,
  objectWith,
  optional,
  realNumber,
  select,
  square,
  standardNormal,
  sum,
  sumTo,
  type Tensor,
  uniform,
  wholeNumber,
} from "../../tensor/internal.ts";
import { leapfrog } from "./leapfrog.ts";

/** How often and how far chains move. */
export interface HmcOptions {
  /** Trajectories, each with a decision; 8 unless given. */
  readonly iterations?: number;
  /** Leapfrog steps of a trajectory; 5 unless given. */
  readonly leapfrogs?: number;
  /** The share of proposals that is to be accepted; 0.9 unless given. */
  readonly targetAccept?: number;
  /**
   * How fast the step size follows the share that was accepted, a, after each trajectory: it is multiplied by
   * 1 + adaptation (a - targetAccept) / targetAccept. 0.01 unless given.
   */
  readonly adaptation?: number;
  /** After how many trajectories, the first ones, the step size is adapted; after all unless given. */
  readonly adapting?: number;
  /** Where the chains' random numbers come from; the key unless given. */
  readonly noise?: HmcNoise;
}

/** What the entries of `HmcOptions` must be; numbers are checked where they are used. */
export const HMC_OPTIONS = {
  iterations: ANYTHING,
  leapfrogs: ANYTHING,
  targetAccept: ANYTHING,
  adaptation: ANYTHING,
  adapting: ANYTHING,
  noise: optional(objectWith({ momentum: FUNCTION, uniform: FUNCTION })),
};

/** The random numbers of trajectories. */
export interface HmcNoise {
  /** Standard normal, over the axes and in the type of `like`, the `at`-th part of the position. */
  momentum(trajectory: number, at: number, like: Tensor): Tensor;
  /** Uniform on (0, 1) for each chain. */
  uniform(trajectory: number, elements: readonly Axis[]): Tensor;
}

/** Where chains are, and how they are to go on. */
export interface Chains {
  /** Unconstrained numbers, over `elements` and axes of their own. */
  readonly position: readonly Tensor[];
  /** Scalar: one for all chains. */
  readonly stepSize: Tensor;
  /** The axes along which there is one chain per element. */
  readonly elements: readonly Axis[];
}

/** Chains that have moved. */
export interface Moved extends Chains {
  /** The share of proposals that were accepted, over all trajectories and chains: a float64 scalar. */
  readonly accepted: Tensor;
}

/** Trajectories at most: each stands in the program on its own. */
const MOST_WRITTEN = 1000;

/**
 * Moves each chain by some trajectories of unit mass, accepted or rejected each on its own (Duane and others 1987;
 * Neal 2011); the step size is adapted as Ruiz and Titsias (ICML 2019) do.
 *
 * @param logDensity over the elements, in nats
 * @throws SurmiseError if a number among the options is not of its range.
 */
export function moveByHmc(
  { position: start, stepSize: first, elements }: Chains,
  logDensity: (position: readonly Tensor[]) => Tensor,
  key: Key,
  options: HmcOptions = {},
): Moved {
  const { iterations = 8, leapfrogs = 5, targetAccept = 0.9, adaptation = 0.01 } = options;
  const { adapting = iterations, noise = noiseUnder(key) } = options;
  wholeNumber("hmc: iterations", iterations, { least: 1, most: MOST_WRITTEN });
  wholeNumber("hmc: leapfrogs", leapfrogs, { least: 1, most: 2 ** 31 - 1 });
  realNumber("hmc: targetAccept", targetAccept, { above: 0, below: 1 });
  realNumber("hmc: adaptation", adaptation, { least: 0 });
  wholeNumber("hmc: adapting", adapting);
  const slopeAt = (position: readonly Tensor[]) => grad(sum(logDensity(position)), [...position]);
  const kinetic = (momentum: readonly Tensor[]) =>
    momentum
      .map((m) => cast(sumTo(square(m), elements), "float64").mul(0.5))
      .reduce((a, b) => a.add(b));
  let [position, slope, value] = [start, slopeAt(start), logDensity(start)];
  let [stepSize, accepted] = [first, constant(0, "float64")];
  for (let i = 0; i < iterations; i++) {
    const momentum = position.map((x, at) => noise.momentum(i, at, x));
    const end = leapfrog({ position, momentum, slope }, stepSize, leapfrogs, slopeAt);
    const valueAtEnd = logDensity(end.position);
    const gain = valueAtEnd.sub(kinetic(end.momentum)).sub(value.sub(kinetic(momentum)));
    const accept = log(cast(noise.uniform(i, elements), "float64")).lt(gain);
    const choose = (there: readonly Tensor[], before: readonly Tensor[]) =>
      there.map((x, at) => select(accept, x, before[at]));
    [position, slope] = [choose(end.position, position), choose(end.slope, slope)];
    value = select(accept, valueAtEnd, value);
    const share = elements.length === 0 ? accept : mean(cast(accept, "float64"), ...elements);
    const change = cast(share, "float64")
      .sub(targetAccept)
      .mul(adaptation / targetAccept);
    if (i < adapting) stepSize = stepSize.mul(cast(change.add(1), stepSize.dtype));
    accepted = accepted.add(cast(share, "float64").mul(1 / iterations));
  }
  return { position, stepSize, elements, accepted };
}

function noiseUnder(key: Key): HmcNoise {
  return {
    momentum: (i, at, { axes, dtype }) =>
      standardNormal(fold(fold(fold(key, i), "momentum"), at), axes, dtype),
    uniform: (i, elements) => uniform(fold(fold(key, i), "accept"), elements, "float64"),
  };
}
