/** Log priors of parameters, and whether those of latents have an integral. */
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

/** The latents of a trace whose priors have no finite integral. */
export function improperLatents({ latents }: Pick<Trace, "latents">): readonly string[] {
  return latents.flatMap(({ name, distribution }) =>
    distribution.improper === true ? [name] : [],
  );
}

/** Whether all priors of the latents of a trace have a finite integral. */
export function hasProperPriors(trace: Pick<Trace, "latents">): boolean {
  return improperLatents(trace).length === 0;
}
