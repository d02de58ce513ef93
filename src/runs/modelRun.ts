/** The fit of a model file, from its settings to draws; `modelFolder.ts` keeps it in a folder. */
import {
  automaticGuide,
  bound,
  checkMethod,
  checkPeak,
  curvatureAt,
  METHODS,
  type Method,
  type Objective,
  type Samples,
  type SamplesOptions,
  samplePosterior,
  type Training,
  training,
} from "../inference/index.ts";
import { draw, type Model, type Param, parameters, trace } from "../model/index.ts";
import { adam, stepDecay } from "../optim/index.ts";
import { key, SurmiseError } from "../tensor/index.ts";
import type { Ending, RunOptions } from "./events.ts";
import type { Checkpoint, StepRecord } from "./folder.ts";
import { Loop } from "./loop.ts";
import type { ModelConfig } from "./modelConfig.ts";
import type { State } from "./state.ts";

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

/** How often the learning rate falls, and to what share of itself in the end. */
const FALLS = 20;
const LAST_SHARE = 0.001;
/** The memory of the gradients' squares is short, so that the large ones of the beginning are forgotten. */
const BETA_2 = 0.95;

/** One run, compiled. */
export class ModelRun {
  readonly config: ModelConfig;
  readonly loop: Loop;
  readonly records: ModelRecord[];
  private readonly training: Training;
  private readonly store = parameters();
  private readonly pair: Pick<SamplesOptions<unknown>, "model" | "guide" | "data" | "parameters">;
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
    const { guide, gradient, particles: strategy, posterior }: Method = METHODS[method];
    const ownGuide = posterior === "point" || posterior === "curvature";
    if (ownGuide && file.guide !== undefined) {
      throw new SurmiseError(
        `method ${method} makes a guide of its own: take the export 'guide' out of '${config.model}', ` +
          "or choose another method",
      );
    }
    this.config = config;
    const { model, data } = file;
    this.pair = {
      model,
      guide: file.guide ?? automaticGuide(model, guide),
      data,
      parameters: this.store,
    };
    checkMethod(method, this.pair.guide, data, this.store);
    const shared = strategy(particles);
    const objective: Objective = (_, key) =>
      bound({ ...this.pair, key, particles: shared, gradient });
    this.training = training({
      objective,
      parameters: this.store,
      optimiser: adam(fallingRate(lr, steps), { beta2: BETA_2 }),
      seed,
    });
    if (this.store.list().length === 0) {
      throw new SurmiseError(
        `'${config.model}' has nothing to fit: no latents (sample) and no parameters (param)`,
      );
    }
    this.loop = new Loop({ training: this.training, steps, recordEvery, from: from?.state });
    this.records = [...(from?.records ?? [])];
    this.secondsBefore = from?.seconds ?? 0;
  }

  /** Where the run is, to go on from later. */
  checkpoint(state: State = this.loop.state()): Checkpoint {
    return { state, seconds: this.seconds };
  }

  /** Time that training took so far, in all sittings. */
  get seconds(): number {
    return this.secondsBefore + this.loop.seconds;
  }

  /** The trained parameters. */
  weights(): State {
    const state = this.loop.state();
    return Object.fromEntries(this.store.list().map(({ name }) => [name, state[name]]));
  }

  /** The names of the axes of each parameter. */
  axes(): Readonly<Record<string, readonly string[]>> {
    const entries = this.store.list().map((p) => [p.name, p.axes.map(({ name }) => name)]);
    return Object.fromEntries(entries);
  }

  /** Trains to the last step; the run waits for `onRecord`. */
  async train(
    options: RunOptions & { readonly onRecord?: (record: ModelRecord) => Promise<void> } = {},
  ): Promise<Ending> {
    const { onEvent, onRecord, signal } = options;
    for await (const event of this.loop.run(signal)) {
      onEvent?.(event);
      if (event.kind !== "record") continue;
      const record = { step: event.step, bound: event.bound };
      this.records.push(record);
      await onRecord?.(record);
    }
    return this.loop.step < this.config.steps ? "interrupted" : "finished";
  }

  /**
   * Draws from the posterior as the method describes it, with its estimate of the log evidence: the
   * last mean bound, or Laplace's; a point has none.
   *
   * @throws SurmiseError if a search for the most probable values finds no peak.
   */
  posterior(): { readonly samples: Samples; readonly logEvidence: number | undefined } {
    const { method, draws, seed, particles } = this.config;
    const { posterior, particles: strategy, weighing = strategy }: Method = METHODS[method];
    const common = { ...this.pair, values: this.weights(), draws, seed };
    const last = this.records.at(-1)?.bound;
    switch (posterior) {
      case "guide":
        return { samples: samplePosterior(common), logEvidence: last };
      case "weighted": {
        const samples = samplePosterior({ ...common, particles: weighing(particles) });
        return { samples, logEvidence: last };
      }
      case "point":
        checkPeak(this.training.outputs.bound, this.modes(), this.loop.state());
        return { samples: samplePosterior({ ...common, draws: 1 }), logEvidence: undefined };
      case "curvature": {
        const around = curvatureAt(this.training.outputs.bound, this.modes(), this.loop.state());
        const samples = samplePosterior({ ...common, around });
        return { samples, logEvidence: around.logEvidence };
      }
    }
  }

  /** The parameters that are the latents' free numbers. */
  private modes(): Param[] {
    const { guide, data } = this.pair;
    const { latents } = trace(guide, data, draw(key(0)), this.store);
    return this.store
      .list()
      .filter((param) => latents.some(({ name }) => param.name === `${name}.mode`));
  }
}

/** From `rate` to its last share, in equal ratios. */
function fallingRate(rate: number, steps: number) {
  return stepDecay(rate, { every: Math.ceil(steps / FALLS), factor: LAST_SHARE ** (1 / FALLS) });
}
