/** What a model says at draws from its posterior: new data, and how likely those are that were observed. */
import {
  discreteness,
  type Model,
  type Observed,
  ownAxes,
  type RecordedSite,
  type Trace,
} from "../../model/internal.ts";
import {
  ANYTHING,
  type Axis,
  cast,
  checkArguments,
  FUNCTION,
  fold,
  type Key,
  NUMBER,
  OBJECT,
  objectWith,
  oneOf,
  optional,
  optionsWith,
  recordOf,
  SurmiseError,
  type Tensor,
  wholeNumber,
} from "../../tensor/internal.ts";
import { eliminate } from "../elimination/eliminate.ts";
import { factorOfSite, particlesOf, summedOutFactor } from "../elimination/summedOut.ts";
import type { PosteriorDraws, SiteDraws } from "../posterior/posteriorDraws.ts";
import { Enumeration } from "../proposal/enumeration.ts";
import { type AtDrawsOptions, type RunAt, runAtDraws } from "./atDraws.ts";
import type { PredictiveDrawsOptions } from "./priorPredictive.ts";

/** As `PredictiveDrawsOptions`, at draws from the posterior. */
export interface PosteriorPredictiveOptions extends PredictiveDrawsOptions {
  /** Takes every so manieth draw of each chain; 1 unless given. */
  readonly thin?: number;
  /**
   * What becomes of a latent, or of an element of its plates, of which there are no draws, such as another school: an
   * error, or, with `prior`, draws from the model given those before. `refuse` unless given.
   */
  readonly missing?: "refuse" | "prior";
}

/** What an argument that is `PosteriorPredictiveOptions` must be; numbers are checked where they are used. */
const OPTIONS = optionsWith<PosteriorPredictiveOptions>({
  thin: ANYTHING,
  missing: optional(oneOf("refuse", "prior")),
  seed: ANYTHING,
  dtype: ANYTHING,
  onProgress: optional(FUNCTION),
});

/** Draws of observed sites, in the order of the posterior draws that they are made at. */
export interface PredictiveDraws {
  /** How many draws each site has, of all chains together. */
  readonly draws: number;
  /** Of so many chains, one after the other; absent where the posterior draws are of none. */
  readonly chains?: number;
  /** Every so manieth posterior draw of each chain was taken. */
  readonly thin: number;
  /** By name: of predictions over plates and event axes, of log likelihoods over the plates. */
  readonly sites: Readonly<Record<string, SiteDraws>>;
}

/**
 * Draws of the observed sites given draws from the posterior, one for each: on the data of the fit, new data that it
 * would have made alike (replications, for posterior predictive checks); on other data, predictions. Latents are put
 * into other data by site, axis name and label. What a series observes later is drawn given what was observed before.
 * Draws of what was seen with censoring are those that would be seen without.
 *
 * @throws SurmiseError if the draws do not fit the model, or naming the site whose distribution cannot be drawn from.
 *
 * @example
 * const { sites } = posteriorPredictive(schools, undefined, await sample(schools, undefined));
 */
export function posteriorPredictive<Data>(
  model: Model<Data, unknown>,
  data: Data,
  draws: PosteriorDraws,
  options: PosteriorPredictiveOptions = {},
): PredictiveDraws {
  return made("posteriorPredictive", model, data, draws, options, (run, along, key) =>
    predicted(run(), along, key),
  );
}

/**
 * The log likelihood of each observation at each draw from the posterior, in nats: log p(y | z), for each element of
 * the plates of an observed site. Discrete latents with finitely many values are summed out where that leaves the
 * observations of a site apart (mixtures); elsewhere (hidden Markov models) it is given their draws.
 *
 * @throws SurmiseError if the draws do not fit the model.
 *
 * @example
 * const each = logLikelihood(schools, undefined, await sample(schools, undefined));
 * const { elpd, kHat } = leaveOneOut(pointwise(each, observationsOf(schools, undefined)));
 */
export function logLikelihood<Data>(
  model: Model<Data, unknown>,
  data: Data,
  draws: PosteriorDraws,
  options: Omit<PosteriorPredictiveOptions, "missing" | "seed"> = {},
): PredictiveDraws {
  return made("logLikelihood", model, data, draws, options, likelihoods);
}

