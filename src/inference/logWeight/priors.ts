/** Log priors of parameters. */
import type { ParamStore, Trace } from "../../model/index.ts";
import { cast, sum, type Tensor } from "../../tensor/index.ts";

/**
 * The log prior of each parameter of some traces that has one, in nats, unscaled: float64 scalars by name. `rule` may
 * change the derivative.
 */
export function logPriors(
  traces: readonly Trace[],
  store: ParamStore,
  rule: (logDensity: Tensor) => Tensor = (x) => x,
): Record<string, Tensor> {
  const used = new Set(traces.flatMap(({ params }) => params.map(({ name }) => name)));
  const found: Record<string, Tensor> = {};
  for (const { name, prior, value } of store.list()) {
    if (!used.has(name) || prior === undefined) continue;
    found[name] = rule(cast(sum(prior.logProb(value)), "float64"));
  }
  return found;
}
