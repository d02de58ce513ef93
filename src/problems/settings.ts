/** All settings of all kinds of problems, on one page: what they may be, their defaults, their words. */
import { z } from "zod";
import {
  ANNEALERS,
  ANNEALING,
  type AnnealerName,
  FLOWS,
  type FlowKind,
  METHODS,
  METRICS,
  type MethodName,
  type MetricName,
  SAMPLERS,
  type SamplerName,
} from "../inference/internal.ts";
import { choice, count, FORMATS, parseSettings, rate, seed } from "../runs/index.ts";

/** `table`: a model file on the columns of a table. `images`: a model of images. */
export type Kind = "table" | "images";

interface Setting {
  /** Of the command line; empty where it has other words for it. */
  readonly flags: string;
  readonly about: string;
  /** What it may be, by the kind of problem; a kind that is not here does not know it. */
  readonly table?: z.ZodType;
  readonly images?: z.ZodType;
}

const name = z.string("a name").min(1, "a name");
const path = z.string("a path").min(1, "a path");
const MOST = 2 ** 31 - 1;
const many = "a whole number from 1 to 2^31 - 1";
const start = 'xavier or normal:SD, such as "normal:0.1"';
/** The methods of `surmise fit`, of all kinds. */
export const METHODS_OF_FIT = { ...METHODS, ...SAMPLERS, ...ANNEALERS };
/** A key of `METHODS_OF_FIT`. */
export type FitMethod = MethodName | SamplerName | AnnealerName;
const methods = Object.keys(METHODS_OF_FIT) as [FitMethod, ...FitMethod[]];
const flows = Object.keys(FLOWS) as [FlowKind, ...FlowKind[]];
const metrics = Object.keys(METRICS) as [MetricName, ...MetricName[]];
/** "one (what it is), another (what that is)". */
const list = (rows: Readonly<Record<string, { readonly about: string }>>) =>
  Object.entries(rows)
    .map(([row, { about }]) => `${row} (${about})`)
    .join(", ");
const acceptances = Object.entries(SAMPLERS)
  .map(([sampler, { targetAccept }]) => `${sampler} ${targetAccept}`)
  .join(", ");
const formatNames = Object.keys(FORMATS);
const formats = `one or several of ${formatNames.join(", ")}, with commas between`;
const natural = "a whole number of at least 0";
const share = "a number between 0 and 1";
const positive = "a number of at least 0";
const doublings = "a whole number from 1 to 20";
const radius = "ascent, pathfinder, prior, vi, or a radius, such as 2";
const goal = 'a goal, such as "rhat=1.01,ess=400", or one of the two';
const weight = z.number(positive).min(0, positive);
const rates = choice("constant", "falling", "cosine");
const optimisers = choice("adam", "adagrad", "sgd");

