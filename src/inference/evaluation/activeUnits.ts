/** Which elements of a code tell data apart. */

import { type ParamStore, trace } from "../../model/internal.ts";
import { compile } from "../../runtime/index.ts";
import { broadcast } from "../../runtime/internal.ts";
import {
  ANYTHING,
  AXIS,
  type Axis,
  cast,
  checkArguments,
  FUNCTION,
  mean,
  objectWith,
  optionsWith,
  realNumber,
  SurmiseError,
  seedKey,
  sizeOf,
  type Tensor,
  wholeNumber,
} from "../../tensor/internal.ts";
import { writeSeed } from "../process/state.ts";
import { type Trained, writeTrained } from "../process/trained.ts";
import { particleDraws } from "../proposal/draws.ts";
import { average } from "../proposal/particles.ts";
import { MODEL_AND_GUIDE } from "../proposal/traces.ts";
import { RunningMoments } from "../statistics/runningMoments.ts";
import type { DataEvaluatorOptions, DataSet } from "./dataEvaluator.ts";

/** A guide of some of the data at a time, its parameters, and the data. */
export interface ActiveUnitsOptions<Data>
  extends Pick<DataEvaluatorOptions<Data>, "guide" | "data" | "plate" | "seed"> {
  /** Those of the guide, with or without those of a model. */
  readonly parameters: ParamStore;
  /** Their values. */
  readonly values: Trained;
  /** The data. */
  readonly set: DataSet;
  /** Draws of the latents before, for each datum; 100 unless given. */
  readonly draws?: number;
  /** The least variance over data of an active unit; 0.01 unless given. */
  readonly threshold?: number;
}

/** What the options must be; numbers are checked where they are used. */
const OPTIONS = optionsWith<ActiveUnitsOptions<unknown>>({
  guide: MODEL_AND_GUIDE.guide,
  data: ANYTHING,
  plate: AXIS,
  parameters: MODEL_AND_GUIDE.parameters,
  values: ANYTHING,
  set: objectWith({ count: ANYTHING, rows: FUNCTION }),
  draws: ANYTHING,
  threshold: ANYTHING,
  seed: ANYTHING,
});

/** The units of one latent. */
export interface ActiveUnits {
  /** Over data, of the posterior mean of each unit, row-major over its event axes. */
  readonly variance: Float64Array;
  /** How many of these are above the threshold. */
  readonly active: number;
}

/**
 * The units of the latents of a guide whose posterior mean varies from datum to datum: Var_x(E_q(z given x)[z]) > 0.01 (Burda,
 * Grosse and Salakhutdinov, ICLR 2016, section 5.1). The mean is that of the distribution of each latent where it has one in
 * closed form, averaged over draws of the latents before; these add their noise, the variance over a hundredth.
 *
 * @throws SurmiseError if a latent of the guide does not stand in the plate, the parameters are not those of the guide, or a
 * number is not of its range.
 *
 * @example activeUnits({ guide, data: { x, image, total: 100 }, plate: image, parameters, values, set }).h.active
 */
export function activeUnits<Data>(
  options: ActiveUnitsOptions<Data>,
): Readonly<Record<string, ActiveUnits>> {
  checkArguments("activeUnits", { options }, OPTIONS);
  const { guide, data, plate, parameters, values, set, threshold = 0.01, seed = 0 } = options;
  const draws = wholeNumber("activeUnits: draws", options.draws ?? 100, {
    least: 1,
    most: 2 ** 31 - 1,
  });
  wholeNumber("activeUnits: set.count", set.count, { least: 1, most: 2 ** 31 - 1 });
  realNumber("activeUnits: threshold", threshold, { least: 0 });
  const found = trace(guide, data, particleDraws(seedKey(), average(draws)), parameters);
  const latents = found.latents.map(({ name, distribution, value }) => {
    const own = [plate, ...distribution.eventAxes];
    return { name, axes: own, mean: meanOver(meanOf(distribution, value), own) };
  });
  const apart = found.latents.find(({ plates }) => plates.every(({ axis }) => axis !== plate));
  if (apart !== undefined) {
    throw new SurmiseError(
      `activeUnits: latent '${apart.name}' does not stand in the plate '${plate.name}' of the data: only latents of each ` +
        "datum have posterior means that vary over data",
    );
  }
  const outputs = Object.fromEntries(latents.map((latent) => [latent.name, latent.mean]));
  const program = compile({ outputs });
  writeTrained(program, parameters, values);
  writeSeed(program, seed);
  const spreads = latents.map(({ axes }) => RunningMoments.of(sizeOf(axes) / plate.size));
  for (let first = 0; first < set.count; first += plate.size) {
    for (const [name, rows] of Object.entries(set.rows(first))) program.write(name, rows);
    const results = program.run();
    const here = Math.min(plate.size, set.count - first);
    latents.forEach(({ name, axes }, i) => {
      const rows = broadcast(results[name], axes);
      const units = rows.length / plate.size;
      for (let row = 0; row < here; row++) {
        spreads[i].add(rows.subarray(row * units, (row + 1) * units));
      }
    });
  }
  return Object.fromEntries(
    latents.map(({ name }, i) => {
      const { count, squares } = spreads[i];
      const variance = squares.map((x) => x / count);
      return [name, { variance, active: variance.filter((x) => x > threshold).length }];
    }),
  );
}

/** The mean of a distribution in closed form, or its draws. */
function meanOf(distribution: { mean(): Tensor }, value: Tensor): Tensor {
  try {
    return distribution.mean();
  } catch (cause) {
    if (cause instanceof SurmiseError) return value;
    throw cause;
  }
}

/** The mean along all axes but these: float64. */
function meanOver(x: Tensor, kept: readonly Axis[]): Tensor {
  const others = x.axes.filter((a) => !kept.includes(a));
  const wide = cast(x, "float64");
  return others.length === 0 ? wide : mean(wide, ...others);
}
