/** The search for the mode of a log density by quasi-Newton ascents, before training. */
import type { Model } from "../../../model/index.ts";
import { paramStore } from "../../../model/index.ts";
import { SurmiseError } from "../../../tensor/index.ts";
import { initialisations } from "../../guides/initialisation.ts";
import type { UnconstrainedSite } from "../layout.ts";
import { LogDensity } from "../logDensity.ts";
import { beginningOf, finiteStarts } from "./beginning.ts";
import { type AscentPoint, ascent } from "./lbfgs.ts";
import { type FoundMode, steepestLatent } from "./mode.ts";

/** Numbers of a position at most, as ascents stop after a thousand iterations. */
const MOST_NUMBERS = 20_000;
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
  const density = wholeDensity(model, data, jacobian);
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
    const position = scaled.unscaled(end.position);
    if (steepestLatent(density, { position, scales }) !== undefined) continue;
    const siteOf = (latent: string) =>
      density.sites.find(({ name }) => name === latent) as UnconstrainedSite;
    return {
      of(latent) {
        const { offset, size } = siteOf(latent);
        return position.slice(offset, offset + size);
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
function wholeDensity<Data>(
  model: Model<Data, unknown>,
  data: Data,
  jacobian: boolean,
): LogDensity | undefined {
  const densityWith = (isUnconstrained: boolean) =>
    new LogDensity(model as Model<unknown, unknown>, data, {
      parameters: paramStore(),
      jacobian: isUnconstrained,
    });
  try {
    const given = densityWith(jacobian);
    const density = jacobian && given.summedOut.length > 0 ? densityWith(false) : given;
    const { dimension, trace, parameters } = density;
    const isWhole = trace.observed.every(({ plates }) =>
      plates.every((plate) => plate.total === plate.axis.size),
    );
    const fits = dimension > 0 && dimension <= MOST_NUMBERS && parameters.list().length === 0;
    return isWhole && fits ? density : undefined;
  } catch (cause) {
    if (cause instanceof SurmiseError) return undefined;
    throw cause;
  }
}
