import type { Control } from "../../inference/index.ts";
import { cast, log, stopGradient, sum } from "../../tensor/index.ts";

/**
 * `control` of the signal of the authors' code, which is f without the log standard deviations of q,
 *
 *     log p(x, z_t) + 1/2 |(z_t - mean) / sd|^2.
 *
 * What is left out does not depend on the draw, so the expectation of the gradient is the same; its variance is another.
 */
export function ofSignalInCode(control: Control): Control {
  return {
    ...control,
    apply(signal) {
      const { distribution } = signal.latent;
      const logSd = log(cast(distribution.variance(), "float64")).mul(0.5);
      const events = logSd.axes.filter((one) => distribution.eventAxes.includes(one));
      const all = stopGradient(events.length > 0 ? sum(logSd, ...events) : logSd);
      return control.apply({ ...signal, value: signal.value.sub(all) });
    },
  };
}
