/** Data held against data that the fitted model would make (posterior predictive checks). */
import { checkArguments, NUMBER, OBJECT, objectWith } from "../../tensor/internal.ts";
import { checkCount } from "../evaluation/summary.ts";
import { meanOf, sdOf } from "../statistics/moments.ts";
import { quantileOf } from "../statistics/quantile.ts";
import { type Observation, type Observations, observationOf } from "./observations.ts";
import type { PredictiveDraws } from "./posteriorPredictive.ts";

/** A statistic of the data of a site, beside that of each draw. */
export interface StatisticCheck {
  /** The observed site. */
  readonly site: string;
  /** Which statistic, of all its values together. */
  readonly statistic: StatisticName;
  /** That of the data. */
  readonly data: number;
  /** The 5% quantile of that of the draws. */
  readonly q5: number;
  /** The 50% quantile. */
  readonly median: number;
  /** The 95% quantile. */
  readonly q95: number;
  /** The share of the draws that lie above the data, and half of those equal to it (Bayesian p-value). */
  readonly pValue: number;
}

/** How many data lie in the central intervals of their own draws. */
export interface Coverage {
  /** The observed site. */
  readonly site: string;
  /** How many data there are. */
  readonly elements: number;
  /** The share in the central 50% interval. */
  readonly half: number;
  /** The share in the central 90% interval. */
  readonly most: number;
}

/** The posterior of a model held against its data. */
export interface PosteriorCheck {
  /** Mean, sd, least and largest of the data of each site. */
  readonly statistics: readonly StatisticCheck[];
  /** By site. */
  readonly coverage: readonly Coverage[];
  /** Reasons to think the model over, with what to do. */
  readonly warnings: readonly string[];
}

const STATISTICS = {
  mean: meanOf,
  sd: sdOf,
  min: (x: Float64Array) => x.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
  max: (x: Float64Array) => x.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
};

/** A statistic that is compared. */
export type StatisticName = keyof typeof STATISTICS;

/** A p-value below it, or above one minus it, is told. */
const EXTREME = 0.01;

/**
 * Compares the data with draws that the fitted model would make alike (Gelman, Meng and Stern, "Posterior predictive
 * assessment of model fitness via realized discrepancies", Statistica Sinica 6, 1996): mean, sd, least and largest,
 * and how many data lie inside intervals of their draws. A p-value near 0 or 1 means that the model does not make data
 * like these in that respect; the data having been used for the fit, p-values are nearer to 1/2 than by chance. Sites
 * that are seen with censoring are left out, as their draws are not.
 *
 * @param predictive as `posteriorPredictive` makes it
 * @param observations as `observationsOf` makes them, of the same model and data
 */
export function posteriorCheck(
  predictive: PredictiveDraws,
  observations: Observations,
): PosteriorCheck {
  checkArguments("posteriorCheck", { predictive }, objectWith({ draws: NUMBER, sites: OBJECT }));
  checkArguments("posteriorCheck", { observations }, OBJECT);
  const { draws, sites } = predictive;
  const statistics: StatisticCheck[] = [];
  const coverage: Coverage[] = [];
  const warnings: string[] = [];
  for (const [site, { data: drawn }] of Object.entries(sites)) {
    const observation = observationOf("posteriorCheck", observations, site);
    checkCount("posteriorCheck", site, drawn, draws * observation.data.length);
    const places = placesOf(observation);
    if (places.length === 0) continue;
    if (observation.censored !== undefined) {
      warnings.push(
        `'${site}' is seen with censoring, its draws without: they are not compared with the data`,
      );
      continue;
    }
    const bad = notFinite(drawn);
    if (bad > 0) {
      warnings.push(
        `${bad} of ${drawn.length} predictions of '${site}' are infinite or not a number: they are not compared with the data`,
      );
      continue;
    }
    const own = statisticsOf(site, observation, places, drawn, draws);
    statistics.push(...own);
    coverage.push(coverageOf(site, observation, places, drawn, draws));
    warnings.push(...own.flatMap(extreme));
  }
  return { statistics, coverage, warnings };
}

function statisticsOf(
  site: string,
  { data }: Observation,
  places: readonly number[],
  drawn: Float64Array,
  draws: number,
): StatisticCheck[] {
  const size = data.length;
  const names = Object.keys(STATISTICS) as StatisticName[];
  const own = Float64Array.from(places, (at) => data[at]);
  const those = names.map(() => new Float64Array(draws));
  const values = new Float64Array(places.length);
  for (let d = 0; d < draws; d++) {
    for (let i = 0; i < places.length; i++) values[i] = drawn[d * size + places[i]];
    names.forEach((name, k) => {
      those[k][d] = STATISTICS[name](values);
    });
  }
  return names
    .filter((name) => name !== "sd" || places.length > 1)
    .map((statistic) => {
      const of = those[names.indexOf(statistic)].sort();
      const here = STATISTICS[statistic](own);
      const above = of.reduce((count, x) => count + (x > here ? 1 : x === here ? 0.5 : 0), 0);
      return {
        ...{ site, statistic, data: here },
        q5: quantileOf(of, 0.05),
        median: quantileOf(of, 0.5),
        q95: quantileOf(of, 0.95),
        pValue: above / draws,
      };
    });
}

function coverageOf(
  site: string,
  { data }: Observation,
  places: readonly number[],
  drawn: Float64Array,
  draws: number,
): Coverage {
  const size = data.length;
  const values = new Float64Array(draws);
  let [half, most] = [0, 0];
  for (const at of places) {
    for (let d = 0; d < draws; d++) values[d] = drawn[d * size + at];
    values.sort();
    const inside = (p: number) =>
      data[at] >= quantileOf(values, (1 - p) / 2) && data[at] <= quantileOf(values, (1 + p) / 2);
    half += Number(inside(0.5));
    most += Number(inside(0.9));
  }
  return { site, elements: places.length, half: half / places.length, most: most / places.length };
}

function extreme({ site, statistic, data, q5, q95, pValue }: StatisticCheck): string[] {
  if (pValue >= EXTREME && pValue <= 1 - EXTREME) return [];
  const side = pValue < 0.5 ? "above" : "below";
  const what = { mean: "mean", sd: "standard deviation", min: "least value", max: "largest value" };
  return [
    `the ${what[statistic]} of '${site}' is ${short(data)}, ${side} those of nearly all data that the fitted model makes ` +
      `(90% interval ${short(q5)} to ${short(q95)}): ${REMEDIES[statistic]}`,
  ];
}

const REMEDIES: Readonly<Record<StatisticName, string>> = {
  mean: "a prior holds the level away from the data, or a covariate or a group is missing",
  sd: "look for spread of another size than the likelihood has (groups, overdispersion, heavier tails)",
  min: "look for outliers, heavier tails, an end of the range or too many zeros",
  max: "look for outliers, heavier tails or an end of the range",
};

const short = (x: number) => String(Number(x.toPrecision(3)));

function placesOf({ counts }: Observation): readonly number[] {
  return Array.from(counts, (_, at) => at).filter((at) => counts[at] !== 0);
}

function notFinite(values: Float64Array): number {
  return values.reduce((count, x) => count + Number(!Number.isFinite(x)), 0);
}
