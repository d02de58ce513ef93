/** The fit of a model file to a table, from its settings to draws. */
import {
  checkDrawsFit,
  type Evidence,
  guideAdam,
  type LoopEvent,
  METHODS,
  type Method,
  type Prepared,
  prepare,
  reliabilityWarnings,
  STEP,
  samplePosterior,
  traceAtPriors,
} from "../../inference/internal.ts";
import { draw, type Model, recordedSites, type Trace, trace } from "../../model/internal.ts";
import { adagrad, clipped, sgd } from "../../optim/index.ts";
import type { RunControl, Sources, StepRecord, Task, Trained } from "../../runs/index.ts";
import type { Columns, Table } from "../../tables/index.ts";
import { key, type Precision } from "../../tensor/index.ts";
import { betaOf, rateOf } from "../schedules.ts";
import { saveFit } from "./outputs.ts";
import { boundSection } from "./report.ts";
import { type DrawsResult, save } from "./saving.ts";
import type { ModelConfig } from "./settings.ts";

/** What a model file exports, and the data it is run on. */
export interface ModelFile {
  /** The model p. */
  readonly model: Model<unknown, unknown>;
  /** Written by hand; the method's automatic one unless given. */
  readonly guide?: Model<unknown, unknown>;
  /** What the model is called with, columns as tensors over their axes. */
  readonly data: unknown;
  /** The table that `data` are the columns of, if there is one. */
  readonly table?: Table;
  /** These columns, as `columnsOf` has made them. */
  readonly columns?: Columns;
  /** The model file, what it imports, and the data. */
  readonly sources: Sources;
}

/** One line of metrics.jsonl. */
export interface ModelRecord extends StepRecord {
  /** Mean over the steps since the record before, in nats, of all data; of `map` and `laplace`, the log density. */
  readonly bound: number;
}

/** The results of a fit, as they stand in result.json. */
export interface ModelResult extends DrawsResult {
  /** What it was fitted by. */
  readonly method: ModelConfig["method"];
  /** The estimate or bound of the log evidence, in nats. */
  readonly logEvidence?: number;
  /** Which of the two it is, with its standard error. */
  readonly evidence?: Evidence;
  /** Of the ratios of draws: whether the approximation covers the posterior; null where it is infinite. */
  readonly kHat?: number | null;
  /** Steps per second of the fit, and the time that compiling its step took. */
  readonly speed: { readonly stepsPerSecond: number; readonly compileSeconds: number };
}

/** float64, but float32 where model or guide have weights: parameters over two axes or more. */
function suitableType(traced: Trace, guide: ModelFile["guide"], data: unknown): Precision {
  const hasWeights = ({ params }: Trace) => params.some(({ axes }) => axes.length > 1);
  const some = hasWeights(traced) || (guide && hasWeights(trace(guide, data, draw(key(0)))));
  return some ? "float32" : "float64";
}

/** Below so many steps hardly any guide has come to rest. */
const FEW_STEPS = 200;

/** Whether the run is too short to trust what was trained. A mode that is not reached is refused elsewhere. */
function isShort({ steps, method }: ModelConfig): boolean {
  return steps !== "auto" && steps < FEW_STEPS && "guide" in METHODS[method];
}

function shortRun(steps: number): string {
  const few = steps === 1 ? "a single step moves" : `${steps} steps move`;
  return (
    `${few} the guide hardly away from where it begins, at the prior: the numbers may be far from the posterior; ` +
    `take ${FEW_STEPS} steps or more, and look at the bound in the report`
  );
}

/** The fit of a model file to a table, as a run performs it. */
export class ModelTask implements Task<ModelResult, ModelRecord> {
  /** All settings. */
  readonly config: ModelConfig;
  /** The compiled step. */
  readonly algorithm: Task<ModelResult>["algorithm"];
  /** How many steps there are in all. */
  readonly steps: number;
  /** Steps from one record to the next. */
  readonly recordEvery: number;
  /** After how many records without a better one training ends. */
  readonly patience: number | undefined;
  private readonly prepared: Prepared<unknown>;
  private readonly dtype: Precision;
  private readonly file: ModelFile;

