import {
  log1mExp,
  logNormalCdf,
  maximum,
  minimum,
  type Operand,
  select,
  standardNormal,
  type Tensor,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { type CutAxes, orderedCategories, type ScoreNoise } from "../orderedCategories.ts";

/** Beyond it the normal distribution function is 0 or 1, to all digits and in its logarithm for all that matters. */
const FAR = 1e4;

const NORMAL: ScoreNoise = {
  logMass: (above, below) => {
    // In the lower tail, where nothing cancels.
    const isTurned = below.gt(0);
    const [a, b] = [select(isTurned, below.neg(), above), select(isTurned, above.neg(), below)];
    const upper = logNormalCdf(minimum(a, FAR));
    return upper.add(log1mExp(upper.sub(logNormalCdf(maximum(b, -FAR)))));
  },
  logCdf: logNormalCdf,
  sample: standardNormal,
};

/**
 * The category of a normal variable of standard deviation 1 around `location`, where the cutpoints c_1 < c_2 < ...
 * along `cut` divide the line (ordinal probit regression): a position along `category`, which has one element more than
 * `cut`,
 *
 *     p(x = k) = Phi(c_k+1 - location) - Phi(c_k - location),  c_0 = -Infinity, c_K = Infinity.
 *
 * @throws SurmiseError as `orderedLogistic`.
 *
 * @example observe("grade", orderedProbit(score, cutpoints, { cut, category: grade }), grades)
 */
export function orderedProbit(location: Operand, cutpoints: Tensor, axes: CutAxes): Distribution {
  return orderedCategories("orderedProbit", location, cutpoints, axes, NORMAL);
}
