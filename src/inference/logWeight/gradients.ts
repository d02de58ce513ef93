/** Where derivatives of the log evidence estimate stop: one line per gradient estimator. */
import { stopGradient, type Tensor } from "../../tensor/index.ts";

/** What stands in the place of each part of the log weight log p(x, z) - log q(z), in value the same. */
interface GradientRule {
  readonly draw: (z: Tensor) => Tensor;
  readonly p: (logDensity: Tensor) => Tensor;
  readonly q: (logDensity: Tensor) => Tensor;
}

const through = (x: Tensor) => x;
/** `x` with its derivative times -1. */
const reversed = (x: Tensor) => stopGradient(x).mul(2).sub(x);

/**
 * With P the estimate of the evidence, P = mean_k p(x, z_k) / q(z_k) over particles or combinations:
 *
 * - `reparameterised`: the derivative of log P through the draws: the bound is what is made larger.
 *   Needs continuous latents (Kingma and Welling 2014; Burda et al. 2016; massively parallel VI).
 * - `wake`: reweighted wake-sleep (Bornschein and Bengio, ICLR 2015; Heap et al., UAI 2023, section 4):
 *   the draws are given. p moves by its wake phase, d log P / d p = E[d log p(x, z)] under the weights;
 *   q moves by its own, -d log P / d q = E[d log q(z)] under the weights.
 * - `wakeP`, `wakeQ`: one of these two.
 * - `none`: nothing moves; for looking at.
 */
export const GRADIENTS = {
  reparameterised: { draw: through, p: through, q: through },
  wake: { draw: stopGradient, p: through, q: reversed },
  wakeP: { draw: stopGradient, p: through, q: stopGradient },
  wakeQ: { draw: stopGradient, p: stopGradient, q: reversed },
  none: { draw: stopGradient, p: stopGradient, q: stopGradient },
} satisfies Record<string, GradientRule>;

/** The name of a gradient estimator. */
export type Gradient = keyof typeof GRADIENTS;
