/** Training of a guide: where it begins, and what makes it better. */

import { type Model, type ParamStore, paramStore } from "../../model/index.ts";
import { cast } from "../../tensor/internal.ts";
import { type Coordinates, coordinatesInTurns } from "../density/coordinates.ts";
import type { Turns } from "../density/modes/turns.ts";
import { automaticGuide, type GuideFamily, guideAxes } from "../guides/automatic.ts";
import { checkMethod, estimatorOf, type GuideMethod, type MethodName } from "../methods.ts";
import { settling, settlingAdam, settlingState } from "../process/settling.ts";
import type { Objective, ObjectiveAt } from "../process/training.ts";
import { average } from "../proposal/particles.ts";
import { bound } from "../target/bound.ts";
import { endsItself, stepsOf, type TrainOptions } from "./options.ts";
import { batchesOf, fittedModel, offerOf, type Prepared, trainingOf } from "./prepared.ts";

/** Training of a guide: the method's, or one's own. Runs the guide and the model once, to make the target. */
export function* prepareGuide<Data>(
  options: TrainOptions<Data>,
  method?: GuideMethod,
  name?: MethodName,
): Turns<Omit<Prepared<Data>, "by">> {
  const { model, data, target = method?.target ?? bound, beta } = options;
  const isMade = options.guide === undefined;
  const coordinates = isMade ? yield* coordinatesOf(options, method as GuideMethod) : undefined;
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

/** The coordinates of the posterior that a method's guide begins in. */
function* coordinatesOf<Data>(
  { model, data, kl, batch }: TrainOptions<Data>,
  method: GuideMethod,
): Turns<Coordinates | undefined> {
  // Normals that depend on one another have no closed form of their divergences from the priors.
  const isPlain = kl === "closed" || batch !== undefined;
  return isPlain ? undefined : yield* coordinatesInTurns(model, data, method);
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

/** What `bound` is given, and what posterior draws are weighed by: the method's unless said otherwise. */
function choicesOf<Data>(options: TrainOptions<Data>, method: GuideMethod | undefined) {
  const { kl, particles, alpha, chains, maxCost, biased } = options;
  const own = kl === "closed" && method?.gradient === "path" ? "total" : method?.gradient;
  const { gradient = method?.target === undefined ? own : undefined } = options;
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
      ...(kl !== undefined && { kl }),
      ...(gradient !== undefined && { gradient }),
      ...(strategy && { particles: strategy }),
      ...(alpha !== undefined && { alpha }),
      ...(chains !== undefined && { chains }),
      ...(maxCost !== undefined && { maxCost }),
      ...(biased && { biased }),
    },
  };
}
