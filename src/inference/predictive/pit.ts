/** Leave-one-out probability integral transforms: where each observation lies among its predictions. */
import { checkArguments, NUMBER, OBJECT, objectWith } from "../../tensor/internal.ts";
import { essOfLikelihood } from "../evaluation/leaveOneOut.ts";
import { checkCount } from "../evaluation/summary.ts";
import { paretoSmooth } from "../statistics/psis.ts";
import { type Observations, observationOf } from "./observations.ts";
import type { PredictiveDraws } from "./posteriorPredictive.ts";

/** Where the observations of a site lie among predictions made without them. */
export interface SitePit {
  /** The observed site. */
  readonly site: string;
  /** P(y' <= y_i | the other observations) of each: uniform between 0 and 1 if the model is right. */
  readonly values: Float64Array;
  /** The largest distance of their distribution from the uniform one, in units of its 1% point: above 1 is too far. */
  readonly distance: number;
}

/**
 * For each observation the share of its predictions that lie below it, weighed so that it is left out (LOO-PIT; Gabry
 * et al. 2019, section 6). Of counts and other values that are met exactly, a place among the equal ones is taken, the
 * same at each call. Sites with event axes, which predict several numbers at once, and those seen with censoring are
 * left out.
 *
 * @param predictive as `posteriorPredictive` makes it, at the same draws as `likelihood`
 * @param likelihood as `logLikelihood` makes it
 * @param observations as `observationsOf` makes them, of the same model and data
 */
export function looPit(
  predictive: PredictiveDraws,
  likelihood: PredictiveDraws,
  observations: Observations,
): SitePit[] {
  const kind = objectWith({ draws: NUMBER, sites: OBJECT });
  checkArguments("looPit", { predictive, likelihood }, kind);
  checkArguments("looPit", { observations }, OBJECT);
  const { draws, chains = 1 } = predictive;
  return Object.entries(predictive.sites).flatMap(([site, { data: drawn }]) => {
    const { data, counts, censored, axes, plates } = observationOf("looPit", observations, site);
    checkCount("looPit", site, drawn, draws * data.length);
    if (censored !== undefined || axes.length !== plates.length) return [];
    const nats = likelihood.sites[site]?.data ?? [];
    checkCount("looPit: the likelihood", site, nats, drawn.length);
    const size = data.length;
    const found: number[] = [];
    for (let i = 0; i < size; i++) {
      if (counts[i] === 0) continue;
      const each = Float64Array.from({ length: draws }, (_, d) => nats[d * size + i]);
      const { logWeights } = paretoSmooth(
        each.map((x) => -x),
        efficiencyOf(each, chains),
      );
      let [below, equal] = [0, 0];
      for (let d = 0; d < draws; d++) {
        const weight = Math.exp(logWeights[d]);
        const y = drawn[d * size + i];
        if (y < data[i]) below += weight;
        else if (y === data[i]) equal += weight;
      }
      found.push(below + spreadOut(found.length) * equal);
    }
    const values = Float64Array.from(found);
    return values.length === 0 ? [] : [{ site, values, distance: distanceOf(values) }];
  });
}

/** Numbers in (0, 1) that lie evenly in every stretch (golden ratio). */
const spreadOut = (i: number) => ((i + 1) * 0.6180339887498949) % 1;

function efficiencyOf(each: Float64Array, chains: number): number {
  if (each.length < 8 * chains) return 1;
  const worth = essOfLikelihood(each, chains) / each.length;
  return worth > 0 ? worth : 1;
}

/** Of the statistic of Kolmogorov and Smirnov, in large samples. */
const ONE_PERCENT = 1.628;

function distanceOf(values: Float64Array): number {
  const n = values.length;
  const sorted = values.slice().sort();
  const largest = sorted.reduce(
    (d, x, i) => Math.max(d, Math.abs((i + 1) / n - x), Math.abs(x - i / n)),
    0,
  );
  return (largest * (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n))) / ONE_PERCENT;
}
