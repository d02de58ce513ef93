/** How many draws of observed sites are made at once. */
import { type Observed, ownAxes } from "../../model/internal.ts";
import { sizeOf } from "../../tensor/internal.ts";

/** Numbers in memory that a call may take, about. */
const MOST_NUMBERS = 2 ** 21;

/** So many that draws of all these sites fit into some megabytes; at most a hundred. */
export function drawsOfACall(observed: readonly Observed[]): number {
  const numbers = observed.reduce(
    (sum, { plates, distribution }) => sum + sizeOf(ownAxes(plates, distribution)),
    1,
  );
  return Math.max(1, Math.min(100, Math.floor(MOST_NUMBERS / numbers)));
}
