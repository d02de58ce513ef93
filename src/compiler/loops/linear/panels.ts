/** Columns of a factor as blocks and panels: a panel is done in registers, what others take from it in tiles. */
import type { Scalar, ScalarBuilder } from "../../scalar/language.ts";
import { lanesOf, type Target } from "../loops.ts";
import type { Affine, Statements } from "./statements.ts";

/** Columns of a block: a multiple of those of every panel. What two blocks take from each other stays near. */
export const BLOCK = 32;
/** Smaller matrices, which stay near as a whole, are one block. */
export const FEWEST_ROWS = 256;

/** Columns next to each other, from the diagonal down. */
export interface Columns {
  /** The first of them. */
  readonly start: Affine;
  /** How many they are. */
  readonly count: number;
  /** The rows below their square. */
  readonly below: Affine;
}

/** Columns of a panel of at most so many: whole vectors. What is done in registers is written out, so they are few. */
export function panelWidth(all: Statements, target: Target, most: number): number {
  return Math.min(most, 2 * lanesOf(all.type, target));
}

/** The most rows of a tile that panels of `width` columns are made of. */
export function tileRows(all: Statements, target: Target, width: number): number {
  const most = target.tile[all.type].rows;
  return [16, 8, 4, 2, 1].find((n) => n <= most && width % n === 0) as number;
}

/** x minus the products of elements `from` to `to - 1` of `p` and `q`. */
export function without(
  b: ScalarBuilder,
  x: Scalar,
  p: readonly Scalar[],
  q: readonly Scalar[],
  from: number,
  to: number,
): Scalar {
  let rest = x;
  for (let k = from; k < to; k++) rest = b.sub(rest, b.mul(p[k], q[k]));
  return rest;
}
