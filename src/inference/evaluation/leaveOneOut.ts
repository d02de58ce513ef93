/** Expected log predictive densities from draws of the log likelihood of each observation. */
import {
  checkArguments,
  NUMBERS,
  objectWith,
  SurmiseError,
  wholeNumber,
} from "../../tensor/internal.ts";
import { essMean } from "../statistics/chainDiagnostics.ts";
import { logSumExp, paretoKLimit, paretoSmooth } from "../statistics/psis.ts";

/** Draws of the log likelihood of each observation, in nats. */
export interface LogLikelihoodDraws {
  /** Over [chain, draw, observation], row-major. */
  readonly values: ArrayLike<number>;
  /** How many chains; draws that are independent are one. */
  readonly chains: number;
  /** How many draws each chain has. */
  readonly draws: number;
  /** How many observations there are. */
  readonly observations: number;
}

/** How well a model predicts an observation that it has not seen, summed over all. */
export interface ExpectedLogDensity {
  /** Expected log pointwise predictive density, in nats, over the observations. */
  readonly elpd: number;
  /** Its standard error, from how the observations differ: sqrt(n var). */
  readonly standardError: number;
  /** The effective number of parameters. */
  readonly parameters: number;
  /** The part of each observation in `elpd`. */
  readonly pointwise: Float64Array;
  /** Reasons to doubt it, with what to do. */
  readonly warnings: readonly string[];
}

/** As estimated by leaving one observation out at a time. */
export interface LeaveOneOut extends ExpectedLogDensity {
  /** Of each observation: k-hat of the weights that leave it out. */
  readonly kHat: Float64Array;
}

/** As estimated by the widely applicable information criterion. */
export interface Waic extends ExpectedLogDensity {
  /** Of each observation: the variance of its log likelihood over the draws. */
  readonly pointwiseParameters: Float64Array;
}

/**
 * Leave-one-out cross-validation without fitting again, by Pareto-smoothed importance sampling (Vehtari, Gelman and
 * Gabry, "Practical Bayesian model evaluation using leave-one-out cross-validation and WAIC", Statistics and Computing
 * 27, 2017). The draws are taken to be worth, for all observations alike, the mean of what they are worth for the
 * likelihood of each.
 *
 * @param relativeEfficiency ESS / draws; from the draws unless given
 * @throws SurmiseError if sizes do not fit, or naming the observation and draw where a value is not a number.
 *
 * @example const { elpd, standardError, kHat } = leaveOneOut({ values, chains: 4, draws: 1000, observations: 8 });
 */
export function leaveOneOut(log: LogLikelihoodDraws, relativeEfficiency?: number): LeaveOneOut {
  checkArguments("leaveOneOut", { log }, objectWith({ values: NUMBERS }));
  return leaveOneOutBy(log, () => {}, relativeEfficiency);
}

/** As `leaveOneOut`, told of each observation the logarithms of the weights that leave it out, which sum to one. */
export function leaveOneOutBy(
  log: LogLikelihoodDraws,
  onWeights: (observation: number, logWeights: Float64Array) => void,
  relativeEfficiency?: number,
): LeaveOneOut {
  checkDraws("leaveOneOut", log);
  const { observations } = log;
  const efficiency = relativeEfficiency ?? efficiencyOf(log);
  const pointwise = new Float64Array(observations);
  const kHat = new Float64Array(observations);
  let seen = 0;
  for (let i = 0; i < observations; i++) {
    const each = drawsOf(log, i);
    const { logWeights, kHat: k } = paretoSmooth(
      each.map((x) => -x),
      efficiency,
    );
    kHat[i] = k;
    pointwise[i] = logSumExp(logWeights.map((w, s) => w + each[s]));
    seen += logMeanExp(each);
    onWeights(i, logWeights);
  }
  const limit = paretoKLimit(log.chains * log.draws);
  const bad = kHat.reduce((count, k) => count + (k > limit ? 1 : 0), 0);
  const warnings =
    bad === 0
      ? []
      : [
          `k-hat is above ${limit.toFixed(2)} for ${countOf(bad, observations)}: leaving them out changes the ` +
            "posterior too much for its draws to be weighted. Fit again without each of them, or use K-fold " +
            "cross-validation; check whether they are outliers, which a heavier-tailed likelihood would hold, or have latents " +
            "of their own, without which nothing is known of them",
        ];
  return { ...summed(pointwise, seen), kHat, warnings };
}

