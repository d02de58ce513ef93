/** Draws from the posterior by Markov chains, as a call of a library. */
import type { Model } from "../../model/index.ts";
import { threadsFor } from "../../runtime/internal.ts";
import { checkArguments, FUNCTION, SurmiseError } from "../../tensor/internal.ts";
import { initialisations } from "../density/initialisation.ts";
import { type LogDensity, logDensity } from "../density/logDensity.ts";
import { modesNear } from "../density/modes/severalModes.ts";
import { weaklyKnownAlongChains } from "../density/nonCentring.ts";
import type { LogDensityOptions } from "../density/options.ts";
import { fitting, fit as train } from "../fit.ts";
import type { FitOptions } from "../fitting/options.ts";
import { samplerAlgorithm } from "../mcmc/chains.ts";
import { canEnlist } from "../mcmc/crew/crew.ts";
import { defaultMetric } from "../mcmc/metrics/index.ts";
import type { Initial } from "../mcmc/start.ts";
import { SAMPLERS, type Sampler } from "../mcmc/transitions/index.ts";
import { checkDrawsFit } from "../posterior/drawsMemory.ts";
import { edgeMet } from "../posterior/edge.ts";
import { endlessLatent } from "../posterior/endless.ts";
import { missedMode } from "../posterior/reliability/missedMode.ts";
import { type Fitted, samplePosterior } from "../posterior/samplePosterior.ts";
import { Loop, nextTurn } from "../process/loop.ts";
import type { ProgramState } from "../process/state.ts";
import type { HostAlgorithm } from "../process/stepper.ts";
import { checkGiven } from "../process/trained.ts";
import { type ChainDraws, chainDraws, STOPPED } from "./draws.ts";
import { OPTIONS, type SampleOptions, type SamplerOptions, settingsOf } from "./options.ts";

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
    algorithm: algorithmOf(density, settings, where, cores),
    steps: warmup + draws,
    drawn: (state) => {
      const { draws, best } = chainDraws(density, state, { ...settings, dtype, values });
      const modes = modesNear(density, () => initialisations(model, data), best);
      const endless = sampler.holdsDiscrete ? undefined : endlessLatent(density, draws);
      const edge = draws.statistics.diverging.includes(1) && edgeMet(density, settings.seed);
      return {
        ...draws,
        ...(endless && { endless }),
        ...(edge && { edge }),
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

/**
 * The chains of a density at the settings of `sample`.
 *
 * @throws SurmiseError if a number among the options is not of its range, or chains are to begin at draws of a guide, which is
 * made from a model.
 */
export function chainsOf(density: LogDensity, options: SamplerOptions): HostAlgorithm {
  const settings = settingsOf(options);
  const { init } = settings;
  if (init === "vi") {
    throw new SurmiseError(
      "the chains of a density cannot begin at init vi: its guide is made from a model",
    );
  }
  return algorithmOf(density, settings, init, options.cores);
}

function algorithmOf(
  density: LogDensity,
  { metric = defaultMetric(density.dimension), ...settings }: ReturnType<typeof settingsOf>,
  initial: Initial | (() => Initial),
  cores = 1,
): HostAlgorithm {
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

/**
 * Draws from the posterior of `model` given `data` by Markov chains, labelled by site: latents, and what is deterministic
 * given them. Discrete latents with finitely many values are summed out of what the chains see, and drawn given each draw
 * of the others; by method `gibbs` all discrete latents, counts without end too, are drawn by the chains themselves. Latents
 * along a `chain` of which the data know less than the step before does are drawn by their innovations (non-centred).
 *
 * Gives way to other work of the process or page every twentieth of a second while chains are drawn; compiling, the starts
 * of chains, and what is made of all draws at the end are one piece each, so that a service with large models calls it in
 * a worker.
 * Where `signal` stops it, the draws are those made by then.
 *
 * @throws SurmiseError if `signal` stops it before the first draw, or a number among the options is not of its range; naming
 * the site and what to try: a latent with infinitely many discrete values, a density that is not finite where chains begin,
 * an improper posterior, a chain that cannot move.
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
    try {
      for await (const event of fitting({
        ...trainingOf(model, data, seed),
        ...(signal && { signal }),
      })) {
        if (event.kind === "finished") guide = event.fit;
      }
    } catch (cause) {
      if (!signal?.aborted) throw cause;
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
