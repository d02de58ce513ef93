/** The fit of a model file, from its settings to draws; `modelFolder.ts` keeps it in a folder. */
import {
  type FittedDraws,
  fallingAdam,
  Loop,
  type Prepared,
  type ProgramState,
  prepare,
  samplePosterior,
} from "../inference/index.ts";
import type { Model } from "../model/index.ts";
import type { Ending, RunOptions } from "./events.ts";
import type { Checkpoint, StepRecord } from "./folder.ts";
import type { ModelConfig } from "./modelConfig.ts";

/** What a model file exports, and the data it is run on. */
export interface ModelFile {
  readonly model: Model<unknown, unknown>;
  /** Written by hand; the method's automatic one unless given. */
  readonly guide?: Model<unknown, unknown>;
  readonly data: unknown;
  /** Changes with the content of the model file and of the data. */
  readonly fingerprint: string;
}

/** One line of metrics.jsonl. */
export interface ModelRecord extends StepRecord {
  /** Mean over the steps since the record before, in nats, of all data. */
  readonly bound: number;
}

/** One run, compiled. */
export class ModelRun {
  readonly config: ModelConfig;
  readonly loop: Loop;
  readonly records: ModelRecord[];
  private readonly prepared: Prepared<unknown>;
  private readonly secondsBefore: number;

  /**
   * Traces the model and compiles a step; `from` is where an interrupted run goes on, with its records.
   *
   * @throws SurmiseError if the model, its data and the method do not fit together.
   */
  constructor(
    config: ModelConfig,
    file: ModelFile,
    from?: Checkpoint & { readonly records: readonly ModelRecord[] },
  ) {
    const { method, particles, lr, seed, steps, recordEvery } = config;
    const { model, guide, data } = file;
    this.config = config;
    this.prepared = prepare({
      ...{ model, data, method, particles, steps, seed },
      ...(guide && { guide }),
      optimiser: fallingAdam(lr, steps),
    });
    const algorithm = this.prepared.training;
    this.loop = new Loop({ algorithm, steps, recordEvery, from: from?.state });
    this.records = [...(from?.records ?? [])];
    this.secondsBefore = from?.seconds ?? 0;
  }

  /** Where the run is, to go on from later. */
  checkpoint(state: ProgramState = this.loop.state()): Checkpoint {
    return { state, seconds: this.seconds };
  }

  /** Time that training took so far, in all sittings. */
  get seconds(): number {
    return this.secondsBefore + this.loop.seconds;
  }

  /** The trained parameters. */
  weights(): ProgramState {
    const state = this.loop.state();
    return Object.fromEntries(this.store().map(({ name }) => [name, state[name]]));
  }

  /** The names of the axes of each parameter. */
  axes(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(this.store().map((p) => [p.name, p.axes.map(({ name }) => name)]));
  }

  /** Trains to the last step; the run waits for `onRecord`. */
  async train(
    options: RunOptions & { readonly onRecord?: (record: ModelRecord) => Promise<void> } = {},
  ): Promise<Ending> {
    const { onEvent, onRecord, signal } = options;
    for await (const event of this.loop.run({ signal })) {
      const { bound } = event.metrics;
      onEvent?.({ ...event, bound });
      if (event.kind !== "record") continue;
      const record = { step: event.step, bound };
      this.records.push(record);
      await onRecord?.(record);
    }
    return this.loop.step < this.config.steps ? "interrupted" : "finished";
  }

  /**
   * Draws from the posterior as the method describes it, with its estimate of the log evidence.
   *
   * @throws SurmiseError if a search for the most probable values finds no mode.
   */
  posterior(): FittedDraws {
    const { draws, seed } = this.config;
    return samplePosterior(this.fitted(), { draws, seed });
  }

  private fitted() {
    return this.prepared.fitted(this.loop.state(), this.records.at(-1)?.bound);
  }

  private store() {
    return this.fitted().store.list();
  }
}
