/** Draws from the priors, and of the data that they lead to. */
import {
  draw,
  type Interpretation,
  type Model,
  recordedSites,
  trace,
  unobserved,
} from "../../model/internal.ts";
import {
  ANYTHING,
  checkArguments,
  FUNCTION,
  optional,
  optionsWith,
  type Precision,
  SurmiseError,
  wholeNumber,
} from "../../tensor/internal.ts";
import { atPriorLocations, initialParameters, traceAtPriors } from "../density/initialisation.ts";
import { type PosteriorDraws, runDraws, type SiteDraws } from "../posterior/posteriorDraws.ts";
import { drawsOfACall } from "./drawsOfACall.ts";

/** How draws of predictions are made. */
export interface PredictiveDrawsOptions {
  /** Everything random follows from it: a whole number from 0 to 2^53 - 1; 0 unless given. */
  readonly seed?: number;
  /** What is computed in; what the model says, else float64, unless given. */
  readonly dtype?: Precision;
  /** Called now and then with the number of draws made, and how many there will be. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** As `PredictiveDrawsOptions`, of draws from the priors. */
export interface PriorPredictiveOptions extends PredictiveDrawsOptions {
  /** How many draws; 1000 unless given. */
  readonly draws?: number;
}

/** What an argument that is `PriorPredictiveOptions` must be. */
export const PRIOR_PREDICTIVE_OPTIONS = optionsWith<PriorPredictiveOptions>({
  draws: ANYTHING,
  seed: ANYTHING,
  dtype: ANYTHING,
  onProgress: optional(FUNCTION),
});

/** Independent joint draws from the priors. */
export interface PriorDraws extends PosteriorDraws {
  /** Of the observed sites: data as the model would make them. */
  readonly predictive: Readonly<Record<string, SiteDraws>>;
  /** What is not drawn, and where it stands instead: improper priors, parameters. */
  readonly warnings: readonly string[];
}

/**
 * Draws from the priors of a model and of its observed sites given these, before any data are looked at (Box 1980;
 * Gabry et al., "Visualization in Bayesian workflow", JRSS A 182, 2019): whether data such as one's own are among what
 * the model holds possible. `data` are those that the model is called with; it is not conditioned on them, but what
 * the model computes of them (covariates, lags of a series, sizes) enters. `factor` statements are left out. A latent
 * whose prior cannot be drawn from (`improperUniform`) stands at its location, a parameter where training begins.
 *
 * @throws SurmiseError naming the site if an observed one has a distribution that cannot be drawn from.
 *
 * @example
 * const { sites, predictive } = priorPredictive(schools, undefined, { draws: 500 });
 */
export function priorPredictive<Data>(
  model: Model<Data, unknown>,
  data: Data,
  options: PriorPredictiveOptions = {},
): PriorDraws {
  checkArguments("priorPredictive", { model }, FUNCTION);
  checkArguments("priorPredictive", { options }, PRIOR_PREDICTIVE_OPTIONS);
  const { draws = 1000, seed = 0, dtype = model.dtype ?? "float64", onProgress } = options;
  wholeNumber("priorPredictive: draws", draws, { least: 1 });
  wholeNumber("priorPredictive: seed", seed, { most: Number.MAX_SAFE_INTEGER });
  const { observed } = traceAtPriors(model, data);
  const names = new Set(observed.map(({ name }) => name));
  const fixed = new Set<string>();
  const all = runDraws(
    {
      ...{ parameters: initialParameters(), values: {}, draws, seed, dtype },
      ...(onProgress && { onProgress: (done: number) => onProgress(done, draws) }),
    },
    drawsOfACall(observed),
    (along, key) => {
      const drawn = draw(key, [along]);
      const fromPriors: Interpretation = (statement) => {
        try {
          return drawn(statement);
        } catch (cause) {
          if (names.has(statement.name) || !(cause instanceof SurmiseError)) throw cause;
          fixed.add(statement.name);
          return atPriorLocations(statement);
        }
      };
      const run = trace(unobserved(model), data, fromPriors, initialParameters());
      return recordedSites(run, [along]).map((site) =>
        names.has(site.name) ? { ...site, kind: "observed" as const } : site,
      );
    },
  );
  const entries = Object.entries(all.sites);
  const of = (isObserved: boolean) =>
    Object.fromEntries(entries.filter(([, { kind }]) => (kind === "observed") === isObserved));
  const params = entries.flatMap(([name, { kind }]) => (kind === "param" ? [name] : []));
  return {
    draws,
    sites: of(false),
    predictive: of(true),
    warnings: [...[...fixed].map(notDrawn), ...params.map(notRandom)],
  };
}

/** What `inferGaps` fills has no prior of its own. */
const notDrawn = (name: string) =>
  name.endsWith(".missing")
    ? `'${name}', which is inferred, stands at the mean of what is there in all draws`
    : `the prior of '${name}' cannot be drawn from, as it has no finite integral: it stands at its location in all draws. ` +
      "Give it a proper prior, such as a wide normal, to see what it means";

const notRandom = (name: string) =>
  `'${name}' is a parameter (param), which has no prior: it stands where training begins in all draws`;
