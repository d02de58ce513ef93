import { type Latent, overPlates, scaleOfAll } from "../../model/internal.ts";
import { constant, stopGradient, type Tensor } from "../../tensor/internal.ts";
import type { LogWeight } from "../logWeight/weights.ts";

/**
 * What of the estimate a draw of `latent` has an influence on, for each element of its plates: the terms outside its
 * plates, and of those inside the ones of the same elements. Float64, in nats, without derivative.
 */
export function learningSignal({ plates }: Latent, weights: readonly LogWeight[]): Tensor {
  const own = new Set(plates.map(({ axis }) => axis));
  return stopGradient(
    weights
      .map((weight) => {
        const shared = weight.plates.filter(({ axis }) => own.has(axis));
        const others = weight.plates.filter(({ axis }) => !own.has(axis));
        return overPlates(weight.value, others).mul(scaleOfAll(shared));
      })
      .reduce((a, b) => a.add(b), constant(0, "float64")),
  );
}
