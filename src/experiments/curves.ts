/** How curves of training are drawn. */
import type { Series } from "../report/index.ts";
import { checkArguments, listOf, OBJECT } from "../tensor/internal.ts";

/** Curves of fewer points are shown whole. */
const FEW = 4;

/**
 * The ends of a vertical axis that shows the later half of each curve, with some room: what training begins with would
 * press all of it flat. Curves of fewer than four points are shown whole. Undefined where there is nothing to show.
 */
export function laterHeights(series: readonly Series[]): readonly [number, number] | undefined {
  checkArguments("laterHeights", { series }, listOf(OBJECT));
  const later = series
    .flatMap(({ y }) => Array.from(y).slice(y.length < FEW ? 0 : Math.floor(y.length / 2)))
    .filter(Number.isFinite);
  if (later.length === 0) return undefined;
  const [low, high] = [Math.min(...later), Math.max(...later)];
  const room = Math.max(1, 0.1 * (high - low));
  return [low - room, high + room];
}
