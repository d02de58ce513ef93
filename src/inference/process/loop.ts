/**
 * The one loop. A run is a sequence of stretches, each `recordEvery` steps long, at whose ends the means
 * of the metrics are recorded. Inside a stretch the program is called for as many steps as take about a
 * twentieth of a second; how long that is changes no bit of the result.
 */
import {
  ANYTHING,
  checkArguments,
  either,
  FUNCTION,
  listOf,
  OBJECT,
  objectWith,
  optional,
  optionsWith,
  wholeNumber,
} from "../../tensor/internal.ts";
import type { Algorithm } from "./algorithm.ts";
import { CompiledStepper } from "./compiledStepper.ts";
import type { ProgramState } from "./state.ts";
import type { ChainProgress, HostAlgorithm, Stepper, StepperOptions } from "./stepper.ts";

/** An algorithm, how many steps it takes, and where it begins. */
export interface LoopOptions extends Pick<StepperOptions, "backend" | "threads"> {
  /** What a step computes, in a program or by the host. */
  readonly algorithm: Algorithm | HostAlgorithm;
  /** Steps in all, those before `from` included: from 0 to 2^31 - 1. */
  readonly steps: number;
  /** At least 1. */
  readonly recordEvery: number;
  /** The state to go on from; the algorithm's initial one unless given. */
  readonly from?: ProgramState | undefined;
}

/** What an argument that is `LoopOptions` must be; numbers are checked where they are used. */
const OPTIONS = optionsWith<LoopOptions>({
  algorithm: either(
    objectWith({ begin: FUNCTION }),
    objectWith({ initial: OBJECT, updates: listOf(ANYTHING), metrics: OBJECT }),
  ),
  ...{ steps: ANYTHING, recordEvery: ANYTHING, backend: ANYTHING, threads: ANYTHING },
  from: optional(OBJECT),
});

/** The events of a run. */
export interface LoopEvent {
  /**
   * `record` for the call that ends a stretch, `progress` for others, about five times a second; `diagnosis` while the first step
   * that was not finite is looked for.
   */
  readonly kind: "progress" | "record" | "diagnosis";
  /** Steps done. */
  readonly step: number;
  /** The mean of each metric over the steps since the last record. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Time that was spent in steps since this loop was made. */
  readonly seconds: number;
  /** How each chain is doing, where there are some. */
  readonly chains?: readonly ChainProgress[];
}

/** How a run is stopped, and how it gives way to other work. */
export interface LoopControl {
  /** Stops the run after the present call. */
  readonly signal?: AbortSignal | undefined;
  /** Gives other work of the process or page its turn; called between two calls. */
  readonly pause?: () => Promise<unknown>;
}

/** Steps are counted in an int32. */
const MOST_STEPS = 2 ** 31 - 1;

/** For so long a call keeps other work of the process or page waiting: what takes longer is felt ("Long Tasks", W3C). */
export const CALL_SECONDS = 0.05;
/** Seconds of steps from one event to the next, if none is a record. */
export const EVENT_SECONDS = 0.2;

/** The event loop's next turn: in pages, which have no setImmediate, by a timer. */
export const nextTurn = () =>
  new Promise<void>((resolve) => {
    const { setImmediate } = globalThis as { setImmediate?: (then: () => void) => unknown };
    if (setImmediate === undefined) setTimeout(resolve, 0);
    else setImmediate(resolve);
  });

/** An algorithm, ready to run. */
export class Loop {
  private readonly options: LoopOptions;
  private readonly stepper: Stepper;
  private spent = 0;
  private secondsPerStep: number | undefined;

  /**
   * Compiles the step, once.
   *
   * @throws SurmiseError if a number is not of its range, the step cannot be compiled, or `from` is the state of another one.
   */
  constructor(options: LoopOptions) {
    checkArguments("Loop", { options }, OPTIONS);
    const { algorithm, recordEvery, ...rest } = options;
    wholeNumber("loop: steps", rest.steps, { most: MOST_STEPS });
    wholeNumber("loop: recordEvery", recordEvery, { least: 1 });
    this.options = options;
    this.stepper =
      "begin" in algorithm ? algorithm.begin(rest) : new CompiledStepper(algorithm, rest);
  }

  /** Steps done. */
  get step(): number {
    return this.stepper.step;
  }

  /** Whether all steps are made, or the algorithm has nothing left to do. */
  get finished(): boolean {
    return this.step >= this.options.steps || this.stepper.finished?.() === true;
  }

  /** What the program runs on. */
  get backend(): Stepper["backend"] {
    return this.stepper.backend;
  }

  /** Time spent in steps so far. */
  get seconds(): number {
    return this.spent;
  }

  /** A copy of the present state. */
  state(): ProgramState {
    return this.stepper.state();
  }

  /** A state known to be finite: that of the last record, or the one at the start. */
  lastGood(): ProgramState {
    return this.stepper.lastGood();
  }

  /**
   * Runs to the last step, or until `signal` says to stop, giving way to other work between two calls.
   *
   * @throws NotFinite naming the step and the site if a metric or a piece of state is not finite.
   */
  async *run({ signal, pause = nextTurn }: LoopControl = {}): AsyncGenerator<LoopEvent> {
    for (const event of this.work(signal)) {
      if (event !== undefined) yield event;
      await pause();
    }
  }

  /** As `run`, but blocking. */
  *calls(signal?: AbortSignal): Generator<LoopEvent> {
    for (const event of this.work(signal)) if (event !== undefined) yield event;
  }

  /** Call by call, with the events of those that are told of. */
  private *work(signal?: AbortSignal): Generator<LoopEvent | undefined> {
    const { steps, recordEvery } = this.options;
    const { stepper } = this;
    let { step } = this;
    let told = Number.NEGATIVE_INFINITY;
    while (!this.finished && !signal?.aborted) {
      const start = Math.floor(step / recordEvery) * recordEvery;
      const end = Math.min(start + recordEvery, steps);
      step += this.call(end - step);
      const recorded = step === end;
      const isLast = this.finished || signal?.aborted;
      if (!recorded && !isLast && this.seconds - told < EVENT_SECONDS) {
        yield undefined;
        continue;
      }
      told = this.seconds;
      const metrics = stepper.means(step - start);
      if (recorded) stepper.startStretch();
      for (const at of stepper.check(metrics, recorded)) {
        yield { kind: "diagnosis", step: at, metrics, seconds: this.seconds };
      }
      const chains = stepper.chains?.();
      const kind = recorded ? "record" : "progress";
      yield { kind, step, metrics, seconds: this.seconds, ...(chains && { chains }) };
    }
  }

  /** Makes at most `most` steps and returns how many they were. */
  private call(most: number): number {
    const wished = this.secondsPerStep === undefined ? 1 : CALL_SECONDS / this.secondsPerStep;
    const before = performance.now();
    const steps = this.stepper.advance(Math.min(most, Math.max(1, Math.round(wished))));
    const seconds = (performance.now() - before) / 1000;
    this.spent += seconds;
    this.secondsPerStep = seconds / steps;
    return steps;
  }
}
