/** What determines the fit of a model file: same settings, same file, same data, same bits. */
import {
  ANNEALERS,
  ANNEALING,
  type AnnealerName,
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
import { type FitMethod, type Given, type Parsed, parse, type SettingOf } from "../settings.ts";

/** Settings as people give them. */
export type ModelSettings = Given<"table">;

type All = Parsed<"table">;
interface Common
  extends Pick<All, "model" | "data" | "reason" | "dtype" | "seed" | "formats" | "predict"> {
  /** Steps from one record to the next. */
  readonly recordEvery: number;
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

/** Settings of annealing with nothing left open; no `data` means none. */
export interface AnnealingConfig extends Common {
  /** What anneals. */
  readonly method: AnnealerName;
  /** Independent runs, each with a weight. */
  readonly particles: number;
  /** Steps from the priors to the posterior. */
  readonly temperatures: number;
  /** Leapfrog steps at each. */
  readonly leapfrogs: number;
}

/** Settings of a model file on a table. */
export type TableConfig = ModelConfig | ChainsConfig | AnnealingConfig;

/** A kind of method. */
export interface MethodKind {
  /** A heading for its methods and settings. */
  readonly title: string;
  /** What its methods do, for people. */
  readonly does: string;
  /** Its methods, by name, with what each is. */
  readonly methods: Readonly<Record<string, { readonly about: string }>>;
  /** The one that is taken where settings ask for the kind. */
  readonly usual: FitMethod;
  /** The settings that not all kinds have. */
  readonly settings: readonly SettingOf<"table">[];
}

/** The kinds of methods: a row each. Settings that several rows have ask for the first of these. */
export const KINDS = {
  training: {
    title: "Methods that train a guide or search for the mode",
    does: "trains",
    methods: METHODS,
    usual: "vi",
    settings: [
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
    ],
  },
  sampling: {
    title: "Markov chains",
    does: "samples",
    methods: SAMPLERS,
    usual: "nuts",
    settings: ["until", "warmup", "chains", "targetAccept", "maxDepth", "metric", "init"],
  },
  annealing: {
    title: "Annealed importance sampling",
    does: "anneals",
    methods: ANNEALERS,
    usual: "ais",
    settings: ["particles", "temperatures", "leapfrogs"],
  },
} as const satisfies Readonly<Record<string, MethodKind>>;

type KindName = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as KindName[];

/** The settings that not all kinds of methods have. */
const PARTICULAR = [...new Set(NAMES.flatMap((name) => KINDS[name].settings))];

/** The kind of a method. */
function kindOf(method: FitMethod): KindName {
  return NAMES.find((name) => Object.hasOwn(KINDS[name].methods, method)) as KindName;
}

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
  return kindOf(config.method) === "sampling";
}

/** Whether the method trains. */
export function isTraining(config: TableConfig): config is ModelConfig {
  checkArguments("isTraining", { config }, objectWith({ method: TEXT }));
  return kindOf(config.method) === "training";
}

/** Of the formats in which draws are written, one for draws of Markov chains alone. */
function formatOfChains(given: Pick<Common, "formats">): FormatName | undefined {
  return formatsOf(given).find((name) => "chainsOnly" in FORMATS[name]);
}

/**
 * The kind of methods that settings, or a format, are for, with one that says so; none that settings are for leaves it open.
 */
export function kindOfMethod(
  given: unknown,
  nameOf: (setting: string) => string,
): { readonly kind: KindName; readonly usual: FitMethod; readonly by: string } | undefined {
  const all = parse("table", given, nameOf);
  const found = PARTICULAR.filter((name) => all[name] !== undefined);
  const has = (kind: KindName, name: SettingOf<"table">) =>
    (KINDS[kind].settings as readonly string[]).includes(name);
  if (found.length > 0) {
    const suits = NAMES.find((kind) => found.every((name) => has(kind, name)));
    const kind = suits ?? (NAMES.find((name) => has(name, found[0])) as KindName);
    // Of settings that the kinds share, one that they do not says more.
    const by = found.find((name) => NAMES.every((other) => other === kind || !has(other, name)));
    return { kind, usual: KINDS[kind].usual, by: nameOf(by ?? found[0]) };
  }
  const format = formatOfChains(all);
  return (
    format && {
      ...{ kind: "sampling", usual: KINDS.sampling.usual },
      by: `${nameOf("formats")} ${format}`,
    }
  );
}

/**
 * The settings with all defaults filled in; a method that is not given is the usual one of the kind that settings are for,
 * else `vi`. `nameOf` says what to call a setting in messages.
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
  const { method = kindOfMethod(given, nameOf)?.usual ?? KINDS.training.usual } = parsed;
  const all = { ...parsed, method };
  const kind = kindOf(method);
  const own: readonly string[] = KINDS[kind].settings;
  const idle = PARTICULAR.find((name) => all[name] !== undefined && !own.includes(name));
  if (idle !== undefined) {
    throw new SurmiseError(
      `${nameOf(idle)} is of no use to method ${method}, which ${KINDS[kind].does} and has ${own.map(nameOf).join(", ")}`,
    );
  }
  const foreign = kind === "sampling" ? undefined : formatOfChains(all);
  if (foreign !== undefined) {
    throw new SurmiseError(
      `${nameOf("formats")}: ${foreign} is for draws of Markov chains: choose a sampler, such as ` +
        `${nameOf("method")} nuts, or another format`,
    );
  }
  if (all.predict && Object.hasOwn(METHODS, method)) {
    if (METHODS[method as MethodName].posterior === "point") {
      throw new SurmiseError(
        `${nameOf("predict")} is of no use to method ${method}, whose posterior is a point without spread: choose another ` +
          `${nameOf("method")}`,
      );
    }
  }
  return WITH_DEFAULTS[kind](all, method as never);
}

/**
 * As `tableConfig`, of a method that trains.
 *
 * @throws SurmiseError as `tableConfig`, and for a sampler.
 */
export function modelConfig(given: unknown): ModelConfig {
  const config = tableConfig(given);
  if (isTraining(config)) return config;
  const { does } = KINDS[kindOf(config.method)];
  throw new SurmiseError(`method ${config.method} ${does}, and does not train`);
}

/** What all kinds have. */
function common({ model, data, reason, dtype, seed, formats, predict, recordEvery = 100 }: All) {
  return {
    ...{ model, ...(data !== undefined && { data }), ...(reason && { reason }) },
    ...{ ...(dtype && { dtype }), seed, formats, ...(predict && { predict }), recordEvery },
  };
}

function withTrainingDefaults(all: All, method: MethodName): ModelConfig {
  const { flow, components, batch, clip, lrWarmup, beta, betaWarmup, patience, kl } = all;
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
    ...common(all),
    ...{ method, steps, optimizer, lr, rates, particles, ...(kl && { kl }), draws },
    ...{ ...(batch && { batch }), ...(clip && { clip }), ...(lrWarmup && { lrWarmup }) },
    ...{ ...(beta !== undefined && { beta }), ...(betaWarmup && { betaWarmup }) },
    ...(patience && { patience }),
    ...{ ...(flow && { flow }), ...(components && { components }) },
  };
}

