/** Fitting: from a model and its data to trained parameters. */
import { type Model, type ParamStore, paramStore } from "../model/index.ts";
import type { Optimiser, Schedule } from "../optim/index.ts";
import {
  ANYTHING,
  cast,
  checkArguments,
  FLAG,
  FUNCTION,
  OBJECT,
  oneOf,
  optional,
  optionsWith,
  type Precision,
  SIGNAL,
  SurmiseError,
  stopGradient,
  wholeNumber,
} from "../tensor/internal.ts";
import { type Choice, chooseTraining } from "./choice.ts";
import { type Coordinates, posteriorCoordinates } from "./density/coordinates.ts";
import { logDensity } from "./density/logDensity.ts";
import { densityObjective } from "./density/modes/mode.ts";
import { searchMode } from "./density/modes/modeSearch.ts";
import { automaticGuide, type GuideFamily, guideAxes } from "./guides/automatic.ts";
import { fallingAdam } from "./guides/fallingAdam.ts";
import { FLOWS } from "./guides/flows/flow.ts";
import { ANNEALERS } from "./mcmc/annealing.ts";
import { SAMPLERS } from "./mcmc/transitions/index.ts";
import {
  checkMethod,
  type DensityMethod,
  estimatorOf,
  type GuideMethod,
  type GuideOptions,
  hasJacobian,
  METHODS,
  type Method,
  type MethodName,
} from "./methods.ts";
import type { Fitted } from "./posterior/samplePosterior.ts";
import { Loop, type LoopEvent, type LoopOptions } from "./process/loop.ts";
import type { OptimiserOf } from "./process/optimisation.ts";
import { type AtStep, plateMinibatch } from "./process/plateMinibatch.ts";
import { settling, settlingAdam, settlingState } from "./process/settling.ts";
import type { ProgramState } from "./process/state.ts";
import { type Objective, type ObjectiveAt, type Training, training } from "./process/training.ts";
import { average, type Particles } from "./proposal/particles.ts";
import type { FitOffer } from "./requirements/training.ts";
import { type BoundOptions, bound } from "./target/bound.ts";

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
   * 5000, at rates that follow from that too; with an optimiser or a guide of one's own, and where no normal was found
   * to start from (chains of vectors, minibatches, networks), 5000; of pathfinder 1, and of map and laplace where quasi-Newton ascents
   * find the mode before: then a step only tells the log density there.
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

/** A trained guide, or a mode; `samplePosterior` takes it as it is. */
export type Fit<Data> = Fitted<Data> & {
  /** By which method; none with a guide of one's own and without one. */
  readonly method?: MethodName;
  /** Why, where none was given. */
  readonly reason?: string;
  /** The mean bound, or log density, over each of some stretches of steps of equal length, in nats. */
  readonly bounds: readonly { readonly step: number; readonly bound: number }[];
};

/** What `fitting` yields: the events of the loop, and at last the fit. */
export type FittingEvent<Data> = LoopEvent | { readonly kind: "finished"; readonly fit: Fit<Data> };

/** How many steps a method has, unless someone says otherwise. */
export function defaultSteps(name: MethodName = "vi"): number {
  return (METHODS[name] as { readonly steps?: number }).steps ?? 5000;
}

