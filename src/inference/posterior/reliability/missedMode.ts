/** Modes of the posterior that draws do not reach. */
import { sizeOf } from "../../../tensor/internal.ts";
import type { Modes } from "../../density/modes/severalModes.ts";
import { sdOf } from "../../statistics/moments.ts";
import type { PosteriorDraws } from "../posteriorDraws.ts";

/** A mode that draws do not reach. */
export interface MissedMode {
  /** The name of the latent that lies farthest off there. */
  readonly name: string;
  /** Its value there. */
  readonly value: number;
  /** About the share of the posterior that the mode holds. */
  readonly share: number;
}

/** Draws reach a mode if so many are nearer to it, as a share of those that should be. */
const REACHED = 0.5;

/**
 * The mode with the largest share of those that the draws hardly reach. Each is told apart from the best one by the element that
 * lies farthest apart.
 */
export function missedMode(draws: PosteriorDraws, modes: Modes): { readonly missed?: MissedMode } {
  const missed = modes.flatMap(({ isMinor }, k) =>
    isMinor ? [] : (missedAt(draws, modes, k) ?? []),
  );
  const [first, ...others] = missed;
  if (first === undefined) return {};
  return { missed: others.reduce((a, b) => (b.share > a.share ? b : a), first) };
}

/** The mode `k`, if the draws hardly reach it. */
function missedAt(
  { draws, sites }: PosteriorDraws,
  modes: Modes,
  k: number,
): MissedMode | undefined {
  const other = k === 0 ? 1 : 0;
  let farthest = 0;
  let found: MissedMode | undefined;
  for (const [name, { kind, axes, data }] of Object.entries(sites)) {
    if (kind !== "latent" || !modes.every(({ values }) => Object.hasOwn(values, name))) continue;
    const size = sizeOf(axes);
    for (let at = 0; at < size; at++) {
      const centres = modes.map(({ values }) => Number(values[name].data[at]));
      const drawn = Float64Array.from({ length: draws }, (_, d) => data[d * size + at]);
      const apart = Math.abs(centres[k] - centres[other]) / sdOf(drawn);
      if (!(apart > farthest)) continue;
      farthest = apart;
      const { share } = modes[k];
      const value = centres[k];
      const isNearest = (x: number) => centres.every((c) => Math.abs(x - value) <= Math.abs(x - c));
      const reached = drawn.filter(isNearest).length / draws;
      found = reached < REACHED * share ? { name, value, share } : undefined;
    }
  }
  return found;
}