function withSamplerDefaults(all: All, method: SamplerName): ChainsConfig {
  const { until, draws = until === undefined ? DRAWS : MOST_DRAWS } = all;
  const { chains = 4, warmup = 1000, maxDepth = 10, metric, init = "ascent" } = all;
  const { targetAccept = SAMPLERS[method].targetAccept } = all;
  return {
    ...common(all),
    ...{ method, chains, warmup, draws, ...(until !== undefined && { until }) },
    ...{ targetAccept, maxDepth, ...(metric && { metric }), init },
  };
}

/** Records of annealing, unless someone says otherwise. */
const RECORDS = 20;

function withAnnealingDefaults(all: All, method: AnnealerName): AnnealingConfig {
  const {
    particles = ANNEALING.particles,
    temperatures = ANNEALING.temperatures,
    leapfrogs = ANNEALING.leapfrogs,
  } = all;
  const { draws = particles, recordEvery = Math.ceil(temperatures / RECORDS) } = all;
  return {
    ...common({ ...all, recordEvery }),
    ...{ method, particles, temperatures, leapfrogs, draws },
  };
}

const WITH_DEFAULTS: Readonly<Record<KindName, (all: All, method: never) => TableConfig>> = {
  training: withTrainingDefaults,
  sampling: withSamplerDefaults,
  annealing: withAnnealingDefaults,
};
