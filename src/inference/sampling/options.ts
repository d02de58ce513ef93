/** The options of samplers, with their defaults. */
import {
  ANYTHING,
  FUNCTION,
  OBJECT,
  optional,
  optionsWith,
  type Precision,
  realNumber,
  SIGNAL,
  SurmiseError,
  wholeNumber,
} from "../../tensor/internal.ts";
import type { LogDensityOptions } from "../density/options.ts";
import type { Until } from "../mcmc/enough.ts";
import { METRICS, type MetricName } from "../mcmc/metrics/index.ts";
import { type Initial, STARTS } from "../mcmc/start.ts";
import { MOST_LEVELS } from "../mcmc/trajectory/layout.ts";
import { SAMPLERS, type SamplerName } from "../mcmc/transitions/index.ts";
import type { LoopControl, LoopEvent } from "../process/loop.ts";
import type { Trained } from "../process/trained.ts";

/** How a posterior is sampled. */
export interface SamplerOptions {
  /** `nuts` unless given. */
  readonly method?: SamplerName;
  /** How many chains; 4 unless given. */
  readonly chains?: number;
  /** Transitions of each chain that adapt step size and metric and are not kept; 1000 unless given. */
  readonly warmup?: number;
  /** Draws of each chain; 1000 unless given. With `until` the most of them, 10,000 unless given. */
  readonly draws?: number;
  /** Ends once there are enough draws, as it looks after 100 of each chain and each time there are half as many more. */
  readonly until?: Until;
  /** Everything random follows from it: a whole number from 0 to 2^53 - 1; 0 unless given. */
  readonly seed?: number;
  /**
   * The mean acceptance that the step size is made for, in (0, 1); that of the method (`SAMPLERS`) unless given. By methods
   * `nuts` and `gibbs` it is raised, one that is given too: where one of a thousand transitions diverges in the middle of
   * warm-up, to 0.9, and where they still do, or three, to 0.95, and where they still do then, to 0.99, unless it is higher.
   */
  readonly targetAccept?: number;
  /** Of NUTS: a trajectory has at most 2^maxDepth - 1 steps; 10 unless given. */
  readonly maxDepth?: number;
  /** The mass matrix; `lowrank` up to 64 unconstrained numbers, else `diagonal`, unless given. */
  readonly metric?: MetricName;
  /** Where chains begin: `ascent` unless given; `vi`, at draws from a guide that method `vi` trains first. */
  readonly init?: Initial | "vi";
  /** The values of the parameters (`param`) of the model, which are not sampled. */
  readonly values?: Trained;
  /** What the density is computed in; float64 unless given. */
  readonly dtype?: Precision;
  /**
   * At most so many threads advance chains side by side, in Node; SURMISE_THREADS, or the number of processors up to 8,
   * unless given. Draws have the same bits for any number.
   */
  readonly cores?: number;
}

/** How a run is watched and stopped. */
export interface SampleOptions
  extends SamplerOptions,
    Pick<LogDensityOptions, "backend" | "threads">,
    LoopControl {
  /** Called about five times a second. */
  readonly onProgress?: (event: LoopEvent) => void;
}

/** What the options of `sample` must be; numbers and words are checked where they are used. */
export const OPTIONS = optionsWith<SampleOptions>({
  method: ANYTHING,
  chains: ANYTHING,
  warmup: ANYTHING,
  draws: ANYTHING,
  until: optional(optionsWith<Until>({ rhat: ANYTHING, ess: ANYTHING })),
  seed: ANYTHING,
  targetAccept: ANYTHING,
  maxDepth: ANYTHING,
  metric: ANYTHING,
  init: ANYTHING,
  values: optional(OBJECT),
  dtype: ANYTHING,
  cores: ANYTHING,
  backend: ANYTHING,
  threads: ANYTHING,
  signal: optional(SIGNAL),
  pause: optional(FUNCTION),
  onProgress: optional(FUNCTION),
});

/** Where chains begin, unless it is said where. */
const DEFAULT_START = "ascent";

/** Draws of each chain, unless it is said how many. */
export const DRAWS = 1000;
/** The most draws of each chain where it is said when there are enough. */
export const MOST_DRAWS = 10_000;

/** The options with their defaults. */
export function settingsOf(options: SamplerOptions) {
  const { method = "nuts", metric, init = DEFAULT_START } = options;
  const named = (what: string, name: string, known: object) => {
    if (Object.hasOwn(known, name)) return;
    throw new SurmiseError(`sample: ${what} '${name}' is none of ${Object.keys(known).join(", ")}`);
  };
  named("method", method, SAMPLERS);
  if (metric !== undefined) named("metric", metric, METRICS);
  const { targetAccept = SAMPLERS[method].targetAccept } = options;
  const {
    chains = 4,
    warmup = 1000,
    draws = options.until ? MOST_DRAWS : DRAWS,
    maxDepth = 10,
    seed = 0,
    until,
  } = options;
  wholeNumber("sample: chains", chains, { least: 1 });
  wholeNumber("sample: warmup", warmup);
  wholeNumber("sample: draws", draws, { least: 1 });
  wholeNumber("sample: maxDepth", maxDepth, { least: 1, most: MOST_LEVELS });
  wholeNumber("sample: seed", seed, { most: Number.MAX_SAFE_INTEGER });
  realNumber("sample: targetAccept", targetAccept, { above: 0 });
  if (targetAccept >= 1) {
    throw new SurmiseError(`sample: targetAccept is ${targetAccept}: it must be less than 1`);
  }
  if (until?.rhat !== undefined) realNumber("sample: until.rhat", until.rhat, { above: 1 });
  if (until?.ess !== undefined) realNumber("sample: until.ess", until.ess, { above: 0 });
  if (until !== undefined && until.rhat === undefined && until.ess === undefined) {
    throw new SurmiseError(
      "sample: until says neither rhat nor ess: give one, such as { rhat: 1.01, ess: 400 }",
    );
  }
  for (const one of Array.isArray(init) ? init : [init]) {
    if (typeof one === "number") realNumber("sample: a radius of init", one, { least: 0 });
  }
  const words = (Array.isArray(init) ? init : [init]).filter((one) => typeof one === "string");
  for (const word of words) if (word !== "vi" || word !== init) named("init", word, STARTS);
  if (Array.isArray(init) && init.length !== chains) {
    throw new SurmiseError(`sample: init has starts for ${init.length} chains, of ${chains}`);
  }
  return { method, metric, init, targetAccept, chains, warmup, draws, maxDepth, seed, until };
}
