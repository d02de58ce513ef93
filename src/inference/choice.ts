/** The method that suits a model, where none is given. */
import { finiteValues, isDiscrete } from "../distributions/internal.ts";
import { type Model, paramStore, type Trace } from "../model/internal.ts";
import {
  checkArguments,
  FUNCTION,
  input,
  optional,
  optionsWith,
  SurmiseError,
  sizeOf,
} from "../tensor/internal.ts";
import { traceAtPriors } from "./density/initialisation.ts";
import { varyingElementsOf } from "./density/programs/expressions.ts";
import { traceUnconstrained, type UnconstrainedTrace } from "./density/traceUnconstrained.ts";
import type { SamplerName } from "./mcmc/transitions/index.ts";
import type { MethodName } from "./methods.ts";

/** A method, and why it was chosen. */
export interface Choice<Name extends MethodName | SamplerName = MethodName | SamplerName> {
  /** A row of `METHODS` or `SAMPLERS`. */
  readonly method: Name;
  /** In a few words, for people. */
  readonly reason: string;
}

/** What is fitted, as far as the choice depends on it. */
export interface ChoiceOptions<Data> {
  /** A guide of one's own; the method's unless given. */
  readonly guide?: Model<Data, unknown>;
}

/** Unconstrained numbers of a model that is left to chains at most: a judgement, not a measurement. */
const MOST_NUMBERS = 1000;
/**
 * Elements of all tensors of its log density that vary with the latents, at most: 100,000 evaluations of so many are 3e10
 * operations; a judgement, too.
 */
const MOST_ELEMENTS = 300_000;

/**
 * NUTS if all latents are continuous or can be summed out and the model is not too large for chains; else what
 * `chooseTraining` says. Calls the model twice.
 *
 * @throws SurmiseError if the model cannot be run on the data.
 *
 * @example const { method, reason } = chooseMethod(schools, undefined);
 */
export function chooseMethod<Data>(
  model: Model<Data, unknown>,
  data: Data,
  options: ChoiceOptions<Data> = {},
): Choice {
  checkArguments("chooseMethod", { model }, FUNCTION);
  checkArguments(
    "chooseMethod",
    { options },
    optionsWith<ChoiceOptions<unknown>>({ guide: optional(FUNCTION) }),
  );
  if (options.guide !== undefined) return chooseTraining(model, data, options);
  const traced = traceAtPriors(model, data);
  const why = unfitForChains(traced);
  if (why !== undefined) return { ...trainingOf(traced), reason: why };
  const density = densityOf(model, data);
  if (density === undefined) {
    const reason = "its discrete latents cannot be summed out exactly, so that they are drawn";
    return traced.latents.some(({ distribution }) => isDiscrete(distribution.support))
      ? { method: "rws", reason }
      : { method: "vi", reason: "it has no log density that chains could follow" };
  }
  const long = tooLong(density);
  if (long !== undefined) return { method: "vi", reason: long };
  const summedOut = density.summedOut?.enumeration.latents.map(({ name }) => `'${name}'`) ?? [];
  const reason =
    summedOut.length === 0
      ? "all latents are continuous"
      : `${summedOut.join(", ")} can be summed out${density.latents.length > 0 ? ", all other latents are continuous" : ""}`;
  return { method: "nuts", reason };
}

/**
 * Of the methods that train: `vi`, or, where a latent has values without end, whose draws have no derivatives and which
 * cannot be summed out, `rws`. Calls the model once, unless there is a guide.
 *
 * @throws SurmiseError if the model cannot be run on the data.
 */
export function chooseTraining<Data>(
  model: Model<Data, unknown>,
  data: Data,
  options: ChoiceOptions<Data> = {},
): Choice<MethodName> {
  checkArguments("chooseTraining", { model }, FUNCTION);
  checkArguments(
    "chooseTraining",
    { options },
    optionsWith<ChoiceOptions<unknown>>({ guide: optional(FUNCTION) }),
  );
  const { guide } = options;
  if (guide !== undefined) return { method: "vi", reason: "the guide is given, and is trained" };
  return trainingOf(traceAtPriors(model, data));
}

function trainingOf(traced: Trace): Choice<MethodName> {
  const reason = endlessLatent(traced);
  return reason === undefined
    ? { method: "vi", reason: "one normal for all latents is the usual approximation" }
    : { method: "rws", reason };
}

/** That a latent is discrete without a known end, if there is one. */
function endlessLatent({ latents }: Trace): string | undefined {
  const endless = latents.find(
    ({ distribution: { support } }) => isDiscrete(support) && finiteValues(support) === undefined,
  );
  return (
    endless &&
    `latent '${endless.name}' has values without end, which cannot be summed out; those of truncated(d, { upper }) can`
  );
}

/** Why there can be no chains, if there is a reason in the statements. */
function unfitForChains(traced: Trace): string | undefined {
  const { latents, observed, params } = traced;
  if (latents.length === 0) return "there are no latents to draw";
  if (params.length > 0) return `parameter '${params[0].name}' is trained, not drawn`;
  const plates = [...latents, ...observed].flatMap((site) => site.plates);
  const part = plates.find(({ axis, total }) => axis.size !== total);
  if (part !== undefined) {
    const { name, size } = part.axis;
    return `plate '${name}' holds ${size} of ${part.total} elements, and chains need all`;
  }
  return endlessLatent(traced);
}

/** The log density; undefined where discrete latents cannot be summed out of it. */
function densityOf<Data>(model: Model<Data, unknown>, data: Data): UnconstrainedTrace | undefined {
  try {
    return traceUnconstrained(
      { model, data, parameters: paramStore(), jacobian: true },
      ({ name, axes, distribution: { dtype } }) => input(`#position ${name}`, axes, dtype),
    );
  } catch (cause) {
    if (cause instanceof SurmiseError) return undefined;
    throw cause;
  }
}

/** Why chains would take long, if they would. */
function tooLong({ latents, value }: UnconstrainedTrace): string | undefined {
  const numbers = latents.reduce((total, { axes }) => total + sizeOf(axes), 0);
  if (numbers > MOST_NUMBERS) return `chains would take long over ${numbers} unconstrained numbers`;
  const elements = varyingElementsOf(value);
  return elements > MOST_ELEMENTS
    ? `chains would take long: a log density of ${elements.toPrecision(2)} terms`
    : undefined;
}
