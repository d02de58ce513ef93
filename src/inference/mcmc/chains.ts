/** Chains of a sampler as an algorithm: a step is one transition of each. */
import { SurmiseError } from "../../tensor/internal.ts";
import type { LogDensity } from "../density/logDensity.ts";
import { STEP } from "../process/algorithm.ts";
import { checkState, type ProgramState, type StateValue } from "../process/state.ts";
import type { ChainProgress, HostAlgorithm, Stepper, StepperOptions } from "../process/stepper.ts";
import { Chain, type ChainSettings, SUMS } from "./chain.ts";
import { Crew, canEnlist } from "./crew/crew.ts";
import { areEnough, isCheck, nextCheck, type Until } from "./enough.ts";
import { explainFailure, improper } from "./explain.ts";
import { Stuck } from "./failures.ts";
import { ChainMemory } from "./memory.ts";
import { improperElement } from "./properness.ts";
import { type Initial, isRandom, startingPoints } from "./start.ts";
import { Gibbs, VALUE_DRAWS } from "./transitions/gibbs.ts";
import { SAMPLERS, type Sampler } from "./transitions/index.ts";
import { cautionAt, rungNeeded } from "./warmup/caution.ts";
import { betterFootings, comparedAt } from "./warmup/footing.ts";

/** A run of chains. */
export interface ChainsOptions extends ChainSettings {
  /** What is sampled. */
  readonly density: LogDensity;
  /** How many chains. */
  readonly chains: number;
  /** Where they begin; what takes long to find, as a function. */
  readonly initial: Initial | (() => Initial);
  /** When there are enough draws, before there are `draws`. */
  readonly until?: Until | undefined;
  /** At most so many threads advance chains; 1 unless given. */
  readonly cores?: number;
  /** Threads are started once so many seconds of work are to come; 1 unless given. */
  readonly worthThreads?: number;
}

/**
 * Chains of a sampler, whose metrics are means over them: `logDensity` in nats, `acceptance`, `stepSize`, `leapfrogs`,
 * and `divergences` for each transition. Their state holds their draws.
 */
export function samplerAlgorithm(options: ChainsOptions): HostAlgorithm {
  return { begin: ({ from }: StepperOptions) => new Chains(options, from) };
}

/** After so many draws, and after all, it is looked whether the posterior is proper. */
const CHECKED = 200;

/** Of fewer draws that are all one point nothing is concluded. */
const FEWEST_REFUSALS = 20;

/** To start a thread takes some tenths of a second. */
const WORTH_THREADS = 1;

/** What can be told to another thread. */
function settingsOf(options: ChainSettings): ChainSettings {
  const { method, metric, warmup, draws, targetAccept, maxDepth, seed } = options;
  return { method, metric, warmup, draws, targetAccept, maxDepth, seed };
}

/** See `samplerAlgorithm`. */
class Chains implements Stepper {
  private readonly options: ChainsOptions;
  private memory: ChainMemory;
  private each: readonly Chain[];
  private done = 0;
  /** Transitions of each chain that this one made, and the seconds that they took. */
  private made = 0;
  private spent = 0;
  private crew: Crew | undefined;
  /** Whether it was tried to start threads. */
  private tried = false;
  private isEnough = false;

  /** @throws SurmiseError if there is no start, or `from` is the state of other chains. */
  constructor(options: ChainsOptions, from: ProgramState | undefined) {
    const { density, chains, initial, seed } = options;
    this.options = options;
    this.memory = new ChainMemory(chains);
    this.each = this.chainsIn(this.memory);
    if (from !== undefined) this.restore(from);
    else {
      const where = typeof initial === "function" ? initial() : initial;
      const starts = startingPoints(density, where, seed, chains);
      this.each.forEach((chain, c) => {
        this.attempt(c, () => chain.begin(starts[c]));
      });
    }
  }

  get backend(): Stepper["backend"] {
    return this.options.density.program.backend;
  }

  get step(): number {
    return this.done;
  }

  /** Whether there are enough draws. */
  finished(): boolean {
    return this.isEnough;
  }