/** A setting without a default may be left out; what follows from others is said by its kind. */
export const SETTINGS = {
  model: {
    flags: "",
    about: "a model file, or a model of images",
    table: path,
    images: name.default("vae"),
  },
  data: {
    flags: "--data <name>",
    about:
      "for a model file a CSV, JSON or Parquet file, an NPY or IDX file, or a folder of PNG pictures; else mnist, digits, " +
      "freyface, or an NPY or IDX file or such a folder " +
      "(default: mnist)",
    table: path.optional(),
    images: name.default("mnist"),
  },
  method: {
    flags: "--method <name>",
    about:
      "how a model file is fitted: a method of those below (default: what suits the model, nuts where all latents are " +
      "continuous; it says why)",
    table: choice(...methods).optional(),
  },
  flow: {
    flags: "--flow <kind>",
    about: `of method flow: ${list(FLOWS)} (default: spline)`,
    table: choice(...flows).optional(),
  },
  components: {
    flags: "--components <n>",
    about: "of method mixture: how many normals it has (default: 5)",
    table: count.optional(),
  },
  reason: {
    flags: "",
    about: "why the method was chosen, where none was given",
    table: name.optional(),
  },
  dtype: {
    flags: "",
    about:
      "what is computed in; the model's own, else float64, but float32 where there are networks",
    table: choice("float32", "float64").optional(),
  },
  latents: {
    flags: "--latents <n>",
    about: "elements of a code (default: 20)",
    images: count.default(20),
  },
  hidden: {
    flags: "--hidden <n>",
    about: "hidden units of each network (default: 500)",
    images: count.default(500),
  },
  steps: {
    flags: "--steps <n>",
    about:
      "training steps, or auto: until a guide made from a model file comes to rest, at most 5000 " +
      "(default: auto of a model file, else 10000)",
    table: z.union([z.literal("auto"), count], "auto, or a whole number of at least 1").optional(),
    images: count.default(10_000),
  },
  batch: {
    flags: "--batch <n>",
    about:
      "images per step (default: 100); of a model file, how many elements of the plate with the observations (default: all)",
    table: count.optional(),
    images: count.default(100),
  },
  clip: {
    flags: "--clip <norm>",
    about: "scales gradients down to this norm, of all parameters together (default: as they are)",
    table: rate.optional(),
    images: rate.optional(),
  },
  optimizer: {
    flags: "--optimizer <name>",
    about: "adam, adagrad or sgd (default: adam, whose rate falls where a model file is fitted)",
    table: optimisers.optional(),
    images: optimisers.default("adam"),
  },
  lr: {
    flags: "--lr <rate>",
    about: "learning rate (default: 0.05 of a model file; adam 0.001, adagrad 0.02, sgd 0.0001)",
    table: rate.optional(),
    images: rate.optional(),
  },
  rates: {
    flags: "--rates <name>",
    about:
      "how the learning rate goes on: constant, falling (in equal ratios to a thousandth), or cosine (along half a cosine to " +
      "0) (default: constant; adam of a model file falling)",
    table: rates.optional(),
    images: rates.default("constant"),
  },
  lrWarmup: {
    flags: "--lr-warmup <n>",
    about: "steps over which the learning rate rises in a straight line from 0 (default: none)",
    table: count.optional(),
    images: count.optional(),
  },
  beta: {
    flags: "--beta <weight>",
    about:
      "how often the divergence of the guide from the priors counts (beta-VAE); else than 1 what is trained is no bound " +
      "(default: 1)",
    table: weight.optional(),
    images: weight.optional(),
  },
  betaWarmup: {
    flags: "--beta-warmup <n>",
    about:
      "steps over which that weight rises in a straight line from 0 (KL annealing) (default: none)",
    table: count.optional(),
    images: count.optional(),
  },
  patience: {
    flags: "--patience <n>",
    about:
      "ends the training after so many records without a better one, at the best: by the mean bound since the record before, or " +
      "of images by the bound of a tenth of the training images, at most 1000, that are left out of the training (default: all steps)",
    table: count.optional(),
    images: count.optional(),
  },
  seed: {
    flags: "--seed <n>",
    about: "everything random follows from it (default: 0)",
    table: seed.default(0),
    images: seed.default(0),
  },
  particles: {
    flags: "--particles <k>",
    about: `draws that are weighted, or averaged by vi (default: 10, of ais ${ANNEALING.particles}, of images 1)`,
    table: count.optional(),
    images: count.default(1),
  },
  temperatures: {
    flags: "--temperatures <n>",
    about: `of ais: steps from the priors to the posterior (default: ${ANNEALING.temperatures})`,
    table: count.optional(),
  },
  leapfrogs: {
    flags: "--leapfrogs <n>",
    about: `of ais: leapfrog steps of the trajectory at each temperature (default: ${ANNEALING.leapfrogs})`,
    table: count.optional(),
  },
  averageDraws: {
    flags: "--average-draws <l>",
    about: "average the bound over l draws (default: 1)",
    images: count.default(1),
  },
  kl: {
    flags: "--kl <terms>",
    about:
      "sampled, entropy or closed (default: of images closed, with particles and of a model file sampled)",
    table: choice("sampled", "entropy", "closed").optional(),
    images: choice("sampled", "entropy", "closed").optional(),
  },
  draws: {
    flags: "--draws <n>",
    about:
      "draws from the posterior, of a sampler from each chain (default: 1000, of ais as many as particles)",
    table: z.int(many).min(1, many).max(MOST, many).optional(),
  },
  formats: {
    flags: "--formats <list>",
    about: `files of draws, such as "parquet,csv": ${list(FORMATS)} (default: parquet,zarr)`,
    table: z
      .string(formats)
      .regex(new RegExp(`^(?:(?:${formatNames.join("|")})(?:,(?!$)|$))+$`), formats)
      .default("parquet,zarr"),
  },
  predict: {
    flags: "--predict",
    about:
      "draw data from the fitted model too: posterior predictive checks, leave-one-out (PSIS) and waic, for ArviZ the groups " +
      "posterior_predictive and log_likelihood",
    table: z.boolean("true or false").optional(),
  },
  until: {
    flags: "--until <goal>",
    about:
      'of a sampler: ends once every latent has reached it, such as "rhat=1.01,ess=400", with at most --draws draws of ' +
      "each chain (default then: 10000)",
    table: z
      .string(goal)
      .regex(/^(rhat=1\.\d+(,ess=\d+)?|ess=\d+(,rhat=1\.\d+)?)$/, goal)
      .optional(),
  },
  warmup: {
    flags: "--warmup <n>",
    about: "transitions of each chain before its draws (default: 1000)",
    table: z.int(natural).min(0, natural).optional(),
  },
  chains: {
    flags: "--chains <n>",
    about: "Markov chains of a sampler (default: 4)",
    table: count.optional(),
  },
  targetAccept: {
    flags: "--target-accept <p>",
    about: `mean acceptance that the step size of a sampler is made for (default: ${acceptances})`,
    table: z.number(share).gt(0, share).lt(1, share).optional(),
  },
  maxDepth: {
    flags: "--max-depth <n>",
    about: "of nuts: a trajectory has at most 2^n - 1 steps (default: 10)",
    table: z.int(doublings).min(1, doublings).max(20, doublings).optional(),
  },
  metric: {
    flags: "--metric <name>",
    about: `mass matrix of a sampler: ${list(METRICS)} (default: lowrank up to 64 unconstrained numbers, else diagonal)`,
    table: choice(...metrics).optional(),
  },
  decoder: {
    flags: "--decoder <name>",
    about:
      "bernoulli, gaussian (greys from 0 to 1), or real (real numbers of any size, each a normal whose mean and sd are " +
      "networks) (default: freyface gaussian, else bernoulli)",
    images: choice("bernoulli", "gaussian", "real").optional(),
  },
  init: {
    flags: "--init <rule>",
    about:
      "where chains begin: ascent (uniform between -2 and 2 in unconstrained space, then uphill to where the density is not " +
      "steep), a radius R (uniform between -R and R), pathfinder (where it finds the posterior), prior (its draws), vi (draws " +
      "of the guide that it trains) (default: ascent); of images how weights start: xavier or normal:SD (default: xavier)",
    table: z
      .string(radius)
      .regex(/^(ascent|pathfinder|prior|vi|\d*\.?\d+)$/, radius)
      .optional(),
    images: z
      .string(start)
      .regex(/^(xavier|normal:(?=.*[1-9])\d*\.?\d+(e-?\d+)?)$/, start)
      .default("xavier"),
  },
  decay: {
    flags: "--decay",
    about: "a standard normal prior on the decoder's weights",
    images: z.boolean("true or false").default(false),
  },
  trainImages: {
    flags: "--train-images <n>",
    about: "train on the first n images only",
    images: count.optional(),
  },
  testImages: {
    flags: "--test-images <n>",
    about: "test on the first n images only",
    images: count.optional(),
  },
  recordEvery: {
    flags: "--record-every <n>",
    about:
      "steps between two records of the bound (default: 100, of ais a twentieth of the temperatures)",
    table: count.optional(),
    images: count.default(100),
  },
  nllDraws: {
    flags: "--nll-draws <k>",
    about: "draws of the final likelihood (default: 500)",
    images: count.default(500),
  },
  nllImages: {
    flags: "--nll-images <n>",
    about: "test images of the final likelihood (default: 1000)",
    images: count.default(1000),
  },
} satisfies Readonly<Record<string, Setting>>;

