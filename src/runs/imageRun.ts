/** A run on images from its settings to its numbers; `folderRun.ts` keeps it in a folder. */
import { type ImageDataset, type ImageSet, selectImages } from "../data/index.ts";
import { Loop, type ProgramState } from "../inference/index.ts";
import type { ImageConfig } from "./config.ts";
import { type Evaluator, evaluator } from "./evaluate.ts";
import type { Ending, RunOptions } from "./events.ts";
import type { Checkpoint, MetricsRecord } from "./folder.ts";
import { type BuildPair, type ImageModel, imageModel, imageTraining } from "./imageModel.ts";

/** The final numbers, in nats per image. */
export interface Metrics {
  readonly train: { readonly elbo: number };
  readonly test: { readonly elbo: number; readonly nll: number };
}

export interface ScoreOptions extends RunOptions {
  /** Takes fewer images for the likelihood if all would take longer. */
  readonly maxSeconds?: number;
}

/** The final numbers, and of how many images the likelihood is the mean. */
export interface RunScore {
  readonly metrics: Metrics;
  readonly nllImages: number;
}

export interface TrainOptions extends RunOptions {
  /** Called at each record, before the next step; the run waits for it. */
  readonly onRecord?: (record: MetricsRecord) => Promise<void>;
  /** Stops after so many seconds, at the next record. */
  readonly maxSeconds?: number;
}

/** Images that the curve of the test bound is made of, and those of the final bounds. */
export const CURVE_IMAGES = 1000;
const ELBO_IMAGES = 10_000;
/** Points of that curve, at most. */
const CURVE_POINTS = 50;

/** One run, compiled. */
export class ImageRun {
  readonly config: ImageConfig;
  readonly data: ImageDataset;
  readonly model: ImageModel;
  readonly records: MetricsRecord[];
  readonly loop: Loop;
  private readonly oneDraw: Evaluator;
  private readonly secondsBefore: number;

  /**
   * Builds and compiles everything; `from` is where an interrupted run goes on, with its records.
   *
   * @throws SurmiseError if the settings, the model and the data do not fit together.
   */
  constructor(
    config: ImageConfig,
    data: ImageDataset,
    build: BuildPair,
    from?: Checkpoint & { readonly records: readonly MetricsRecord[] },
  ) {
    this.config = config;
    this.data = data;
    this.model = imageModel(config, data.train, build);
    const training = imageTraining(config, this.model, data.train);
    const { steps, recordEvery } = config;
    this.loop = new Loop({ algorithm: training, steps, recordEvery, from: from?.state });
    this.oneDraw = evaluator(this.model, 1, config.seed);
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

  /** Images per second of training. */
  get samplesPerSecond(): number {
    return (this.loop.step * this.config.batch) / this.seconds;
  }

  /** The trained parameters. */
  weights(): ProgramState {
    const state = this.loop.state();
    return Object.fromEntries(this.model.store.list().map(({ name }) => [name, state[name]]));
  }

  /** Trains to the last step. */
  async train(options: TrainOptions = {}): Promise<Ending> {
    const { onEvent, onRecord, signal, maxSeconds = Number.POSITIVE_INFINITY } = options;
    const { batch, steps } = this.config;
    const total = this.data.train.count;
    const start = performance.now();
    for await (const event of this.loop.run({ signal })) {
      const bound = event.metrics.bound / total;
      onEvent?.({ ...event, bound });
      if (event.kind !== "record") continue;
      const { step } = event;
      const train = { bound };
      const record = { step, images: step * batch, train, ...(await this.testBound(step)) };
      this.records.push(record);
      await onRecord?.(record);
      if (step < steps && performance.now() - start > 1000 * maxSeconds) return "out of time";
    }
    return this.loop.step < steps ? "interrupted" : "finished";
  }

  /** A point of the test curve, if one is due. */
  private async testBound(step: number) {
    const { recordEvery, steps } = this.config;
    const every = recordEvery * Math.ceil(steps / recordEvery / CURVE_POINTS);
    if (step % every !== 0 && step !== steps) return {};
    const set = first(this.data.test, CURVE_IMAGES);
    const { elbo } = await this.oneDraw.score(set, this.weights());
    return { test: { bound: elbo } };
  }

  /** The final numbers. */
  async score({ onEvent, signal, maxSeconds }: ScoreOptions = {}): Promise<RunScore> {
    const { nllDraws, nllImages, seed } = this.config;
    const weights = this.weights();
    const of = (judge: Evaluator, what: "train" | "test" | "nll", set: ImageSet) => {
      const onProgress = (done: number) =>
        onEvent?.({ kind: "score", what, done, total: set.count });
      return judge.score(set, weights, { onProgress, signal, maxSeconds });
    };
    const { train, test } = this.data;
    const manyDraws = evaluator(this.model, nllDraws, seed);
    const trained = await of(this.oneDraw, "train", first(train, ELBO_IMAGES));
    const tested = await of(this.oneDraw, "test", first(test, ELBO_IMAGES));
    const weighted = await of(manyDraws, "nll", first(test, nllImages));
    return {
      metrics: { train: { elbo: trained.elbo }, test: { elbo: tested.elbo, nll: weighted.nll } },
      nllImages: weighted.images,
    };
  }
}

function first(set: ImageSet, most: number): ImageSet {
  return set.count <= most ? set : selectImages(set, set.name, (image) => image < most);
}
