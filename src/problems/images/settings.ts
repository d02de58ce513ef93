/** What determines an image run: same settings, same bits. */
import { checkArguments, FUNCTION, SurmiseError } from "../../tensor/internal.ts";
import { type Given, type Parsed, parse } from "../settings.ts";

/** Settings as people give them. */
export type ImageSettings = Given<"images">;

/** Settings with nothing left open; no `trainImages` or `testImages` means all of them. */
export type ImageConfig = Omit<Parsed<"images">, "lr" | "kl" | "decoder"> & {
  readonly [K in "lr" | "kl" | "decoder"]: NonNullable<Parsed<"images">[K]>;
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
  checkArguments("imageConfig", { nameOf }, FUNCTION);
  const config = parse("images", given, nameOf);
  const { averageDraws, particles, kl = particles > 1 ? "sampled" : "closed" } = config;
  if (averageDraws > 1 && particles > 1) {
    throw new SurmiseError(
      `${nameOf("averageDraws")} ${averageDraws} averages draws and ${nameOf("particles")} ` +
        `${particles} weights them: give one of the two`,
    );
  }
  if (particles > 1 && kl !== "sampled") {
    throw new SurmiseError(
      `${nameOf("particles")} ${particles} needs the weight of each draw, which ${nameOf("kl")} ` +
        `${kl} has not: use ${nameOf("kl")} sampled, or ${nameOf("averageDraws")} ${particles}`,
    );
  }
  if (particles > 1 && (config.beta ?? config.betaWarmup) !== undefined) {
    throw new SurmiseError(
      `${nameOf(config.beta === undefined ? "betaWarmup" : "beta")} weighs the divergence, which an importance-weighted bound ` +
        `has not: leave it out, or use ${nameOf("averageDraws")} ${particles}`,
    );
  }
  const {
    lr = RATES[config.optimizer],
    decoder = config.data === "freyface" ? "gaussian" : "bernoulli",
  } = config;
  return { ...config, lr, decoder, kl };
}
