/** Monte Carlo EM: no guide, but chains of the posterior of every datum that are kept over the training. */
import { type Model, overPlates, type ParamStore } from "../../model/internal.ts";
import {
  ANYTHING,
  cast,
  checkArguments,
  constant,
  FUNCTION,
  fold,
  gatherClamped,
  grad,
  input,
  type Key,
  OBJECT,
  optional,
  optionsWith,
  realNumber,
  seedInputs,
  seedKey,
  standardNormal,
  stopGradient,
  substitute,
  type Tensor,
  wholeNumber,
} from "../../tensor/internal.ts";
import { DATUM_ROWS } from "../gradient/control/perDatum.ts";
import type { DatumRows } from "../gradient/index.ts";
import { logPriors } from "../logWeight/priors.ts";
import { type Algorithm, STEP } from "../process/algorithm.ts";
import { addToRows } from "../process/minibatch.ts";
import { type OptimiserOf, optimisation } from "../process/optimisation.ts";
import { single } from "../proposal/particles.ts";
import { traceModelAndGuide } from "../proposal/traces.ts";
import { elementDensities } from "../refinement/elements.ts";
import { HMC_OPTIONS, type HmcOptions, moveByHmc } from "../refinement/hmc.ts";
import { STEP_SIZE } from "../refinement/refine.ts";
import { continuous, type Target, wholeGuide } from "../requirements/combination.ts";
import { checkRequirements } from "../requirements/requirement.ts";

/** Monte Carlo EM as a target; in the place of a guide stand the priors. */
export const MONTE_CARLO_EM: Target = {
  name: "monteCarloEm",
  about: "chains of the posterior of every datum, and p that moves by them; without a guide",
  source: "Kingma and Welling, ICLR 2014, appendix E",
  requires: [wholeGuide, continuous],
};

/** The data of a step. */
export interface EmData<Data> {
  /** What the model is called with. */
  readonly data: Data;
  /** Of a minibatch, which rows of all data it holds: the chains of the others stay where they are. */
  readonly datum?: DatumRows;
}

/** A model without a guide, and how it is trained. */
export interface MonteCarloEmOptions<Data> extends HmcOptions {
  /** p(x, z). */
  readonly model: Model<Data, unknown>;
  /** The data at the 0-based int32 scalar `step`; give `runKey` to `minibatchRows`. */
  readonly data: (step: Tensor, runKey: Key) => EmData<Data>;
  /** The store that the parameters are put into. */
  readonly parameters: ParamStore;
  /** The update rule of the parameters. */
  readonly optimiser: OptimiserOf;
  /** Updates of the parameters with each sample; 5 unless given. */
  readonly weightUpdates?: number;
  /** The step size at the start, on the unconstrained scale; 0.05 unless given. It is adapted while training. */
  readonly stepSize?: number;
  /** The loss is -scale * log p(x, z), summed over all data; 1 unless given. */
  readonly scale?: number;
  /** Everything random follows from it: a whole number from 0 to 2^53 - 1. */
  readonly seed: number;
}

/** What an `EmData` must be. */
const EM_DATA = optionsWith<EmData<unknown>>({ data: ANYTHING, datum: optional(DATUM_ROWS) });

/** What the options must be; numbers are checked where they are used. */
const OPTIONS = optionsWith<MonteCarloEmOptions<unknown>>({
  model: FUNCTION,
  data: FUNCTION,
  parameters: OBJECT,
  optimiser: ANYTHING,
  weightUpdates: ANYTHING,
  stepSize: ANYTHING,
  scale: ANYTHING,
  seed: ANYTHING,
  ...HMC_OPTIONS,
});

/**
 * Monte Carlo EM, as Kingma and Welling (ICLR 2014, appendix E) run it: each step moves the chains of its data by one
 * trajectory of ten leapfrog steps of Hamiltonian Monte Carlo, whose step size is adapted to an acceptance of 90%, and
 * then makes five updates of the parameters by log p(x, z) at where they are. Chains begin at draws of a standard normal
 * in unconstrained space; their state is `LATENT#position`, over all data. Its metrics are `bound`, log p(x, z) summed
 * over all data with the log priors, in nats, which is no bound; `acceptance` and `stepSize`.
 *
 * Each element of the plates that all sites share has a chain of its own; latents in other plates move together.
 *
 * @throws SurmiseError naming the site if a latent is discrete, or a plate that not all sites share holds a minibatch; or a
 * number is not of its range.
 *
 * @example monteCarloEm({ model, data: () => ({ data }), parameters: paramStore(), optimiser: adagrad(0.02), seed: 0 })
 */
