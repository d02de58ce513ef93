import { type Model, overPlates, type ParamStore, trace } from "../../model/internal.ts";
import {
  ANYTHING,
  cast,
  checkArguments,
  constant,
  FUNCTION,
  logMeanExp,
  OBJECT,
  optionsWith,
  type Tensor,
} from "../../tensor/internal.ts";
import { BIND_OPTIONS, type BindOptions, bindDraws } from "../posterior/bindDraws.ts";

/** Draws of the latents, and the data that they are to predict. */
export interface PredictiveOptions<Data> extends BindOptions {
  /** The model that the draws are of. */
  readonly model: Model<Data, unknown>;
  /** Data that the draws have not seen, perhaps with other elements on its axes. */
  readonly data: Data;
  /** The store with the parameters of the model. */
  readonly parameters: ParamStore;
}

/**
 * The predictive log likelihood of new data, log (1/S) sum_s p(data | z_s) over posterior draws z_s,
 * with the plates as they stand: a float64 scalar. Elements of plates that are new to the draws, such as
 * another user, are drawn from the model given the other latents, if `missing` is `prior`.
 *
 * @throws SurmiseError if the draws do not fit the model (`bindDraws`).
 */
export function predictiveLogLikelihood<Data>(options: PredictiveOptions<Data>): Tensor {
  checkArguments(
    "predictiveLogLikelihood",
    { options },
    optionsWith<PredictiveOptions<unknown>>({
      ...BIND_OPTIONS,
      ...{ model: FUNCTION, data: ANYTHING, parameters: OBJECT },
    }),
  );
  const { model, data, parameters, ...bound } = options;
  const { along } = bound;
  const { observed } = trace(model, data, bindDraws(bound), parameters);
  const each = observed
    .map(({ logProb, plates }) => overPlates(cast(logProb(), "float64"), plates))
    .reduce((a, b) => a.add(b), constant(0, "float64"));
  return each.has(along) ? logMeanExp(each, along) : each;
}
