/** Whether there are draws from the prior. */
import { SurmiseError } from "../../tensor/internal.ts";
import type { LogDensity } from "./logDensity.ts";

/** Whether all latents can be drawn from their priors: an improper one has no draws. */
export function hasPriorDraws(density: LogDensity): boolean {
  try {
    density.drawPrior(0);
    return true;
  } catch (cause) {
    if (cause instanceof SurmiseError) return false;
    throw cause;
  }
}
