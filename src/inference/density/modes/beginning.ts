/** Where searches for modes begin: around the locations of the priors, in their scales. */

import { compile } from "../../../runtime/index.ts";
import { broadcast } from "../../../runtime/internal.ts";
import {
  type Axis,
  axis,
  constant,
  fold,
  key,
  SurmiseError,
  seedKey,
  standardNormal,
  type Tensor,
} from "../../../tensor/internal.ts";
import { writeSeed } from "../../process/state.ts";
import { type Initialisation, initialisationNamed } from "../initialisation.ts";
import type { LogDensity } from "../logDensity.ts";
import { type AscentPoint, type ScaledDensity, scaledDensity } from "./lbfgs.ts";

/** A log density in units of the priors. */
export interface Beginning {
  /** Measured from the locations of the priors, in their scales. */
  readonly scaled: ScaledDensity;
  /** The locations, in unconstrained space. */
  readonly location: Float64Array;
  /** The scales, in unconstrained space. */
  readonly scales: Float64Array;
  /** Rows of standard normal numbers, for estimates of bounds. */
  readonly noise: readonly Float64Array[];
  /** As `noise`, for what was chosen by that: the largest of many estimates is larger than it is. */
  readonly fresh: readonly Float64Array[];
}

/** Draws of an estimate of the bound, as Stan's Pathfinder takes. */
const ELBO_DRAWS = 25;
/** Draws of the estimate for what was chosen. */
const FRESH_DRAWS = 100;

/** The log density of a model whose latents begin as `initial` says. */
export function beginningOf(
  density: LogDensity,
  initial: ReadonlyMap<string, Initialisation>,
): Beginning {
  const { sites, dimension } = density;
  const [row, column] = [axis("draw", ELBO_DRAWS + FRESH_DRAWS), axis("number", dimension)];
  const outputs: Record<string, Tensor> = {
    noise: standardNormal(seedKey(), [row, column], "float64"),
  };
  for (const { name, axes, nonCentred } of sites) {
    const { start, scale, prior } = initialisationNamed(initial, name);
    outputs[`location ${name}`] = nonCentred
      ? constant(0, "float64")
      : start(fold(seedKey(), name), axes, prior.dtype);
    outputs[`scale ${name}`] = nonCentred ? constant(1, "float64") : scale;
  }
  const program = compile({ outputs }, { steps: 1, dtype: "float64" });
  writeSeed(program, 0);
  const found = program.run();
  const flat = (what: string) => {
    const all = new Float64Array(dimension);
    for (const { name, axes, offset } of sites) {
      all.set(broadcast(found[`${what} ${name}`], axes as Axis[]), offset);
    }
    return all;
  };
  const numbers = broadcast(found.noise, [row, column]) as Float64Array;
  const rows = Array.from({ length: row.size }, (_, k) =>
    numbers.slice(k * dimension, (k + 1) * dimension),
  );
  const [noise, fresh] = [rows.slice(0, ELBO_DRAWS), rows.slice(ELBO_DRAWS)];
  const [location, scales] = [flat("location"), flat("scale")];
  return { scaled: scaledDensity(density, location, scales), location, scales, noise, fresh };
}

/** Further rows of standard normal numbers, for searches that need more than there are. */
export function moreNoise(dimension: number, count: number): readonly Float64Array[] {
  const [row, column] = [axis("draw", count), axis("number", dimension)];
  const noise = standardNormal(fold(key(0), "searches"), [row, column], "float64");
  const program = compile({ outputs: { noise } }, { steps: 1, dtype: "float64" });
  const numbers = broadcast(program.run().noise, [row, column]) as Float64Array;
  return Array.from({ length: count }, (_, k) => numbers.slice(k * dimension, (k + 1) * dimension));
}

/**
 * Draws from the priors where the density is finite: where priors depend on other latents, or on kinds that are summed
 * out, they reach further than the surroundings of their locations. None of priors without draws.
 */
export function priorStarts(
  density: LogDensity,
  { scaled, location, scales }: Beginning,
  count: number,
): readonly AscentPoint[] {
  const found: AscentPoint[] = [];
  for (let k = 0; k < count; k++) {
    const drawn = priorDrawOf(density, k);
    if (drawn === undefined) return [];
    const inUnits = drawn.map((x, i) => (x - location[i]) / scales[i]);
    const point = finitePoint(scaled, inUnits);
    if (point !== undefined) found.push(point);
  }
  return found;
}

function priorDrawOf(density: LogDensity, seed: number): Float64Array | undefined {
  try {
    return density.drawPrior(seed);
  } catch (cause) {
    if (cause instanceof SurmiseError) return undefined;
    throw cause;
  }
}

/** The point at a position, `width` times as far out, if the density is finite there. */
export function finitePoint(
  scaled: ScaledDensity,
  position: Float64Array,
  width = 1,
): AscentPoint | undefined {
  const point = scaled.at(width === 1 ? position : position.map((x) => width * x));
  const isKnown = Number.isFinite(point.value) && point.gradient.every(Number.isFinite);
  return isKnown ? point : undefined;
}

/** The locations of the priors, and points around them, `width` times their scales, where the density is finite. */
export function finiteStarts(
  { scaled, noise }: Pick<Beginning, "scaled" | "noise">,
  count: number,
  width = 1,
): readonly AscentPoint[] {
  const found: AscentPoint[] = [];
  for (const position of [new Float64Array(scaled.dimension), ...noise]) {
    if (found.length === count) break;
    const point = finitePoint(scaled, position, width);
    if (point !== undefined) found.push(point);
  }
  return found;
}