/**
 * The widely applicable information criterion (Watanabe 2010), as an expected log density. Its variances over the S draws
 * divide by S; those of Vehtari et al. (2017, equation 13) by S - 1, which differs by a share of 1 / S.
 *
 * @throws SurmiseError if sizes do not fit, or naming the observation and draw where a value is not a number.
 *
 * @example const { elpd, warnings } = waic({ values, chains: 4, draws: 1000, observations: 8 });
 */
export function waic(log: LogLikelihoodDraws): Waic {
  checkArguments("waic", { log }, objectWith({ values: NUMBERS }));
  checkDraws("waic", log);
  const { observations } = log;
  const pointwise = new Float64Array(observations);
  const pointwiseParameters = new Float64Array(observations);
  let seen = 0;
  for (let i = 0; i < observations; i++) {
    const each = drawsOf(log, i);
    const here = logMeanExp(each);
    const mean = each.reduce((a, x) => a + x, 0) / each.length;
    const variance = each.reduce((a, x) => a + (x - mean) ** 2, 0) / each.length;
    seen += here;
    pointwiseParameters[i] = variance;
    pointwise[i] = here - variance;
  }
  const bad = pointwiseParameters.reduce((count, p) => count + (p > MOST_WAIC ? 1 : 0), 0);
  const warnings =
    bad === 0
      ? []
      : [
          `p_waic is above ${MOST_WAIC} for ${countOf(bad, observations)}: the criterion is no longer ` +
            "near what leaving them out would give. Use leaveOneOut, whose k-hat says where it holds",
        ];
  return { ...summed(pointwise, seen), pointwiseParameters, warnings };
}

/** Above it an observation's share in the effective number of parameters is too large (Vehtari et al. 2017). */
const MOST_WAIC = 0.4;

function summed(pointwise: Float64Array, seen: number) {
  const { sum: elpd, standardError } = totalOf(pointwise);
  return { elpd, standardError, parameters: seen - elpd, pointwise };
}

/** The sum of numbers, and its standard error as that of so many draws: sqrt(n var). */
export function totalOf(pointwise: Float64Array) {
  const sum = pointwise.reduce((a, x) => a + x, 0);
  const mean = sum / pointwise.length;
  const squares = pointwise.reduce((a, x) => a + (x - mean) ** 2, 0);
  return { sum, standardError: Math.sqrt(squares) };
}

function efficiencyOf(log: LogLikelihoodDraws): number {
  const { chains, draws, observations } = log;
  if (chains * draws < 8 || draws < 4) return 1;
  let total = 0;
  for (let i = 0; i < observations; i++) {
    total += essOfLikelihood(drawsOf(log, i), chains);
  }
  const efficiency = total / (observations * chains * draws);
  return efficiency > 0 ? efficiency : 1;
}

/** The effective sample size of the mean of a likelihood, given draws of its log in nats, chain after chain. */
function essOfLikelihood(each: Float64Array, chains: number): number {
  const largest = each.reduce((a, x) => Math.max(a, x), Number.NEGATIVE_INFINITY);
  return essMean({ values: each.map((x) => Math.exp(x - largest)), chains });
}

/** The draws of one observation, chain after chain. */
function drawsOf({ values, chains, draws, observations }: LogLikelihoodDraws, i: number) {
  return Float64Array.from({ length: chains * draws }, (_, s) => values[s * observations + i]);
}

const logMeanExp = (values: Float64Array) => logSumExp(values) - Math.log(values.length);

const countOf = (bad: number, all: number) =>
  `${bad} of ${all} ${all === 1 ? "observation" : "observations"}`;

function checkDraws(caller: string, log: LogLikelihoodDraws): void {
  const { values, chains, draws, observations } = log;
  for (const [name, size] of Object.entries({ chains, draws, observations })) {
    wholeNumber(`${caller}: ${name}`, size, { least: 1 });
  }
  const size = chains * draws * observations;
  if (values.length !== size) {
    throw new SurmiseError(
      `${caller}: ${chains} chains x ${draws} draws x ${observations} observations are ${size} values, got ` +
        `${values.length}`,
    );
  }
  for (let at = 0; at < size; at++) {
    if (!Number.isNaN(values[at])) continue;
    const draw = Math.floor(at / observations);
    throw new SurmiseError(
      `${caller}: the log likelihood of observation ${at % observations} is not a number in draw ${draw % draws} ` +
        `of chain ${Math.floor(draw / draws)}`,
    );
  }
}
