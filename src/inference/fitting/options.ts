/** What a fit can be told. */

import type { Model } from "../../model/index.ts";
import type { Optimiser, Schedule } from "../../optim/index.ts";
import {
  ANYTHING,
  either,
  FLAG,
  FUNCTION,
  NUMBER,
  OBJECT,
  oneOf,
  optional,
  optionsWith,
  PRECISION,
  type Precision,
  SIGNAL,
} from "../../tensor/internal.ts";
import { FLOWS } from "../guides/flows/flow.ts";
import { type GuideOptions, METHODS, type MethodName } from "../methods.ts";
import type { LoopEvent, LoopOptions } from "../process/loop.ts";
import type { ProgramState } from "../process/state.ts";
import type { Objective } from "../process/training.ts";
import { PARTICLES, type Particles } from "../proposal/particles.ts";
import type { BoundOptions } from "../target/bound.ts";

/** What is fitted, and how it is made better; `bound` says what its choices mean. */
export interface TrainOptions<Data>
  extends Omit<BoundOptions<Data>, "key" | "parameters" | "guide" | "particles" | "beta">,
    GuideOptions {
  /** Made from the model by the method unless given. */
  readonly guide?: Model<Data, unknown>;
  /**
   * A row of `METHODS`: guide, particles and gradient that go together. Without one and without a guide it is what
   * `chooseTraining` says; with a guide of one's own nothing but what is given here counts.
   */
  readonly method?: MethodName;
  /** Of the method, how many particles; else what they are. */
  readonly particles?: Particles | number;
  /**
   * How often the divergence of the guide from the priors counts, a number or one for each step, such as `warmUp(1, 1000)`
   * (`bound`); 1 unless given. For methods whose bound is a mean of log weights.
   */
  readonly beta?: number | Schedule;
  /** What is made larger; `bound` unless given. */
  readonly target?: (options: BoundOptions<Data>) => Objective;
  /**
   * How many elements of the largest plate of observations a step takes, all unless given: sums over the plate are
   * estimated from them. For methods whose bound is a mean of log weights, and map. The guide then begins at the priors.
   */
  readonly batch?: number;
  /**
   * Adam from a rate of 0.05 to a thousandth of it unless given. Of qem, the rule of the moments: `sgd`, at a rate from
   * 0.1 to a tenth of it unless given; parameters of the model move by Adam there.
   */
  readonly optimiser?: Optimiser;
  /**
   * From 1 to 2^31 - 1, or `auto`, the default: as many as it takes until the parameters of a guide come to rest, at most
   * 5000, at rates that follow from that too; with an optimiser or a guide of one's own, and where no normal was found to
   * start from (chains of vectors, minibatches, networks), 5000; of pathfinder 1, and of map and laplace where
   * quasi-Newton ascents find the mode before: then a step only tells the log density there.
   */
  readonly steps?: number | "auto";
  /** What everything is computed in; what the model says unless given. */
  readonly dtype?: Precision;
  /** Everything random follows from it: a whole number from 0 to 2^53 - 1; 0 unless given. */
  readonly seed?: number;
}

/**
 * How a model is fitted: method, steps, learning rate, seed, and how the fit is watched and
 * stopped.
 */
export interface FitOptions<Data>
  extends TrainOptions<Data>,
    Pick<LoopOptions, "backend" | "threads"> {
  /** How many values `bounds` holds at most; 100 unless given. */
  readonly records?: number;
  /** Ends the fit after the present call of the program; the fit is what there is by then. */
  readonly signal?: AbortSignal;
  /** Called about five times a second. */
  readonly onProgress?: (event: LoopEvent) => void;
  /**
   * Ends the fit early, once so many records have passed without a better one: the fit is what it was at the best. Without it
   * all steps are made.
   */
  readonly patience?: number;
  /** What a record is judged by, larger is better, such as a log likelihood of data held out; its mean bound unless given. */
  readonly score?: (record: FitRecord) => number;
}

/** Where a fit is at the end of a stretch of steps. */
export interface FitRecord {
  /** Steps made. */
  readonly step: number;
  /** The mean bound over the stretch, in nats. */
  readonly bound: number;
  /** Parameters and all else that is carried from step to step, by name. */
  readonly state: ProgramState;
}

/** How many steps a method has, unless someone says otherwise. */
export function defaultSteps(name: MethodName = "vi"): number {
  return (METHODS[name] as { readonly steps?: number }).steps ?? 5000;
}

/** What the options of `fit` must be; numbers and words are checked where they are used. */
export const OPTIONS = optionsWith<FitOptions<unknown>>({
  model: FUNCTION,
  data: ANYTHING,
  method: ANYTHING,
  steps: ANYTHING,
  seed: ANYTHING,
  particles: optional(either(PARTICLES, NUMBER)),
  guide: optional(FUNCTION),
  flow: optional(oneOf(...Object.keys(FLOWS))),
  components: ANYTHING,
  gradient: ANYTHING,
  kl: ANYTHING,
  alpha: ANYTHING,
  beta: ANYTHING,
  target: optional(FUNCTION),
  optimiser: optional(OBJECT),
  chains: ANYTHING,
  maxCost: ANYTHING,
  biased: optional(FLAG),
  dtype: optional(PRECISION),
  backend: ANYTHING,
  threads: ANYTHING,
  records: ANYTHING,
  signal: optional(SIGNAL),
  onProgress: optional(FUNCTION),
  batch: ANYTHING,
  patience: ANYTHING,
  score: optional(FUNCTION),
});

/** How many steps there are at most. */
export function stepsOf({
  steps = "auto",
  method,
}: Pick<TrainOptions<unknown>, "steps" | "method">): number {
  return steps === "auto" ? defaultSteps(method) : steps;
}

/** Whether a fit in the coordinates of the posterior ends by itself. */
export function endsItself<Data>(options: TrainOptions<Data>): boolean {
  const { steps = "auto", optimiser, method, beta } = options;
  const isFixed = steps === "auto" && optimiser === undefined && typeof beta !== "function";
  return isFixed && defaultSteps(method) > 1;
}

/** Steps are counted in an int32. */
export const MOST_STEPS = 2 ** 31 - 1;
