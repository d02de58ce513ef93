/** Annealed importance sampling (Neal, "Annealed importance sampling", Statistics and Computing 11, 2001). */
import type { Model } from "../../model/index.ts";
import {
  ANYTHING,
  type Axis,
  and,
  axis,
  cast,
  checkArguments,
  constant,
  exp,
  FUNCTION,
  fold,
  HALF_LOG_2PI,
  input,
  log,
  max,
  OBJECT,
  optional,
  optionsWith,
  type Precision,
  SIGNAL,
  SurmiseError,
  seedInputs,
  seedKey,
  select,
  sizeOf,
  square,
  standardNormal,
  substitute,
  sum,
  sumTo,
  type Tensor,
  wholeNumber,
} from "../../tensor/internal.ts";
import { type Initialisation, initialisations } from "../density/initialisation.ts";
import { type LogDensity, logDensity } from "../density/logDensity.ts";
import type { LogDensityOptions } from "../density/options.ts";
import { hasProperPriors } from "../logWeight/priors.ts";
import { sitesAtNumbers } from "../posterior/posteriorDraws.ts";
import { evidenceOf, kHats } from "../posterior/reliability/reliability.ts";
import type { FittedDraws } from "../posterior/samplePosterior.ts";
import { type Algorithm, STEP } from "../process/algorithm.ts";
import { Loop, type LoopControl, type LoopEvent } from "../process/loop.ts";
import type { ProgramState } from "../process/state.ts";
import { checkGiven, type Trained } from "../process/trained.ts";
import { moveByHmc } from "../refinement/hmc.ts";
import { logSumExp, MOST_RELIABLE_K } from "../statistics/psis.ts";
import { ChainRandom } from "./random.ts";

/** Methods that anneal, by name. */
export const ANNEALERS = {
  ais: {
    about:
      "annealed importance sampling: particles on their way from the priors to the posterior, with weights; the log evidence " +
      "with its standard error",
  },
} satisfies Record<string, { readonly about: string }>;

/** A key of `ANNEALERS`. */
export type AnnealerName = keyof typeof ANNEALERS;

/** How many there are of each, unless someone says otherwise. */
export const ANNEALING = { particles: 1000, temperatures: 200, leapfrogs: 5 } as const;

/** How a posterior is annealed. */
export interface AnnealerOptions {
  /** Independent runs, each of which ends in a weighted draw; 1000 unless given. */
  readonly particles?: number;
  /** Steps from the base to the posterior; 200 unless given. The variance of log weights falls as one over them. */
  readonly temperatures?: number;
  /** Leapfrog steps of the trajectory at each temperature; 5 unless given. One is the Metropolis-adjusted Langevin algorithm. */
  readonly leapfrogs?: number;
  /** Draws, resampled by the weights; as many as particles unless given. */
  readonly draws?: number;
  /** Everything random follows from it: a whole number from 0 to 2^53 - 1; 0 unless given. */
  readonly seed?: number;
  /** The values of the parameters (`param`) of the model. */
  readonly values?: Trained;
  /** What is computed in; float64 unless given. */
  readonly dtype?: Precision;
}

/** How annealing is watched and stopped. */
export interface AnnealOptions
  extends AnnealerOptions,
    Pick<LogDensityOptions, "backend" | "threads">,
    LoopControl {
  /** Called about five times a second. */
  readonly onProgress?: (event: LoopEvent) => void;
}

/** What the options of `anneal` must be; numbers are checked where they are used. */
const OPTIONS = optionsWith<AnnealOptions>({
  particles: ANYTHING,
  temperatures: ANYTHING,
  leapfrogs: ANYTHING,
  draws: ANYTHING,
  seed: ANYTHING,
  values: optional(OBJECT),
  dtype: ANYTHING,
  backend: ANYTHING,
  threads: ANYTHING,
  signal: optional(SIGNAL),
  pause: optional(FUNCTION),
  onProgress: optional(FUNCTION),
});

/** The pieces of state. */
const [POSITION, WEIGHT, STEP_SIZE] = ["position", "log weight", "step size"];
/** In units of the base: the step size at first, and the share of proposals that it is adapted to. */
const [FIRST_STEP, TARGET] = [0.3, 0.8];

/**
 * Draws from the posterior of `model` given `data`, and an estimate of the log evidence. Particles begin at independent draws
 * from the base, a normal of each latent at the location and scale of its prior in unconstrained space. At temperatures b from
 * 0 to 1 they move by a trajectory of Hamiltonian Monte Carlo that leaves
 *
 *     log f_b(u) = (1 - b) log base(u) + b log p(data, u)
 *
 * invariant, and before that collect the log weight (b_j - b_(j-1)) (log p(data, u) - log base(u)). The mean of the weights is
 * the evidence (without bias, but for the step size, which follows the share that was accepted). Discrete latents with finitely
 * many values are summed out, and drawn given each draw of the others.
 *
 * @throws SurmiseError naming the site and what to try: a latent with infinitely many discrete values, a parameter without a
 * value; if no particle has a finite weight; a number among the options is not of its range.
 *
 * @example
 * const { logEvidence, sites } = await anneal(schools, undefined, { particles: 1000, temperatures: 200 });
 */
