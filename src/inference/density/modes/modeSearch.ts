/** The search for the mode of a log density by quasi-Newton ascents, before training. */
import type { Model } from "../../../model/index.ts";
import { initialisations } from "../../guides/initialisation.ts";
import type { UnconstrainedSite } from "../layout.ts";
import type { LogDensity } from "../logDensity.ts";
import { wholeDensity } from "../wholeDensity.ts";
import { beginningOf, finiteStarts } from "./beginning.ts";
import { type AscentPoint, ascent } from "./lbfgs.ts";
import { type FoundMode, MOST_ROWS, steepestLatent } from "./mode.ts";
import { newtonMode } from "./newton.ts";

/** Ascents where discrete latents are summed out: kinds may share out the data in many ways, each a mode. */
const ASCENTS_OF_KINDS = 25;

/**
 * The highest mode that ascents reach: one from the locations of the priors, or where discrete latents are summed out
 * several, from there and from draws around them. Undefined where none ends at a maximum, and for models that have no
 * log density of all their data, or parameters besides their latents.
 */
export function searchMode<Data>(
  model: Model<Data, unknown>,
  data: Data,
  jacobian: boolean,
): FoundMode | undefined {
  const density = objectiveDensity(model, data, jacobian);
  if (density === undefined) return undefined;
  const beginning = beginningOf(density, initialisations(model, data));
  const { scaled, scales } = beginning;
  const count = density.summedOut.length > 0 ? ASCENTS_OF_KINDS : 1;
  const paths = finiteStarts(beginning, count).map((start) => ({
    path: ascent(scaled, start),
    end: start,
    ended: false,
  }));
  for (const { end } of race(paths)) {
    const modeAt = (point: AscentPoint) => {
      const position = scaled.unscaled(point.position);
      return steepestLatent(density, { position, scales }) === undefined ? position : undefined;
    };
    let position = modeAt(end);
    if (position === undefined && density.dimension <= MOST_ROWS) {
      // Where latents are correlated to 12 digits a quasi-Newton ascent comes to rest before the mode.
      const mode = newtonMode(scaled, end);
      position = mode && modeAt(mode.point);
    }
    if (position === undefined) continue;
    const found = position;
    const siteOf = (latent: string) =>
      density.sites.find(({ name }) => name === latent) as UnconstrainedSite;
    return {
      of(latent) {
        const { offset, size } = siteOf(latent);
        return found.slice(offset, offset + size);
      },
    };
  }
  return undefined;
}

/** An ascent on its way. */
interface Runner {
  readonly path: Iterator<AscentPoint>;
  end: AscentPoint;
  ended: boolean;
}

/** Iterations before the first ascents are given up. */
const FIRST_ROUND = 25;

/**
 * The ascents, best first, once the one that leads has ended: after each round, of twice as many iterations as the one
 * before, the lower half is given up (successive halving: Jamieson and Talwalkar, AISTATS 2016).
 */
function race(all: readonly Runner[]): readonly Runner[] {
  const byValue = (a: Runner, b: Runner) => b.end.value - a.end.value;
  let left = all;
  for (let length = FIRST_ROUND; left.some(({ ended }) => !ended); length *= 2) {
    for (const runner of left) advance(runner, length);
    left = [...left].sort(byValue).slice(0, Math.ceil(left.length / 2));
  }
  return [...all].sort(byValue);
}

function advance(runner: Runner, iterations: number): void {
  for (let k = 0; k < iterations && !runner.ended; k++) {
    const { done, value } = runner.path.next();
    if (done) runner.ended = true;
    else runner.end = value;
  }
}

/** The log density that `densityObjective` has, of a model that is nothing but latents and all their data. */
function objectiveDensity<Data>(
  model: Model<Data, unknown>,
  data: Data,
  jacobian: boolean,
): LogDensity | undefined {
  const given = wholeDensity(model, data, { jacobian });
  const isAlike = jacobian && given !== undefined && given.summedOut.length > 0;
  return isAlike ? wholeDensity(model, data, { jacobian: false }) : given;
}
