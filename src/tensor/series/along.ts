/** The check of the axis that lags and cumulative sums go along. */
import type { Axis } from "../axis.ts";
import { SurmiseError } from "../errors.ts";
import { checkTensor, type Tensor } from "../tensor.ts";

/** @throws SurmiseError unless `x` varies along `a`. */
export function checkAlong(what: string, x: Tensor, a: Axis): void {
  checkTensor(what, x);
  if (x.has(a)) return;
  throw new SurmiseError(`${what} along '${a.name}': ${x} does not vary along it`);
}
