import type { Metric } from "../metrics/metric.ts";
import type { ChainRandom } from "../random.ts";
import { Leapfrog } from "./leapfrog.ts";
import {
  copyPhase,
  copyPoint,
  newPhase,
  newPoint,
  type Phase,
  type Point,
  type Target,
} from "./phase.ts";
import {
  MOST_ENERGY_ERROR,
  newReport,
  type Transition,
  type TransitionReport,
} from "./transition.ts";
import { leapfrogTrial } from "./trial.ts";

/** Weights are exp(H0 - H); so far above the start their exponent is cut, lest their sum overflows. */
const MOST_GAIN = 600;

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
 * Within a subtree a point is drawn in proportion to its weight exp(H0 - H); at the top a new subtree is taken with
 * probability min(1, w_new / w_old) (biased progressive sampling).
 */
export class Nuts implements Transition {
  private readonly report: TransitionReport = newReport();
  private readonly leapfrog: Leapfrog;
  private readonly maxDepth: number;
  /** The ends of the trajectory. */
  private readonly forward: Phase;
  private readonly backward: Phase;
  private readonly whole: Subtree;
  private readonly added: Subtree;
  /** For each depth, the second half of a subtree while it is built. */
  private readonly halves: readonly Subtree[];
  private startEnergy = 0;
  private random: ChainRandom | undefined;
  private sumAcceptance = 0;
  private sumSymmetric = 0;
  /** Of the present doubling: its signed step size, and how many steps away from the start its end is. */
  private stepSize = 0;
  private distance = 0;

  constructor(target: Target, metric: Metric, maxDepth: number) {
    const { dimension } = target;
    this.leapfrog = new Leapfrog(target, metric);
    this.maxDepth = maxDepth;
    this.forward = newPhase(dimension);
    this.backward = newPhase(dimension);
    this.whole = new Subtree(dimension);
    this.added = new Subtree(dimension);
    this.halves = Array.from({ length: maxDepth }, () => new Subtree(dimension));
  }

  /** One trajectory. */
  next(point: Point, stepSize: number, random: ChainRandom): TransitionReport {
    const { report, forward, backward, whole, added } = this;
    this.random = random;
    this.begin(point, random);
    let after = 0;
    let before = 0;
    let isForward = true;
    for (report.depth = 0; report.depth < this.maxDepth; ) {
      const turned = random.uniform() < 0.5 !== isForward;
      if (turned) {
        isForward = !isForward;
        whole.reverse();
      }
      this.stepSize = isForward ? stepSize : -stepSize;
      this.distance = isForward ? after : before;
      const complete = this.grow(report.depth, isForward ? forward : backward, added);
      if (isForward) after = this.distance;
      else before = this.distance;
      if (!complete) break;
      report.depth++;
      if (random.uniform() * whole.weight < added.weight) whole.takeProposal(added);
      whole.weight += added.weight;
      if (!whole.join(added)) break;
    }
    copyPoint(point, whole.proposal);
    report.distance = whole.distance;
    report.energy = whole.energy;
    report.acceptance = this.sumAcceptance / report.leapfrogs;
    report.symmetricAcceptance = this.sumSymmetric / report.leapfrogs;
    return report;
  }

  /** One leapfrog step. */
  trial(point: Point, stepSize: number, random: ChainRandom): number {
    return leapfrogTrial(this.leapfrog, this.forward, point, stepSize, random);
  }

  /** A trajectory of one point, with a fresh momentum. */
  private begin(point: Point, random: ChainRandom): void {
    const { forward, backward, whole, report } = this;
    copyPoint(forward, point);
    random.normals(forward.momentum);
    this.leapfrog.begin(forward);
    copyPhase(backward, forward);
    this.startEnergy = forward.kinetic - forward.logDensity;
    whole.setTo(forward, this.startEnergy, 1, 0);
    report.leapfrogs = 0;
    report.diverging = false;
    this.sumAcceptance = 0;
    this.sumSymmetric = 0;
  }

