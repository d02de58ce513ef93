/** Leave-one-out probability integral transforms: where each observation lies among its predictions. */
import { checkArguments, NUMBER, OBJECT, objectWith, sizeOf } from "../../tensor/internal.ts";
import { type LeaveOneOut, leaveOneOutBy } from "../evaluation/leaveOneOut.ts";
import { checkCount } from "../evaluation/summary.ts";
import { type Observations, observationOf } from "./observations.ts";
import { type Pointwise, pointwise } from "./pointwise.ts";
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
 * For each observation the share of its predictions that lie below it, weighed as in `leaveOneOut` so that it is left out
 * (LOO-PIT; Gabry et al. 2019, section 6). Of counts and other values that are met exactly, a place among the equal ones is taken, the
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
  for (const site of Object.keys(predictive.sites)) {
    const { plates } = observationOf("looPit", observations, site);
    const nats = likelihood.sites[site]?.data ?? [];
    checkCount("looPit: the likelihood", site, nats, predictive.draws * sizeOf(plates));
  }
  const each = pointwise(likelihood, observations);
  return each.observations === 0 ? [] : leaveOneOutAndPit(predictive, each, observations).pit;
}

/** What `leaveOneOut` says of observations, and `looPit`, by the same weights. */
export function leaveOneOutAndPit(
  predictive: PredictiveDraws,
  each: Pointwise,
  observations: Observations,
): { readonly loo: LeaveOneOut; readonly pit: SitePit[] } {
  const { draws, sites } = predictive;
  const predicted = new Map<string, number[]>();
  for (const [site, { data: drawn }] of Object.entries(sites)) {
    const { data, censored, axes, plates } = observationOf("looPit", observations, site);
    checkCount("looPit", site, drawn, draws * data.length);
    if (censored === undefined && axes.length === plates.length) predicted.set(site, []);
  }
  const loo = leaveOneOutBy(each, (observation, logWeights) => {
    const { site } = each.names[observation];
    const found = predicted.get(site);
    if (found === undefined) return;
    const { data } = observations[site];
    const place = each.places[observation];
    let [below, equal] = [0, 0];
    logWeights.forEach((logWeight, d) => {
      const y = sites[site].data[d * data.length + place];
      if (y < data[place]) below += Math.exp(logWeight);
      else if (y === data[place]) equal += Math.exp(logWeight);
    });
    found.push(below + spreadOut(found.length) * equal);
  });
  const pit = [...predicted].flatMap(([site, found]) => {
    const values = Float64Array.from(found);
    return values.length === 0 ? [] : [{ site, values, distance: distanceOf(values) }];
  });
  return { loo, pit };
}

/** Numbers in (0, 1) that lie evenly in every stretch (golden ratio). */
const spreadOut = (i: number) => ((i + 1) * 0.6180339887498949) % 1;

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
