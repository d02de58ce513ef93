/** The sides of a matrix product: axes taken together as rows, columns or the contraction, cut into blocks. */
import { type Axis, sizeOf } from "../../../tensor/index.ts";
import { type Buffer, stride } from "../../buffer.ts";
import type { AxisIndex } from "../expressions.ts";
import type { AffineTerm, Count, Statement, Variable } from "../loops.ts";

/** Axes along one side, outermost first. */
export interface TileDim {
  /** Outermost first. */
  readonly axes: readonly Axis[];
  /** The product of their sizes. */
  readonly size: number;
  /** Elements for one step along the outermost axis. */
  readonly inner: number;
  /** How many steps along the outermost axis make a block. */
  readonly steps: number;
  /** How many blocks there are. */
  readonly blocks: number;
  /** The number of the block, or undefined if there is only one. */
  readonly counter: Variable | undefined;
}

/** `axes` as a side whose blocks hold about `atMost` elements, in whole multiples of `unit` if possible. */
export function tileDim(name: string, axes: readonly Axis[], atMost: number, unit = 1): TileDim {
  const first = axes[0].size;
  const inner = sizeOf(axes.slice(1));
  const evenly = unit / greatestCommonDivisor(unit, inner);
  const wanted = Math.min(first, Math.max(1, Math.floor(atMost / inner)));
  const steps = wanted === first || wanted < evenly ? wanted : wanted - (wanted % evenly);
  const blocks = Math.ceil(first / steps);
  const counter = blocks > 1 ? { name: `${name} block` } : undefined;
  return { axes, size: first * inner, inner, steps, blocks, counter };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Elements in a whole block. */
export function blockSize(s: TileDim): number {
  return s.steps * s.inner;
}

/** Steps along the outermost axis in the current block, times `by`. */
export function stepsIn(s: TileDim, by: number): Count {
  const total = s.axes[0].size;
  if (s.counter === undefined || total % s.steps === 0) return s.steps * by;
  return { total, start: { variable: s.counter, factor: s.steps }, block: s.steps, times: by };
}

/** `terms` of the flat position along a side, inside the current block. */
export function flat(s: TileDim, position: AxisIndex, by: number): AffineTerm[] {
  return s.axes.flatMap((a, i) => {
    const step = sizeOf(s.axes.slice(i + 1)) * by;
    return position(a)
      .filter((t) => t.variable !== s.counter)
      .map((t) => ({ variable: t.variable, factor: t.factor * step }));
  });
}

/** Where the current block begins, `by` for each element before it. */
export function startOf(s: TileDim, by: number): AffineTerm[] {
  return s.counter === undefined ? [] : [{ variable: s.counter, factor: blockSize(s) * by }];
}

/** Elements of `b` from one step along the flattened `axes` to the next, if it is always the same. */
export function flatStride(b: Buffer, axes: readonly Axis[]): number | undefined {
  const long = axes.filter((a) => a.size > 1);
  const last = long.at(-1);
  if (last === undefined) return 1;
  const step = stride(b, last);
  const even = long.every((a, i) => stride(b, a) === step * sizeOf(long.slice(i + 1)));
  return even && step > 0 ? step : undefined;
}

/** `body` for each block of a side, one after the other. */
export function inBlocks(s: TileDim, body: readonly Statement[]): readonly Statement[] {
  if (s.counter === undefined) return body;
  return [{ kind: "loop", variable: s.counter, to: s.blocks, step: 1, lanes: 1, body }];
}