type Table = typeof SETTINGS;

/** The names of the settings that a kind of problem knows. */
export type SettingOf<K extends Kind> = {
  [Name in keyof Table]: Table[Name] extends Readonly<Record<K, z.ZodType>> ? Name : never;
}[keyof Table];

type Shape<K extends Kind> = {
  [Name in SettingOf<K>]: Table[Name] extends Readonly<Record<K, infer Type extends z.ZodType>>
    ? Type
    : never;
};

/** Settings as people give them. */
export type Given<K extends Kind> = z.input<z.ZodObject<Shape<K>, z.core.$strict>>;

/** Settings with their defaults. */
export type Parsed<K extends Kind> = z.output<z.ZodObject<Shape<K>, z.core.$strict>>;

/**
 * The settings of a kind of problem with their defaults.
 *
 * @throws SurmiseError naming each setting that is not known or has a value it cannot have.
 */
export function parse<K extends Kind>(
  kind: K,
  given: unknown,
  nameOf?: (setting: string) => string,
): Parsed<K> {
  const entries = Object.entries<Setting>(SETTINGS).flatMap(([setting, of]) =>
    of[kind] ? [[setting, of[kind]] as const] : [],
  );
  const schema = z.strictObject(Object.fromEntries(entries));
  return parseSettings(schema, given, nameOf) as Parsed<K>;
}
