/** Smaller steps where warm-up shows that trajectories diverge, or that they may where warm-up has not been. */

/**
 * The shares of warm-up at which divergences are counted anew, or looked at: from when the first metrics are made; while the
 * metric still changes; and once it does not, for steps are longest then.
 */
const STOPS = [0.3, 0.6, 0.85];
/** Of fewer transitions of each chain nothing is concluded. */
const FEWEST = 40;
/**
 * The share of divergences that alone is no reason to doubt draws: with good R-hat and ESS a few do not matter ("Runtime
 * warnings and convergence problems", mc-stan.org/learn-stan/diagnostics-warnings).
 */
export const FEW_DIVERGENCES = 1e-3;

/**
 * The steps of so long a warm-up from which divergences count, and those before do not: the first of each part, and the
 * end of the last; none if a part is too short.
 */
export function countedFrom(warmup: number): readonly number[] {
  const steps = STOPS.map((share) => Math.ceil(share * warmup));
  return steps.every((step, i) => i === 0 || step - steps[i - 1] >= FEWEST) ? steps : [];
}

/** The steps at which it is asked, in so long a warm-up; none if that is too short. */
export function cautionAt(warmup: number): readonly number[] {
  return countedFrom(warmup).slice(1);
}

/** So many times the share that is no reason for doubt are many, unless it is a single divergence. */
const MANY = 3;

/**
 * A density so far from normal has places with far more curvature than elsewhere, which a few hundred steps may not have
 * met: funnels of Gaussian processes have 0.3 to 0.7, regressions and mixtures less than 0.1.
 */
const NONLINEAR = 0.25;

/** What warm-up shows of all chains. */
export interface Signs {
  /** Those counted in the part of warm-up that ends. */
  readonly divergences: number;
  /** The mean over the chains, in [0, 1]. */
  readonly nonlinearity: number;
}

/**
 * The rung of a ladder of caution, from 0, where chains stand to begin with, up to its highest, that they are to stand on
 * at least after the part of warm-up that ends at `step`.
 *
 * @param ladder the rung where they stand, and the highest, which is at least 2
 */
export function rungNeeded(
  { divergences, nonlinearity }: Signs,
  { rung, highest }: { readonly rung: number; readonly highest: number },
  chains: number,
  step: number,
  warmup: number,
): number {
  const least = nonlinearity > NONLINEAR ? 2 : 0;
  const parts = countedFrom(warmup);
  const few = FEW_DIVERGENCES * (step - parts[parts.indexOf(step) - 1]) * chains;
  if (divergences < Math.max(1, Math.floor(few))) return least;
  // Where the metric stays as it is from now on, draws would diverge as often.
  const isLast = step === parts[parts.length - 1];
  if (isLast) return Math.max(2, Math.min(rung + 1, highest));
  return Math.max(least, divergences >= Math.max(2, MANY * few) ? 2 : 1);
}
