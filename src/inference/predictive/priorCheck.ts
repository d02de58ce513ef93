/** What the priors of a model say of its data, before it is fitted. */
import type { Model } from "../../model/index.ts";
import { modelDoubts } from "../../model/internal.ts";
import { checkArguments, FUNCTION, sizeOf } from "../../tensor/internal.ts";
import type { SiteDraws } from "../posterior/posteriorDraws.ts";
import { type Observation, observationsOf, traceUnknown } from "./observations.ts";
import {
  PRIOR_PREDICTIVE_OPTIONS,
  type PriorDraws,
  type PriorPredictiveOptions,
  priorPredictive,
} from "./priorPredictive.ts";
import { type Spread, spreadOf } from "./spread.ts";

/** The data of an observed site beside draws from the priors. */
export interface PriorCheckOfSite {
  /** The name of the site. */
  readonly site: string;
  /** Where the data lie; without what is masked or inferred. */
  readonly data: Spread;
  /** Where the draws of all its elements lie. */
  readonly prior: Spread;
  /** How many data there are. */
  readonly elements: number;
  /** How many of them are known by their ends only (`censored`), and not looked at one by one. */
  readonly censored: number;
  /** How many of them lie below or above every draw of their own element. */
  readonly outside: number;
}

/** The priors of a model held against its data. */
export interface PriorCheck {
  /** How many draws the check is made of. */
  readonly draws: number;
  /** The draws themselves. */
  readonly drawn: PriorDraws;
  /** The observed sites. */
  readonly observed: readonly PriorCheckOfSite[];
  /** Draws of the latents and of what is deterministic: of all elements of a site. */
  readonly priors: readonly (Spread & { readonly site: string })[];
  /** Reasons to think the priors over, with what to do. */
  readonly warnings: readonly string[];
}

/** So many numbers of a site are looked at, about. */
const ENOUGH_NUMBERS = 2e6;
const [MOST_DRAWS, FEWEST_DRAWS] = [1000, 20];

/**
 * Draws from the priors, and holds the data that they lead to against those that were observed: where they lie, and
 * warnings where draws overflow, where data lie outside of all draws, and where these are a thousand times as wide.
 *
 * @param options `draws` is 1000, fewer of data with more than 2000 numbers, unless given
 * @throws SurmiseError as `priorPredictive`.
 *
 * @example for (const warning of priorCheck(schools, undefined).warnings) console.warn(warning);
 */
export function priorCheck<Data>(
  model: Model<Data, unknown>,
  data: Data,
  options: PriorPredictiveOptions = {},
): PriorCheck {
  checkArguments("priorCheck", { model }, FUNCTION);
  checkArguments("priorCheck", { options }, PRIOR_PREDICTIVE_OPTIONS);
  const observations = observationsOf(model, data, options.dtype ?? model.dtype ?? "float64");
  const largest = Object.values(observations).reduce((most, { axes }) => {
    return Math.max(most, sizeOf(axes));
  }, 1);
  const fitting = Math.floor(ENOUGH_NUMBERS / largest);
  const usual = Math.max(FEWEST_DRAWS, Math.min(MOST_DRAWS, fitting));
  const drawn = priorPredictive(model, data, { draws: usual, ...options });
  const observed = Object.entries(observations)
    .map(([site, observation]) => checkSite(site, observation, drawn.predictive[site]))
    .filter(({ elements }) => elements > 0);
  const priors = Object.entries(drawn.sites)
    .filter(([, { kind }]) => kind !== "param")
    .map(([site, { data: values }]) => ({ site, ...spreadOf(values) }));
  return {
    ...{ draws: drawn.draws, drawn },
    ...{ observed, priors },
    warnings: [
      ...modelDoubts(traceUnknown(model, data)),
      ...drawn.warnings,
      ...overflows(drawn),
      ...observed.flatMap((row) => apart(row, drawn)),
    ],
  };
}

function checkSite(
  site: string,
  { data, counts, censored }: Observation,
  { data: drawn }: SiteDraws,
): PriorCheckOfSite {
  const size = data.length;
  const low = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  drawn.forEach((x, k) => {
    if (!Number.isFinite(x)) return;
    const i = k % size;
    if (x < low[i]) low[i] = x;
    if (x > high[i]) high[i] = x;
  });
  const counted = data.filter((_, i) => counts[i] !== 0);
  const outside = data.reduce((count, x, i) => {
    const isSeen = counts[i] !== 0 && censored?.[i] !== 1;
    return count + Number(isSeen && low[i] <= high[i] && (x < low[i] || x > high[i]));
  }, 0);
  return {
    site,
    data: spreadOf(counted),
    prior: spreadOf(drawn),
    elements: counted.length,
    censored: data.reduce((sum, _, i) => sum + (counts[i] !== 0 ? (censored?.[i] ?? 0) : 0), 0),
    outside,
  };
}

/** The largest numbers of float32 and float64, at which draws of some families stop. */
const LARGEST: readonly number[] = [(2 - 2 ** -23) * 2 ** 127, Number.MAX_VALUE];

const isOverflow = (x: number) => !Number.isFinite(x) || LARGEST.includes(Math.abs(x));

function overflows({ sites, predictive }: PriorDraws): string[] {
  return Object.entries({ ...sites, ...predictive }).flatMap(([name, { data }]) => {
    const bad = data.reduce((count, x) => count + Number(isOverflow(x)), 0);
    if (bad === 0) return [];
    return [
      `'${name}' is infinite, too large or not a number in ${shareOf(bad, data.length)} of its draws from the priors: narrower ` +
        "priors of what it is made of, such as coefficients inside exp, keep it finite",
    ];
  });
}

/** Prior draws more than so many times as wide as the data are told. */
const MUCH_WIDER = 1000;

function apart({ site, data, prior, elements, outside }: PriorCheckOfSite, { draws }: PriorDraws) {
  const warnings: string[] = [];
  // Of draws and data that are alike, the data are the least or the largest this often.
  const chance = (2 / (draws + 1)) * elements;
  if (outside > chance + 4 * Math.sqrt(chance)) {
    warnings.push(
      `${outside} of ${elements} ${elements === 1 ? "value" : "values"} of '${site}' lie outside of all ${draws} draws from the priors, ` +
        "which hardly reach them: look at units, widen the priors or move them",
    );
  }
  const [own, theirs] = [data, prior].map(({ q5, q95 }) => q95 - q5);
  if (own > 0 && theirs > MUCH_WIDER * own) {
    warnings.push(
      `draws of '${site}' from the priors are ${Number((theirs / own).toPrecision(1))} times as wide as its data: most of ` +
        "what the model holds possible is not; narrower priors are closer to what is known, and easier to sample",
    );
  }
  return warnings;
}

function shareOf(bad: number, all: number): string {
  const percent = (100 * bad) / all;
  return percent < 0.1 ? `${bad} of ${all}` : `${percent.toPrecision(2)} %`;
}
