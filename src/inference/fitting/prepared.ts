/** What trainings of guides and searches for modes have in common. */

import type { ParamStore } from "../../model/index.ts";
import { SurmiseError } from "../../tensor/internal.ts";
import type { Choice } from "../choice.ts";
import { logDensity } from "../density/logDensity.ts";
import { fallingAdam } from "../guides/fallingAdam.ts";
import type { GuideMethod, MethodName } from "../methods.ts";
import type { Fitted } from "../posterior/samplePosterior.ts";
import type { OptimiserOf } from "../process/optimisation.ts";
import type { ProgramState } from "../process/state.ts";
import { type ObjectiveAt, type Training, training } from "../process/training.ts";
import type { FitOffer } from "../requirements/training.ts";
import { stepsOf, type TrainOptions } from "./options.ts";
import { type AtStep, plateMinibatch } from "./plateMinibatch.ts";

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

/** Minibatches, if they are asked for. */
export function batchesOf<Data>({ model, data, batch }: TrainOptions<Data>): AtStep | undefined {
  return batch === undefined ? undefined : plateMinibatch(model, data, batch);
}

/** What there is of what methods need; `isBegun` says that no normal is looked for, or one was found. */
export function offerOf<Data>(
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

/**
 * The training step of an objective.
 *
 * @throws SurmiseError if there is nothing to train.
 */
export function trainingOf<Data>(
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

/** What is the same of all that is fitted: the model, its data, and its parameters as they are in `state`. */
export function fittedModel<Data>(
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

function trained(store: ParamStore, state: ProgramState) {
  return Object.fromEntries(
    store.list().map(({ name, axes }) => {
      const { dtype, data } = state[name];
      return [name, { axes, dtype, data }];
    }),
  );
}
