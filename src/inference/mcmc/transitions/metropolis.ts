import type { Metric } from "../metrics/metric.ts";
import type { ChainRandom } from "../random.ts";
import { copyPoint, newPoint, type Point, type Target } from "./point.ts";
import { newReport, type Transition, type TransitionReport } from "./transition.ts";

/**
 * Random-walk Metropolis (Metropolis et al., 1953): q' = q + e L xi with a standard normal xi, accepted with probability
 * min(1, p(q') / p(q)).
 */
export class RandomWalkMetropolis implements Transition {
  private readonly report: TransitionReport = newReport();
  private readonly target: Target;
  private readonly metric: Metric;
  private readonly proposed: Point;
  private readonly noise: Float64Array;
  private readonly move: Float64Array;

  constructor(target: Target, metric: Metric) {
    this.target = target;
    this.metric = metric;
    this.proposed = newPoint(target.dimension);
    this.noise = new Float64Array(target.dimension);
    this.move = new Float64Array(target.dimension);
  }

  /** One proposal. */
  next(point: Point, stepSize: number, random: ChainRandom): TransitionReport {
    const { report, proposed } = this;
    const gain = this.propose(point, stepSize, random);
    const isAccepted = random.uniform() < Math.exp(gain);
    if (isAccepted) copyPoint(point, proposed);
    report.acceptance = Math.min(1, Math.exp(gain));
    report.symmetricAcceptance = report.acceptance;
    report.leapfrogs = 1;
    report.distance = isAccepted ? 1 : 0;
    report.energy = -point.logDensity;
    return report;
  }

  /** One proposal. */
  trial(point: Point, stepSize: number, random: ChainRandom): number {
    return this.propose(point, stepSize, random);
  }

  /** log p(q') - log p(q), in nats. */
  private propose(point: Point, stepSize: number, random: ChainRandom): number {
    const { proposed, noise, move } = this;
    random.normals(noise);
    this.metric.times(noise, move);
    for (let i = 0; i < move.length; i++) {
      proposed.position[i] = point.position[i] + stepSize * move[i];
    }
    proposed.logDensity = this.target.evaluate(proposed.position, proposed.gradient);
    const gain = proposed.logDensity - point.logDensity;
    return Number.isNaN(gain) ? Number.NEGATIVE_INFINITY : gain;
  }
}
