/** What is run: an algorithm, and what becomes of its end. */
import type { Algorithm, HostAlgorithm, LoopEvent, ProgramState } from "../inference/index.ts";
import type { RunControl } from "./events.ts";

/** One line of metrics.jsonl. */
export interface StepRecord {
  /** Steps done. */
  readonly step: number;
}

/** The state of a run at its end, or at a record. */
export interface Trained<Line extends StepRecord = StepRecord> {
  /** All inputs of the program: parameters, optimiser state, step. */
  readonly state: ProgramState;
  /** The learning curve. */
  readonly records: readonly Line[];
  /** Time that the steps took in the program, in all sittings. */
  readonly seconds: number;
  /** The median over the stretches of this sitting: other work of the machine, now and then, does not change it. */
  readonly secondsPerStep: number;
  /** Time that the making of the program took, in this sitting. */
  readonly compileSeconds: number;
  /** What ran: `wasm`, `c` or `oracle`. */
  readonly backend: string;
}

/** A fingerprint of each thing that a run is made from, data and code that is not surmise's, by what to call it. */
export type Sources = Readonly<Record<string, string>>;

/** A task with its data, before anything is compiled. */
export interface Problem<Result, Line extends StepRecord = StepRecord> {
  /** What is fitted to what, for people. */
  readonly title: string;
  /** What the result depends on besides settings and surmise. */
  readonly sources: Sources;
  /** Puts model, guide, data and settings together. */
  open(): Task<Result, Line>;
}

/** A run with a result of its own, which must survive being written as JSON. */
export interface Task<Result, Line extends StepRecord = StepRecord> {
  /** What a step computes, in a program or by the host. */
  readonly algorithm: Algorithm | HostAlgorithm;
  /** How many steps there are in all. */
  readonly steps: number;
  /** Steps from one record to the next. */
  readonly recordEvery: number;
  /** A line of metrics.jsonl, made of the means of the metrics since the record before. */
  record(event: LoopEvent, state: () => ProgramState): Promise<Line>;
  /** The result is made of the records too: a run whose records are damaged is not resumed. */
  readonly resultNeedsRecords?: true;
  /**
   * Training ends once so many records have passed without one of a higher `merit`, and the run is what it was at the best;
   * all steps are made unless given.
   */
  readonly patience?: number | undefined;
  /** What `patience` judges a record by, larger is better. */
  merit?(record: Line): number;
  /** The number that a progress bar shows, made of the means of the metrics; `bound` unless given. */
  shown?(metrics: LoopEvent["metrics"]): number;
  /** Evaluates what was trained and writes the outputs; throws if `signal` says to stop. */
  finish(
    trained: Trained<Line>,
    control: RunControl & { readonly folder: string },
  ): Promise<Result>;
}
