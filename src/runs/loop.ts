/**
 * The one training loop. A run is a sequence of stretches, each `recordEvery` steps long, at whose
 * ends the mean bound is recorded. Inside a stretch the program is called for as many steps as take
 * about a fifth of a second; how long that is changes no bit of the result.
 */
import { setImmediate } from "node:timers/promises";
import { begin, type Training } from "../inference/index.ts";
import type { Program } from "../runtime/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import { diagnose } from "./diagnose.ts";
import { allFinite, readState, type State, writeState } from "./state.ts";

export interface LoopOptions {
  readonly training: Training;
  /** Steps in all, those before `from` included. */
  readonly steps: number;
  readonly recordEvery: number;
  /** The state to go on from; the training's initial one unless given. */
  readonly from?: State | undefined;
}

/** What a run tells while it goes on. `step` counts the steps done. */
export interface LoopEvent {
  /** `record` for the call that ends a stretch, `progress` for the others. */
  readonly kind: "progress" | "record";
  readonly step: number;
  /** The mean bound of the steps since the last record. */
  readonly bound: number;
  /** Time that was spent in the program since this loop was made. */
  readonly seconds: number;
}

const CALL_SECONDS = 0.2;

/** A run, compiled and ready. */
export class Loop {
  private readonly options: LoopOptions;
  private readonly program: Program;
  private readonly names: readonly string[];
  private good: State;
  private spent = 0;
  private secondsPerStep: number | undefined;

  /**
   * Compiles the step, once.
   *
   * @throws SurmiseError if the step cannot be compiled, or `from` is the state of another one.
   */
  constructor(options: LoopOptions) {
    this.options = options;
    this.program = begin(options.training);
    this.names = Object.keys(options.training.initial);
    if (options.from !== undefined) {
      checkNames(this.names, options.from);
      writeState(this.program, options.from);
    }
    this.good = this.state();
  }

  /** Steps done. */
  get step(): number {
    return this.program.read("#step").data[0];
  }

  /** What the program runs on. */
  get backend(): Program["backend"] {
    return this.program.backend;
  }

  /** Time spent in the program so far. */
  get seconds(): number {
    return this.spent;
  }

  /** A copy of the present state. */
  state(): State {
    return readState(this.program, this.names);
  }

  /** A state known to be finite: that of the last record, or the one at the start. */
  lastGood(): State {
    return this.good;
  }

  /**
   * Runs to the last step, or until `signal` says to stop after the present call. Other work of the
   * process gets its turn between two calls.
   *
   * @throws SurmiseError naming the step and the site if the bound or a parameter is not finite.
   */
  async *run(signal?: AbortSignal): AsyncGenerator<LoopEvent> {
    const { steps, recordEvery } = this.options;
    let step = this.step;
    while (step < steps && !signal?.aborted) {
      const start = Math.floor(step / recordEvery) * recordEvery;
      const end = Math.min(start + recordEvery, steps);
      step += this.call(end - step);
      const event = { step, bound: this.mean(step - start), seconds: this.seconds };
      if (!Number.isFinite(event.bound)) await this.fail(step);
      if (step === end) await this.endStretch(step);
      yield { kind: step === end ? "record" : "progress", ...event };
      await setImmediate();
    }
  }

  /** Begins a new mean, and keeps the state if it is finite. */
  private async endStretch(step: number): Promise<void> {
    this.program.write("#boundTotal", 0);
    const state = this.state();
    if (!Object.values(state).every(({ data }) => allFinite(data))) await this.fail(step);
    this.good = state;
  }

  /** Runs at most `most` steps and returns how many they were. */
  private call(most: number): number {
    const wished = this.secondsPerStep === undefined ? 1 : CALL_SECONDS / this.secondsPerStep;
    const steps = Math.min(most, Math.max(1, Math.round(wished)));
    const before = performance.now();
    this.program.run({ steps });
    const seconds = (performance.now() - before) / 1000;
    this.spent += seconds;
    this.secondsPerStep = seconds / steps;
    return steps;
  }

  private mean(steps: number): number {
    return this.program.read("#boundTotal").data[0] / steps;
  }

  private async fail(step: number): Promise<never> {
    throw await diagnose(this.options.training, this.good, step);
  }
}

function checkNames(expected: readonly string[], from: State): void {
  const missing = expected.filter((name) => !Object.hasOwn(from, name));
  const strange = Object.keys(from).filter((name) => !expected.includes(name));
  if (missing.length + strange.length === 0) return;
  const list = (names: readonly string[]) =>
    names.map((name) => `'${name}'`).join(", ") || "nothing";
  throw new SurmiseError(
    `the state to go on from is that of another program: it lacks ${list(missing)} and has besides ` +
      list(strange),
  );
}
