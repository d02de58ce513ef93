/** From options to a training: which method, and whether it takes them. */

import { checkArguments, oneOf, SurmiseError, wholeNumber } from "../../tensor/internal.ts";
import { chooseTraining } from "../choice.ts";
import { atOnce, type Turns } from "../density/modes/turns.ts";
import { ANNEALERS } from "../mcmc/annealing.ts";
import { SAMPLERS } from "../mcmc/transitions/index.ts";
import { METHODS, type Method, type MethodName } from "../methods.ts";
import { prepareGuide } from "./guideTraining.ts";
import { prepareMode } from "./modeSearch.ts";
import { MOST_STEPS, stepsOf, type TrainOptions } from "./options.ts";
import type { Prepared } from "./prepared.ts";

/**
 * Chooses guide, particles and gradient and makes the training step.
 *
 * @throws SurmiseError if the model, its data and the method do not fit together, naming the site, or a number
 * among the options is not of its range.
 */
export function prepare<Data>(options: TrainOptions<Data>): Prepared<Data> {
  return atOnce(prepareInTurns(options));
}

/** As `prepare`, in turns while it is looked for where training begins. */
export function* prepareInTurns<Data>(options: TrainOptions<Data>): Turns<Prepared<Data>> {
  const by = methodOf(options);
  wholeNumber("fit: steps", stepsOf(options), { least: 1, most: MOST_STEPS });
  const { method: name } = by;
  refuseOption(options, name);
  if (name === undefined) return { ...(yield* prepareGuide(options)), by };
  const method: Method = METHODS[name];
  const prepared =
    "guide" in method
      ? yield* prepareGuide(options, method, name)
      : yield* prepareMode(options, method, name);
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
