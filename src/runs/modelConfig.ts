/** What determines the fit of a model file: same settings, same file, same data, same bits. */
import { z } from "zod";
import { METHODS, type MethodName } from "../inference/index.ts";
import { choice, count, parseSettings, rate, seed } from "./settings.ts";

const names = Object.keys(METHODS) as [MethodName, ...MethodName[]];

const settings = z.strictObject({
  /** The path of a TypeScript or JavaScript file. */
  model: z.string("a path").min(1, "a path"),
  /** The path of a table; the model may need none. */
  data: z.string("a path").min(1, "a path").optional(),
  method: choice(...names).default("vi"),
  /** The method's own number unless given. */
  particles: count.optional(),
  steps: count.default(5000),
  /** The rate at the start, in widths of the priors; it falls to a thousandth. */
  lr: rate.default(0.05),
  seed: seed.default(0),
  /** Draws from the posterior, for the summary and the files. */
  draws: count.default(1000),
  /** Steps from one record of the bound to the next. */
  recordEvery: count.default(100),
});

/** Settings as people give them. */
export type ModelSettings = z.input<typeof settings>;

/** Settings with nothing left open; no `data` means none. */
export type ModelConfig = Omit<z.output<typeof settings>, "particles"> & {
  readonly particles: number;
};

/** The names of all settings. */
export const modelSettingNames: readonly string[] = Object.keys(settings.shape);

/**
 * The settings with all defaults filled in. `nameOf` says what to call a setting in messages.
 *
 * @throws SurmiseError naming each setting that is not known or has a value it cannot have.
 */
export function modelConfig(given: unknown, nameOf?: (setting: string) => string): ModelConfig {
  const config = parseSettings(settings, given, nameOf);
  return { ...config, particles: config.particles ?? METHODS[config.method].k };
}
