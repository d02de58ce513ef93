/** Failures of chains in the words of the model. */
import { SurmiseError } from "../../tensor/internal.ts";
import { latentAt } from "../density/layout.ts";
import type { LogDensity } from "../density/logDensity.ts";
import { ImproperPosterior, NotContinuous, Stuck } from "./failures.ts";

/**
 * What a chain threw at a position, as an error for people.
 *
 * @throws SurmiseError that names the site to look at; anything but a failure of chains as it is.
 */
export function explainFailure(
  error: unknown,
  density: LogDensity,
  position: Float64Array,
  chain: number,
): never {
  const where = `chain ${chain + 1}`;
  if (error instanceof ImproperPosterior) {
    throw improper(
      density,
      extremeOf(density.gradient(position), (a, b) => a < b),
    );
  }
  if (error instanceof NotContinuous || error instanceof Stuck) {
    const site = latentAt(
      density,
      extremeOf(density.gradient(position), (a, b) => a > b),
    );
    const what =
      error instanceof Stuck
        ? `it cannot move: ${error.message}`
        : "no step is small enough to be accepted: the log density jumps, or its gradient is not its own";
    throw new SurmiseError(
      `${where}: ${what}. The log density is steepest along latent '${site}': look for a value at the edge of ` +
        "its support, for select and rounding in what depends on it, and for scales that are orders of magnitude " +
        "apart; or begin elsewhere (init), or warm up for longer",
    );
  }
  throw error;
}

/** The refusal of a posterior that does not fall along an element of the position. */
export function improper(density: LogDensity, element: number): SurmiseError {
  return new SurmiseError(
    "the posterior is improper: its log density does not fall along latent " +
      `'${latentAt(density, element)}', however far a chain goes: give it a proper prior, or data that tell of it`,
  );
}

/** Where the gradient has the extreme absolute value. */
function extremeOf(gradient: Float64Array, isMore: (a: number, b: number) => boolean): number {
  let found = 0;
  gradient.forEach((g, i) => {
    if (isMore(Math.abs(g), Math.abs(gradient[found]))) found = i;
  });
  return found;
}