export function monteCarloEm<Data>(options: MonteCarloEmOptions<Data>): Algorithm {
  checkArguments("monteCarloEm", { options }, OPTIONS);
  const { parameters, optimiser, weightUpdates = 5, stepSize = 0.05, scale = 1, seed } = options;
  wholeNumber("monteCarloEm: weightUpdates", weightUpdates, { least: 1, most: 1000 });
  realNumber("monteCarloEm: stepSize", stepSize, { above: 0 });
  realNumber("monteCarloEm: scale", scale, { above: 0 });
  seedInputs(seed); // Refuses what is none.
  const runKey = seedKey();
  const step = input(STEP, [], "int32");
  const stepKey = fold(fold(runKey, "step"), step);
  const given = options.data(step, runKey);
  checkArguments("monteCarloEm", { "data()": given }, EM_DATA);
  const { data, datum } = given;
  const pair = { model: options.model, guide: priorOf(options.model), data, parameters };
  const traces = traceModelAndGuide({ ...pair, key: stepKey }, single());
  checkRequirements(traces, MONTE_CARLO_EM);
  const densities = elementDensities(traces, MONTE_CARLO_EM.name);
  const { draws, plates, elements, unconstrain, constrain, logDensity, logJoint } = densities;

  const kept = unconstrain(draws).map(({ axes, dtype }, i) => {
    const overAll = axes.map((a) => (a === datum?.batch ? datum.row : a));
    return input(`${traces.guide.latents[i].name}#position`, overAll, dtype);
  });
  const before = kept.map((all) => (datum ? gatherClamped(all, datum.row, datum.rows) : all));
  const size = input(STEP_SIZE, [], "float64");
  const chains = { position: before, stepSize: size, elements };
  const hmc = { iterations: 1, leapfrogs: 10, ...options };
  const moved = moveByHmc(chains, logDensity, fold(stepKey, "chains"), hmc);
  const after = moved.position.map(stopGradient);
  const put = (all: Tensor, i: number) =>
    datum === undefined ? after[i] : addToRows(all, after[i].sub(before[i]), datum);

  // Updates look at one sample; what it was made of, the parameters before, must not follow them.
  const held = after.map(({ axes, dtype }, i) => input(`#sample ${i}`, axes, dtype));
  const sample = held.map((at, i) => [at, after[i]] as const);
  const priors = Object.values(logPriors([traces.model], parameters));
  const logDensityOfAll = priors.reduce(
    (a, b) => a.add(b),
    overPlates(logJoint(constrain(held)), plates),
  );
  const trained = optimisation(parameters, optimiser, runKey);
  const params = trained.inputs.map(({ param }) => param);
  const gradients = grad(logDensityOfAll.mul(-scale), params);
  let places = trained.inputs;
  for (let i = 0; i < weightUpdates; i++) {
    const now = places.map(({ param }, at) => [params[at], param] as const);
    const here = substitute(gradients, new Map([...now, ...sample]));
    const count = cast(step.mul(weightUpdates).add(i + 1), "float32");
    places = trained.step(places, here, count);
  }
  const starts = kept.map(({ axes, dtype }, i) =>
    standardNormal(fold(fold(runKey, "position"), i), axes, dtype),
  );
  const names = traces.guide.latents.map(({ name }) => `${name}#position`);
  return {
    initial: {
      [STEP]: constant(0, "int32"),
      ...trained.initial,
      ...Object.fromEntries(names.map((name, i) => [name, starts[i]])),
      [STEP_SIZE]: constant(stepSize, "float64"),
    },
    updates: [
      [step, step.add(1)],
      ...trained.updates(places),
      ...kept.map((all, i) => [all, put(all, i)] as const),
      [size, moved.stepSize],
    ],
    metrics: {
      bound: substitute([logDensityOfAll], new Map(sample))[0],
      acceptance: moved.accepted,
      stepSize: size,
    },
    objective: "log density",
    seed,
  };
}

/** The model without its observations: what its latents are. */
function priorOf<Data>(model: Model<Data, unknown>): Model<Data, unknown> {
  return (sites, data) => model({ ...sites, observe: () => {}, factor: () => {} }, data);
}
