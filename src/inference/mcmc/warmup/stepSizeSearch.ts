import { ImproperPosterior, NotContinuous } from "../failures.ts";
import type { ChainRandom } from "../random.ts";
import type { Point } from "../transitions/point.ts";
import type { Transition } from "../transitions/transition.ts";

const LOG_ACCEPTANCE = Math.log(0.8);
/** No proper posterior is so wide in coordinates of its own scale (Stan). */
const MOST = 1e7;

/**
 * A step size of a reasonable order (Hoffman and Gelman, 2014, algorithm 4, as in Stan): doubled or halved, with a
 * fresh momentum each time, until the log acceptance of one step crosses log 0.8.
 *
 * @throws ImproperPosterior if it grows without end, NotContinuous if it becomes 0.
 */
export function searchStepSize(
  transition: Transition,
  point: Point,
  from: number,
  random: ChainRandom,
): number {
  let stepSize = from;
  const grows = transition.trial(point, stepSize, random) > LOG_ACCEPTANCE;
  while (true) {
    stepSize *= grows ? 2 : 0.5;
    if (stepSize > MOST) throw new ImproperPosterior();
    if (stepSize === 0) throw new NotContinuous();
    if (transition.trial(point, stepSize, random) > LOG_ACCEPTANCE !== grows) return stepSize;
  }
}
