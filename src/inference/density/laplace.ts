/**
 * Laplace's approximation: a normal at the mode of the unconstrained log density, whose
 * covariance is the inverse of minus the Hessian there (MacKay, "Information theory,
 * inference and learning algorithms", 2003, chapter 27).
 */

import { compile } from "../../runtime/index.ts";
import {
  type Axis,
  axis,
  fold,
  input,
  type Key,
  key,
  SurmiseError,
  standardNormal,
  sum,
  type Tensor,
  tensor,
  uniform,
} from "../../tensor/index.ts";
import { inverseTransposed } from "../linear.ts";
import type { Ratios } from "../posterior/ratios.ts";
import type { LogDensity } from "./logDensity.ts";
import { modeNear, noMode, type Reached, steepestLatent } from "./modes/mode.ts";

/** Rows of the Hessian at most. */
const MAX_DIMENSION = 1000;

/** A normal over positions of a log density. */
export interface LaplaceApproximation {
  /** Its mean: the mode of the log density, in unconstrained space. */
  readonly mode: Float64Array;
  /** Row-major: a matrix M with M M^T the covariance. */
  readonly factor: Float64Array;
  /** The log evidence of the data in nats, were the normal exact. */
  readonly logEvidence: number;
}

/**
 * The mode of a log density near where a search has ended, and the normal there.
 *
 * @throws SurmiseError if there are more than 1000 unconstrained numbers, or no maximum is found.
 */
export function laplaceApproximation(density: LogDensity, found: Reached): LaplaceApproximation {
  const { dimension: size } = density;
  if (size > MAX_DIMENSION) {
    throw new SurmiseError(
      `laplace: the latents have ${size} unconstrained parameters in all, more than the ${MAX_DIMENSION} whose ` +
        "Hessian fits into a matrix: use vi",
    );
  }
  const mode = modeNear("laplace", density, found);
  if (mode === undefined) noMode("laplace", steepestLatent(density, found));
  const { point, position, precisionFactor: root } = mode;
  let logVolume = 0.5 * size * Math.log(2 * Math.PI);
  for (let i = 0; i < size; i++) logVolume += Math.log(found.scales[i] / root[i * size + i]);
  const factor = inverseTransposed(root, size);
  return {
    mode: position,
    factor: factor.map((x, at) => x * found.scales[Math.floor(at / size)]),
    logEvidence: point.value + logVolume,
  };
}

/** Draws of positions along `along`: float64 over it and the axis `unconstrained`. */
export function samplePositions(
  { mode, factor }: LaplaceApproximation,
  unconstrained: Axis,
  along: Axis,
  key: Key,
): Tensor {
  const noise = axis("noise", mode.length);
  const shift = sum(
    tensor(factor, [unconstrained, noise]).mul(
      standardNormal(fold(key, "laplace"), [along, noise], "float64"),
    ),
    noise,
  );
  return tensor(mode, [unconstrained]).add(shift);
}

/**
 * log p(u) - log N(u) of `count` draws u of the approximation, in nats: what importance weights correct it by;
 * and the draws by site, in unconstrained space.
 */
export function laplaceRatios(
  density: LogDensity,
  laplace: LaplaceApproximation,
  count: number,
  seed: number,
): Pick<Ratios, "logRatios" | "sites"> {
  const { dimension } = density;
  const [{ positions, logRatios }] = setsOf(density, laplace, "laplace judged", {
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

/** How many positions there are to be, from how many draws. */
export interface WeightedPositionsOptions {
  /** How many positions. */
  readonly draws: number;
  /** Everything random follows from it. */
  readonly seed: number;
  /** Draws of the approximation that are weighed together. */
  readonly ofSet: number;
  /** Positions taken of each set. */
  readonly shown: number;
}

/** Flat positions, one after the other: from each set of draws of the approximation some, by their weights. */
export function weightedPositions(
  density: LogDensity,
  laplace: LaplaceApproximation,
  { draws, seed, ofSet, shown }: WeightedPositionsOptions,
): Float64Array {
  const { dimension } = density;
  const found = new Float64Array(draws * dimension);
  const sets = Math.ceil(draws / shown);
  const at = randomNumbers(seed, sets * shown);
  let s = 0;
  const given = { count: ofSet, seed, sets };
  for (const { positions, logRatios } of setsOf(density, laplace, "laplace ratios", given)) {
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
  const values = uniform(fold(key(seed), "laplace choices"), [axis("draw", count)], "float64");
  const { data } = compile({ outputs: { values } }, { steps: 1, dtype: "float64" }).run().values;
  return Float64Array.from(data, Number);
}

/** Sets of draws of the approximation, one draw after the other, and their log ratios; other streams are other draws. */
function* setsOf(
  density: LogDensity,
  { mode, factor, logEvidence }: LaplaceApproximation,
  stream: string,
  { count, seed, sets }: { readonly count: number; readonly seed: number; readonly sets: number },
): Generator<{ readonly positions: Float64Array; readonly logRatios: Float64Array }> {
  const { length: size } = mode;
  const [draw, number] = [axis("draw", count), axis("number", Math.max(1, size))];
  const set = input("#set", [], "int32");
  const setKey = fold(fold(key(seed), stream), set);
  const noise = standardNormal(setKey, [draw, number], "float64");
  const program = compile({ outputs: { noise } }, { steps: sets, dtype: "float64" });
  const gradient = new Float64Array(size);
  const logVolume = logEvidence - density.evaluate(mode, gradient);
  for (let s = 0; s < sets; s++) {
    program.write("#set", s);
    const { data } = program.run().noise;
    const positions = new Float64Array(count * size);
    const logRatios = Float64Array.from({ length: count }, (_, d) => {
      const position = positions.subarray(d * size, (d + 1) * size);
      position.set(mode);
      let squares = 0;
      for (let j = 0; j < size; j++) {
        const e = Number(data[d * size + j]);
        squares += e * e;
        for (let i = 0; i < size; i++) position[i] += factor[i * size + j] * e;
      }
      return density.evaluate(position, gradient) + logVolume + 0.5 * squares;
    });
    yield { positions, logRatios };
  }
}
