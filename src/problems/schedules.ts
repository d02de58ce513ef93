/** What settings say of how a training goes on: its learning rate, and the weight of the divergence. */
import { fallingRate } from "../inference/internal.ts";
import { constantRate, cosineRate, type Rate, type Schedule, warmUp } from "../optim/index.ts";
import { checkArguments, NUMBER, objectWith, SurmiseError } from "../tensor/internal.ts";

/** The learning rate of so many steps. */
export function rateOf(
  config: {
    readonly lr: number;
    readonly rates: "constant" | "falling" | "cosine";
    readonly lrWarmup?: number | undefined;
  },
  steps: number,
): Rate {
  checkArguments("rateOf", { config }, objectWith({ lr: NUMBER }));
  const { lr, rates, lrWarmup } = config;
  if (lrWarmup !== undefined && lrWarmup >= steps) {
    throw new SurmiseError(
      `the learning rate rises over ${lrWarmup} steps, but there are ${steps} in all: take a shorter warm-up, or more steps`,
    );
  }
  if (rates === "cosine") {
    return cosineRate(lr, { updates: steps, ...(lrWarmup && { warmUp: lrWarmup }) });
  }
  const rate = rates === "falling" ? fallingRate(lr, steps) : lr;
  return lrWarmup === undefined ? rate : warmUp(rate, lrWarmup);
}

/** The weight of the divergence, if there is a setting of it. */
export function betaOf(config: {
  readonly beta?: number | undefined;
  readonly betaWarmup?: number | undefined;
}): Schedule | undefined {
  checkArguments("betaOf", { config }, objectWith({}));
  const { beta, betaWarmup } = config;
  if (betaWarmup !== undefined) return warmUp(beta ?? 1, betaWarmup);
  return beta === undefined ? undefined : constantRate(beta);
}
