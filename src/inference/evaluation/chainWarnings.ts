/** What should be known of the draws of chains before they are used, as users of Stan know it. */
import {
  ANYTHING,
  checkArguments,
  listOf,
  NUMBER,
  NUMBERS,
  OBJECT,
  objectWith,
  optionsWith,
  wholeNumber,
} from "../../tensor/internal.ts";
import { FEW_DIVERGENCES } from "../mcmc/warmup/caution.ts";
import { endlessWarning, missedWarning } from "../posterior/reliability/warnings.ts";
import type { ChainDraws } from "../sampling/draws.ts";
import { eBfmi, essMean, LEAST_DRAWS } from "../statistics/chainDiagnostics.ts";
import { inverseNormal } from "../statistics/inverseNormal.ts";
import { nameOf, type Summary } from "./summary.ts";

/**
 * Above it chains have not come to one distribution (Vehtari et al. 2021), unless chance may make as much of few effective
 * draws.
 */
const MOST_R_HAT = 1.01;
/** The quantile of the standard normal of probability 0.99. */
const RARELY = inverseNormal(0.99);
/**
 * Effective draws of each chain: below that, of four, the Monte Carlo error of a mean is more than 0.07 standard deviations.
 */
const LEAST_ESS_PER_CHAIN = 50;
/**
 * Below it energies are explored slowly (Betancourt 2016): too slowly, unless the chains are long enough that their energies
 * are worth as many independent ones as latents have to be.
 */
const LEAST_E_BFMI = 0.3;

/**
 * A sentence for each reason to doubt the draws, with what to do: divergences (more than one of a thousand, or any where
 * there is another reason), trajectories at their greatest depth,
 * energies that are explored slowly, chains that have not mixed, too few effective draws, a mode that no chain reaches, or
 * the end of the draws before `until` held.
 * Empty where there is none.
 *
 * @param summary as `summarise` makes it of the draws
 * @param maxDepth that of the sampler; 10 unless given
 *
 * @example for (const warning of chainWarnings(draws, summarise(draws))) console.warn(warning);
 */
export function chainWarnings(
  draws: ChainDraws,
  summary: readonly Summary[],
  options: { readonly maxDepth?: number } = {},
): string[] {
  checkArguments(
    "chainWarnings",
    { draws },
    objectWith({
      statistics: objectWith({ diverging: NUMBERS, depth: NUMBERS, energy: NUMBERS }),
      ...{ draws: NUMBER, chains: NUMBER },
    }),
  );
  checkArguments("chainWarnings", { summary }, listOf(OBJECT));
  checkArguments(
    "chainWarnings",
    { options },
    optionsWith<{ maxDepth: unknown }>({ maxDepth: ANYTHING }),
  );
  const { maxDepth = 10 } = options;
  wholeNumber("chainWarnings: maxDepth", maxDepth, { least: 1 });
  const others = [
    draws.endless && endlessWarning(draws.endless),
    draws.missed && missedWarning(draws.missed, true),
    depths(draws, maxDepth),
    energies(draws),
    mixing(summary, draws.chains),
    effective(summary, draws.chains),
    notEnough(draws),
    tooShort(draws),
  ].flatMap((warning) => warning ?? []);
  const diverged = divergences(draws, others.length > 0);
  return diverged === undefined ? others : [diverged, ...others];
}

/** What helps where scales of groups make the posterior narrow: which of the two forms is narrow depends on the data. */
const EFFECTS =
  "write the effects of groups non-centred where each group has few data, and centred where it has many";

function divergences(
  { statistics, draws, edge }: ChainDraws,
  isDoubted: boolean,
): string | undefined {
  const count = statistics.diverging.reduce((a, b) => a + b, 0);
  if (count === 0 || (!isDoubted && count <= FEW_DIVERGENCES * draws)) return undefined;
  const otherwise =
    "Raise the target acceptance (targetAccept 0.99, --target-accept 0.99); if they stay, " +
    `${EFFECTS}, or give scales priors that keep them away from 0`;
  return (
    `${count} of ${draws} draws ended in a divergence: the chains do not get into some part of the posterior, and means ` +
    `may be wrong. ${edge ?? otherwise}`
  );
}

function depths({ statistics, draws }: ChainDraws, maxDepth: number): string | undefined {
  const count = statistics.depth.filter((depth) => depth >= maxDepth).length;
  if (count === 0) return undefined;
  return (
    `${count} of ${draws} trajectories were stopped at the greatest depth, ${maxDepth}: the draws are not wrong, but worth ` +
    "little. Raise maxDepth (--max-depth), choose metric lowrank or dense (--metric), or bring variables to one scale"
  );
}