/** Both of them, from one program. */
export function predictions<Data>(
  model: Model<Data, unknown>,
  data: Data,
  draws: PosteriorDraws,
  options: PosteriorPredictiveOptions = {},
): { readonly predictive: PredictiveDraws; readonly logLikelihood: PredictiveDraws } {
  const { sites, ...rest } = made("predictions", model, data, draws, options, (run, along, key) => [
    ...predicted(run(), along, key).map((site) => ({ ...site, name: `y ${site.name}` })),
    ...likelihoods(run).map((site) => ({ ...site, name: `l ${site.name}` })),
  ]);
  const of = (letter: string) => ({
    ...rest,
    sites: Object.fromEntries(
      Object.entries(sites)
        .filter(([name]) => name[0] === letter)
        .map(([name, site]) => [name.slice(2), site]),
    ),
  });
  return { predictive: of("y"), logLikelihood: of("l") };
}

function made<Data>(
  caller: string,
  model: Model<Data, unknown>,
  data: Data,
  draws: PosteriorDraws,
  options: PosteriorPredictiveOptions,
  make: (run: RunAt, along: Axis, key: Key) => readonly RecordedSite[],
): PredictiveDraws {
  checkArguments(caller, { model }, FUNCTION);
  checkArguments(caller, { draws }, objectWith({ draws: NUMBER, sites: recordOf(OBJECT) }));
  checkArguments(caller, { options }, OPTIONS);
  const { seed = 0, thin = 1, missing = "refuse", onProgress } = options;
  wholeNumber(`${caller}: seed`, seed, { most: Number.MAX_SAFE_INTEGER });
  wholeNumber(`${caller}: thin`, thin, { least: 1 });
  const dtype = options.dtype ?? model.dtype ?? "float64";
  const at: AtDrawsOptions = { seed, dtype, thin, missing, onProgress };
  const found = runAtDraws(model, data, draws, at, make);
  const { chains } = draws;
  return { ...found, thin, ...(chains !== undefined && { chains }) };
}

/** What is observed, but for statements of `factor`. */
const dataOf = ({ observed }: Trace) =>
  observed.filter(({ distribution }) => !distribution.valueless);

function predicted(run: Trace, along: Axis, key: Key): RecordedSite[] {
  return dataOf(run).map(({ name, plates, distribution }) => {
    const over = plates.map(({ axis }) => axis);
    const value = drawOf(name, () =>
      distribution.sample(fold(fold(key, name), "predicted"), [along, ...over]),
    );
    const axes = ownAxes(plates, distribution);
    return { name, kind: "observed", value, axes, ...discreteness(distribution) };
  });
}

function drawOf(site: string, draw: () => Tensor): Tensor {
  try {
    return draw();
  } catch (cause) {
    if (!(cause instanceof SurmiseError)) throw cause;
    throw new SurmiseError(`'${site}' cannot be predicted: ${cause.message}`, { cause });
  }
}

function likelihoods(run: RunAt): RecordedSite[] {
  const summed = marginals(run);
  return dataOf(run()).map(({ name, plates, logProb }) => ({
    name,
    kind: "observed",
    value: summed.get(name) ?? cast(logProb(), "float64"),
    axes: plates.map(({ axis }) => axis),
  }));
}

/** The log likelihoods of the sites whose discrete latents can be summed out observation by observation. */
function marginals(run: RunAt): ReadonlyMap<string, Tensor> {
  const enumeration = new Enumeration();
  const all = run((statement) => enumeration.assign(statement));
  if (enumeration.latents.length === 0) return new Map();
  const observed = new Map(all.observed.map((site) => [site.name, site]));
  const factors = [...all.latents, ...all.observed]
    .map((site) => summedOutFactor(enumeration, factorOfSite(site)))
    .filter(({ value }) => enumeration.varies(value));
  const { weights } = eliminate(factors, particlesOf(enumeration));
  const found = new Map<string, Tensor>();
  for (const { sites, value, plates } of weights) {
    const own = sites.flatMap((site) => observed.get(site) ?? []);
    const others = sites.filter((site) => !observed.has(site) && enumeration.countOf(site) === 1);
    if (own.length === 1 && others.length === 0 && samePlates(own[0], plates)) {
      found.set(own[0].name, value);
    }
  }
  return found;
}

function samePlates({ plates }: Observed, others: Observed["plates"]): boolean {
  return plates.length === others.length && plates.every((plate) => others.includes(plate));
}