  /**
   * Builds a subtree of 2^depth points beyond `end`, which moves there. False if it diverges or makes a U-turn inside:
   * then the trajectory ends before it.
   */
  private grow(depth: number, end: Phase, tree: Subtree): boolean {
    if (depth === 0) return this.leaf(end, tree);
    if (!this.grow(depth - 1, end, tree)) return false;
    const second = this.halves[depth];
    if (!this.grow(depth - 1, end, second)) return false;
    const weight = tree.weight + second.weight;
    const random = this.random as ChainRandom;
    if (random.uniform() * weight < second.weight) tree.takeProposal(second);
    tree.weight = weight;
    return tree.join(second);
  }

  /** One step; false if it diverges. */
  private leaf(end: Phase, tree: Subtree): boolean {
    const { report } = this;
    this.leapfrog.step(end, this.stepSize);
    report.leapfrogs++;
    this.distance++;
    const energy = end.kinetic - end.logDensity;
    const gain = this.startEnergy - energy;
    // A gain that is not a number is none.
    report.diverging = !(gain >= -MOST_ENERGY_ERROR);
    if (report.diverging) return false;
    const weight = Math.exp(Math.min(gain, MOST_GAIN));
    const acceptance = Math.min(1, weight);
    this.sumAcceptance += acceptance;
    this.sumSymmetric += (2 * acceptance) / (1 + weight);
    tree.setTo(end, energy, weight, this.distance);
    return true;
  }
}

/** Points that follow each other on a trajectory, in the order in which they were made. */
class Subtree {
  /** The momentum at the first point. */
  private first: Float64Array;
  /** The momentum at the last one. */
  private last: Float64Array;
  /** The sum of the momenta of all. */
  private readonly rho: Float64Array;
  /** The point drawn from them; its energy, and how many steps it is away from the start of the trajectory. */
  proposal: Point;
  energy = 0;
  distance = 0;
  /** The sum of exp(H0 - H). */
  weight = 0;

  constructor(dimension: number) {
    const numbers = () => new Float64Array(dimension);
    [this.first, this.last, this.rho] = [numbers(), numbers(), numbers()];
    this.proposal = newPoint(dimension);
  }

  /** Becomes one point. */
  setTo(phase: Phase, energy: number, weight: number, distance: number): void {
    const { first, last, rho } = this;
    const { position, gradient } = this.proposal;
    const { momentum, position: q, gradient: g } = phase;
    for (let i = 0; i < momentum.length; i++) {
      const p = momentum[i];
      first[i] = p;
      last[i] = p;
      rho[i] = p;
      position[i] = q[i];
      gradient[i] = g[i];
    }
    this.proposal.logDensity = phase.logDensity;
    this.energy = energy;
    this.distance = distance;
    this.weight = weight;
  }

  /** The same points from the other side: the momenta keep their signs, of which the criterion does not depend. */
  reverse(): void {
    const { first } = this;
    this.first = this.last;
    this.last = first;
  }

  /** Takes over the point that was drawn from `other`, which gets this one's. */
  takeProposal(other: Subtree): void {
    const { proposal } = this;
    this.proposal = other.proposal;
    other.proposal = proposal;
    this.energy = other.energy;
    this.distance = other.distance;
  }

  /** Appends the points of `next`. False if there is a U-turn in the whole, or across the join. */
  join(next: Subtree): boolean {
    const { first, last, rho } = this;
    const { first: nextFirst, last: nextLast, rho: nextRho } = next;
    let atFirst = 0;
    let atLast = 0;
    let joinFirst = 0;
    let joinNext = 0;
    let joinLast = 0;
    let joinEnd = 0;
    for (let i = 0; i < rho.length; i++) {
      const here = rho[i];
      const there = nextRho[i];
      const sum = here + there;
      atFirst += first[i] * sum;
      atLast += nextLast[i] * sum;
      const intoNext = here + nextFirst[i];
      joinFirst += first[i] * intoNext;
      joinNext += nextFirst[i] * intoNext;
      const intoThis = there + last[i];
      joinLast += last[i] * intoThis;
      joinEnd += nextLast[i] * intoThis;
      rho[i] = sum;
    }
    this.last = nextLast;
    next.last = last;
    return (
      atFirst > 0 && atLast > 0 && joinFirst > 0 && joinNext > 0 && joinLast > 0 && joinEnd > 0
    );
  }
}
