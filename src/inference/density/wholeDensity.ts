/** The log density of models that are nothing but latents and all their data: what searches before training need. */
import { type Model, paramStore } from "../../model/index.ts";
import { SurmiseError } from "../../tensor/index.ts";
import { LogDensity } from "./logDensity.ts";
import type { LogDensityOptions } from "./options.ts";

/** Numbers of a position at most: beyond, ascents stop before a mode, and the initialisation by the priors is as good. */
const MOST_NUMBERS = 20_000;

/** Undefined for models that have no log density, a part of the data only, or parameters besides their latents. */
export function wholeDensity<Data>(
  model: Model<Data, unknown>,
  data: Data,
  options: Omit<LogDensityOptions, "parameters">,
): LogDensity | undefined {
  try {
    const density = new LogDensity(model as Model<unknown, unknown>, data, {
      ...options,
      parameters: paramStore(),
    });
    const { dimension, trace, parameters } = density;
    const isWhole = trace.observed.every(({ plates }) =>
      plates.every((plate) => plate.total === plate.axis.size),
    );
    const fits = dimension > 0 && dimension <= MOST_NUMBERS && parameters.list().length === 0;
    return isWhole && fits ? density : undefined;
  } catch (cause) {
    // Discrete latents, or a part of the data: no density of all of them.
    if (cause instanceof SurmiseError) return undefined;
    throw cause;
  }
}
