import type { Metric } from "../../../src/inference/mcmc/metrics/metric.ts";
import type { ChainRandom } from "../../../src/inference/mcmc/random.ts";
import { Leapfrog } from "../../../src/inference/mcmc/transitions/leapfrog.ts";
import {
  copyNumbers,
  copyPoint,
  newPoint,
  type Point,
  type Target,
} from "../../../src/inference/mcmc/transitions/point.ts";
import {
  MOST_ENERGY_ERROR,
  newReport,
  SHORT_DEPTH,
  type Transition,
  type TransitionReport,
} from "../../../src/inference/mcmc/transitions/transition.ts";

/** Weights are exp(H0 - H); so far above the start their exponent is cut, lest their sum overflows. */
const MOST_GAIN = 600;

/** NUTS as `Nuts` describes it, without WebAssembly: trajectories must come to the same bits. */
export class PlainNuts implements Transition {
  private readonly report: TransitionReport = newReport();
  private readonly leapfrog: Leapfrog;
  private readonly maxDepth: number;
  private readonly dimension: number;
  private readonly levels: Level[] = [];
  /** The ends of the trajectory: that at which it goes on, and the other. */
  private here: End;
  private there: End;
  /** The point drawn so far, and that of the present doubling. */
  private drawn: DrawnPoint;
  private candidate: DrawnPoint;
  /** The sum of all momenta, and of those of the subtree that has just been completed. */
  private readonly rho: Float64Array;
  private sum: Float64Array;
  private startEnergy = 0;
  /** Of the points of the present doubling: the sum of exp(H0 - H). */
  private weight = 0;
  private sumAcceptance = 0;
  private sumSymmetric = 0;

  constructor(target: Target, metric: Metric, maxDepth: number) {
    const { dimension } = target;
    this.leapfrog = new Leapfrog(target, metric);
    this.maxDepth = maxDepth;
    this.dimension = dimension;
    this.here = new End(dimension);
    this.there = new End(dimension);
    this.drawn = new DrawnPoint(dimension);
    this.candidate = new DrawnPoint(dimension);
    this.rho = new Float64Array(dimension);
    this.sum = new Float64Array(dimension);
  }

  /** One trajectory. */
  next(point: Point, stepSize: number, random: ChainRandom, isShort: boolean): TransitionReport {
    const { report } = this;
    const most = isShort ? Math.min(SHORT_DEPTH, this.maxDepth) : this.maxDepth;
    this.begin(point, random);
    let weight = 1;
    let directions = 0;
    let step = stepSize;
    for (report.depth = 0; report.depth < most; ) {
      const bit = report.depth & 31;
      if (bit === 0) directions = random.word();
      if (((directions >>> bit) & 1) === 1) {
        step = -step;
        if (report.depth > 0) this.turn();
      }
      const kinetic = this.leapfrog.kinetic;
      if (!this.grow(report.depth, step, random)) break;
      const added = this.weight;
      if (random.uniform() * weight < added) this.take();
      weight += added;
      if (!this.join(report.depth++, kinetic)) break;
    }
    const { drawn } = this;
    if (drawn.distance > 0) copyPoint(point, drawn);
    report.distance = drawn.distance;
    report.energy = drawn.energy;
    report.acceptance = this.sumAcceptance / report.leapfrogs;
    report.symmetricAcceptance = this.sumSymmetric / report.leapfrogs;
    return report;
  }

  /** One leapfrog step. */
  trial(point: Point, stepSize: number, random: ChainRandom): number {
    return this.leapfrog.trial(point, this.sum, stepSize, random);
  }

  private begin(point: Point, random: ChainRandom): void {
    const { report, leapfrog, here, there, drawn } = this;
    leapfrog.begin(point, here.momentum, random);
    copyNumbers(there.momentum, here.momentum);
    there.point = point;
    here.distance = 0;
    there.distance = 0;
    this.startEnergy = leapfrog.energy;
    drawn.energy = this.startEnergy;
    drawn.distance = 0;
    report.leapfrogs = 0;
    report.diverging = false;
    this.sumAcceptance = 0;
    this.sumSymmetric = 0;
  }

  /** Goes on at the other end. */
  private turn(): void {
    const { leapfrog, here, there } = this;
    copyPoint(here.own, leapfrog);
    here.point = here.own;
    leapfrog.moveTo(there.point);
    this.here = there;
    this.there = here;
  }

  /** The point of the doubling becomes that of the trajectory. */
  private take(): void {
    const { drawn } = this;
    this.drawn = this.candidate;
    this.candidate = drawn;
  }

  /**
   * Appends 2^depth points, whose last momentum is that of the level `depth`. False if one of them diverges or a subtree
   * makes a U-turn: then the trajectory ends before them.
   */
  private grow(depth: number, e: number, random: ChainRandom): boolean {
    const { levels, leapfrog } = this;
    if (levels.length === depth) levels.push(new Level(this.dimension));
    const leaves = 2 ** depth;
    let from = this.here.momentum;
    this.weight = 0;
    for (let n = 0; n < leaves; n++) {
      const isSecond = (n & 1) === 1;
      // So many subtrees end with point n: the binary digits of a counter say which halves are complete.
      const ends = isSecond ? trailingZeros(n + 1) : 0;
      const to = isSecond ? levels[ends].last : this.firstFrom(n, depth);
      const kinetic = leapfrog.kinetic;
      leapfrog.step(from, to, e);
      if (!this.weigh(n, random)) return false;
      if (isSecond) {
        if (!addPoint(from, kinetic, to, leapfrog.kinetic, this.sum)) return false;
        for (let k = 1; k < ends; k++) {
          const { first, last, rho } = levels[k];
          const begin = this.firstFrom(n + 1 - (2 << k), depth);
          if (!addTree(begin, last, rho, first, to, this.sum, this.sum)) return false;
        }
        const { sum } = this;
        this.sum = levels[ends].rho;
        levels[ends].rho = sum;
      }
      from = to;
    }
    return true;
  }

