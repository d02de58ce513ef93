import { log, type Operand, square, standardNormal, unionAxes } from "../tensor/index.ts";
import {
  type Distribution,
  distribution,
  POSITIVE,
  parameterTensors,
  REAL,
} from "./distribution.ts";

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/**
 * The normal distribution with the given mean and standard deviation (not variance):
 *
 *     log p(x) = -((x - mean) / sd)^2 / 2 - log sd - log(2 pi) / 2,   x = mean + sd * noise.
 *
 * @throws SurmiseError if `mean` is a number that is not finite, or `sd` one that is not positive.
 *
 * @example sample("z", normal(0, 1).event(latent))
 */
export function normal(mean: Operand, sd: Operand): Distribution {
  const parameters = parameterTensors("normal", { mean, sd }, { mean: REAL, sd: POSITIVE });
  const { mean: m, sd: s } = parameters;
  return distribution({
    name: "normal",
    parameters,
    axes: unionAxes(m.axes, s.axes),
    dtype: m.dtype,
    support: { kind: "real" },
    reparameterised: true,
    logProb: (x) => square(x.sub(m).div(s)).mul(-0.5).sub(log(s)).sub(HALF_LOG_2PI),
    sample: (key, axes) => m.add(s.mul(standardNormal(key, axes, m.dtype))),
    mean: () => m,
    variance: () => square(s),
  });
}
