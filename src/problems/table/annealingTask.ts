/** Annealed importance sampling of a model file, from its settings to draws. */
import {
  annealingWarnings,
  type Evidence,
  type FittedDraws,
  type LoopEvent,
  type PreparedAnnealing,
  prepareAnnealing,
} from "../../inference/internal.ts";
import type { RunControl, StepRecord, Task, Trained } from "../../runs/index.ts";
import type { Precision } from "../../tensor/index.ts";
import { saveDraws } from "./outputs.ts";
import { annealingSection } from "./report.ts";
import { type DrawsResult, save } from "./saving.ts";
import type { AnnealingConfig } from "./settings.ts";
import type { ModelFile } from "./task.ts";

/** One line of metrics.jsonl: means over the temperatures since the record before. */
export interface AnnealingRecord extends StepRecord {
  /** In [0, 1]. */
  readonly acceptance: number;
  /** The share of the particles that their weights are worth, in (0, 1]. */
  readonly efficiency: number;
}

/** The results of annealing, as they stand in result.json. */
export interface AnnealingResult extends DrawsResult {
  /** What annealed. */
  readonly method: AnnealingConfig["method"];
  /** The estimate or bound of the log evidence, in nats; none under priors without a finite integral. */
  readonly logEvidence?: number;
  /** Which of the two it is, with its standard error. */
  readonly evidence?: Evidence;
  /** Of the weights; null where it is infinite. */
  readonly kHat?: number | null;
  /** How many independent draws the weights are worth. */
  readonly worth: number;
  /** Temperatures per second, and the time that compiling took. */
  readonly speed: { readonly stepsPerSecond: number; readonly compileSeconds: number };
}

/** Annealing of a model file, as a run performs it. */
export class AnnealingTask implements Task<AnnealingResult, AnnealingRecord> {
  /** All settings. */
  readonly config: AnnealingConfig;
  /** A temperature. */
  readonly algorithm: PreparedAnnealing["algorithm"];
  /** Temperatures. */
  readonly steps: number;
  /** Steps from one record to the next. */
  readonly recordEvery: number;
  private readonly prepared: PreparedAnnealing;
  private readonly file: ModelFile;
  private readonly dtype: Precision;

  /** @throws SurmiseError if the model has a latent that cannot be annealed, or parameters. */
  constructor(config: AnnealingConfig, file: ModelFile) {
    const { particles, temperatures, leapfrogs, draws, seed } = config;
    this.config = config;
    this.file = file;
    this.dtype = config.dtype ?? "float64";
    this.prepared = prepareAnnealing(file.model, file.data, {
      ...{ particles, temperatures, leapfrogs, draws, seed },
      dtype: this.dtype,
    });
    this.algorithm = this.prepared.algorithm;
    this.steps = this.prepared.steps;
    this.recordEvery = config.recordEvery;
  }

  /** The means at a temperature. */
  async record({ step, metrics }: LoopEvent): Promise<AnnealingRecord> {
    return { step, acceptance: metrics.acceptance, efficiency: metrics.efficiency };
  }

  /** What the weights are worth. */
  shown(metrics: LoopEvent["metrics"]): number {
    return metrics.efficiency;
  }

  /** The draws. */
  drawn({ state }: Pick<Trained<AnnealingRecord>, "state">): FittedDraws {
    return this.prepared.drawn(state);
  }

  /** Writes the draws and what they say. */
  async finish(
    trained: Trained<AnnealingRecord>,
    { folder, onEvent }: RunControl & { readonly folder: string },
  ): Promise<AnnealingResult> {
    const { config, dtype, file } = this;
    const { method, temperatures } = config;
    const draws = this.drawn(trained);
    const saved = await save(
      {
        ...{ ...file, config, dtype, draws, folder, onEvent },
        warningsOf: () => annealingWarnings(draws),
        sections: [await annealingSection(trained.records)],
      },
      (options) => saveDraws(folder, draws, { ...options, steps: temperatures }),
    );
    const { reliability = {}, worth = draws.draws } = draws;
    const { evidence, kHat } = reliability;
    return {
      method,
      ...saved,
      ...(evidence && { logEvidence: evidence.value, evidence }),
      ...(kHat !== undefined && { kHat: Number.isFinite(kHat) ? kHat : null }),
      worth,
      speed: {
        stepsPerSecond: temperatures / trained.seconds,
        compileSeconds: trained.compileSeconds,
      },
    };
  }
}
