/** A task, compiled and ready to be trained, from its beginning or from a checkpoint. */
import { Loop, type ProgramState } from "../inference/index.ts";
import type { Ending, RunControl } from "./events.ts";
import type { Checkpoint } from "./folder/folder.ts";
import { median } from "./median.ts";
import type { StepRecord, Task, Trained } from "./task.ts";

/** How training is watched, stopped and limited in time. */
export interface TrainControl<Line extends StepRecord> extends RunControl {
  /** Called at each record, before the next step; the run waits for it. */
  readonly onRecord?: (record: Line) => Promise<void>;
  /** Stops after so many seconds, at the next record. */
  readonly maxSeconds?: number;
}

/** The training of one task: the loop, and the records so far. */
export class Run<Result, Line extends StepRecord = StepRecord> {
  /** What is trained. */
  readonly task: Task<Result, Line>;
  /** The compiled program, at its present step. */
  readonly loop: Loop;
  /** Time that the making of the program took, in this sitting. */
  readonly compileSeconds: number;
  /** The learning curve so far. */
  readonly records: Line[];
  /** Of a task with patience: the state at the best record, its merit, and how many records there are since. */
  private best: { state?: ProgramState | undefined; merit: number; since: number } | undefined;
  private readonly secondsBefore: number;
  /** Seconds per step of the stretches of this sitting. */
  private readonly paces: number[] = [];

  /**
   * Compiles the task's step; `from` is where an interrupted run goes on, with its records.
   *
   * @throws SurmiseError if the step cannot be compiled, or `from` is the state of another one.
   */
  constructor(task: Task<Result, Line>, from?: Checkpoint & { readonly records: readonly Line[] }) {
    const { algorithm, steps, recordEvery } = task;
    this.task = task;
    const before = performance.now();
    this.loop = new Loop({ algorithm, steps, recordEvery, from: from?.state });
    this.compileSeconds = (performance.now() - before) / 1000;
    this.records = [...(from?.records ?? [])];
    for (const record of this.records) this.judge(record, () => from?.best);
    this.secondsBefore = from?.seconds ?? 0;
  }

  /** Where the run is, or was at `state`, to go on from later. */
  checkpoint(state: ProgramState = this.loop.state()): Checkpoint {
    const best = this.best?.state;
    return { state, ...(best && { best }), seconds: this.seconds };
  }

  /** Time that training took so far, in all sittings. */
  get seconds(): number {
    return this.secondsBefore + this.loop.seconds;
  }

  /** What there is so far. */
  trained(): Trained<Line> {
    const { loop, records, seconds, compileSeconds } = this;
    const secondsPerStep = median(this.paces.length > 0 ? this.paces : [seconds / loop.step]);
    const { backend } = loop;
    return {
      state: this.best?.state ?? loop.state(),
      records,
      seconds,
      secondsPerStep,
      compileSeconds,
      backend,
    };
  }

  /** Trains to the last step, until `signal` says to stop, or for so many seconds. */
  async train(control: TrainControl<Line> = {}): Promise<Ending> {
    const { onEvent, onRecord, signal, maxSeconds = Number.POSITIVE_INFINITY } = control;
    const { steps } = this.task;
    if (this.isOutOfPatience()) return "finished";
    const start = performance.now();
    let last = { step: this.loop.step, seconds: 0 };
    for await (const event of this.loop.run({ signal })) {
      const { kind, step, seconds, metrics } = event;
      onEvent?.({ ...event, bound: this.task.shown?.(metrics) ?? metrics.bound });
      if (kind !== "record") continue;
      this.paces.push((seconds - last.seconds) / (step - last.step));
      last = { step, seconds };
      const record = await this.task.record(event, () => this.loop.state());
      this.records.push(record);
      this.judge(record, () => this.loop.state());
      await onRecord?.(record);
      if (this.isOutOfPatience()) return "finished";
      if (step < steps && performance.now() - start > 1000 * maxSeconds) return "out of time";
    }
    return this.loop.finished ? "finished" : "interrupted";
  }

  /** Keeps the state of a record that is better than all before. */
  private judge(record: Line, state: () => ProgramState | undefined): void {
    const { patience } = this.task;
    if (patience === undefined) return;
    const merit = this.task.merit?.(record) ?? 0;
    if (this.best !== undefined && merit <= this.best.merit) this.best.since++;
    else this.best = { state: state(), merit, since: 0 };
  }

  private isOutOfPatience(): boolean {
    const { patience = Number.POSITIVE_INFINITY } = this.task;
    return this.best !== undefined && this.best.since >= patience;
  }
}
