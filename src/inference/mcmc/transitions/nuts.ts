import type { Metric } from "../metrics/metric.ts";
import type { ChainRandom } from "../random.ts";
import { Leapfrog } from "./leapfrog.ts";
import { copyPoint, type Phase, type Point, type Target } from "./phase.ts";
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
 *
 * A leapfrog step writes into a phase that nobody holds; trees hold phases, and copy nothing.
 */
export class Nuts implements Transition {
  private readonly report: TransitionReport = newReport();
  private readonly leapfrog: Leapfrog;
  private readonly maxDepth: number;
  private readonly phases: Pool<HeldPhase>;
  private readonly trees: Pool<Subtree>;
  private readonly start: HeldPhase;
  /** For each depth, the first half of a subtree whose second half is being built. */
  private readonly pending: Subtree[] = [];
  /** Of the present doubling: the end of the trajectory that moves, and how many steps away from the start it is. */
  private end: HeldPhase;
  private distance = 0;
  private startEnergy = 0;
  private sumAcceptance = 0;
  private sumSymmetric = 0;

  constructor(target: Target, metric: Metric, maxDepth: number) {
    this.leapfrog = new Leapfrog(target, metric);
    this.maxDepth = maxDepth;
    this.phases = new Pool(() => new HeldPhase(target.dimension));
    this.trees = new Pool(() => new Subtree(target.dimension));
    this.start = this.phases.take();
    this.end = this.start;
  }

  /** One trajectory. */
  next(point: Point, stepSize: number, random: ChainRandom): TransitionReport {
    const { report, phases, trees } = this;
    const start = this.begin(point, random);
    const whole = trees.take();
    whole.setTo(start, start.kinetic - start.logDensity, 1, 0);
    let forward = start;
    let backward = start;
    let after = 0;
    let before = 0;
    start.holders = 5;
    let isForward = true;
    for (report.depth = 0; report.depth < this.maxDepth; ) {
      const turned = random.uniform() < 0.5 !== isForward;
      if (turned) {
        isForward = !isForward;
        whole.reverse();
      }
      this.distance = isForward ? after : before;
      this.end = isForward ? forward : backward;
      const added = this.grow(report.depth, isForward ? stepSize : -stepSize, random);
      if (added === undefined) break;
      if (isForward) {
        after = this.distance;
        forward = this.end;
      } else {
        before = this.distance;
        backward = this.end;
      }
      report.depth++;
      const weight = whole.weight + added.weight;
      const isTaken = random.uniform() * whole.weight < added.weight;
      const goesOn = whole.join(added, isTaken, weight, phases);
      trees.giveBack(added);
      if (!goesOn) break;
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
    return leapfrogTrial(this.leapfrog, this.start, point, stepSize, random);
  }

  /** The point with a fresh momentum; of the trajectory before nothing is held any more. */
  private begin(point: Point, random: ChainRandom): HeldPhase {
    const { report, phases, trees } = this;
    phases.giveAllBack();
    trees.giveAllBack();
    const start = phases.take();
    copyPoint(start, point);
    random.normals(start.momentum);
    this.leapfrog.begin(start);
    this.startEnergy = start.kinetic - start.logDensity;
    report.leapfrogs = 0;
    report.diverging = false;
    this.sumAcceptance = 0;
    this.sumSymmetric = 0;
    return start;
  }

  /**
   * Builds a subtree of 2^depth points beyond `end`, which moves there. Undefined if it diverges or makes a U-turn
   * inside: then the trajectory ends before it.
   */
  private grow(depth: number, stepSize: number, random: ChainRandom): Subtree | undefined {
    const { pending, phases, trees } = this;
    const leaves = 1 << depth;
    let tree: Subtree | undefined;
    for (let n = 0; n < leaves; n++) {
      tree = this.leaf(stepSize);
      if (tree === undefined) return undefined;
      let level = 0;
      // The binary digits of a counter say which halves are complete.
      for (; ((n >> level) & 1) === 1; level++) {
        const first = pending[level];
        const weight = first.weight + tree.weight;
        const isTaken = random.uniform() * weight < tree.weight;
        const goesOn = first.join(tree, isTaken, weight, phases);
        trees.giveBack(tree);
        if (!goesOn) return undefined;
        tree = first;
      }
      pending[level] = tree;
    }
    return tree;
  }

  /** One step, as a tree; undefined if it diverges. */
  private leaf(stepSize: number): Subtree | undefined {
    const { report, phases } = this;
    const next = phases.take();
    this.leapfrog.step(this.end, next, stepSize);
    release(this.end, phases);
    this.end = next;
    report.leapfrogs++;
    this.distance++;
    const energy = next.kinetic - next.logDensity;
    const gain = this.startEnergy - energy;
    // A gain that is not a number is none.
    report.diverging = !(gain >= -MOST_ENERGY_ERROR);
    if (report.diverging) return undefined;
    const weight = Math.exp(Math.min(gain, MOST_GAIN));
    const acceptance = Math.min(1, weight);
    this.sumAcceptance += acceptance;
    this.sumSymmetric += (2 * acceptance) / (1 + weight);
    const tree = this.trees.take();
    tree.setTo(next, energy, weight, this.distance);
    next.holders = 4;
    return tree;
  }
}

/** A point of phase space that trees and ends of a trajectory hold. */
class HeldPhase implements Phase {
  readonly position: Float64Array;
  readonly gradient: Float64Array;
  readonly momentum: Float64Array;
  readonly force: Float64Array;
  logDensity = Number.NaN;
  kinetic = Number.NaN;
  /** How many do. */
  holders = 0;