function energies({ statistics, draws, chains }: ChainDraws): string | undefined {
  const each = draws / chains;
  const found = Array.from({ length: chains }, (_, c) =>
    eBfmi(statistics.energy.subarray(c * each, (c + 1) * each)),
  );
  const low = found.flatMap((x, c) => (x < LEAST_E_BFMI ? [c + 1] : []));
  if (low.length === 0) return undefined;
  const worth = essMean({ values: statistics.energy, chains });
  if (worth >= LEAST_ESS_PER_CHAIN * chains) return undefined;
  return (
    `E-BFMI is ${Math.min(...found).toFixed(2)} (below ${LEAST_E_BFMI}) in chain ${low.join(", ")}: the tails of the ` +
    `posterior are explored slowly. To mend it, ${EFFECTS}, or give the model priors with lighter tails`
  );
}

/** The lesser of the bulk and tail effective sample sizes. */
const worth = ({
  essBulk = Number.POSITIVE_INFINITY,
  essTail = Number.POSITIVE_INFINITY,
}: Summary) => Math.min(essBulk, essTail);

/**
 * What R-hat exceeds in one of a hundred runs whose chains have one distribution: the means of their m halves vary by chance,
 * by m / ESS of the variance times chi^2 / (m - 1) with m - 1 degrees of freedom, and R-hat is the root of one more. The
 * quantile of chi^2 is Wilson and Hilferty's.
 */
function rHatByChance(chains: number, ess: number): number {
  const halves = 2 * chains;
  const spread = 2 / (9 * (halves - 1));
  const quantile = (1 - spread + RARELY * Math.sqrt(spread)) ** 3;
  return Math.sqrt(1 + (halves / ess) * quantile);
}

function mixing(summary: readonly Summary[], chains: number): string | undefined {
  const over = summary.filter((row) => {
    const { rhat = 1 } = row;
    const isMeasured = worth(row) >= LEAST_ESS_PER_CHAIN * chains;
    return rhat > Math.max(MOST_R_HAT, isMeasured ? rHatByChance(chains, worth(row)) : 0);
  });
  const worst = over.reduce<Summary | undefined>(
    (a, b) => (a === undefined || (b.rhat ?? 1) > (a.rhat ?? 1) ? b : a),
    undefined,
  );
  if (worst === undefined) return undefined;
  const { rhat = 1 } = worst;
  return (
    `R-hat is ${Number.isFinite(rhat) ? rhat.toFixed(3) : "infinite"} for ${nameOf(worst)}${others(over)}: ${chains === 1 ? "the halves of the chain" : "the chains"} ` +
    "have not come to one distribution. Draw more, after a longer warm-up (warmup, draws), or begin where Pathfinder finds " +
    "the posterior (init pathfinder); where they stay apart it has several modes, or parameters that the data do not " +
    "tell apart"
  );
}

function effective(summary: readonly Summary[], chains: number): string | undefined {
  const least = LEAST_ESS_PER_CHAIN * chains;
  const under = summary.filter((row) => worth(row) < least);
  const [worst] = [...under].sort((a, b) => worth(a) - worth(b));
  if (worst === undefined) return undefined;
  return (
    `the effective sample size of ${nameOf(worst)} is ${Math.round(worth(worst))}${others(under)}, less than ${least}: means ` +
    "and quantiles are uncertain, and so are these diagnostics. Draw more (draws), or write the model otherwise"
  );
}

function notEnough({ draws, chains, isEnough }: ChainDraws): string | undefined {
  if (isEnough !== false) return undefined;
  return (
    `the chains ended after ${draws / chains} draws each, before R-hat and effective sample sizes were what was asked for ` +
    "(until): allow more draws (draws, --draws), or less strict bounds"
  );
}

function tooShort({ draws, chains }: ChainDraws): string | undefined {
  const each = draws / chains;
  if (each >= LEAST_DRAWS) return undefined;
  return (
    `${each} ${each === 1 ? "draw" : "draws"} of each chain are too few for R-hat and effective sample sizes: nothing is known ` +
    "of how far the chains are from the posterior. Draw more (draws)"
  );
}

const others = (rows: readonly Summary[]) =>
  rows.length > 1 ? ` (and ${rows.length - 1} more are out of bounds)` : "";
