/** Chains of a sampler on a model file, from its settings to draws. */
import {
  type ChainDraws,
  chainWarnings,
  isStart,
  type LoopEvent,
  type PreparedChains,
  prepareChains,
} from "../../inference/internal.ts";
import type { RunControl, StepRecord, Task, Trained } from "../../runs/index.ts";
import type { Precision } from "../../tensor/index.ts";
import { saveDraws } from "./outputs.ts";
import { type DrawsResult, save } from "./saving.ts";
import { type ChainsConfig, untilOf } from "./settings.ts";
import type { ModelFile } from "./task.ts";

/** One line of metrics.jsonl: means over the transitions of all chains since the record before. */
export interface ChainsRecord extends StepRecord {
  /** In unconstrained space, in nats. */
  readonly logDensity: number;
  /** In [0, 1]. */
  readonly acceptance: number;
  /** In coordinates of the metric. */
  readonly stepSize: number;
  /** Evaluations of the density for each transition. */
  readonly leapfrogs: number;
  /** The share of divergent transitions. */
  readonly divergences: number;
}

/** The results of a sampler, as they stand in result.json. */
export interface ChainsResult extends DrawsResult {
  /** The sampler. */
  readonly method: ChainsConfig["method"];
  /** How many chains there are. */
  readonly chains: number;
  /** Draws of each chain: fewer than the most where `until` held before. */
  readonly draws: number;
  /** Divergent transitions after warm-up, of all chains. */
  readonly divergences: number;
  /** Time of warm-up and draws, in all sittings. */
  readonly seconds: number;
  /** Draws of all chains per second, and the time that compiling took. */
  readonly speed: { readonly drawsPerSecond: number; readonly compileSeconds: number };
}

/** Chains on a model file, as a run performs them. */
export class ChainsTask implements Task<ChainsResult, ChainsRecord> {
  /** All settings. */
  readonly config: ChainsConfig;
  /** A transition of each chain. */
  readonly algorithm: PreparedChains["algorithm"];
  /** Warm-up and draws. */
  readonly steps: number;
  /** Steps from one record to the next. */
  readonly recordEvery: number;
  private readonly prepared: PreparedChains;
  private readonly file: ModelFile;
  private readonly dtype: Precision;

  /** @throws SurmiseError if the model has a latent that cannot be sampled, or parameters. */
  constructor(config: ChainsConfig, file: ModelFile) {
    const { dtype, init, reason, until, ...options } = config;
    const { model, data } = file;
    this.file = file;
    this.dtype = dtype ?? "float64";
    const goal = untilOf(until);
    this.config = config;
    this.prepared = prepareChains(model, data, {
      ...options,
      init: init === "vi" || isStart(init) ? init : Number(init),
      ...(dtype && { dtype }),
      ...(goal && { until: goal }),
    });
    this.algorithm = this.prepared.algorithm;
    this.steps = this.prepared.steps;
    this.recordEvery = config.recordEvery;
  }

  /** The means at a step. */
  async record({ step, metrics }: LoopEvent): Promise<ChainsRecord> {
    const { logDensity, acceptance, stepSize, leapfrogs, divergences } = metrics;
    return { step, logDensity, acceptance, stepSize, leapfrogs, divergences };
  }

  /** The log density. */
  shown(metrics: LoopEvent["metrics"]): number {
    return metrics.logDensity;
  }

  /** The draws so far. */
  drawn({ state }: Pick<Trained<ChainsRecord>, "state">): ChainDraws {
    return this.prepared.drawn(state);
  }

  /** Writes the draws and what they say. */
  async finish(
    trained: Trained<ChainsRecord>,
    { folder, onEvent }: RunControl & { readonly folder: string },
  ): Promise<ChainsResult> {
    const { config, dtype, file } = this;
    const draws = this.drawn(trained);
    const saved = await save(
      {
        ...{ ...file, config, dtype, draws, folder, onEvent },
        warningsOf: (summary) => chainWarnings(draws, summary, { maxDepth: config.maxDepth }),
      },
      (options) => saveDraws(folder, draws, options),
    );
    return {
      method: config.method,
      ...saved,
      chains: draws.chains,
      draws: draws.draws / draws.chains,
      divergences: draws.statistics.diverging.reduce((a, b) => a + b, 0),
      seconds: trained.seconds,
      speed: {
        drawsPerSecond: draws.draws / trained.seconds,
        compileSeconds: trained.compileSeconds,
      },
    };
  }
}
