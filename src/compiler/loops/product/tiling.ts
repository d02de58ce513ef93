/**
 * How a matrix product is cut (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication",
 * 2008): its sides into blocks of whole register tiles, its batch into tasks, a long contraction into blocks; and where
 * tiles find their operands and put their results.
 */
import { type Axis, type DType, sizeOf, type Tensor } from "../../../tensor/index.ts";
import { type Buffer, buffer } from "../../buffer.ts";
import type { Product } from "../../graph/product.ts";
import type { FloatType } from "../../scalar/language.ts";
import type { Store } from "../../schedule/stores.ts";
import { laneType } from "../expressions.ts";
import type { Target, Variable } from "../loops.ts";
import { loopOrder } from "../order.ts";
import { tasksFor } from "../partition.ts";
import type { WalkPlan } from "../walk.ts";
import { blockSize, flatStride, type TileDim, tileDim } from "./dims.ts";
import { type Operand, type Operands, roundUp } from "./operands.ts";

/** Rows or columns of the result computed before the elementwise work on them follows. */
const MOST_ROWS = 64;
const MOST_COLUMNS = 128;
/** So many blocks are enough to keep threads busy. */
const BLOCKS = 24;
/** Longer contractions are cut into blocks of `BLOCK_DEPTH`, whose float32 products are added up in float64. */
const MOST_DEPTH = 1024;
const BLOCK_DEPTH = 512;

/** The most additions in a row in a float32 tile. */
export const LONGEST_IN_TILE = MOST_DEPTH;

/** A product, cut. */
export interface Tiling {
  /** The rows of a register tile, and its columns, which are neighbours in the result. */
  readonly tile: { readonly rows: number; readonly columns: number };
  /** The axes of the result along the rows of a tile. */
  readonly rows: TileDim;
  /** Those along its columns. */
  readonly columns: TileDim;
  /** The contraction. */
  readonly depth: TileDim;
  /** The outermost axis of the batch, cut into tasks. */
  readonly batch: TileDim | undefined;
  /** The counters of all axes of the batch. */
  readonly batchCounters: ReadonlyMap<Axis, Variable>;
  /** Whose blocks are shared out, if any are. */
  readonly shared: TileDim | undefined;
  /** The operand along the rows. */
  readonly left: Operand;
  /** The operand along the columns. */
  readonly right: Operand;
  /** Where tiles are written. */
  readonly result: Result;
  /** Where the products of many blocks of the contraction are added up, in the layout of the result. */
  readonly total: Buffer | undefined;
  /** Memory of its own. */
  readonly scratch: readonly Buffer[];
  /** Floating-point operations. */
  readonly flops: number;
}

/** Where tiles are written, and whether that is the end of it. */
export interface Result {
  /** The value's own buffer, or one aside. */
  readonly buffer: Buffer;
  /** Elements from one row to the next. */
  readonly rowStride: number;
  /** Whether it is the value's own. */
  readonly final: boolean;
}

/**
 * Cuts the product of `head`; `rest` is the walk over its result, which is nothing but storing it if the product is
 * `alone`.
 */
