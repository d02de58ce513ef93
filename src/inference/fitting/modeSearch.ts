/** Searches for the mode of the log density. */

import { paramStore } from "../../model/index.ts";
import { SurmiseError, stopGradient } from "../../tensor/internal.ts";
import { densityObjective } from "../density/modes/mode.ts";
import { searchMode } from "../density/modes/modeSearch.ts";
import type { Turns } from "../density/modes/turns.ts";
import { checkMethod, type DensityMethod, hasJacobian, type MethodName } from "../methods.ts";
import type { ObjectiveAt } from "../process/training.ts";
import { stepsOf, type TrainOptions } from "./options.ts";
import { batchesOf, fittedModel, offerOf, type Prepared, trainingOf } from "./prepared.ts";

/** A search for the mode of the log density. */
export function* prepareMode<Data>(
  options: TrainOptions<Data>,
  { posterior }: DensityMethod,
  name: MethodName,
): Turns<Omit<Prepared<Data>, "by">> {
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
  const found = isSearched ? yield* searchMode(model, data, jacobian) : undefined;
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
