/** What determines the fit of a model file: same settings, same file, same data, same bits. */
import { METHODS } from "../../inference/index.ts";
import { type Given, type Parsed, parse } from "../settings.ts";

/** Settings as people give them. */
export type ModelSettings = Given<"table">;

/** Settings with nothing left open; no `data` means none. */
export type ModelConfig = Omit<Parsed<"table">, "particles" | "lr"> & {
  readonly particles: number;
  readonly lr: number;
};

/** The initial learning rate, in prior standard deviations where the guide is automatic. */
const RATES = { adam: 0.05, adagrad: 0.05, sgd: 0.0001 } as const;

/**
 * The settings with all defaults filled in. `nameOf` says what to call a setting in messages.
 *
 * @throws SurmiseError naming each setting that is not known or has a value it cannot have.
 */
export function modelConfig(given: unknown, nameOf?: (setting: string) => string): ModelConfig {
  const config = parse("table", given, nameOf);
  const { particles = METHODS[config.method].k, lr = RATES[config.optimizer] } = config;
  return { ...config, particles, lr };
}
