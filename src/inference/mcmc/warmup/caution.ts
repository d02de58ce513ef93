/** Smaller steps where warm-up shows that trajectories diverge. */

/** The shares of warm-up between which divergences are counted: when the first metrics are made, and while steps can still adapt. */
const [FROM, TO] = [0.3, 0.6];
/** Of fewer transitions of each chain nothing is concluded. */
const FEWEST = 40;
/** The share of divergences that alone is no reason to doubt draws. */
export const FEW_DIVERGENCES = 1e-3;

/** The step at which it is asked, in so long a warm-up; undefined if that is too short. */
export function cautionAt(warmup: number): number | undefined {
  const to = Math.floor(TO * warmup);
  return to - Math.ceil(FROM * warmup) < FEWEST ? undefined : to;
}

/** Whether divergences count at `step`. */
export function countsForCaution(step: number, warmup: number): boolean {
  const end = cautionAt(warmup);
  return end !== undefined && step >= FROM * warmup && step < end;
}

/** Whether so many divergences of all chains are too many. */
export function needsCaution(divergences: number, chains: number, warmup: number): boolean {
  const counted = (cautionAt(warmup) ?? 0) - Math.ceil(FROM * warmup);
  return divergences > FEW_DIVERGENCES * counted * chains;
}