  constructor(dimension: number) {
    const numbers = () => new Float64Array(dimension);
    this.position = numbers();
    this.gradient = numbers();
    this.momentum = numbers();
    this.force = numbers();
  }
}

/** Objects that are made once and used again. */
class Pool<T> {
  private readonly make: () => T;
  private readonly all: T[] = [];
  /** Those that may be taken are the first ones. */
  private readonly free: T[] = [];
  private left = 0;

  constructor(make: () => T) {
    this.make = make;
  }

  take(): T {
    if (this.left > 0) return this.free[--this.left];
    const made = this.make();
    this.all.push(made);
    this.free.push(made);
    return made;
  }

  giveBack(one: T): void {
    this.free[this.left++] = one;
  }

  /** All may be taken again. */
  giveAllBack(): void {
    const { all, free } = this;
    for (let i = 0; i < all.length; i++) free[i] = all[i];
    this.left = all.length;
  }
}

/** One holder lets go of a phase. */
function release(phase: HeldPhase, phases: Pool<HeldPhase>): void {
  if (--phase.holders === 0) phases.giveBack(phase);
}

/** Points that follow each other on a trajectory, in the order in which they were made. */
class Subtree {
  private first!: HeldPhase;
  private last!: HeldPhase;
  /** The point drawn from them; its energy, and how many steps it is away from the start of the trajectory. */
  proposal!: HeldPhase;
  energy = Number.NaN;
  distance = 0;
  /** The sum of exp(H0 - H). */
  weight = Number.NaN;
  /** The sum of the momenta of all: that of the only point, or `sum`. */
  private rho: Float64Array;
  private readonly sum: Float64Array;

  constructor(dimension: number) {
    this.sum = new Float64Array(dimension);
    this.rho = this.sum;
  }

  /** Becomes one point, which it holds three times. */
  setTo(phase: HeldPhase, energy: number, weight: number, distance: number): void {
    this.first = phase;
    this.last = phase;
    this.proposal = phase;
    this.rho = phase.momentum;
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

  /**
   * Appends the points of `next`, which then holds nothing, and takes over its proposal if that `isTaken`. False if there
   * is a U-turn in the whole, or across the join.
   */
  join(next: Subtree, isTaken: boolean, weight: number, phases: Pool<HeldPhase>): boolean {
    const goesOn =
      this.first === this.last && next.first === next.last
        ? this.addPoint(next)
        : this.addTree(next);
    release(this.last, phases);
    release(next.first, phases);
    this.last = next.last;
    this.weight = weight;
    if (!isTaken) {
      release(next.proposal, phases);
      return goesOn;
    }
    release(this.proposal, phases);
    this.proposal = next.proposal;
    this.energy = next.energy;
    this.distance = next.distance;
    return goesOn;
  }

  /** The sum of two momenta; whether they point along it. */
  private addPoint(next: Subtree): boolean {
    const { sum } = this;
    const p = this.first.momentum;
    const q = next.first.momentum;
    let product = 0;
    for (let i = 0; i < sum.length; i++) {
      const a = p[i];
      const b = q[i];
      sum[i] = a + b;
      product += a * b;
    }
    this.rho = sum;
    return 2 * this.first.kinetic + product > 0 && 2 * next.first.kinetic + product > 0;
  }

  private addTree(next: Subtree): boolean {
    const { rho, sum } = this;
    const { rho: nextRho } = next;
    const first = this.first.momentum;
    const last = this.last.momentum;
    const nextFirst = next.first.momentum;
    const nextLast = next.last.momentum;
    let atFirst = 0;
    let atLast = 0;
    let joinFirst = 0;
    let joinNext = 0;
    let joinLast = 0;
    let joinEnd = 0;
    for (let i = 0; i < sum.length; i++) {
      const here = rho[i];
      const there = nextRho[i];
      const both = here + there;
      const begin = first[i];
      const end = nextLast[i];
      const left = last[i];
      const right = nextFirst[i];
      atFirst += begin * both;
      atLast += end * both;
      const intoNext = here + right;
      joinFirst += begin * intoNext;
      joinNext += right * intoNext;
      const intoThis = there + left;
      joinLast += left * intoThis;
      joinEnd += end * intoThis;
      sum[i] = both;
    }
    this.rho = sum;
    return (
      atFirst > 0 && atLast > 0 && joinFirst > 0 && joinNext > 0 && joinLast > 0 && joinEnd > 0
    );
  }
}