  /** @throws SurmiseError if the model, its data and the method do not fit together. */
  constructor(config: ModelConfig, file: ModelFile) {
    const { model, guide, data } = file;
    const { method, particles, kl, flow, components, steps, seed, recordEvery } = config;
    this.config = config;
    this.patience = config.patience;
    const beta = betaOf(config);
    const traced = traceAtPriors(model, data);
    this.dtype = config.dtype ?? model.dtype ?? suitableType(traced, guide, data);
    this.file = file;
    if (METHODS[method].posterior !== "point") checkDrawsFit(recordedSites(traced), config.draws);
    this.prepared = prepare({
      ...{ model, data, method, particles, steps, seed },
      ...(guide && { guide }),
      ...(kl && { kl }),
      ...(beta && { beta }),
      ...(config.batch && { batch: config.batch }),
      ...(flow && { flow }),
      ...(components && { components }),
      dtype: this.dtype,
      ...(steps !== "auto" && { optimiser: optimiserOf(config, steps) }),
    });
    this.algorithm = this.prepared.training;
    this.steps = this.prepared.steps;
    this.recordEvery = recordEvery;
  }

  /** The bound at a step, in nats. */
  async record({ step, metrics }: LoopEvent): Promise<ModelRecord> {
    return { step, bound: metrics.bound };
  }

  /** What patience judges a record by. */
  merit({ bound }: ModelRecord): number {
    return bound;
  }

  /** The trained guide; of weights alone, without records, whose state tells no step. */
  fitted({ state, records }: Pick<Trained<ModelRecord>, "state" | "records">) {
    const last = records.find(({ step }) => step === state[STEP].data[0]) ?? records.at(-1);
    return this.prepared.fitted(state, last?.bound);
  }

  /** Draws from the posterior and writes what is left to write. */
  async finish(
    trained: Trained<ModelRecord>,
    { folder, onEvent }: RunControl & { readonly folder: string },
  ): Promise<ModelResult> {
    const { config, dtype, file } = this;
    const { draws, seed, method, steps } = config;
    const fitted = this.fitted(trained);
    const [made] = trained.state[STEP].data;
    const posterior = samplePosterior(fitted, {
      ...{ draws, seed },
      onProgress: (done) => onEvent?.({ kind: "score", what: "draws", done, total: draws }),
    });
    const { logEvidence, reliability = {} } = posterior;
    const { evidence, kHat } = reliability;
    const saved = await save(
      {
        ...{ ...file, config, dtype, draws: posterior, folder, onEvent },
        warningsOf: () => [
          ...reliabilityWarnings(reliability),
          ...(isShort(config) ? [shortRun(steps as number)] : []),
        ],
        sections: [await boundSection(trained.records, config.recordEvery, method)],
      },
      (options) => saveFit(folder, fitted, posterior, { ...options, steps: made }),
    );
    return {
      method,
      ...saved,
      ...(logEvidence === undefined ? {} : { logEvidence }),
      ...(evidence && { evidence }),
      ...(kHat !== undefined && { kHat: Number.isFinite(kHat) ? kHat : null }),
      speed: {
        stepsPerSecond: (trained.records.at(-1)?.step ?? made) / trained.seconds,
        compileSeconds: trained.compileSeconds,
      },
    };
  }
}

function optimiserOf(config: ModelConfig, steps: number) {
  const { method, optimizer, lr, clip } = config;
  const own: Method = METHODS[method];
  if ("moments" in own && own.moments && optimizer === "sgd") return own.moments(steps, lr);
  const rule = { adam: guideAdam, adagrad, sgd }[optimizer](rateOf(config, steps));
  return clip === undefined ? rule : clipped(rule, { norm: clip });
}