  advance(wished: number): number {
    const most = Math.min(wished, this.nextStop() - this.done);
    const begun = performance.now();
    this.enlist();
    if ((this.crew?.size ?? 0) > 0) this.advanceTogether(most);
    else this.advanceInTurn(most);
    this.made += most;
    this.spent += (performance.now() - begun) / 1000;
    const { warmup, draws } = this.options;
    const before = this.done;
    this.done += most;
    this.leaveFalseModes();
    this.becomeCautious();
    this.askEnough();
    const isLast = this.isEnough || this.done >= warmup + draws;
    if (isLast) this.crew?.dismiss();
    for (const at of [warmup + CHECKED, warmup + draws]) {
      if (before < at && this.done >= at) this.checkProper();
    }
    if (isLast) this.checkMoves();
    return most;
  }

  private chainsIn(memory: ChainMemory): readonly Chain[] {
    const { density, chains, draws } = this.options;
    return Array.from({ length: chains }, (_, c) => {
      const slots = memory.of(c);
      const gibbs = density.held.size > 0 ? new Gibbs(density, slots, draws) : undefined;
      return new Chain(density, this.options, slots, c, gibbs);
    });
  }

  /** Starts threads, if what is to come takes longer than to start them. */
  private enlist(): void {
    const { cores = 1, chains, warmup, draws, worthThreads = WORTH_THREADS } = this.options;
    const workers = Math.min(cores, chains) - 1;
    if (this.tried || workers < 1 || this.made === 0 || !canEnlist()) return;
    const toCome = (this.spent / this.made) * (warmup + draws - this.done);
    if (toCome < worthThreads) return;
    this.tried = true;
    const { density } = this.options;
    const memory = this.memory.shared();
    const settings = settingsOf(this.options);
    this.crew = Crew.enlist({ density, settings, chains, memory, workers });
    if (this.crew === undefined) return;
    this.memory = memory;
    this.each = this.chainsIn(memory);
  }

  /**
   * The next step after which chains are compared, their divergences are looked at, or it is asked whether there are enough
   * draws.
   */
  private nextStop(): number {
    const { until, warmup } = this.options;
    const stops = [...comparedAt(warmup), ...cautionAt(warmup)].sort((a, b) => a - b);
    const next = stops.find((at) => this.done < at);
    if (next !== undefined) return next;
    if (until === undefined) return Number.POSITIVE_INFINITY;
    return warmup + nextCheck(this.done - warmup);
  }

  /** In warm-up a chain where there is next to nothing of the posterior goes on as a copy of another. */
  private leaveFalseModes(): void {
    const { warmup, chains, initial, density } = this.options;
    if (typeof initial === "function") return;
    const masses = this.each.map(({ footing }) => footing.logMass);
    const dimension = density.dimension + density.held.size;
    const from = betterFootings(masses, dimension, this.done, warmup);
    if (from === undefined) return;
    for (let c = 0; c < chains; c++) {
      if (from[c] !== c && isRandom(initial, c)) this.memory.copy(from[c], c);
    }
  }

  /** Where trajectories diverge during warm-up, or are likely to, the steps of all chains become smaller. */
  private becomeCautious(): void {
    const { warmup, chains, method } = this.options;
    const { cautiousAccept: targets }: Sampler = SAMPLERS[method];
    if (targets === undefined || !cautionAt(warmup).includes(this.done)) return;
    const divergences = this.each.reduce((total, chain) => total + chain.warmupDivergences, 0);
    const nonlinearity = this.each.reduce((total, chain) => total + chain.nonlinearity, 0) / chains;
    const [{ targetAccept }] = this.each;
    const rung = targets.filter((target) => target <= targetAccept).length;
    const ladder = { rung, highest: targets.length };
    const next = rungNeeded({ divergences, nonlinearity }, ladder, chains, this.done, warmup);
    if (next > rung) for (const chain of this.each) chain.targetAccept = targets[next - 1];
  }

  private askEnough(): void {
    const { until, warmup } = this.options;
    if (until === undefined || !isCheck(this.done - warmup)) return;
    const { chains, draws: planned, density } = this.options;
    const of = { chains, planned, made: this.done - warmup };
    const { dimension, held } = density;
    this.isEnough = areEnough(
      { ...of, data: this.piece("draws"), size: dimension },
      { ...of, data: held.size > 0 ? this.piece(VALUE_DRAWS) : [], size: held.size },
      until,
    );
  }