export async function anneal<Data>(
  model: Model<Data, unknown>,
  data: Data,
  options: AnnealOptions = {},
): Promise<FittedDraws> {
  checkArguments("anneal", { model }, FUNCTION);
  checkArguments("anneal", { options }, OPTIONS);
  const { signal, pause, onProgress, backend, threads } = options;
  const { algorithm, steps, drawn } = prepareAnnealing(model, data, options);
  const loop = new Loop({
    ...{ algorithm, steps, recordEvery: steps },
    ...(backend !== undefined && { backend }),
    ...(threads !== undefined && { threads }),
  });
  for await (const event of loop.run({ signal, ...(pause && { pause }) })) onProgress?.(event);
  if (!loop.finished) throw new SurmiseError("anneal: stopped before the last temperature");
  return drawn(loop.state());
}

/** The particles of a model, ready to be annealed by a loop. */
export interface PreparedAnnealing {
  /**
   * A temperature; its metrics are `acceptance`, in [0, 1], and `efficiency`, the share of the particles that their weights
   * are worth.
   */
  readonly algorithm: Algorithm;
  /** Temperatures. */
  readonly steps: number;
  /** Draws by the weights, of the state after the last temperature. */
  drawn(state: ProgramState): FittedDraws;
}

/**
 * Puts model, data and options together.
 *
 * @throws SurmiseError as `anneal`.
 */
export function prepareAnnealing<Data>(
  model: Model<Data, unknown>,
  data: Data,
  options: AnnealerOptions = {},
): PreparedAnnealing {
  const {
    particles = ANNEALING.particles,
    temperatures = ANNEALING.temperatures,
    leapfrogs = ANNEALING.leapfrogs,
  } = options;
  const { draws = particles, seed = 0, values, dtype = "float64" } = options;
  wholeNumber("anneal: particles", particles, { least: 2 });
  wholeNumber("anneal: temperatures", temperatures, { least: 1 });
  wholeNumber("anneal: leapfrogs", leapfrogs, { least: 1 });
  wholeNumber("anneal: draws", draws, { least: 1 });
  seedInputs(seed);
  const density = logDensity(model, data, { dtype, ...(values && { values }) });
  checkGiven("anneal", density.parameters, values);
  const base = initialisations(model, data);
  const particle = axis("particle", particles);
  return {
    algorithm: annealing(density, base, particle, { temperatures, leapfrogs, seed, dtype }),
    steps: temperatures,
    drawn: (state) => weighted(density, state, { draws, seed, dtype, values }),
  };
}

interface Annealing {
  readonly temperatures: number;
  readonly leapfrogs: number;
  readonly seed: number;
  readonly dtype: Precision;
}

/** Log densities beyond it, and those that are no numbers, are taken for it: such particles have no weight, but may move. */
const NOWHERE = -1e300;

/** A temperature as a step of an algorithm. */
function annealing(
  density: LogDensity,
  base: ReadonlyMap<string, Initialisation>,
  particle: Axis,
  { temperatures, leapfrogs, seed, dtype }: Annealing,
): Algorithm {
  const key = seedKey();
  const step = input(STEP, [], "int32");
  const { sites } = density;
  // u = location + scale z: trajectories are in units of the base.
  const units = sites.map(({ name }) => base.get(name) as Initialisation);
  const toPosition = (z: readonly Tensor[]) =>
    units.map(({ location, scale }, i) => location.add(scale.mul(z[i])));
  const of = (what: string) =>
    sites.map(({ name, axes, dtype: own }) => input(`${what} ${name}`, [particle, ...axes], own));
  const asked = of("unit");
  const positions = Object.fromEntries(toPosition(asked).map((u, i) => [sites[i].name, u]));
  const { value } = density.traceAt(positions);
  const joint = select(
    and(value.gt(NOWHERE), value.lt(-NOWHERE)),
    value,
    constant(NOWHERE, "float64"),
  );
  const logBase = asked
    .map((z, i) => square(z).mul(-0.5).sub(log(units[i].scale)).sub(HALF_LOG_2PI))
    .map((x) => sumTo(cast(x, "float64"), [particle]))
    .reduce((a, b) => a.add(b));
  const at = (expression: Tensor, z: readonly Tensor[]) =>
    substitute([expression], new Map(asked.map((x, i) => [x, z[i]])))[0];

  // (j / J)^4: most temperatures lie where the likelihood begins to be felt.
  const temperature = (j: Tensor) => square(square(cast(j, "float64").div(temperatures)));
  const [before, here] = [temperature(step), temperature(step.add(1))];
  const state = of(POSITION);
  const z = state.map((u, i) => u.sub(units[i].location).div(units[i].scale));
  const logWeight = input(WEIGHT, [particle], "float64");
  const stepSize = input(STEP_SIZE, [], "float32");
  const path = logBase.add(here.mul(joint.sub(logBase)));
  const moved = moveByHmc(
    { position: z, stepSize, elements: [particle] },
    (there) => at(path, there),
    fold(fold(key, "anneal"), step),
    { iterations: 1, leapfrogs, targetAccept: TARGET, adaptation: 0.1 },
  );
  const gain = here.sub(before).mul(at(joint.sub(logBase), z));
  const begun = sites.map(({ axes, dtype: own }, i) =>
    standardNormal(fold(fold(key, "base"), i), [particle, ...axes], own),
  );
  const named = (values: readonly Tensor[]) =>
    Object.fromEntries(values.map((x, i) => [`${POSITION} ${sites[i].name}`, x]));
  const weights = logWeight.add(gain);
  const shares = exp(weights.sub(max(weights, particle)));
  const worth = square(sum(shares, particle)).div(sum(square(shares), particle));
  return {
    initial: {
      [STEP]: constant(0, "int32"),
      [WEIGHT]: constant(0, "float64"),
      [STEP_SIZE]: constant(FIRST_STEP),
      ...named(toPosition(begun)),
    },
    updates: [
      [step, step.add(1)],
      [logWeight, weights],
      [stepSize, moved.stepSize],
      ...toPosition(moved.position).map((u, i) => [state[i], u] as const),
    ],
    objective: "efficiency",
    metrics: { acceptance: moved.accepted, efficiency: worth.div(sizeOf([particle])) },
    seed,
    dtype,
  };
}

