/** What determines an image run: same settings, same bits. */
import { z } from "zod";
import { SurmiseError } from "../tensor/index.ts";
import { choice, count, parseSettings, rate, seed } from "./settings.ts";

const start = 'xavier or normal:SD, such as "normal:0.1"';

/** Each setting with the words for what it may be; those without a default may be left out. */
const settings = z.strictObject({
  /** A data set's name, or the path of an NPY or IDX file of images. */
  data: z.string("a name").min(1, "a name").default("mnist"),
  model: z.string("a name").min(1, "a name").default("vae"),
  latents: count.default(20),
  hidden: count.default(500),
  steps: count.default(10_000),
  /** Images per step. */
  batch: count.default(100),
  optimizer: choice("adam", "adagrad", "sgd").default("adam"),
  lr: rate.optional(),
  seed: seed.default(0),
  /** Draws whose bounds are averaged. */
  samples: count.default(1),
  /** Draws that are importance-weighted. */
  particles: count.default(1),
  kl: choice("sampled", "closed").optional(),
  decoder: choice("bernoulli", "gaussian").optional(),
  /** How weights start: Xavier's rule with zero biases, or all from a normal distribution. */
  init: z
    .string(start)
    .regex(/^(xavier|normal:(?=.*[1-9])\d*\.?\d+(e-?\d+)?)$/, start)
    .default("xavier"),
  /** A standard normal prior on the generative parameters. */
  decay: z.boolean("true or false").default(false),
  /** Use only the first of the images. */
  trainImages: count.optional(),
  testImages: count.optional(),
  /** Steps from one record of the bound to the next. */
  recordEvery: count.default(100),
  /** Importance-weighted draws per image, and images, of the final negative log-likelihood. */
  nllDraws: count.default(500),
  nllImages: count.default(1000),
});

/** Settings as people give them. */
export type ImageSettings = z.input<typeof settings>;

type Parsed = z.output<typeof settings>;

/** Settings with nothing left open; no `trainImages` or `testImages` means all of them. */
export type ImageConfig = Omit<Parsed, "lr" | "kl" | "decoder"> & {
  readonly [K in "lr" | "kl" | "decoder"]: NonNullable<Parsed[K]>;
};

const RATES = { adam: 0.001, adagrad: 0.02, sgd: 0.0001 } as const;

/**
 * The settings with all defaults filled in. `nameOf` says what to call a setting in messages.
 *
 * @throws SurmiseError naming each setting that is not known or has a value it cannot have, and for
 * settings that exclude one another.
 */
export function imageConfig(
  given: unknown,
  nameOf: (setting: string) => string = (setting) => setting,
): ImageConfig {
  const config = parseSettings(settings, given, nameOf);
  const { samples, particles, kl = particles > 1 ? "sampled" : "closed" } = config;
  if (samples > 1 && particles > 1) {
    throw new SurmiseError(
      `${nameOf("samples")} ${samples} averages draws and ${nameOf("particles")} ${particles} ` +
        "weights them: give one of the two",
    );
  }
  if (particles > 1 && kl === "closed") {
    throw new SurmiseError(
      `${nameOf("particles")} ${particles} needs the weight of each draw, which ${nameOf("kl")} ` +
        `closed has not: use ${nameOf("kl")} sampled, or ${nameOf("samples")} ${particles}`,
    );
  }
  const {
    lr = RATES[config.optimizer],
    decoder = config.data === "freyface" ? "gaussian" : "bernoulli",
  } = config;
  return { ...config, lr, decoder, kl };
}

/** The names of all settings. */
export const settingNames: readonly string[] = Object.keys(settings.shape);