  private advanceInTurn(most: number): void {
    this.each.forEach((chain, c) => {
      this.attempt(c, () => {
        for (let i = 0; i < most; i++) chain.advance(this.done + i);
      });
    });
  }

  private advanceTogether(most: number): void {
    const failed = this.crew?.advance(this.done, most, (c, step) => this.each[c].advance(step));
    if (failed === undefined) return;
    this.crew?.dismiss();
    this.fail(failed.chain, failed.error);
  }

  private checkProper(): void {
    const { density } = this.options;
    const element = improperElement(
      this.each.map(({ stein }) => stein),
      density.dimension,
    );
    if (element >= 0) throw improper(density, element);
  }

  /**
   * Draws that are all one point are none. One chain of several that came to rest late, as in the neck of a funnel, is told of
   * by R-hat and divergences.
   */
  private checkMoves(): void {
    const { warmup, density } = this.options;
    const made = this.done - warmup;
    if (made < FEWEST_REFUSALS || density.dimension === 0) return;
    const stuck = this.each.findIndex(({ canMove }) => !canMove);
    if (stuck >= 0) this.fail(stuck, new Stuck());
    if (this.each.every((_, c) => this.isStill(c, made))) {
      this.fail(0, new Stuck(`that leads elsewhere, in any of its ${made} draws`));
    }
  }

  /** Whether so many draws of a chain are one point. */
  private isStill(chain: number, made: number): boolean {
    const { density, draws } = this.options;
    const { dimension } = density;
    const all = this.piece("draws").subarray(chain * draws * dimension);
    for (let i = dimension; i < made * dimension; i++) {
      if (all[i] !== all[i - dimension]) return false;
    }
    return true;
  }

  means(steps: number): Record<string, number> {
    const { chains } = this.options;
    const sums = this.piece("sums");
    const mean = (k: number) => {
      let total = 0;
      for (let c = 0; c < chains; c++) total += sums[c * SUMS.length + k];
      return total / (steps * chains);
    };
    return Object.fromEntries(SUMS.map((name, k) => [name, mean(k)]));
  }

  startStretch(): void {
    this.piece("sums").fill(0);
  }

  state(): ProgramState {
    const { chains } = this.options;
    const pieces = [...this.memory.pieces].map(([name, { size, data }]): [string, StateValue] => [
      name,
      { dtype: "float64", shape: [chains, size], data: data.slice() },
    ]);
    const step: StateValue = { dtype: "int32", shape: [], data: Int32Array.of(this.done) };
    return { [STEP]: step, ...Object.fromEntries(pieces) };
  }

  /** The present one: a density that is not finite is a divergence, and never gets into the state. */
  lastGood(): ProgramState {
    return this.state();
  }

  *check(): Generator<number> {}

  chains(): readonly ChainProgress[] {
    const warmup = this.done < this.options.warmup;
    return this.each.map((chain) => {
      return { warmup, divergences: chain.divergences, stepSize: chain.stepSize(this.done) };
    });
  }

  private restore(from: ProgramState): void {
    const { pieces } = this.memory;
    checkState([STEP, ...pieces.keys()], from);
    for (const [name, { data }] of pieces) {
      if (from[name].data.length !== data.length) {
        throw new SurmiseError(
          `the state to go on from is that of other chains: '${name}' has ${from[name].data.length} numbers ` +
            `there, ${data.length} here`,
        );
      }
      data.set(from[name].data);
    }
    this.done = from[STEP].data[0];
    this.askEnough();
  }

  private attempt(chain: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(chain, error);
    }
  }

  /** Tells what a chain threw, in the words of the model. */
  private fail(chain: number, error: unknown): never {
    const { density } = this.options;
    const size = density.dimension;
    const position = this.piece("position").slice(chain * size, (chain + 1) * size);
    explainFailure(error, density, position, chain);
  }

  private piece(name: string): Float64Array {
    return this.memory.pieces.get(name)?.data as Float64Array;
  }
}
