/** The draws of chains, out of the state that they are in. */
import { type Precision, SurmiseError } from "../../tensor/internal.ts";
import type { LogDensity } from "../density/logDensity.ts";
import { STATISTICS, type StatisticName } from "../mcmc/chain.ts";
import { areEnough, type Until } from "../mcmc/enough.ts";
import { VALUE_DRAWS } from "../mcmc/transitions/gibbs.ts";
import { type PosteriorDraws, sitesAtNumbers } from "../posterior/posteriorDraws.ts";
import type { MissedMode } from "../posterior/reliability/missedMode.ts";
import { STEP } from "../process/algorithm.ts";
import type { ProgramState } from "../process/state.ts";
import type { Trained } from "../process/trained.ts";

/** Draws of chains, one chain after the other. */
export interface ChainDraws extends PosteriorDraws {
  /** How many chains; each has `draws / chains` draws. */
  readonly chains: number;
  /** What is known of each draw, in the order of the draws. */
  readonly statistics: Readonly<Record<StatisticName, Float64Array>>;
  /** Of chains with `until`: whether that holds of the draws that were made. */
  readonly isEnough?: boolean;
  /** Of a posterior with several modes: one that no chain reaches, if a few ascents meet it. */
  readonly missed?: MissedMode;
  /** Under improper priors, the latent along which the log density hardly falls: the posterior is improper. */
  readonly endless?: string;
  /** Where data are possible for some values of the latents alone: why, and what to do. */
  readonly edge?: string;
}

/** What is thrown where there is no draw yet. */
export const STOPPED = "sample: stopped before the first draw";

interface DrawnOptions {
  readonly until: Until | undefined;
  readonly chains: number;
  readonly warmup: number;
  readonly draws: number;
  readonly seed: number;
  readonly dtype: Precision;
  readonly values: Trained | undefined;
}

/**
 * The draws of chains that are in `state`, with what follows from them, and the position with the largest log density.
 *
 * @throws SurmiseError if there is no draw yet.
 */
export function chainDraws(
  density: LogDensity,
  state: ProgramState,
  { chains, warmup, draws: planned, seed, dtype, values, until }: DrawnOptions,
): { readonly draws: ChainDraws; readonly best: Float64Array } {
  const draws = Math.max(0, Math.min(planned, state[STEP].data[0] - warmup));
  if (draws === 0) throw new SurmiseError(STOPPED);
  const { dimension } = density;
  const positions = new Float64Array(chains * draws * dimension);
  const heldSize = density.held.size;
  const held = new Float64Array(chains * draws * heldSize);
  const statistics = STATISTICS.map((name) => [name, new Float64Array(chains * draws)] as const);
  const width = STATISTICS.length;
  for (let c = 0; c < chains; c++) {
    const from = c * planned * dimension;
    const kept = state.draws.data.subarray(from, from + draws * dimension);
    positions.set(kept, c * draws * dimension);
    if (heldSize > 0) {
      const begin = c * planned * heldSize;
      const values = state[VALUE_DRAWS].data.subarray(begin, begin + draws * heldSize);
      held.set(values, c * draws * heldSize);
    }
    for (let d = 0; d < draws; d++) {
      const at = (c * planned + d) * width;
      statistics.forEach(([, column], k) => {
        column[c * draws + d] = state.statistics.data[at + k];
      });
    }
  }
  const all = { draws: chains * draws, seed, values: values ?? {}, dtype };
  const sites = sitesAtNumbers(density, positions, all, held);
  const named = Object.fromEntries(statistics) as ChainDraws["statistics"];
  const best = named.logDensity.reduce((a, x, d, values) => (x > values[a] ? d : a), 0);
  const of = { chains, planned: draws, made: draws };
  const isEnough =
    until &&
    areEnough(
      { ...of, data: positions, size: dimension },
      { ...of, data: held, size: heldSize },
      until,
    );
  return {
    draws: {
      ...sites,
      chains,
      statistics: named,
      ...(isEnough !== undefined && { isEnough }),
    },
    best: positions.slice(best * dimension, (best + 1) * dimension),
  };
}
