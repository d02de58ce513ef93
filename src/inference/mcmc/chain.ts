/** One chain: transitions, their adaptation, and the record of its draws. */

import { Stuck } from "./failures.ts";
import type { Slots } from "./memory.ts";
import { METRICS, type MetricName } from "./metrics/index.ts";
import type { MetricEstimator } from "./metrics/metric.ts";
import { SteinSums } from "./properness.ts";
import { ChainRandom } from "./random.ts";
import type { Gibbs } from "./transitions/gibbs.ts";
import { SAMPLERS, type SamplerName } from "./transitions/index.ts";
import {
  copyNumbers,
  copyPoint,
  type Point,
  StoredPoint,
  type Target,
} from "./transitions/point.ts";
import type { Transition, TransitionReport } from "./transitions/transition.ts";
import { countedFrom } from "./warmup/caution.ts";
import { DualAveraging } from "./warmup/dualAveraging.ts";
import { Footing } from "./warmup/footing.ts";
import type { Schedule } from "./warmup/schedule.ts";
import { searchStepSize } from "./warmup/stepSizeSearch.ts";

/** What a chain is, in plain numbers and words: all chains of a run are given the same. */
export interface ChainSettings {
  /** The kind of transition. */
  readonly method: SamplerName;
  /** The mass matrix. */
  readonly metric: MetricName;
  /** Transitions that adapt. */
  readonly warmup: number;
  /** Transitions that are recorded, after them. */
  readonly draws: number;
  /** The mean acceptance to be reached. */
  readonly targetAccept: number;
  /** The most doublings of a trajectory of NUTS. */
  readonly maxDepth: number;
  /** Everything random follows from it. */
  readonly seed: number;
}

/** What is recorded of each draw, in order. */
export const STATISTICS = [
  "logDensity",
  "energy",
  "acceptance",
  "stepSize",
  "leapfrogs",
  "depth",
  "diverging",
] as const;

/** The name of something recorded of each draw. */
export type StatisticName = (typeof STATISTICS)[number];

/** What is summed between two records, in order. */
export const SUMS = ["logDensity", "acceptance", "stepSize", "leapfrogs", "divergences"] as const;

/** A chain that has not moved in the second half of warm-up, nor in so many transitions after it, cannot. */
const PATIENCE = 500;
/** After a divergence points so near the start are left out of the metric (nutpie). */
const NEAR = 4;

/** Where each counter lies. */
const [DIVERGENCES, MOVES, METRICS_MADE, WARMUP_DIVERGENCES, WINDOWS] = [0, 1, 2, 3, 4];

/** See the head of the file. All that `advance` depends on, its step apart, lies in the slots. */
export class Chain {
  private readonly settings: ChainSettings;
  private readonly point: Point;
  private readonly random: ChainRandom;
  private readonly schedule: Schedule;
  private readonly estimator: MetricEstimator;
  private readonly averaging: DualAveraging;
  private readonly transition: Transition;
  private readonly counters: Float64Array;
  /** Row-major: draws, then `STATISTICS`. */
  private readonly statistics: Float64Array;
  /** Row-major: draws, then the elements of the position. */
  private readonly draws: Float64Array;
  private readonly sums: Float64Array;
  /** Of the draws. */
  readonly stein: SteinSums;
  /** Of the first part of warm-up. */
  readonly footing: Footing;

  private readonly gibbs: Gibbs | undefined;
  /** The steps of warm-up from which divergences are counted anew. */
  private readonly countedFrom: readonly number[];

  /** `gibbs` changes discrete latents before each transition. */
  constructor(
    target: Target,
    settings: ChainSettings,
    slots: Slots,
    number: number,
    gibbs?: Gibbs,
  ) {
    const { method, metric, targetAccept, warmup, draws, seed } = settings;
    const { dimension } = target;
    const { schedule, estimator } = METRICS[metric];
    this.settings = settings;
    this.gibbs = gibbs;
    this.countedFrom = countedFrom(warmup);
    this.schedule = schedule;
    this.point = new StoredPoint(slots, dimension);
    this.random = new ChainRandom(seed, number);
    this.estimator = estimator(slots, dimension);
    this.averaging = new DualAveraging(slots, targetAccept);
    this.transition = SAMPLERS[method].transition(target, this.estimator.metric, settings);
    this.counters = slots("counters", 5);
    this.sums = slots("sums", SUMS.length);
    this.stein = new SteinSums(slots, dimension);
    this.footing = new Footing(slots, dimension, warmup);
    this.statistics = slots("statistics", draws * STATISTICS.length);
    this.draws = slots("draws", draws * dimension);
  }

  /** Divergent transitions after warm-up. */
  get divergences(): number {
    return this.counters[DIVERGENCES];
  }

