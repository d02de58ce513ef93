/** The search for the mode of a log density by quasi-Newton ascents, before training. */
import type { Model } from "../../../model/index.ts";
import { initialisations } from "../initialisation.ts";
import type { UnconstrainedSite } from "../layout.ts";
import type { LogDensity } from "../logDensity.ts";
import { wholeDensity } from "../wholeDensity.ts";
import { type Beginning, beginningOf, finiteStarts } from "./beginning.ts";
import { type AscentPoint, ascent } from "./lbfgs.ts";
import { type FoundMode, MOST_ROWS, steepestLatent } from "./mode.ts";
import { isLevel, newtonMode } from "./newton.ts";
import { iterationsWorth } from "./searches.ts";
import type { Turns } from "./turns.ts";

/** Ascents where discrete latents are summed out: kinds may share out the data in many ways, each a mode. */
const ASCENTS_OF_KINDS = 25;
/** Iterations for each of them, most of which are given up soon. */
const ITERATIONS_OF_ASCENT = 180;

/**
 * The highest mode that ascents reach: one from the locations of the priors, or where discrete latents are summed out
 * several, from there and from draws around them. Undefined where none ends at a maximum, and for models that have no
 * log density of all their data, or parameters besides their latents.
 */
export function* searchMode<Data>(
  model: Model<Data, unknown>,
  data: Data,
  jacobian: boolean,
): Turns<FoundMode | undefined> {
  const density = objectiveDensity(model, data, jacobian);
  yield;
  if (density === undefined) return undefined;
  const beginning = beginningOf(density, initialisations(model, data));
  const { scaled, scales } = beginning;
  const modeAt = (point: AscentPoint) => {
    const position = scaled.unscaled(point.position);
    return steepestLatent(density, { position, scales }) === undefined ? point : undefined;
  };
  const worth = Math.ceil(iterationsWorth(density.operations) / ITERATIONS_OF_ASCENT);
  const count = density.summedOut.length > 0 ? Math.min(ASCENTS_OF_KINDS, worth) : 1;
  const starts = finiteStarts(beginning, count);
  const paths = yield* race(
    starts.map((end) => ({ path: ascent(scaled, end), end, ended: false })),
  );
  for (const { end } of paths) {
    let mode = modeAt(offSaddle(beginning, end));
    if (mode === undefined && density.dimension <= MOST_ROWS) {
      // Where latents are correlated to 12 digits a quasi-Newton ascent comes to rest before the mode.
      const found = yield* newtonMode(scaled, end);
      mode = found && modeAt(found.point);
    }
    if (mode === undefined) continue;
    const position = scaled.unscaled(mode.position);
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

/** How far beside the end of an ascent another one begins, in units of the priors, and what that must gain, in nats. */
const [BESIDE, GAIN] = [1e-3, 0.1];

/**
 * Where an ascent from beside the end of another one ends, if that is higher: from the locations of the priors, where the
 * density may be symmetric, an ascent may end at a saddle point between modes that are alike.
 */
function offSaddle({ scaled, noise }: Beginning, end: AscentPoint): AscentPoint {
  if (!isLevel(end)) return end;
  const beside = scaled.at(end.position.map((x, i) => x + BESIDE * noise[0][i]));
  let last = beside;
  for (const point of ascent(scaled, beside)) last = point;
  return last.value > end.value + GAIN ? last : end;
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
function* race(all: readonly Runner[]): Turns<readonly Runner[]> {
  const byValue = (a: Runner, b: Runner) => b.end.value - a.end.value;
  let left = all;
  for (let length = FIRST_ROUND; left.some(({ ended }) => !ended); length *= 2) {
    for (const runner of left) yield* advance(runner, length);
    left = [...left].sort(byValue).slice(0, Math.ceil(left.length / 2));
  }
  return [...all].sort(byValue);
}

function* advance(runner: Runner, iterations: number): Turns<void> {
  for (let k = 0; k < iterations && !runner.ended; k++) {
    const { done, value } = runner.path.next();
    if (done) runner.ended = true;
    else runner.end = value;
    yield;
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
