/** What the log density of a model can be told. */
import type { ParamStore } from "../../model/internal.ts";
import type { CompileOptions } from "../../runtime/internal.ts";
import {
  ANYTHING,
  either,
  FLAG,
  OBJECT,
  oneOf,
  optional,
  optionsWith,
  PRECISION,
  type Precision,
} from "../../tensor/internal.ts";
import type { EliminationOptions } from "../elimination/eliminate.ts";
import type { Trained } from "../process/trained.ts";
import type { NonCentred } from "./traceUnconstrained.ts";

/** The options of `logDensity`. */
export interface LogDensityOptions
  extends Pick<CompileOptions, "backend" | "threads">,
    Pick<EliminationOptions, "chains" | "maxCost"> {
  /** The store of the model's parameters; a new one unless given. */
  readonly parameters?: ParamStore;
  /** The values of the model's parameters, by name; may also be given by `setParameters`. */
  readonly values?: Trained;
  /**
   * Whether log |d constrain / d u| is added, so that it is the log density of u; true unless given. Without it, it is
   * that of the constrained values, whose maximum is that of maximum a posteriori estimates.
   */
  readonly jacobian?: boolean;
  /**
   * Whether discrete latents are not summed out, but held at values: then it is the joint log density of the others and
   * these (`held`). False unless given.
   */
  readonly holdsDiscrete?: boolean;
  /** Which latents are read in units of priors that depend on other latents or steps (`traceUnconstrained`). */
  readonly nonCentred?: NonCentred;
  /** What everything is computed in; float64 unless given. */
  readonly dtype?: Precision;
  /** How the position goes into programs: as one input, or one for each site, which is the default. */
  readonly layout?: "flat" | "sites";
  /** About how many evaluations there will be, 1000 unless given: many are worth native code. */
  readonly evaluations?: number;
}

/** What an argument that is `LogDensityOptions` must be; programs check the rest. */
export const LOG_DENSITY_OPTIONS = optionsWith<LogDensityOptions>({
  parameters: optional(OBJECT),
  values: optional(OBJECT),
  jacobian: optional(FLAG),
  nonCentred: optional(either(FLAG, OBJECT)),
  holdsDiscrete: optional(FLAG),
  dtype: optional(PRECISION),
  layout: optional(oneOf("flat", "sites")),
  evaluations: ANYTHING,
  chains: ANYTHING,
  maxCost: ANYTHING,
  backend: ANYTHING,
  threads: ANYTHING,
});
