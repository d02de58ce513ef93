/** What determines the fit of a model file: same settings, same file, same data, same bits. */
import {
  AVERAGING_RATE,
  DRAWS,
  defaultSteps,
  METHODS,
  type Method,
  type MethodName,
  MOST_DRAWS,
  SAMPLERS,
  type SamplerName,
  type Until,
} from "../../inference/internal.ts";
import { FORMATS, type FormatName } from "../../runs/index.ts";
import { checkArguments, FUNCTION, objectWith, SurmiseError, TEXT } from "../../tensor/internal.ts";
import { type Given, type Parsed, parse } from "../settings.ts";

/** Settings as people give them. */
export type ModelSettings = Given<"table">;

type All = Parsed<"table">;
interface Common
  extends Pick<
    All,
    "model" | "data" | "reason" | "dtype" | "seed" | "formats" | "predict" | "recordEvery"
  > {
  /** Draws from the posterior; of each chain where there are some. */
  readonly draws: number;
}

/** Settings of a training with nothing left open; no `data` means none. */
export interface ModelConfig extends Common {
  /** How the model is fitted. */
  readonly method: MethodName;
  /** Training steps; `auto` for as many as it takes. */
  readonly steps: number | "auto";
  /** The update rule. */
  readonly optimizer: NonNullable<All["optimizer"]>;
  /** Its initial learning rate. */
  readonly lr: number;
  /** Draws that are weighted or averaged. */
  readonly particles: number;
  /** How many elements of the plate with the observations a step takes; all unless given. */
  readonly batch?: number;
  /** The norm that gradients are scaled down to. */
  readonly clip?: number;
  /** How the learning rate goes on. */
  readonly rates: NonNullable<All["rates"]>;
  /** Steps over which it rises. */
  readonly lrWarmup?: number;
  /** How often the divergence of the guide from the priors counts. */
  readonly beta?: number;
  /** Steps over which that weight rises. */
  readonly betaWarmup?: number;
  /** After how many records without a better one training ends. */
  readonly patience?: number;
  /** Of method flow, which one. */
  readonly flow?: NonNullable<All["flow"]>;
  /** Of method mixture, how many normals. */
  readonly components?: number;
  /** Which terms of the bound are sampled. */
  readonly kl?: All["kl"];
}

/** Settings of a sampler with nothing left open; no `data` means none. */
export interface ChainsConfig extends Common {
  /** The sampler. */
  readonly method: SamplerName;
  /** How many chains; each has `draws` draws. */
  readonly chains: number;
  /** Transitions before them. */
  readonly warmup: number;
  /** When there are enough draws, before there are `draws`: `rhat=1.01,ess=400`. */
  readonly until?: string;
  /** The mean acceptance that the step size is made for. */
  readonly targetAccept: number;
  /** The most doublings of a trajectory. */
  readonly maxDepth: number;
  /** The mass matrix; what suits the model unless given. */
  readonly metric?: NonNullable<All["metric"]>;
  /** Where chains begin: a radius in unconstrained space, or a word. */
  readonly init: string;
}

/** Settings of a model file on a table. */
export type TableConfig = ModelConfig | ChainsConfig;

/** Settings that only one of the two has. */
const TRAINING = [
  "steps",
  "optimizer",
  "lr",
  "batch",
  "clip",
  "rates",
  "lrWarmup",
  "beta",
  "betaWarmup",
  "patience",
  "particles",
  "kl",
  "flow",
  "components",
] as const;
const SAMPLING = [
  "until",
  "warmup",
  "chains",
  "targetAccept",
  "maxDepth",
  "metric",
  "init",
] as const;

/** The initial learning rate, in prior standard deviations where the guide is automatic. */
const RATES = { adam: 0.05, adagrad: 0.05, sgd: 0.0001 } as const;

/** The goal of a sampler, as numbers. */
export function untilOf(until: string | undefined): Until | undefined {
  if (until === undefined) return undefined;
  return Object.fromEntries(
    until.split(",").map((part) => {
      const [name, value] = part.split("=");
      return [name, Number(value)];
    }),
  );
}

/** In which formats draws are written. */
export function formatsOf(config: Pick<Common, "formats">): readonly FormatName[] {
  checkArguments("formatsOf", { config }, objectWith({ formats: TEXT }));
  const { formats } = config;
  return formats.split(",") as FormatName[];
}

/** Whether the method is a sampler. */
export function isChains(config: TableConfig): config is ChainsConfig {
  checkArguments("isChains", { config }, objectWith({ method: TEXT }));
  return Object.hasOwn(SAMPLERS, config.method);
}

/** Of the formats in which draws are written, one for draws of Markov chains alone. */
function formatOfChains(given: Pick<Common, "formats">): FormatName | undefined {
  return formatsOf(given).find((name) => "chainsOnly" in FORMATS[name]);
}

