/** Minibatches of a whole model: which plate they are of, and the model on them. */
import { type Model, subsampled } from "../../model/internal.ts";
import {
  type Axis,
  axis,
  type Key,
  SurmiseError,
  type Tensor,
  wholeNumber,
} from "../../tensor/internal.ts";
import { traceAtPriors } from "../density/initialisation.ts";
import { minibatchRows } from "../process/minibatch.ts";

/** A model, or a guide, as it is at a step. */
export type AtStep = <Data>(
  model: Model<Data, unknown>,
  step: Tensor,
  runKey: Key,
) => Model<Data, unknown>;

/**
 * The model on minibatches of so many elements of the largest plate in which it observes: sums over it are estimated from
 * them, shuffled anew in each epoch (`minibatchRows`).
 *
 * @throws SurmiseError if nothing is observed in a plate, or it has fewer elements.
 */
export function plateMinibatch<Data>(
  model: Model<Data, unknown>,
  data: Data,
  batch: number,
): AtStep {
  wholeNumber("fit: batch", batch, { least: 1 });
  const plates = traceAtPriors(model, data).observed.flatMap((site) => site.plates);
  const largest = plates
    .filter(({ chain }) => !chain)
    .map((plate) => plate.axis)
    .reduce<Axis | undefined>((a, b) => (a === undefined || b.size > a.size ? b : a), undefined);
  if (largest === undefined) {
    throw new SurmiseError(
      `fit: batch ${batch}: nothing is observed in a plate, of whose elements some could be taken`,
    );
  }
  if (largest.size < batch) {
    throw new SurmiseError(
      `fit: batch ${batch}: plate '${largest.name}' has only ${largest.size} elements: leave batch out`,
    );
  }
  const taken = axis(`${largest.name} (minibatch)`, batch);
  return (whole, step, runKey) =>
    subsampled(whole, largest, { axis: taken, rows: minibatchRows(largest, taken, step, runKey) });
}