export function tilingOf(
  head: Store,
  rest: WalkPlan,
  operands: Operands,
  target: Target,
  alone: boolean,
): Tiling {
  const { product, node } = head;
  if (product === undefined) throw new Error("a product store needs a product");
  const { dtype } = node;
  const tile = target.tile[laneType(dtype) as FloatType];
  const contracted = operands.depthOrder(product);
  const depth = tileDim("depth", contracted, depthOfBlocks(contracted));
  const flops = 2 * sizeOf([...node.axes, ...contracted]);
  const tasks = tasksFor(flops, target);
  const { rowSide, columnSide } = sidesOf(product, rest, node, tile.columns);
  const byRows = tilesIn(rowSide.axes, tile.rows) >= tilesIn(columnSide.axes, tile.columns);
  const isCut = product.batch.length === 0 && tasks > 1;
  const rowBlock =
    isCut && byRows ? evenBlock(rowSide.axes, tile.rows, MOST_ROWS, tasks) : MOST_ROWS;
  const columnBlock =
    isCut && !byRows ? evenBlock(columnSide.axes, tile.columns, MOST_COLUMNS, tasks) : Infinity;
  const rows = tileDim("row", rowSide.axes, isCut && !byRows ? Infinity : rowBlock, tile.rows);
  const columns = tileDim("column", columnSide.axes, columnBlock, tile.columns);

  const batchAxes = [...product.batch].sort((a, b) => b.size - a.size);
  const perTask = batchAxes.length > 0 ? Math.ceil(batchAxes[0].size / Math.max(1, tasks)) : 0;
  const batch = batchAxes.length > 0 ? tileDim("batch", [batchAxes[0]], perTask) : undefined;
  const candidate = batch ?? (byRows ? rows : columns);
  const shared = tasks > 1 && candidate.counter !== undefined ? candidate : undefined;

  const isCommon = batch === undefined && shared !== undefined;
  const find = (value: Tensor, side: TileDim, width: number, asVectors: boolean) =>
    operands.find({ value, side, depth, width, dtype, asVectors, isCommon });
  const left = find(rowSide.operand, rows, tile.rows, false);
  const right = find(columnSide.operand, columns, tile.columns, true);

  const scratch = [left, right].filter((x) => x.packing !== "none").map((x) => x.buffer);
  const own = (name: string, length: number, type: DType): Buffer => {
    const made = buffer(name, "scratch", type, [], length);
    scratch.push(made);
    return made;
  };
  const aside = (): Result => {
    const rowStride = roundUp(blockSize(columns), tile.columns);
    const length = roundUp(blockSize(rows), tile.rows) * rowStride;
    return { buffer: own("tile", length, dtype), rowStride, final: false };
  };
  const isLong = dtype === "float32" && depth.counter !== undefined;
  const result = (alone && !isLong ? inPlace(head, rows, columns) : undefined) ?? aside();
  const total = isLong ? own("total", result.buffer.length, "float64") : undefined;
  const batchCounters = new Map(batchAxes.map((a) => [a, { name: a.name }]));
  const cut = { tile, rows, columns, depth, batch, batchCounters, shared };
  return { ...cut, left, right, result, total, scratch, flops };
}

/** One side of the result: its axes, outermost first, and the operand that has them. */
interface Side {
  readonly axes: readonly Axis[];
  readonly operand: Tensor;
}

/**
 * The sides of a product: along columns that which is innermost in the elementwise work on the result, if it fills the
 * `width` of a tile, or else where most of the result is written.
 */
function sidesOf(
  { left, right, rows, columns, batch }: Product,
  rest: WalkPlan,
  node: Tensor,
  width: number,
): { readonly rowSide: Side; readonly columnSide: Side } {
  const layout = [...rest.writes].sort((a, b) => sizeOf(b) - sizeOf(a))[0] ?? node.axes;
  const ordered = (axes: readonly Axis[]) =>
    [...axes].sort((a, b) => layout.indexOf(a) - layout.indexOf(b));
  const ofLeft = { axes: ordered(rows), operand: left };
  const ofRight = { axes: ordered(columns), operand: right };
  const walked = rest.space.filter((a) => !batch.includes(a));
  const { vector } = loopOrder(walked, [], rest.writes, rest.reads);
  const side = [rows, columns].find((axes) => axes.includes(vector as Axis)) ?? [];
  const innermost = sizeOf(side) >= width ? vector : layout.findLast((a) => !batch.includes(a));
  return rows.includes(innermost as Axis)
    ? { rowSide: ofRight, columnSide: ofLeft }
    : { rowSide: ofLeft, columnSide: ofRight };
}

const tilesIn = (axes: readonly Axis[], width: number) => Math.ceil(sizeOf(axes) / width);

/** Elements of a block of whole tiles, of at most `atMost`, so that all blocks hold about as many. */
function evenBlock(axes: readonly Axis[], width: number, atMost: number, tasks: number): number {
  const all = tilesIn(axes, width);
  const evenly = Math.ceil(all / Math.min(all, tasks, BLOCKS));
  return width * Math.max(1, Math.min(evenly, Math.floor(atMost / width)));
}

/** The place of the value itself, if neighbouring columns are neighbours there. */
function inPlace(
  { target: into, node }: Store,
  rows: TileDim,
  columns: TileDim,
): Result | undefined {
  const rowStride = flatStride(into, rows.axes);
  const fits = flatStride(into, columns.axes) === 1 && into.dtype === node.dtype;
  return fits && rowStride !== undefined ? { buffer: into, rowStride, final: true } : undefined;
}

function depthOfBlocks(axes: readonly Axis[]): number {
  const size = sizeOf(axes);
  return size <= MOST_DEPTH ? size : BLOCK_DEPTH;
}
