import type { Metric } from "../metrics/metric.ts";
import type { ChainRandom } from "../random.ts";
import { Leapfrog } from "./leapfrog.ts";
import { copyPoint, type Point, type Target } from "./point.ts";
import {
  MOST_ENERGY_ERROR,
  newReport,
  SHORT_STEPS,
  type Transition,
  type TransitionReport,
} from "./transition.ts";

/** The most steps of one trajectory, as many as a tree of NUTS has. */
const MOST_STEPS = 1023;

/**
 * Hamiltonian Monte Carlo (Duane, Kennedy, Pendleton and Roweth, 1987; Neal, 2011, figure 2): a fresh momentum, some
 * leapfrog steps, and the end is accepted with probability min(1, exp(H0 - H)). The time of a trajectory is uniform
 * between 0 and `length`, in posterior standard deviations, so that none is in step with a period of the density.
 * With a length of 0 each trajectory has one step: the Metropolis-adjusted Langevin algorithm (Roberts and Tweedie,
 * 1996), q' = q + e^2/2 M^-1 grad + e M^-1/2 xi.
 */
export class Hmc implements Transition {
  private readonly report: TransitionReport = newReport();
  private readonly leapfrog: Leapfrog;
  private readonly length: number;
  private readonly momentum: Float64Array;

  constructor(target: Target, metric: Metric, length: number) {
    this.leapfrog = new Leapfrog(target, metric);
    this.length = length;
    this.momentum = new Float64Array(target.dimension);
  }

  /** One trajectory. */
  next(point: Point, stepSize: number, random: ChainRandom, isShort: boolean): TransitionReport {
    const { report, momentum, leapfrog } = this;
    leapfrog.begin(point, momentum, random);
    const start = leapfrog.energy;
    const time = random.uniform() * this.length;
    const steps = Math.min(
      isShort ? SHORT_STEPS : MOST_STEPS,
      Math.max(1, Math.ceil(time / stepSize)),
    );
    let gain = 0;
    report.leapfrogs = 0;
    report.diverging = false;
    while (report.leapfrogs < steps && !report.diverging) {
      leapfrog.step(momentum, momentum, stepSize);
      report.leapfrogs++;
      gain = start - leapfrog.energy;
      report.diverging = !(gain >= -MOST_ENERGY_ERROR);
    }
    const weight = report.diverging ? 0 : Math.exp(gain);
    report.acceptance = Math.min(1, weight);
    report.symmetricAcceptance =
      weight === Number.POSITIVE_INFINITY ? 0 : (2 * report.acceptance) / (1 + weight);
    const isAccepted = random.uniform() < weight;
    report.distance = isAccepted ? steps : 0;
    report.energy = isAccepted ? start - gain : start;
    if (isAccepted) copyPoint(point, leapfrog);
    return report;
  }

  /** One leapfrog step. */
  trial(point: Point, stepSize: number, random: ChainRandom): number {
    return this.leapfrog.trial(point, this.momentum, stepSize, random);
  }
}
