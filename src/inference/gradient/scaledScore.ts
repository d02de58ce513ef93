import {
  checkArguments,
  OPERAND,
  realNumber,
  stopGradient,
  type Tensor,
} from "../../tensor/internal.ts";
import { reparameterised, sampledKl } from "../requirements/combination.ts";
import { type GradientEstimator, through } from "./estimator.ts";

/**
 * Between the path derivative (a scale of 0) and the total one (a scale of 1): the score term of log q, which
 * the path derivative leaves out, times `scale` (Roeder, Wu and Duvenaud, NeurIPS 2017, section 6). A scale that
 * is made of the step anneals it. Unbiased where `path` is.
 *
 * @param scale a number, or a scalar of the program such as `exp(cast(step, "float32").div(-1000))` of the step that
 * `training` gives its objective.
 *
 * @throws SurmiseError if a number is not finite.
 *
 * @example fit({ model, guide, data, gradient: scaledScore(0.1) })
 */
export function scaledScore(scale: number | Tensor): GradientEstimator {
  checkArguments("scaledScore", { scale }, OPERAND);
  if (typeof scale === "number") realNumber("scaledScore: the scale", scale);
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
      const scaled = score.mul(typeof scale === "number" ? scale : stopGradient(scale));
      return held.guide(logDensity).add(scaled);
    },
  };
}
