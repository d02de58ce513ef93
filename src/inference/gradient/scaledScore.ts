import type { Schedule } from "../../optim/index.ts";
import {
  cast,
  checkArguments,
  either,
  FUNCTION,
  input,
  OPERAND,
  realNumber,
  stopGradient,
  type Tensor,
} from "../../tensor/internal.ts";
import { STEP } from "../process/algorithm.ts";
import { reparameterised, sampledKl } from "../requirements/combination.ts";
import { type GradientEstimator, through } from "./estimator.ts";

/**
 * Between the path derivative (a scale of 0) and the total one (a scale of 1): the score term of log q, which
 * the path derivative leaves out, times `scale` (Roeder, Wu and Duvenaud, NeurIPS 2017, section 6). A schedule
 * anneals it. Unbiased where `path` is.
 *
 * @param scale a number; a schedule of the step of the training, 1 at the first; or a scalar of the program.
 *
 * @throws SurmiseError if a number is not finite.
 *
 * @example fit({ model, guide, data, gradient: scaledScore(warmUp(1, 1000)) })
 */
export function scaledScore(scale: number | Schedule | Tensor): GradientEstimator {
  checkArguments("scaledScore", { scale }, either(FUNCTION, OPERAND));
  if (typeof scale === "number") realNumber("scaledScore: the scale", scale);
  const at =
    typeof scale === "function" ? scale(cast(input(STEP, [], "int32").add(1), "float32")) : scale;
  return {
    name: "scaledScore",
    about: "between path and total: the score term of log q times a scale",
    source: "Roeder, Wu and Duvenaud, NeurIPS 2017, section 6",
    unbiased: false,
    requires: [reparameterised, sampledKl],
    draw: through,
    p: through,
    q(logDensity, held) {
      const score = logDensity.sub(held.guide(logDensity));
      const scaled = score.mul(typeof at === "number" ? at : cast(stopGradient(at), score.dtype));
      return held.guide(logDensity).add(scaled);
    },
  };
}
