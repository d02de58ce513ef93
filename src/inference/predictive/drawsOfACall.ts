/** How many draws of sites are made at once. */
import { type Latent, type Observed, ownAxes } from "../../model/internal.ts";
import { sizeOf } from "../../tensor/internal.ts";

/** Numbers in memory that a call may take, about. */
const MOST_NUMBERS = 2 ** 21;

/** So many that draws of all these sites fit into some megabytes; at most a hundred. */
export function drawsOfACall(sites: readonly (Latent | Observed)[]): number {
  const numbers = sites.reduce(
    (sum: number, { plates, distribution }) => sum + sizeOf(ownAxes(plates, distribution)),
    1,
  );
  return Math.max(1, Math.min(100, Math.floor(MOST_NUMBERS / numbers)));
}
