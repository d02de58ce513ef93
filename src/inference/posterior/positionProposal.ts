/**
 * Importance sampling of a log density: draws of positions from a proposal whose density is known, weighted by p / q; and the
 * proposal made better by the moments of its own weighted draws (population Monte Carlo: Cappe, Guillin, Marin and Robert
 * 2004; Cappe and others, "Adaptive importance sampling in general mixture classes", Statistics and Computing 18, 2008).
 */

import { compile } from "../../runtime/index.ts";
import { axis, fold, input, key, uniform } from "../../tensor/internal.ts";
import type { LogDensity } from "../density/logDensity.ts";
import type { FixedNoise } from "../guides/noise/fixedNoise.ts";
import { cholesky } from "../statistics/linear.ts";
import { paretoSmooth } from "../statistics/psis.ts";
import type { Ratios } from "./ratios.ts";

/** Positions u = centre + factor noise. */
export interface PositionProposal {
  /** Where the noise is 0, in unconstrained space. */
  readonly centre: Float64Array;
  /** Row-major and triangular. */
  readonly factor: Float64Array;
  /** Independent standard noise of each number: normal, or with heavier tails. */
  readonly noise: FixedNoise;
}

/**
 * log p(u) - log q(u) of `count` draws u of the proposal, in nats, and the draws by site, in unconstrained space.
 */
export function positionRatios(
  density: LogDensity,
  proposal: PositionProposal,
  count: number,
  seed: number,
): Pick<Ratios, "logRatios" | "sites"> {
  const { dimension } = density;
  const [{ positions, logRatios }] = setsOf(density, proposal, "proposal judged", {
    ...{ count, seed },
    sets: 1,
  });
  const sites = density.sites.map(({ name, axes, offset, size }) => {
    const data = new Float64Array(size * count);
    for (let d = 0; d < count; d++) {
      data.set(positions.subarray(d * dimension + offset, d * dimension + offset + size), d * size);
    }
    return [name, { axes, data }] as const;
  });
  return { logRatios, sites: Object.fromEntries(sites) };
}

/** Draws of a round of adaptation, how many rounds there are at most, and how many with weights as they are. */
const [DRAWS_OF_ROUND, ROUNDS, WHOLE_ROUNDS] = [10_000, 10, 4];
/** Moments are taken of draws whose weights are worth so many for each dimension. */
const WORTH_OF_DIMENSION = 10;

/**
 * A proposal of such noise with the moments of the posterior, as far as weighted draws tell them from `proposal` on. Weights
 * that are worth too few draws are flattened first, by a power (Koblents and Miguez, "A population Monte Carlo scheme with
 * transformed weights", Statistics and Computing 25, 2015).
 *
 * @param onRound called before each round
 */
export function adapted(
  density: LogDensity,
  proposal: PositionProposal,
  seed: number,
  onRound?: () => void,
): PositionProposal {
  const { dimension: size } = density;
  let last = proposal;
  for (let round = 0, whole = 0; round < ROUNDS && whole < WHOLE_ROUNDS; round++) {
    onRound?.();
    const [{ positions, logRatios }] = setsOf(density, last, `proposal adapted ${round}`, {
      ...{ count: DRAWS_OF_ROUND, seed },
      sets: 1,
    });
    const { weights, power } = flattened(logRatios, WORTH_OF_DIMENSION * size);
    const each = Array.from(weights, (_, d) => positions.subarray(d * size, (d + 1) * size));
    const moments = momentsOf(each, weights);
    if (moments === undefined) return last;
    last = { ...last, ...moments };
    if (power === 1) whole++;
  }
  return last;
}

/** Weights that sum to one, as a power of the ratios: the largest, in steps of a tenth off, at which they are worth so many. */
function flattened(logRatios: Float64Array, least: number) {
  for (let power = 1; ; power *= 0.9) {
    const weights = paretoSmooth(logRatios.map((x) => power * x)).logWeights.map(Math.exp);
    const worth = 1 / weights.reduce((total, w) => total + w * w, 0);
    if (worth >= least || power < LEAST_POWER) return { weights, power };
  }
}

/** Here weights are nearly alike. */
const LEAST_POWER = 1e-3;

/**
 * The mean, and the root of the covariance, of positions with weights that sum to one, alike unless given; undefined where it
 * is not positive definite.
 */
