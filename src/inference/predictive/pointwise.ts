/** Observations one by one, over all sites. */
import {
  checkArguments,
  labelsAt,
  NUMBER,
  OBJECT,
  objectWith,
  sizeOf,
} from "../../tensor/internal.ts";
import type { LogLikelihoodDraws } from "../evaluation/leaveOneOut.ts";
import { checkCount } from "../evaluation/summary.ts";
import { type Observation, type Observations, observationOf } from "./observations.ts";
import type { PredictiveDraws } from "./posteriorPredictive.ts";

/** Where an observation stands. */
export interface ObservationName {
  /** The observed site. */
  readonly site: string;
  /** Its labels, or places, along the plates of the site. */
  readonly element: readonly string[];
}

/** The log likelihood of observations, one by one. */
export interface Pointwise extends LogLikelihoodDraws {
  /** Which they are, in order. */
  readonly names: readonly ObservationName[];
  /** The place of each along the plates of its site, row-major. */
  readonly places: readonly number[];
}

/**
 * The log likelihood of each observation at each draw, site after site, as `leaveOneOut` and `waic` take it: without
 * what is masked or inferred.
 *
 * @param of as `logLikelihood` makes it
 * @param observations as `observationsOf` makes them, of the same model and data
 */
export function pointwise(of: PredictiveDraws, observations: Observations): Pointwise {
  checkArguments("pointwise", { of }, objectWith({ draws: NUMBER, sites: OBJECT }));
  checkArguments("pointwise", { observations }, OBJECT);
  const { draws, chains = 1, sites } = of;
  const parts = Object.entries(sites).map(([site, { data }]) => {
    const observation = observationOf("pointwise", observations, site);
    const { plates } = observation;
    checkCount("pointwise", site, data, draws * sizeOf(plates));
    const seen = seenPlates(observation);
    return { site, data, plates, seen, size: data.length / draws };
  });
  const count = parts.reduce((sum, { seen }) => sum + seen.length, 0);
  const values = new Float64Array(draws * count);
  let column = 0;
  for (const { data, seen, size } of parts) {
    for (let d = 0; d < draws; d++) {
      for (let i = 0; i < seen.length; i++) {
        values[d * count + column + i] = data[d * size + seen[i]];
      }
    }
    column += seen.length;
  }
  const places = parts.flatMap(({ seen }) => seen);
  const names = parts.flatMap(({ site, plates, seen }) =>
    [...seen].map((i) => ({ site, element: labelsAt(plates, i) })),
  );
  return { values, chains, draws: draws / chains, observations: count, names, places };
}

/** The places along the plates, row-major, of observations some number of which counts. */
function seenPlates({ plates, data, counts }: Observation): readonly number[] {
  const size = sizeOf(plates);
  const inner = data.length / size;
  return Array.from({ length: size }, (_, i) => i).filter((i) =>
    counts.subarray(i * inner, (i + 1) * inner).some((x) => x !== 0),
  );
}