/** What a setting, or a format, is for: methods that train, or samplers; none that settings are for leaves it open. */
export function kindOfMethod(
  given: unknown,
  nameOf: (setting: string) => string,
): { readonly kind: "training" | "sampling"; readonly by: string } | undefined {
  const all = parse("table", given, nameOf);
  const training = TRAINING.find((name) => all[name] !== undefined);
  if (training !== undefined) return { kind: "training", by: nameOf(training) };
  const sampling = SAMPLING.find((name) => all[name] !== undefined);
  if (sampling !== undefined) return { kind: "sampling", by: nameOf(sampling) };
  const format = formatOfChains(all);
  return format && { kind: "sampling", by: `${nameOf("formats")} ${format}` };
}

/**
 * The settings with all defaults filled in; a method that is not given is `vi`, or with settings of samplers `nuts`.
 * `nameOf` says what to call a setting in messages.
 *
 * @throws SurmiseError naming each setting that is not known, has a value it cannot have, or that the method has no use
 * for.
 */
export function tableConfig(
  given: unknown,
  nameOf: (setting: string) => string = (setting) => setting,
): TableConfig {
  checkArguments("tableConfig", { nameOf }, FUNCTION);
  const parsed = parse("table", given, nameOf);
  const usual = kindOfMethod(given, nameOf)?.kind === "sampling" ? "nuts" : "vi";
  const { method = usual } = parsed;
  const all = { ...parsed, method };
  const isSampler = Object.hasOwn(SAMPLERS, method);
  const idle = (isSampler ? TRAINING : SAMPLING).find((name) => all[name] !== undefined);
  if (idle !== undefined) {
    const own = (isSampler ? SAMPLING : TRAINING).map(nameOf).join(", ");
    throw new SurmiseError(
      `${nameOf(idle)} is of no use to method ${method}, which ${isSampler ? "samples" : "trains"} and ` +
        `has ${own}`,
    );
  }
  const foreign = isSampler ? undefined : formatOfChains(all);
  if (foreign !== undefined) {
    throw new SurmiseError(
      `${nameOf("formats")}: ${foreign} is for draws of Markov chains: choose a sampler, such as ` +
        `${nameOf("method")} nuts, or another format`,
    );
  }
  if (all.predict && !isSampler && METHODS[method as MethodName].posterior === "point") {
    throw new SurmiseError(
      `${nameOf("predict")} is of no use to method ${method}, whose posterior is a point without spread: choose another ` +
        `${nameOf("method")}`,
    );
  }
  return isSampler
    ? withSamplerDefaults({ ...all, method: method as SamplerName })
    : withTrainingDefaults({ ...all, method: method as MethodName });
}

/**
 * As `tableConfig`, of a method that trains.
 *
 * @throws SurmiseError as `tableConfig`, and for a sampler.
 */
export function modelConfig(given: unknown): ModelConfig {
  const config = tableConfig(given);
  if (!isChains(config)) return config;
  throw new SurmiseError(`method ${config.method} samples, and does not train`);
}

function withTrainingDefaults(all: All & { readonly method: MethodName }): ModelConfig {
  const { model, data, method, reason, dtype, seed, formats, predict, recordEvery, kl } = all;
  const { flow, components, batch, clip, lrWarmup, beta, betaWarmup, patience } = all;
  const { draws = DRAWS } = all;
  const own: Method = METHODS[method];
  const averages = "moments" in own;
  const { optimizer = averages ? "sgd" : "adam" } = all;
  const { rates = optimizer === "adam" ? "falling" : "constant" } = all;
  // Rates that people give, and their own update rules, are for lengths that are known.
  const ofLength = [all.optimizer, all.lr, all.rates, batch, clip, lrWarmup, betaWarmup, patience];
  const isOwn = ofLength.some((x) => x !== undefined);
  const { steps: wished = "auto" } = all;
  const steps = wished === "auto" && isOwn ? defaultSteps(method) : wished;
  const { particles = METHODS[method].k, lr = averages ? AVERAGING_RATE : RATES[optimizer] } = all;
  return {
    ...{ model, ...(data !== undefined && { data }), method, ...(reason && { reason }) },
    ...(dtype && { dtype }),
    ...{ steps, optimizer, lr, rates, seed, particles, ...(kl && { kl }), draws, formats },
    ...{ ...(batch && { batch }), ...(clip && { clip }), ...(lrWarmup && { lrWarmup }) },
    ...{ ...(beta !== undefined && { beta }), ...(betaWarmup && { betaWarmup }) },
    ...(patience && { patience }),
    ...{ ...(flow && { flow }), ...(components && { components }) },
    ...{ ...(predict && { predict }), recordEvery },
  };
}

function withSamplerDefaults(all: All & { readonly method: SamplerName }): ChainsConfig {
  const { model, data, method, reason, dtype, seed, formats, predict, recordEvery } = all;
  const { until, draws = until === undefined ? DRAWS : MOST_DRAWS } = all;
  const { chains = 4, warmup = 1000, maxDepth = 10, metric, init = "ascent" } = all;
  const { targetAccept = SAMPLERS[method].targetAccept } = all;
  return {
    ...{ model, ...(data !== undefined && { data }), method, ...(reason && { reason }) },
    ...(dtype && { dtype }),
    ...{
      seed,
      chains,
      warmup,
      draws,
      ...(until !== undefined && { until }),
      targetAccept,
      maxDepth,
      ...(metric && { metric }),
      init,
      formats,
      ...(predict && { predict }),
      recordEvery,
    },
  };
}