export function momentsOf(
  positions: readonly Float64Array[],
  weights: Float64Array = new Float64Array(positions.length).fill(1 / positions.length),
): Pick<PositionProposal, "centre" | "factor"> | undefined {
  const [origin] = positions;
  if (origin === undefined) return undefined;
  const size = origin.length;
  const centre = origin.slice();
  positions.forEach((position, d) => {
    for (let i = 0; i < size; i++) centre[i] += weights[d] * (position[i] - origin[i]);
  });
  const covariance = new Float64Array(size * size);
  positions.forEach((position, d) => {
    for (let i = 0; i < size; i++) {
      const away = weights[d] * (position[i] - centre[i]);
      for (let j = 0; j <= i; j++) covariance[i * size + j] += away * (position[j] - centre[j]);
    }
  });
  const factor = cholesky(covariance, size);
  return factor && { centre, factor };
}

/** How many positions there are to be, from how many draws. */
export interface WeightedPositionsOptions {
  /** How many positions. */
  readonly draws: number;
  /** Everything random follows from it. */
  readonly seed: number;
  /** Draws of the proposal that are weighed together. */
  readonly ofSet: number;
  /** Positions taken of each set. */
  readonly shown: number;
}

/** Flat positions, one after the other: from each set of draws of the proposal some, by their weights. */
export function weightedPositions(
  density: LogDensity,
  proposal: PositionProposal,
  { draws, seed, ofSet, shown }: WeightedPositionsOptions,
): Float64Array {
  const { dimension } = density;
  const found = new Float64Array(draws * dimension);
  const sets = Math.ceil(draws / shown);
  const at = randomNumbers(seed, sets * shown);
  let s = 0;
  const given = { count: ofSet, seed, sets };
  for (const { positions, logRatios } of setsOf(density, proposal, "proposal weighed", given)) {
    // Where there is no density, draws have no weight.
    const most = logRatios.reduce((a, x) => (x > a ? x : a), Number.NEGATIVE_INFINITY);
    let total = 0;
    const cumulative = logRatios.map((x) => {
      if (x > Number.NEGATIVE_INFINITY) total += Math.exp(x - most);
      return total;
    });
    if (!(total > 0)) {
      const bad = logRatios.findIndex((x) => !Number.isFinite(x));
      density.checkFinite(positions.subarray(bad * dimension, (bad + 1) * dimension));
    }
    for (let d = s * shown; d < Math.min(draws, (s + 1) * shown); d++) {
      const chosen = cumulative.findIndex((x) => x > at[d] * total);
      const from = chosen < 0 ? ofSet - 1 : chosen;
      const position = positions.subarray(from * dimension, (from + 1) * dimension);
      found.set(position, d * dimension);
    }
    s++;
  }
  return found;
}

/** Uniform between 0 and 1. */
function randomNumbers(seed: number, count: number): Float64Array {
  const values = uniform(fold(key(seed), "proposal choices"), [axis("draw", count)], "float64");
  const { data } = compile({ outputs: { values } }, { steps: 1, dtype: "float64" }).run().values;
  return Float64Array.from(data, Number);
}

/** Sets of draws of the proposal, one draw after the other, and their log ratios; other streams are other draws. */
function* setsOf(
  density: LogDensity,
  { centre, factor, noise }: PositionProposal,
  stream: string,
  { count, seed, sets }: { readonly count: number; readonly seed: number; readonly sets: number },
): Generator<{ readonly positions: Float64Array; readonly logRatios: Float64Array }> {
  const { length: size } = centre;
  const [draw, number] = [axis("draw", count), axis("number", Math.max(1, size))];
  const set = input("#set", [], "int32");
  const of = noise({ number, dtype: "float64" });
  const vectors = of.draw(fold(fold(key(seed), stream), set), [draw]);
  const outputs = { vectors, logProb: of.logProb(vectors) };
  const program = compile({ outputs }, { steps: sets, dtype: "float64" });
  const gradient = new Float64Array(size);
  let logVolume = 0;
  for (let i = 0; i < size; i++) logVolume += Math.log(Math.abs(factor[i * size + i]));
  for (let s = 0; s < sets; s++) {
    program.write("#set", s);
    const found = program.run();
    const { data } = found.vectors;
    // The axis of no numbers has one, which is not there.
    const logProb = size === 0 ? new Float64Array(count) : found.logProb.data;
    const positions = new Float64Array(count * size);
    const logRatios = Float64Array.from({ length: count }, (_, d) => {
      const position = positions.subarray(d * size, (d + 1) * size);
      position.set(centre);
      for (let j = 0; j < size; j++) {
        const e = Number(data[d * size + j]);
        for (let i = 0; i < size; i++) position[i] += factor[i * size + j] * e;
      }
      return density.evaluate(position, gradient) + logVolume - Number(logProb[d]);
    });
    yield { positions, logRatios };
  }
}
