/** Where numbers are read off known values, as knots are: of rows to be predicted, off those of the fit. */
import type { Tensor } from "../tensor.ts";

const references = new WeakMap<Tensor, () => Tensor>();

/** What is read off `x` is read off `reference()`: the same quantity over the rows that a model was fitted to. */
export function setReference(x: Tensor, reference: () => Tensor): void {
  references.set(x, reference);
}

/** The tensor that numbers are read off in the place of `x`; `x` itself unless another was set. */
export function referenceOf(x: Tensor): Tensor {
  return references.get(x)?.() ?? x;
}