  /** The first momentum of the largest subtree that begins with point n of a doubling. */
  private firstFrom(n: number, depth: number): Float64Array {
    return this.levels[n === 0 ? depth : trailingZeros(n)].first;
  }

  /** Weighs the point that was reached, and may draw it. False if it diverges. */
  private weigh(n: number, random: ChainRandom): boolean {
    const { report, leapfrog, here } = this;
    report.leapfrogs++;
    const energy = leapfrog.energy;
    const gain = this.startEnergy - energy;
    // A gain that is not a number is none.
    report.diverging = !(gain >= -MOST_ENERGY_ERROR);
    if (report.diverging) return false;
    const weight = Math.exp(Math.min(gain, MOST_GAIN));
    const acceptance = Math.min(1, weight);
    this.sumAcceptance += acceptance;
    this.sumSymmetric += (2 * acceptance) / (1 + weight);
    this.weight += weight;
    if (n === 0 || random.uniform() * this.weight < weight) {
      this.candidate.draw(leapfrog, energy, here.distance + n + 1);
    }
    return true;
  }

  /**
   * Appends the points of a doubling to the trajectory, which had the kinetic energy `kinetic` at this end. False if there
   * is a U-turn in the whole, or across the join.
   */
  private join(depth: number, kinetic: number): boolean {
    const { here, there, rho, leapfrog } = this;
    const level = this.levels[depth];
    here.distance += 2 ** depth;
    const { momentum } = here;
    if (depth === 0) {
      here.momentum = level.first;
      level.first = momentum;
      return addPoint(momentum, kinetic, here.momentum, leapfrog.kinetic, rho);
    }
    here.momentum = level.last;
    level.last = momentum;
    const { first, rho: added } = level;
    return addTree(there.momentum, momentum, rho, first, here.momentum, added, rho);
  }
}

/** An end of a trajectory. */
class End {
  /** Where it is, while the trajectory goes on at the other: the start, or a copy. */
  point: Readonly<Point>;
  readonly own: Point;
  momentum: Float64Array;
  /** Steps from the start. */
  distance = 0;

  constructor(dimension: number) {
    this.own = newPoint(dimension);
    this.point = this.own;
    this.momentum = new Float64Array(dimension);
  }
}

/** A point of the trajectory that was drawn. */
class DrawnPoint implements Point {
  readonly position: Float64Array;
  readonly gradient: Float64Array;
  logDensity = Number.NaN;
  energy = Number.NaN;
  /** Steps from the start. */
  distance = 0;

  constructor(dimension: number) {
    this.position = new Float64Array(dimension);
    this.gradient = new Float64Array(dimension);
  }

  /** Becomes the point where the leapfrog is. Not by `copyPoint`, whose points are of too many classes to be fast. */
  draw({ position, gradient, logDensity }: Leapfrog, energy: number, distance: number): void {
    copyNumbers(this.position, position);
    copyNumbers(this.gradient, gradient);
    this.logDensity = logDensity;
    this.energy = energy;
    this.distance = distance;
  }
}

/**
 * What is kept of subtrees of 2^k points. A point that is the first of several is kept at the largest: nobody needs what
 * lies there by then. Likewise the last.
 */
class Level {
  /** The first momentum of the last subtree that began here. */
  first: Float64Array;
  /** The last momentum of a first half whose second half is being built; where k is 0, it is `first`. */
  last: Float64Array;
  /** The sum of the momenta of that half; where k is 0, it is `first`. */
  rho: Float64Array;

  constructor(dimension: number) {
    this.first = new Float64Array(dimension);
    this.last = new Float64Array(dimension);
    this.rho = new Float64Array(dimension);
  }
}

function trailingZeros(n: number): number {
  return 31 - Math.clz32(n & -n);
}

/** Two points, with their kinetic energies, become one tree: the sum of their momenta; whether both point along it. */
function addPoint(
  p: Float64Array,
  kinetic: number,
  next: Float64Array,
  nextKinetic: number,
  sum: Float64Array,
): boolean {
  let product = 0;
  for (let i = 0; i < sum.length; i++) {
    const a = p[i];
    const b = next[i];
    sum[i] = a + b;
    product += a * b;
  }
  return 2 * kinetic + product > 0 && 2 * nextKinetic + product > 0;
}

/** Two trees become one: the sum of their momenta, `rho` and `nextRho`, which `sum` may be; whether there is no U-turn. */
function addTree(
  first: Float64Array,
  last: Float64Array,
  rho: Float64Array,
  nextFirst: Float64Array,
  nextLast: Float64Array,
  nextRho: Float64Array,
  sum: Float64Array,
): boolean {
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
  return atFirst > 0 && atLast > 0 && joinFirst > 0 && joinNext > 0 && joinLast > 0 && joinEnd > 0;
}
