/**
 * The one loop. A run is a sequence of stretches, each `recordEvery` steps long, at whose ends the means
 * of the metrics are recorded. Inside a stretch the program is called for as many steps as take about a
 * fifth of a second; how long that is changes no bit of the result.
 */
import type { CompileOptions, Program } from "../../runtime/index.ts";
import { cast, constant, input, type Tensor, wholeNumber } from "../../tensor/internal.ts";
import { type Algorithm, STEP } from "./algorithm.ts";
import { diagnose } from "./nonFinite.ts";
import {
  allFinite,
  checkState,
  compileAlgorithm,
  type ProgramState,
  readState,
  stateNames,
  writeState,
} from "./state.ts";

/** An algorithm, how many steps it takes, and where it begins. */
export interface LoopOptions extends Pick<CompileOptions, "backend" | "threads"> {
  /** What a step computes. */
  readonly algorithm: Algorithm;
  /** Steps in all, those before `from` included: from 0 to 2^31 - 1. */
  readonly steps: number;
  /** At least 1. */
  readonly recordEvery: number;
  /** The state to go on from; the algorithm's initial one unless given. */
  readonly from?: ProgramState | undefined;
}

/** The events of a run. */
export interface LoopEvent {
  /**
   * `record` for the call that ends a stretch, `progress` for the others; `diagnosis` while the first step
   * that was not finite is looked for.
   */
  readonly kind: "progress" | "record" | "diagnosis";
  /** Steps done. */
  readonly step: number;
  /** The mean of each metric over the steps since the last record. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Time that was spent in the program since this loop was made. */
  readonly seconds: number;
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

const CALL_SECONDS = 0.2;

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 0));

/** An algorithm, compiled and ready. */
export class Loop {
  private readonly options: LoopOptions;
  private readonly algorithm: Algorithm;
  private readonly program: Program;
  private readonly names: readonly string[];
  private good: ProgramState;
  private spent = 0;
  private secondsPerStep: number | undefined;

  /**
   * Compiles the step, once.
   *
   * @throws SurmiseError if a number is not of its range, the step cannot be compiled, or `from` is the state of another one.
   */
  constructor(options: LoopOptions) {
    const { algorithm, steps, recordEvery, from, backend, threads } = options;
    wholeNumber("loop: steps", steps, { most: MOST_STEPS });
    wholeNumber("loop: recordEvery", recordEvery, { least: 1 });
    this.options = options;
    this.algorithm = withSums(algorithm);
    this.program = compileAlgorithm(this.algorithm, {
      steps,
      ...(backend && { backend }),
      ...(threads && { threads }),
    });
    this.names = stateNames(this.algorithm, this.program);
    if (from !== undefined) {
      checkState(this.names, from);
      writeState(this.program, from);
    }
    this.good = this.state();
  }

  /** Steps done. */
  get step(): number {
    return this.program.read(STEP).data[0];
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
  state(): ProgramState {
    return readState(this.program, this.names);
  }

  /** A state known to be finite: that of the last record, or the one at the start. */
  lastGood(): ProgramState {
    return this.good;
  }

  /**
   * Runs to the last step, or until `signal` says to stop, giving way to other work between two calls.
   *
   * @throws NotFinite naming the step and the site if a metric or a piece of state is not finite.
   */
  async *run({ signal, pause = nextTurn }: LoopControl = {}): AsyncGenerator<LoopEvent> {
    for (const event of this.calls(signal)) {
      yield event;
      await pause();
    }
  }

  /** As `run`, but blocking: an event for each call of the program. */
  *calls(signal?: AbortSignal): Generator<LoopEvent> {
    const { steps, recordEvery } = this.options;
    const { between } = this.algorithm;
    let step = this.step;
    while (step < steps && !signal?.aborted) {
      const start = Math.floor(step / recordEvery) * recordEvery;
      const end = Math.min(start + recordEvery, steps);
      if (between?.next(step) === step) between.run(this.program, step);
      const pause = between?.next(step + 1) ?? Number.POSITIVE_INFINITY;
      step += this.call(Math.min(end, pause) - step);
      const metrics = this.means(step - start);
      const recorded = step === end;
      if (recorded) this.startStretch();
      const state = recorded ? this.state() : {};
      const values = [Object.values(metrics), ...Object.values(state).map(({ data }) => data)];
      if (!values.every(allFinite)) {
        for (const at of diagnose(this.algorithm, this.program, this.good, step)) {
          yield { kind: "diagnosis", step: at, metrics, seconds: this.seconds };
        }
      }
      if (recorded) this.good = state;
      yield { kind: recorded ? "record" : "progress", step, metrics, seconds: this.seconds };
    }
  }

  /** Begins new means. */
  private startStretch(): void {
    for (const name of Object.keys(this.algorithm.metrics)) this.program.write(sumOf(name), 0);
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

  private means(steps: number): Record<string, number> {
    return Object.fromEntries(
      Object.keys(this.algorithm.metrics).map((name) => [
        name,
        this.program.read(sumOf(name)).data[0] / steps,
      ]),
    );
  }
}

/** The name of the float64 scalar that holds the sum of a metric since the last record. */
function sumOf(metric: string): string {
  return `#sum ${metric}`;
}

/** The algorithm, with the sums of its metrics in its state. */
function withSums(algorithm: Algorithm): Algorithm {
  const updates: [Tensor, Tensor][] = [];
  const initial: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(algorithm.metrics)) {
    const sum = input(sumOf(name), [], "float64");
    updates.push([sum, sum.add(cast(value, "float64"))]);
    initial[sumOf(name)] = constant(0, "float64");
  }
  return {
    ...algorithm,
    updates: [...algorithm.updates, ...updates],
    initial: { ...algorithm.initial, ...initial },
  };
}