/** What the options of `fit` must be; numbers and words are checked where they are used. */
const OPTIONS = optionsWith<FitOptions<unknown>>({
  model: FUNCTION,
  data: ANYTHING,
  method: ANYTHING,
  steps: ANYTHING,
  seed: ANYTHING,
  particles: ANYTHING,
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
  dtype: ANYTHING,
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
function endsItself<Data>(options: TrainOptions<Data>): boolean {
  const { steps = "auto", optimiser, method, beta } = options;
  const isFixed = steps === "auto" && optimiser === undefined && typeof beta !== "function";
  return isFixed && defaultSteps(method) > 1;
}

/** Steps are counted in an int32. */
const MOST_STEPS = 2 ** 31 - 1;

/** A model put together with what a method needs, ready to be trained. */
export interface Prepared<Data> {
  /** The algorithm. */
  readonly training: Training;
  /** How many steps there are at most. */
  readonly steps: number;
  /** By which method, and why, where none was given. */
  readonly by: Partial<Choice<MethodName>>;
  /** What is fitted, once there is a trained state. */
  fitted(state: ProgramState, lastBound: number | undefined): Fitted<Data>;
}

/**
 * Chooses guide, particles and gradient and makes the training step.
 *
 * @throws SurmiseError if the model, its data and the method do not fit together, naming the site, or a number
 * among the options is not of its range.
 */
export function prepare<Data>(options: TrainOptions<Data>): Prepared<Data> {
  const by = methodOf(options);
  wholeNumber("fit: steps", stepsOf(options), { least: 1, most: MOST_STEPS });
  const { method: name } = by;
  refuseOption(options, name);
  if (name === undefined) return { ...prepareGuide(options), by };
  const method: Method = METHODS[name];
  const prepared =
    "guide" in method ? prepareGuide(options, method, name) : prepareMode(options, method, name);
  return { ...prepared, by };
}

/** Refuses an option of a guide that the method does not have. */
function refuseOption<Data>(options: TrainOptions<Data>, name: MethodName | undefined): void {
  for (const [other, method] of Object.entries<Method>(METHODS)) {
    const option = "option" in method ? method.option : undefined;
    if (option === undefined || options[option] === undefined || other === name) continue;
    const which = name === undefined ? "a guide of one's own" : `method ${name}`;
    throw new SurmiseError(`fit: ${option} is for method ${other}, and of no use to ${which}`);
  }
}

/** What is given, or with no guide of one's own, chosen. */
function methodOf<Data>({ method, guide, model, data }: TrainOptions<Data>): Prepared<Data>["by"] {
  if (method !== undefined) {
    if (Object.hasOwn(SAMPLERS, method)) {
      throw new SurmiseError(
        `fit: method '${method}' draws by Markov chains: call sample(model, data, { method: '${method}' })`,
      );
    }
    if (Object.hasOwn(ANNEALERS, method)) {
      throw new SurmiseError(`fit: method '${method}' anneals: call anneal(model, data)`);
    }
    checkArguments("fit", { method }, oneOf(...Object.keys(METHODS)));
    return { method };
  }
  return guide === undefined ? chooseTraining(model, data) : {};
}

/** Training of a guide: the method's, or one's own. Runs the guide and the model once, to make the target. */
function prepareGuide<Data>(
  options: TrainOptions<Data>,
  method?: GuideMethod,
  name?: MethodName,
): Omit<Prepared<Data>, "by"> {
  const { model, data, target = bound, beta } = options;
  const isMade = options.guide === undefined;
  const coordinates = isMade ? coordinatesOf(options, method as GuideMethod) : undefined;
  if (name) checkMethod(name, offerOf(options, !isMade || coordinates !== undefined));
  const { guide, proposal } = options.guide
    ? { guide: options.guide, proposal: undefined }
    : madeGuides(options, method as GuideMethod, coordinates);
  const { modes } = coordinates ?? {};
  const hasLength = method?.moments !== undefined || method?.takesAllSteps === true;
  const isAuto = coordinates !== undefined && !hasLength && endsItself(options);
  const store = paramStore();
  const named = method && name && { ...method, gradient: estimatorOf(name, method) };
  const choices = choicesOf(options, named);
  const atStep = batchesOf(options);
  const objectiveAt: ObjectiveAt = (step, stepKey, runKey) => {
    const [p, q] = [model, guide].map((whole) => atStep?.(whole, step, runKey) ?? whole);
    const weight = typeof beta === "function" ? beta(cast(step.add(1), "float32")) : beta;
    const here = {
      ...{ model: p, guide: q, data, key: stepKey, parameters: store },
      ...(weight !== undefined && { beta: weight }),
    };
    const objective = target({ ...choices.bound, ...here });
    return isAuto ? withSettling(objective, store) : objective;
  };
  const made = isAuto
    ? {
        ...trainingOf({ ...options, optimiser: settlingAdam() }, store, objectiveAt),
        ...settling(store),
      }
    : trainingOf(options, store, objectiveAt, method);
  return {
    training: made,
    steps: stepsOf(options),
    fitted: (state, lastBound) => ({
      ...fittedModel(options, store, state, lastBound),
      guide,
      ...(proposal && { proposal }),
      // Weighted by the model they would be draws of the posterior that beta leads away from.
      posterior: beta === undefined ? (method?.posterior ?? "guide") : "guide",
      ...(choices.weighing && beta === undefined && { weighing: choices.weighing }),
      ...(modes && { modes }),
    }),
  };
}

/** Minibatches, if they are asked for. */
function batchesOf<Data>({ model, data, batch }: TrainOptions<Data>): AtStep | undefined {
  return batch === undefined ? undefined : plateMinibatch(model, data, batch);
}

/** What there is of what methods need; `isBegun` says that no normal is looked for, or one was found. */
function offerOf<Data>(
  { model, data, batch, optimiser }: TrainOptions<Data>,
  isBegun: boolean,
): FitOffer {
  return {
    batch,
    optimiser,
    hasNormal() {
      // Of a model with a latent that has no density this tells which.
      if (!isBegun) logDensity(model, data);
      return isBegun;
    },
  };
}

/** The coordinates of the posterior that a method's guide begins in. */
function coordinatesOf<Data>(
  { model, data, kl, batch }: TrainOptions<Data>,
  method: GuideMethod,
): Coordinates | undefined {
  // Normals that depend on one another have no closed form of their divergences from the priors.
  const isPlain = kl === "closed" || batch !== undefined;
  return isPlain ? undefined : posteriorCoordinates(model, data, method);
}

/** The method's guide, in the coordinates of the posterior where there are any, and the one for draws that are weighed. */
function madeGuides<Data>(
  options: TrainOptions<Data>,
  method: GuideMethod,
  coordinates: Coordinates | undefined,
): { readonly guide: Model<Data, unknown>; readonly proposal: Model<Data, unknown> | undefined } {
  const leading = coordinates?.sites.filter(({ isLeading }) => isLeading) ?? [];
  const common = {
    sumsOut: method.sumsOut,
    leading: leading.map(({ name }) => name),
    remembered: coordinates?.chain,
    axes: guideAxes(),
  };
  const made = (family: GuideFamily) => automaticGuide(options.model, family, common);
  const proposal = coordinates && method.proposal?.(coordinates);
  return {
    guide: made(method.guide(coordinates, options)),
    proposal: proposal && made(proposal),
  };
}

/** The objective, with what finds rate and length. */
function withSettling(objective: Objective, store: ParamStore): Objective {
  const { initial, updates } = settlingState(store);
  const { state } = objective;
  return {
    ...objective,
    state: {
      initial: { ...state?.initial, ...initial },
      updates: [...(state?.updates ?? []), ...updates],
    },
  };
}

/** A search for the mode of the log density. */
function prepareMode<Data>(
  options: TrainOptions<Data>,
  { posterior }: DensityMethod,
  name: MethodName,
): Omit<Prepared<Data>, "by"> {
  const { model, data, guide, target, kl, gradient, particles, beta } = options;
  const given = {
    guide,
    target,
    kl,
    gradient,
    beta,
    ...(typeof particles === "object" && { particles }),
  };
  const idle = Object.entries(given).find(([, x]) => x !== undefined);
  if (idle !== undefined) {
    throw new SurmiseError(
      `method ${name} searches for the mode of the log density, without a guide and its draws: leave out ` +
        `${idle[0]}, or choose another method`,
    );
  }
  checkMethod(name, offerOf(options, true));
  const store = paramStore();
  const jacobian = hasJacobian(posterior);
  const { steps = "auto", optimiser } = options;
  const atStep = batchesOf(options);
  const isSearched = steps === "auto" && optimiser === undefined && atStep === undefined;
  const found = isSearched ? searchMode(model, data, jacobian) : undefined;
  const objectiveAt: ObjectiveAt = (step, _, runKey) => {
    const here = atStep?.(model, step, runKey) ?? model;
    const objective = densityObjective({ model: here, data, parameters: store, jacobian }, found);
    // Where the mode is known, a step that moves nothing tells the log density there.
    return found === undefined ? objective : { ...objective, bound: stopGradient(objective.bound) };
  };
  return {
    training: trainingOf(options, store, objectiveAt),
    steps: found === undefined ? stepsOf(options) : 1,
    fitted: (state, lastBound) => ({
      ...fittedModel(options, store, state, lastBound),
      posterior,
    }),
  };
}

function trainingOf<Data>(
  options: TrainOptions<Data>,
  parameters: ParamStore,
  objective: ObjectiveAt,
  method?: GuideMethod,
): Training {
  const { model, seed = 0 } = options;
  const { dtype = model.dtype } = options;
  const optimiser = optimiserOf(options, parameters, method);
  const made = training({ objective, parameters, optimiser, seed, dtype: dtype ?? "float32" });
  if (parameters.list().length > 0) return made;
  throw new SurmiseError(
    "there is nothing to fit: the model and its guide have no continuous latents (sample) and no parameters (param); the " +
      "probabilities of discrete latents alone are those of logDensity(model, data)",
  );
}

/** The rule given, or the falling Adam; moments have their own. */
function optimiserOf<Data>(
  options: TrainOptions<Data>,
  parameters: ParamStore,
  method: GuideMethod | undefined,
): OptimiserOf {
  const { optimiser } = options;
  const falling = () => fallingAdam(0.05, stepsOf(options));
  if (method?.moments === undefined) return optimiser ?? falling();
  const rule = optimiser ?? method.moments(stepsOf(options));
  const moments = () => parameters.list().filter(({ isMoment }) => isMoment);
  return (name) => (moments().some((param) => param.name === name) ? rule : falling());
}

function fittedModel<Data>(
  { model, data, dtype = model.dtype ?? "float32" }: TrainOptions<Data>,
  store: ParamStore,
  state: ProgramState,
  lastBound: number | undefined,
) {
  return {
    ...{ model, data, store, state, dtype },
    parameters: trained(store, state),
    ...(lastBound !== undefined && { bound: lastBound }),
  };
}

/** What `bound` is given, and what posterior draws are weighed by: the method's unless said otherwise. */
function choicesOf<Data>(options: TrainOptions<Data>, method: GuideMethod | undefined) {
  const { kl, particles, alpha, chains, maxCost, biased } = options;
  const own = kl === "closed" && method?.gradient === "path" ? "total" : method?.gradient;
  const { gradient = own } = options;
  const k = typeof particles === "number" ? particles : method?.k;
  const strategy =
    typeof particles === "object"
      ? particles
      : k === undefined
        ? undefined
        : (method?.particles(k) ?? average(k));
  const weighing =
    method !== undefined && method.posterior !== "guide" && k !== undefined
      ? (method.weighing ?? method.particles)(k)
      : undefined;
  return {
    weighing,
    bound: {
      ...(kl && { kl }),
      ...(gradient && { gradient }),
      ...(strategy && { particles: strategy }),
      ...(alpha !== undefined && { alpha }),
      ...(chains && { chains }),
      ...(maxCost && { maxCost }),
      ...(biased && { biased }),
    },
  };
}

function trained(store: ParamStore, state: ProgramState) {
  return Object.fromEntries(
    store.list().map(({ name, axes }) => {
      const { dtype, data } = state[name];
      return [name, { axes, dtype, data }];
    }),
  );
}

/**
 * Makes the bound of `model` under a guide, or another target, larger for some steps, all inside one
 * compiled program. Blocks until it is done; `fitting` does not.
 *
 * @throws SurmiseError if model and guide do not fit together, or, naming the site, the bound is not finite,
 * or a number among the options is not of its range.
 *
 * @example
 * const trained = fit({ model: schools, data: undefined, method: "iwae" });
 * console.table(summarise(samplePosterior(trained, { draws: 1000 })));
 */
export function fit<Data>(options: FitOptions<Data>): Fit<Data> {
  checkArguments("fit", { options }, OPTIONS);
  const running = begin(options);
  for (const event of running.loop.calls(options.signal)) {
    if (running.met(event)) break;
  }
  return running.finish();
}

/**
 * As `fit`, giving way to other work of the process or page between calls of the program; its last event
 * holds the fit.
 *
 * @example for await (const event of fitting({ model, data, method: "vi" })) { ... }
 */
export async function* fitting<Data>(
  options: FitOptions<Data>,
): AsyncGenerator<FittingEvent<Data>> {
  checkArguments("fitting", { options }, OPTIONS);
  const running = begin(options);
  for await (const event of running.loop.run({ signal: options.signal })) {
    const isEnd = running.met(event);
    yield event;
    if (isEnd) break;
  }
  yield { kind: "finished", fit: running.finish() };
}

function begin<Data>(options: FitOptions<Data>) {
  const { records = 100, onProgress, backend, threads, patience } = options;
  const { score = ({ bound }: FitRecord) => bound } = options;
  wholeNumber("fit: records", records, { least: 1 });
  if (patience !== undefined) wholeNumber("fit: patience", patience, { least: 1 });
  const prepared = prepare(options);
  const { steps } = prepared;
  const loop = new Loop({
    algorithm: prepared.training,
    steps,
    recordEvery: Math.max(1, Math.floor(steps / records)),
    ...(backend !== undefined && { backend }),
    ...(threads !== undefined && { threads }),
  });
  const bounds: { step: number; bound: number }[] = [];
  let best: { score: number; at: number; state: ProgramState } | undefined;
  return {
    loop,
    /** Whether the fit has come to its end before its last step. */
    met(event: LoopEvent): boolean {
      onProgress?.(event);
      if (event.kind !== "record") return false;
      const { step } = event;
      const { bound } = event.metrics;
      bounds.push({ step, bound });
      if (patience === undefined) return false;
      const state = loop.state();
      const found = score({ step, bound, state });
      if (best === undefined || found > best.score)
        best = { score: found, at: bounds.length, state };
      return bounds.length - best.at >= patience;
    },
    finish: (): Fit<Data> => {
      const last = best === undefined ? bounds.at(-1) : bounds[best.at - 1];
      return {
        ...prepared.fitted(best?.state ?? loop.state(), last?.bound),
        ...prepared.by,
        bounds,
      };
    },
  };
}
