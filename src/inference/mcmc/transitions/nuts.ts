import type { Metric } from "../metrics/metric.ts";
import type { ChainRandom } from "../random.ts";
import { type Trajectory, trajectoryOf } from "../trajectory/trajectory.ts";
import { Leapfrog } from "./leapfrog.ts";
import type { Point, Target } from "./point.ts";
import { newReport, SHORT_DEPTH, type Transition, type TransitionReport } from "./transition.ts";

/**
 * The No-U-Turn sampler (Hoffman and Gelman, 2014) with multinomial draws (Betancourt, 2017, "A conceptual introduction
 * to Hamiltonian Monte Carlo", appendix A) and the criterion of Stan: a trajectory is doubled, forward or back in time
 * at random, until the sum rho of its momenta no longer points along the momentum at both of its ends,
 *
 *     p_begin . rho > 0  and  p_end . rho > 0,
 *
 * or the same fails across the join of two halves: for the first half with the first momentum of the second, and for
 * the second with the last of the first. Momenta are in coordinates in which the mass matrix is the identity, where p
 * and its velocity are one.
 *
 * Of the points that a doubling adds one is drawn in proportion to its weight exp(H0 - H), as they come: each takes the
 * place of the one before with probability w / (sum of w so far), which is what draws within and between subtrees come
 * to. The doubling's point is then taken with probability min(1, w_new / w_old) (biased progressive sampling).
 *
 * All of it is done by a WebAssembly module (`trajectory/`), in memory that the chains of a target share.
 */
export class Nuts implements Transition {
  private readonly report: TransitionReport = newReport();
  private readonly leapfrog: Leapfrog;
  private readonly metric: Metric;
  private readonly maxDepth: number;
  private readonly momentum: Float64Array;
  private readonly trajectory: Trajectory;

  /** @throws SurmiseError if there is no room for the vectors of a trajectory. */
  constructor(target: Target, metric: Metric, maxDepth: number) {
    this.leapfrog = new Leapfrog(target, metric);
    this.metric = metric;
    this.maxDepth = maxDepth;
    this.momentum = new Float64Array(target.dimension);
    this.trajectory = trajectoryOf(target, maxDepth);
  }

  /** One trajectory. */
  next(point: Point, stepSize: number, random: ChainRandom, isShort: boolean): TransitionReport {
    const { report, trajectory, maxDepth, metric } = this;
    const most = isShort ? Math.min(SHORT_DEPTH, maxDepth) : maxDepth;
    trajectory.next(point, metric, stepSize, most, random, report);
    return report;
  }

  /** One leapfrog step. */
  trial(point: Point, stepSize: number, random: ChainRandom): number {
    return this.leapfrog.trial(point, this.momentum, stepSize, random);
  }
}
