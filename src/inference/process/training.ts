import type { ParamStore } from "../../model/index.ts";
import {
  ANYTHING,
  cast,
  checkArguments,
  constant,
  either,
  FUNCTION,
  fold,
  grad,
  input,
  type Key,
  OBJECT,
  objectWith,
  optional,
  optionsWith,
  PRECISION,
  type Precision,
  realNumber,
  seedInputs,
  seedKey,
  TENSOR,
  type Tensor,
} from "../../tensor/internal.ts";
import type { ConstraintCheck } from "../logWeight/constraints.ts";
import { type Algorithm, STEP } from "./algorithm.ts";
import { type OptimiserOf, optimisation } from "./optimisation.ts";

/** What is made larger in one step. */
export interface Objective {
  /** In nats: a float64 scalar. */
  readonly bound: Tensor;
  /** What it is called in messages, if it is no bound: "log density". */
  readonly name?: string;
  /** What each site adds to it: float64 scalars. */
  readonly sites: Readonly<Record<string, Tensor>>;
  /** The constraints of the sites, to look for what makes it not finite. */
  readonly constraintChecks?: () => readonly ConstraintCheck[];
  /** Latents whose priors have no finite integral, to tell of them if it is not finite. */
  readonly improper?: readonly string[];
  /** What it carries from step to step besides the parameters: control variates, chains. */
  readonly state?: Pick<Algorithm, "initial" | "updates">;
  /** Further float64 scalars to be recorded. */
  readonly metrics?: Readonly<Record<string, Tensor>>;
}

/** What an `Objective` must be, as far as it is looked at before it is used. */
const OBJECTIVE = objectWith({ bound: TENSOR, sites: OBJECT });

/**
 * The objective at the 0-based int32 scalar `step`. `stepKey` is new at each step: give it to `bound`.
 * `runKey` stays: give it to `minibatch`.
 */
export type ObjectiveAt = (step: Tensor, stepKey: Key, runKey: Key) => Objective;

/** An objective, what it trains, and how. */
export interface TrainingOptions {
  /** The bound to be maximised, in nats, as an expression of the step and its keys. */
  readonly objective: ObjectiveAt;
  /** The store that the objective puts its parameters into. */
  readonly parameters: ParamStore;
  /** The update rule, such as `adam(0.01)`; a function gives one for each parameter by its name. */
  readonly optimiser: OptimiserOf;
  /** The loss is -scale * bound; 1 / (number of data) makes it a loss per datum. 1 unless given. */
  readonly scale?: number;
  /** Everything random follows from it: a whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** What the step computes in; float32 unless given. */
  readonly dtype?: Precision;
}

/**
 * Optimisation as an algorithm. Its state is, by the names of its inputs: each parameter, `PARAM#SLOT` for
 * each slot of the optimiser, `PARAM#learningRateScale` where it has one, `#step`, the words of the seed, and what
 * the objective carries. Its metric is `bound`, in nats, beside those of the objective.
 */
export interface Training extends Algorithm {
  /** `bound`, in nats, larger is better, and those of the objective: scalars of each step. */
  readonly metrics: { readonly bound: Tensor } & Readonly<Record<string, Tensor>>;
  /** The derivatives of the loss, by parameter. */
  readonly gradients: Readonly<Record<string, Tensor>>;
}

/**
 * The training step that makes `objective` larger by `optimiser`.
 *
 * @throws SurmiseError if the seed or the scale is not of its range.
 */
export function training(options: TrainingOptions): Training {
  checkArguments(
    "training",
    { options },
    optionsWith<TrainingOptions>({
      ...{ objective: FUNCTION, parameters: OBJECT, optimiser: either(FUNCTION, OBJECT) },
      ...{ scale: ANYTHING, seed: ANYTHING, dtype: optional(PRECISION) },
    }),
  );
  const { objective, parameters, optimiser, scale = 1, seed, dtype } = options;
  realNumber("training: scale", scale, { above: 0 });
  seedInputs(seed); // Refuses what is none.
  const runKey = seedKey();
  const step = input(STEP, [], "int32");
  const made = objective(step, fold(fold(runKey, "step"), step), runKey);
  checkArguments("training", { "objective()": made }, OBJECTIVE);
  const {
    bound,
    name: objectiveName,
    sites,
    constraintChecks,
    improper,
    state,
    metrics = {},
  } = made;

  const params = parameters.list();
  const gradients = grad(
    bound.mul(-scale),
    params.map(({ value }) => value),
  );
  const byName = Object.fromEntries(params.map(({ name }, i) => [name, gradients[i]]));
  const next = step.add(1);
  const trained = optimisation(parameters, optimiser, runKey);
  const moved = trained.step(trained.inputs, gradients, cast(next, "float32"));
  return {
    initial: { [STEP]: constant(0, "int32"), ...trained.initial, ...state?.initial },
    updates: [[step, next], ...trained.updates(moved), ...(state?.updates ?? [])],
    metrics: { ...metrics, bound },
    seed,
    ...(dtype && { dtype }),
    ...(objectiveName && { objective: objectiveName }),
    gradients: byName,
    diagnosis: () => ({
      ...{ sites, gradients: byName, constraintChecks: constraintChecks?.() ?? [] },
      ...(improper && { improper }),
    }),
  };
}