  /** Divergent transitions in the present part of warm-up. */
  get warmupDivergences(): number {
    return this.counters[WARMUP_DIVERGENCES];
  }

  /** How far from normal the density is, as far as the metric knows, in [0, 1]. */
  get nonlinearity(): number {
    return this.estimator.nonlinearity ?? 0;
  }

  /** Whether a proposal has been accepted in the second half of warm-up or later. */
  get canMove(): boolean {
    return this.counters[MOVES] > 0;
  }

  /** The mean acceptance that the step size is made for from now on. */
  get targetAccept(): number {
    return this.averaging.target;
  }

  set targetAccept(target: number) {
    this.averaging.target = target;
  }

  /** Of the next transition at `step`, before it is jittered. */
  stepSize(step: number): number {
    const { averaging } = this;
    return step < this.settings.warmup ? averaging.stepSize : averaging.averaged;
  }

  /** Puts the chain where it begins, and looks for a step size. */
  begin(start: Point): void {
    const { point, random, estimator } = this;
    copyPoint(point, start);
    if (start.held) this.gibbs?.begin(start.held);
    random.seek(-1);
    estimator.begin(point);
    const { firstStepSize } = this.schedule;
    // Where all latents are summed out no step leads anywhere.
    const stepSize =
      point.position.length === 0
        ? firstStepSize
        : searchStepSize(this.transition, point, firstStepSize, random);
    this.averaging.restart(stepSize);
  }

  /**
   * Makes transition `step`, counted from 0, warm-up included.
   *
   * @throws Stuck if the chain has not moved since the middle of warm-up; what the search for a step size throws.
   */
  advance(step: number): void {
    const { warmup } = this.settings;
    const { point, random, schedule } = this;
    random.seek(step);
    this.gibbs?.next(point, random, step < warmup);
    const jitter = 1 + schedule.jitter * (2 * random.uniform() - 1);
    const stepSize = this.stepSize(step) * jitter;
    const report = this.transition.next(point, stepSize, random, this.isShort(step));
    this.addUp(stepSize, report);
    if (step < warmup) this.adapt(step, report);
    else this.record(step - warmup, stepSize, report);
  }

  /** Whether the metric is still a guess from where the chain began. */
  private isShort(step: number): boolean {
    return step < this.settings.warmup && this.schedule.beginsShort && this.counters[WINDOWS] === 0;
  }

  private adapt(step: number, report: TransitionReport): void {
    const { point, random, estimator, averaging, counters } = this;
    const { count, leastWindow } = estimator;
    const plan = this.schedule.after(step, this.settings.warmup, count, leastWindow);
    averaging.update(plan.symmetric ? report.symmetricAcceptance : report.acceptance);
    this.footing.add(point, step);
    const { distance, diverging } = report;
    if (distance > 0 && 2 * step >= this.settings.warmup) counters[MOVES]++;
    if (this.countedFrom.includes(step)) counters[WARMUP_DIVERGENCES] = 0;
    if (diverging) counters[WARMUP_DIVERGENCES]++;
    if (plan.observe && distance > (diverging ? NEAR : 0)) estimator.observe(point);
    if (plan.update && point.position.length > 0 && estimator.update()) {
      const isFirst = counters[METRICS_MADE]++ === 0;
      if (isFirst || plan.restart === "always") {
        averaging.restart(searchStepSize(this.transition, point, averaging.stepSize, random));
      }
    }
    if (plan.nextWindow) {
      estimator.nextWindow();
      counters[WINDOWS]++;
    }
  }

  private record(draw: number, stepSize: number, report: TransitionReport): void {
    const { point, counters, statistics, draws } = this;
    const { energy, acceptance, leapfrogs, depth, diverging, distance } = report;
    if (diverging) counters[DIVERGENCES]++;
    if (distance > 0) counters[MOVES]++;
    else if (!this.canMove && draw + 1 >= PATIENCE) throw new Stuck();
    const at = draw * STATISTICS.length;
    statistics[at] = point.logDensity;
    statistics[at + 1] = energy;
    statistics[at + 2] = acceptance;
    statistics[at + 3] = stepSize;
    statistics[at + 4] = leapfrogs;
    statistics[at + 5] = depth;
    statistics[at + 6] = diverging ? 1 : 0;
    copyNumbers(draws, point.position, draw * point.position.length);
    this.gibbs?.record(draw);
    this.stein.add(point);
  }

  private addUp(stepSize: number, report: TransitionReport): void {
    const { sums } = this;
    sums[0] += this.point.logDensity;
    sums[1] += report.acceptance;
    sums[2] += stepSize;
    sums[3] += report.leapfrogs;
    sums[4] += report.diverging ? 1 : 0;
  }
}
