/** Draws from the posterior by Markov chains, as a call of a library. */
import type { Model } from "../../model/index.ts";
import { threadsFor } from "../../runtime/internal.ts";
import {
  ANYTHING,
  checkArguments,
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
import { type LogDensity, logDensity } from "../density/logDensity.ts";
import { modesNear } from "../density/modes/severalModes.ts";
import { weaklyKnownAlongChains } from "../density/nonCentring.ts";
import type { LogDensityOptions } from "../density/options.ts";
import { fitting, fit as train } from "../fit.ts";
import type { FitOptions } from "../fitting/options.ts";
import { initialisations } from "../guides/initialisation.ts";
import { checkDrawsFit } from "../posterior/drawsMemory.ts";
import { endlessLatent } from "../posterior/endless.ts";
import { type PosteriorDraws, sitesAtNumbers } from "../posterior/posteriorDraws.ts";
import { type MissedMode, missedMode } from "../posterior/reliability.ts";
import { type Fitted, samplePosterior } from "../posterior/samplePosterior.ts";
import { checkGiven, type Trained } from "../posterior/trained.ts";
import { STEP } from "../process/algorithm.ts";
import { Loop, type LoopControl, type LoopEvent, nextTurn } from "../process/loop.ts";
import type { ProgramState } from "../process/state.ts";
import type { HostAlgorithm } from "../process/stepper.ts";
import { STATISTICS, type StatisticName } from "./chain.ts";
import { samplerAlgorithm } from "./chains.ts";
import { canEnlist } from "./crew/crew.ts";
import { areEnough, type Until } from "./enough.ts";
import { defaultMetric, METRICS, type MetricName } from "./metrics/index.ts";
import { type Initial, STARTS } from "./start.ts";
import { VALUE_DRAWS } from "./transitions/gibbs.ts";
import { SAMPLERS, type Sampler, type SamplerName } from "./transitions/index.ts";

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
   * warm-up, to 0.9, and where they still do, or three, to 0.95, unless it is higher.
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
const OPTIONS = optionsWith<SampleOptions>({
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

/** Draws of chains, one chain after the other. */
export interface ChainDraws extends PosteriorDraws {
  /** How many chains; each has `draws / chains` draws. */
  readonly chains: number;
  /** What is known of each draw, in the order of the draws. */
  readonly statistics: Readonly<Record<StatisticName, Float64Array>>;
  /** Of chains with `until`: whether that holds of the draws that were made. */
  readonly isEnough?: boolean;
  /** Of a posterior with several modes: one that no chain reaches, if a few ascents meet it. */
  readonly missed?: MissedMode;
  /** Under improper priors, the latent along which the log density hardly falls: the posterior is improper. */
  readonly endless?: string;
}

/** The chains of a model, ready to be run by a loop. */
export interface PreparedChains {
  /** What the loop runs. */
  readonly algorithm: HostAlgorithm;
  /** Steps of the loop: warm-up and draws. */
  readonly steps: number;
  /** The draws so far, of a state of the algorithm. */
  drawn(state: ProgramState): ChainDraws;
}

/**
 * Puts model, data and sampler together. The guide that `init` vi trains, when chains begin, can be given.
 *
 * @throws SurmiseError if a number among the options is not of its range, or naming a latent that has no unconstrained
 * log density, or a parameter without a value.
 */
export function prepareChains<Data>(
  model: Model<Data, unknown>,
  data: Data,
  options: SamplerOptions & Pick<SampleOptions, "backend" | "threads"> = {},
  guide?: Fitted<Data>,
): PreparedChains {
  const settings = settingsOf(options);
  const { chains, warmup, draws, init: initial } = settings;
  const { values, dtype = "float64", backend } = options;
  const cores = threadsFor(options.cores);
  // Chains side by side leave no threads to a density.
  const together = cores > 1 && chains > 1 && dtype === "float64" && canEnlist();
  const threads = options.threads ?? (together ? 1 : undefined);
  const sampler: Sampler = SAMPLERS[settings.method];
  const density = suitedDensity(model, data, {
    layout: "flat",
    dtype,
    holdsDiscrete: sampler.holdsDiscrete ?? false,
    evaluations: (warmup + draws) * chains * STEPS_OF_A_DRAW,
    ...(values && { values }),
    ...(backend !== undefined && { backend }),
    ...(threads !== undefined && { threads }),
  });
  checkGiven("sample", density.parameters, values);
  if (density.dimension > 0) {
    checkDrawsFit([{ name: "position", axes: [density.unconstrained] }], chains * draws);
  }
  const trained = () => guide ?? train(trainingOf(model, data, settings.seed));
  const where = initial === "vi" ? () => drawsOfGuide(density, trained(), settings) : initial;
  return {
    algorithm: chainsOf(density, { ...options, cores }, where),
    steps: warmup + draws,
    drawn: (state) => {
      const { draws, best, isEnough } = chainDraws(density, state, { ...settings, dtype, values });
      const modes = modesNear(density, () => initialisations(model, data), best);
      const endless = sampler.holdsDiscrete ? undefined : endlessLatent(density, draws);
      return {
        ...draws,
        ...(isEnough !== undefined && { isEnough }),
        ...(endless && { endless }),
        ...(modes && missedMode(draws, modes)),
      };
    },
  };
}

/** The log density with innovations in the place of the steps of chains that the data say little about. */
function suitedDensity<Data>(
  model: Model<Data, unknown>,
  data: Data,
  options: LogDensityOptions,
): LogDensity {
  const centred = logDensity(model, data, options);
  const nonCentred = weaklyKnownAlongChains(centred, model, data);
  return nonCentred.size === 0 ? centred : logDensity(model, data, { ...options, nonCentred });
}

/** The chains of a density at the settings of `sample`, from `initial` on: `init` is not looked at. */
export function chainsOf(
  density: LogDensity,
  options: SamplerOptions,
  initial: Initial | (() => Initial) = DEFAULT_START,
): HostAlgorithm {
  const { metric = defaultMetric(density.dimension), ...settings } = settingsOf(options);
  const { cores = 1 } = options;
  return samplerAlgorithm({ ...settings, metric, density, initial, cores });
}

/** How the guide is trained that chains begin at draws of. */
function trainingOf<Data>(model: Model<Data, unknown>, data: Data, seed: number): FitOptions<Data> {
  return { model, data, method: "vi", seed, dtype: "float64" };
}

/** For each chain the latents at a draw of a guide. */
function drawsOfGuide<Data>(
  { sites }: LogDensity,
  guide: Fitted<Data>,
  { chains, seed }: { readonly chains: number; readonly seed: number },
): Initial {
  const drawn = samplePosterior(guide, { draws: chains, seed });
  return Array.from({ length: chains }, (_, c) =>
    Object.fromEntries(
      sites.map(({ name }) => {
        const { data: all } = drawn.sites[name];
        const size = all.length / chains;
        return [name, all.subarray(c * size, (c + 1) * size)];
      }),
    ),
  );
}

/** About how many evaluations a draw takes: how the backend is chosen depends on it. */
const STEPS_OF_A_DRAW = 15;

/** Where chains begin, unless it is said where. */
const DEFAULT_START = "ascent";

/** Draws of each chain, unless it is said how many. */
export const DRAWS = 1000;
/** The most draws of each chain where it is said when there are enough. */
export const MOST_DRAWS = 10_000;

/** The options with their defaults. */
function settingsOf(options: SamplerOptions) {
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
  wholeNumber("sample: maxDepth", maxDepth, { least: 1, most: 20 });
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

const STOPPED = "sample: stopped before the first draw";

interface DrawnOptions {
  readonly until: Until | undefined;
  readonly chains: number;
  readonly warmup: number;
  readonly draws: number;
  readonly seed: number;
  readonly dtype: Precision;
  readonly values: Trained | undefined;
}

/**
 * The draws of chains that are in `state`, with what follows from them, the position with the largest log density, and whether
 * they are enough, where it is said what is.
 */
function chainDraws(
  density: LogDensity,
  state: ProgramState,
  { chains, warmup, draws: planned, seed, dtype, values, until }: DrawnOptions,
): { readonly draws: ChainDraws; readonly best: Float64Array; readonly isEnough?: boolean } {
  const draws = Math.max(0, Math.min(planned, state[STEP].data[0] - warmup));
  if (draws === 0) {
    throw new SurmiseError(STOPPED);
  }
  const { dimension } = density;
  const positions = new Float64Array(chains * draws * dimension);
  const heldSize = density.held.size;
  const held = new Float64Array(chains * draws * heldSize);
  const statistics = STATISTICS.map((name) => [name, new Float64Array(chains * draws)] as const);
  const width = STATISTICS.length;
  for (let c = 0; c < chains; c++) {
    const from = c * planned * dimension;
    const kept = state.draws.data.subarray(from, from + draws * dimension);
    positions.set(kept, c * draws * dimension);
    if (heldSize > 0) {
      const begin = c * planned * heldSize;
      const values = state[VALUE_DRAWS].data.subarray(begin, begin + draws * heldSize);
      held.set(values, c * draws * heldSize);
    }
    for (let d = 0; d < draws; d++) {
      const at = (c * planned + d) * width;
      statistics.forEach(([, column], k) => {
        column[c * draws + d] = state.statistics.data[at + k];
      });
    }
  }
  const all = { draws: chains * draws, seed, values: values ?? {}, dtype };
  const sites = sitesAtNumbers(density, positions, all, held);
  const named = Object.fromEntries(statistics) as ChainDraws["statistics"];
  const best = named.logDensity.reduce((a, x, d, values) => (x > values[a] ? d : a), 0);
  const of = { chains, planned: draws, made: draws };
  const isEnough =
    until &&
    areEnough(
      { ...of, data: positions, size: dimension },
      { ...of, data: held, size: heldSize },
      until,
    );
  return {
    ...(isEnough !== undefined && { isEnough }),
    draws: { ...sites, chains, statistics: named },
    best: positions.slice(best * dimension, (best + 1) * dimension),
  };
}

/**
 * Draws from the posterior of `model` given `data` by Markov chains, labelled by site: latents, and what is deterministic
 * given them. Discrete latents with finitely many values are summed out of what the chains see, and drawn given each draw
 * of the others; by method `gibbs` all discrete latents, counts without end too, are drawn by the chains themselves. Latents
 * along a `chain` of which the data know less than the step before does are drawn by their innovations (non-centred).
 *
 * Gives way to other work of the process or page every twentieth of a second while chains are drawn; compiling, the starts of
 * chains, and what is made of all draws at the end are one piece each, so that a service with large models calls it in a worker.
 * Where `signal` stops it, the draws are those made by then.
 *
 * @throws SurmiseError if `signal` stops it before the first draw; naming the site and what to try: a latent with infinitely many discrete values, a density that is not finite where
 * chains begin, an improper posterior, a chain that cannot move; a number among the options that is not of its range.
 *
 * @example
 * const { sites, statistics } = await sample(schools, undefined, { chains: 4, draws: 1000 });
 */
export async function sample<Data>(
  model: Model<Data, unknown>,
  data: Data,
  options: SampleOptions = {},
): Promise<ChainDraws> {
  checkArguments("sample", { model }, FUNCTION);
  checkArguments("sample", { options }, OPTIONS);
  const { onProgress, signal, pause = nextTurn } = options;
  const { init, seed } = settingsOf(options);
  let guide: Fitted<Data> | undefined;
  if (init === "vi") {
    for await (const event of fitting({
      ...trainingOf(model, data, seed),
      ...(signal && { signal }),
    })) {
      if (event.kind === "finished") guide = event.fit;
    }
  }
  if (signal?.aborted) throw new SurmiseError(STOPPED);
  const { algorithm, steps, drawn } = prepareChains(model, data, options, guide);
  await pause();
  const loop = new Loop({ algorithm, steps, recordEvery: Math.max(1, Math.floor(steps / 20)) });
  await pause();
  for await (const event of loop.run({ signal, pause })) onProgress?.(event);
  return drawn(loop.state());
}