interface Weighing {
  readonly draws: number;
  readonly seed: number;
  readonly dtype: Precision;
  readonly values: Trained | undefined;
}

/** Draws by the weights, which are judged as ratios are. */
function weighted(
  density: LogDensity,
  state: ProgramState,
  { draws, seed, dtype, values }: Weighing,
): FittedDraws {
  const { sites, dimension } = density;
  const logWeights = Float64Array.from(state[WEIGHT].data);
  const total = logSumExp(logWeights);
  if (!(total > NOWHERE / 2)) {
    throw new SurmiseError(
      "anneal: no particle has a finite weight: the density is not finite wherever the priors lie. Give priors that keep the " +
        "latents where it is, or more particles",
    );
  }
  const chosen = resampled(
    logWeights.map((w) => Math.exp(w - total)),
    draws,
    seed,
  );
  const positions = new Float64Array(draws * dimension);
  for (const { name, offset, size } of sites) {
    const { data } = state[`${POSITION} ${name}`];
    chosen.forEach((p, d) => {
      for (let i = 0; i < size; i++) positions[d * dimension + offset + i] = data[p * size + i];
    });
  }
  const found = sitesAtNumbers(density, positions, { draws, seed, dtype, values: values ?? {} });
  const reliability = {
    ...kHats({ logRatios: logWeights, sites: {} }),
    ...(hasProperPriors(density.trace) && { evidence: evidenceOf(logWeights) }),
  };
  const { evidence, efficiency = 0 } = reliability;
  return {
    ...found,
    worth: efficiency * logWeights.length,
    ...(evidence && { logEvidence: evidence.value }),
    reliability,
  };
}

/** So few independent draws have no quantiles. */
const LEAST_WORTH = 50;

/** A sentence for each reason to doubt annealed draws, with what to do; empty where there is none. */
export function annealingWarnings({ worth = 0, reliability = {} }: FittedDraws): string[] {
  const { kHat = 0, threshold = MOST_RELIABLE_K } = reliability;
  const isFew = worth < LEAST_WORTH;
  if (kHat <= threshold && !isFew) return [];
  const what = isFew
    ? `the weights are worth ${Math.round(worth)} independent draws`
    : `k-hat of the weights is ${kHat.toFixed(2)}, above ${threshold.toFixed(2)}`;
  return [
    `${what}: few particles carry most of the weight, and means, standard deviations and the evidence can be far off. Take ` +
      "more temperatures (--temperatures) or longer trajectories (--leapfrogs), then more particles; or sample by NUTS (method nuts)",
  ];
}

/** The step whose random numbers decide. */
const RESAMPLING = -2000;

/** Systematic resampling, in an order that is random: which particle each draw is (Kitagawa, 1996). */
function resampled(weights: Float64Array, draws: number, seed: number): Int32Array {
  const random = new ChainRandom(seed, 0);
  random.seek(RESAMPLING);
  const chosen = new Int32Array(draws);
  const first = random.uniform();
  let [particle, sum] = [0, weights[0]];
  for (let d = 0; d < draws; d++) {
    while (sum < (d + first) / draws && particle + 1 < weights.length) sum += weights[++particle];
    chosen[d] = particle;
  }
  for (let d = draws - 1; d > 0; d--) {
    const other = Math.floor(random.uniform() * (d + 1));
    [chosen[d], chosen[other]] = [chosen[other], chosen[d]];
  }
  return chosen;
}
