/** Annealed importance sampling of a model file, from its settings to draws. */
import {
  annealingWarnings,
  describeNotFinite,
  type Evidence,
  type FittedDraws,
  type LoopEvent,
  type PreparedAnnealing,
  prepareAnnealing,
  type Summary,
} from "../../inference/internal.ts";
import type { RunControl, StepRecord, Task, Trained } from "../../runs/index.ts";
import type { Precision } from "../../tensor/index.ts";
import { saveDraws } from "./outputs.ts";
import type { PredictionsResult } from "./predictions.ts";
import { annealingSection } from "./report.ts";
import { savingOf } from "./saving.ts";
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
export interface AnnealingResult {
  /** What annealed. */
  readonly method: AnnealingConfig["method"];
  /** Why, where no method was given. */
  readonly reason?: string;
  /** The estimate or bound of the log evidence, in nats; none under priors without a finite integral. */
  readonly logEvidence?: number;
  /** Which of the two it is, with its standard error. */
  readonly evidence?: Evidence;
  /** Of the weights; null where it is infinite. */
  readonly kHat?: number | null;
  /** How many independent draws the weights are worth. */
  readonly worth: number;
  /** What the draws say of each element of each site. */
  readonly summary: readonly Summary[];
  /** Reasons to doubt the draws, with what to do. */
  readonly warnings: readonly string[];
  /** What the fitted model says of data, where it was asked (`predict`). */
  readonly predictions?: PredictionsResult;
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
    const { method, reason, temperatures } = config;
    const draws = this.drawn(trained);
    const { predicted, options } = await savingOf({
      ...{ ...file, config, dtype, draws, folder, onEvent },
      sections: [await annealingSection(trained.records)],
    });
    const { summary } = await saveDraws(folder, draws, { ...options, steps: temperatures });
    const { reliability = {}, worth = draws.draws } = draws;
    const { evidence, kHat } = reliability;
    const warnings = [
      ...describeNotFinite(summary, draws.draws),
      ...annealingWarnings(draws),
      ...(predicted?.warnings ?? []),
    ];
    for (const message of warnings) onEvent?.({ kind: "warning", message });
    return {
      method,
      ...(reason && { reason }),
      ...(evidence && { logEvidence: evidence.value, evidence }),
      ...(kHat !== undefined && { kHat: Number.isFinite(kHat) ? kHat : null }),
      ...{ worth, summary, warnings },
      ...(predicted && { predictions: predicted.result }),
      speed: {
        stepsPerSecond: config.temperatures / trained.seconds,
        compileSeconds: trained.compileSeconds,
      },
    };
  }
}
