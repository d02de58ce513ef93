/**
 * Lowers matrix products to packed tiles (Goto and van de Geijn, "Anatomy of high-performance matrix
 * multiplication", 2008): operands are computed straight into packed panels, a small register tile
 * runs over the panels, and the elementwise work on the result follows while a block of rows is warm.
 */
import { type Axis, type DType, sizeOf, type Tensor, withoutAxes } from "../../tensor/index.ts";
import { type Buffer, buffer } from "../buffer.ts";
import type { Item } from "../schedule/items.ts";
import type { Schedule } from "../schedule/schedule.ts";
import { type Body, laneType } from "./body.ts";
import type { Address, Count, Statement, Target, Term, Variable } from "./loops.ts";
import { type Lowered, lowerWalk, type Surroundings, type WalkPlan } from "./walk.ts";

/** Rows of the result computed before the elementwise work on them follows. */
const BLOCK_ROWS = 64;
/** Longer contractions are cut into blocks of `BLOCK_DEPTH`. */
const MOST_DEPTH = 1024;
const BLOCK_DEPTH = 512;

/** An operand's or result's axes along one side of the product, outermost first. */
interface Side {
  readonly axes: readonly Axis[];
  readonly size: number;
  /** Elements for one step along the outermost axis. */
  readonly inner: number;
  /** How many steps along the outermost axis make a block. */
  readonly block: number;
  /** The counter of blocks, or undefined if there is only one. */
  readonly counter: Variable | undefined;
}

/** `axes` as a side whose blocks hold about `atMost` elements, in whole `multiple`s of steps. */
function side(name: string, axes: readonly Axis[], atMost: number, multiple = 1): Side {
  const size = sizeOf(axes);
  const inner = sizeOf(axes.slice(1));
  const first = axes[0].size;
  const block = Math.min(first, roundUp(Math.max(1, Math.floor(atMost / inner)), multiple));
  const counter = block < first ? { name: `${name} block` } : undefined;
  return { axes, size, inner, block, counter };
}

/** Steps along the outermost axis in the current block, times `by`. */
function stepsIn(s: Side, by: number): Count {
  if (s.counter === undefined) return s.block * by;
  return { total: s.axes[0].size, from: s.counter, atMost: s.block, times: by };
}

/** `terms` of the flat position along a side, inside the current block. */
function flat(s: Side, local: (a: Axis) => readonly Term[], by: number): Term[] {
  return s.axes.flatMap((a, i) => {
    const step = sizeOf(s.axes.slice(i + 1)) * by;
    return local(a).map((t) => ({ variable: t.variable, factor: t.factor * step }));
  });
}

/** Lowers the product at the head of a group; `rest` is the walk over its result. */
export function lowerProduct(
  head: Item,
  rest: WalkPlan,
  schedule: Schedule,
  target: Target,
): Lowered {
  return new ProductLowering(head, rest, schedule, target).lowered();
}

class ProductLowering {
  private readonly head: Item;
  private readonly rest: WalkPlan;
  private readonly schedule: Schedule;
  private readonly target: Target;
  private readonly left: Tensor;
  private readonly right: Tensor;
  private readonly rows: Side;
  private readonly columns: Side;
  private readonly depth: Side;
  private readonly batch: ReadonlyMap<Axis, Variable>;
  private readonly tile: { readonly rows: number; readonly columns: number };
  private readonly packedLeft: Buffer;
  private readonly packedRight: Buffer;
  private readonly result: Buffer;
  /** Elements from one row of the result to the next. */
  private readonly rowStride: number;
  private operations = 0;

  constructor(head: Item, rest: WalkPlan, schedule: Schedule, target: Target) {
    const product = head.product;
    if (product === undefined) throw new Error("a product item needs a product");
    this.head = head;
    this.rest = rest;
    this.schedule = schedule;
    this.target = target;
    const layout = [...rest.writes].sort((a, b) => sizeOf(b) - sizeOf(a))[0] ?? head.node.axes;
    const ordered = (axes: readonly Axis[]) =>
      [...axes].sort((a, b) => layout.indexOf(a) - layout.indexOf(b));
    const innermost = layout.findLast((a) => !product.batch.includes(a)) as Axis;
    const swap = product.rows.includes(innermost);
    this.left = swap ? product.right : product.left;
    this.right = swap ? product.left : product.right;
    const type = laneType(head.node.dtype) as "f32" | "f64";
    this.tile = target.tile[type];
    this.batch = new Map(product.batch.map((a) => [a, { name: a.name }]));
    this.depth = side("depth", product.contracted, depthLimit(product.contracted));
    this.columns = side("column", ordered(swap ? product.rows : product.columns), Infinity);
    const blockRows = roundUp(BLOCK_ROWS, this.tile.rows);
    const rowAxes = ordered(swap ? product.columns : product.rows);
    this.rows = side("row", rowAxes, blockRows, this.isDeep ? this.tile.rows : 1);
    this.rowStride = roundUp(this.columns.size, this.tile.columns);
    const { dtype } = head.node;
    const deep = this.depth.block * this.depth.inner;
    const blockOfRows = roundUp(this.rows.block * this.rows.inner, this.tile.rows);
    const resultRows = this.isDeep ? this.rows.size + blockOfRows : blockOfRows;
    this.packedLeft = scratch("left panels", dtype, blockOfRows * deep);
    this.packedRight = scratch("right panels", dtype, this.rowStride * deep);
    this.result = scratch("tile", dtype, resultRows * this.rowStride);
  }

  private get isDeep(): boolean {
    return this.depth.counter !== undefined;
  }

  lowered(): Lowered {
    const epilogue = this.epilogue();
    const tiles = this.tiles();
    const packRight = this.pack(this.right, this.columns, this.tile.columns, this.packedRight);
    const packLeft = this.pack(this.left, this.rows, this.tile.rows, this.packedLeft);
    const perRows = this.isDeep ? [...packLeft, ...tiles] : [...packLeft, ...tiles, ...epilogue];
    const overDepth = inBlocks(this.depth, [...packRight, ...inBlocks(this.rows, perRows)]);
    const inner = this.isDeep ? [...overDepth, ...inBlocks(this.rows, epilogue)] : overDepth;
    const statements = [...this.batch].reduceRight<readonly Statement[]>(
      (body, [a, variable]) => [{ kind: "loop", variable, to: a.size, step: 1, lanes: 1, body }],
      inner,
    );
    const batches = sizeOf([...this.batch.keys()]);
    const products = 2 * batches * this.rows.size * this.columns.size * this.depth.size;
    return {
      statements,
      scratch: [this.packedLeft, this.packedRight, this.result],
      flops: products + this.operations,
    };
  }

  /** Where walks inside the blocks stand. */
  private surroundings(...blocked: readonly Side[]): Surroundings {
    const outside = new Map<Axis, readonly Term[]>(
      [...this.batch].map(([a, variable]) => [a, [{ variable, factor: 1 }]]),
    );
    const rounds = new Map<Axis, Count>();
    for (const s of blocked) {
      if (s.counter === undefined) continue;
      outside.set(s.axes[0], [{ variable: s.counter, factor: 1 }]);
      rounds.set(s.axes[0], stepsIn(s, 1));
    }
    return { outside, rounds };
  }

  /** The position along an axis counted from the start of its block. */
  private local(body: { position: (a: Axis) => readonly Term[] }, s: Side) {
    return (a: Axis) => body.position(a).filter((t) => t.variable !== s.counter);
  }

  /** Computes an operand into panels: [panel][depth][`width` rows or columns]. */
  private pack(x: Tensor, s: Side, width: number, panels: Buffer): Statement[] {
    const stride = this.depth.block * this.depth.inner * width;
    const item = this.head;
    let at: (a: Axis) => readonly Term[] = () => [];
    const address = (): Address => ({
      buffer: panels,
      terms: flat(this.depth, this.local({ position: at }, this.depth), width),
      positions: [],
      panel: { terms: flat(s, this.local({ position: at }, s), 1), width, stride },
    });
    const axes = [...this.batch.keys(), ...s.axes, ...this.depth.axes];
    const other = withoutAxes(item.space, axes);
    const reads = [...item.reads]
      .map((r) => (this.schedule.buffers.get(r) as Buffer).order)
      .filter((order) => !order.some((a) => other.includes(a)))
      .sort((a, b) => sizeOf(b) - sizeOf(a));
    const alongDepth = this.depth.axes.includes(reads[0]?.at(-1) as Axis);
    const inPanels = width % (this.target.vectorBytes / 4) === 0;
    const rows = alongDepth || !inPanels;
    const { statements, operations } = lowerWalk(
      {
        space: axes,
        writes: [],
        reads,
        order: {
          axes: rows ? [...s.axes, ...this.depth.axes] : [...this.depth.axes, ...s.axes],
          vector: (inPanels ? s.axes : this.depth.axes).at(-1) as Axis,
        },
        actions: [{ value: (body: Body) => body.number(x), address, over: [], combine: undefined }],
        bufferOf: (y) => this.schedule.buffers.get(y),
        prepare: (_, position) => {
          at = position;
        },
      },
      this.surroundings(s, this.depth),
      this.target,
    );
    this.operations += operations * sizeOf(axes);
    return statements;
  }

  /** All tiles of a block of rows: a panel of columns stays near while panels of rows pass. */
  private tiles(): Statement[] {
    const column = { name: "column" };
    const row = { name: "row" };
    const deep = this.depth.block * this.depth.inner;
    const address = (b: Buffer, ...terms: Term[]): Address => ({ buffer: b, terms, positions: [] });
    const tile: Statement = {
      kind: "tile",
      type: laneType(this.head.node.dtype) as "f32" | "f64",
      a: address(this.packedLeft, { variable: row, factor: deep }),
      b: address(this.packedRight, { variable: column, factor: deep }),
      c: address(
        this.result,
        { variable: row, factor: this.rowStride },
        { variable: column, factor: 1 },
        ...this.firstRow(),
      ),
      depth: stepsIn(this.depth, this.depth.inner),
      rowStride: this.rowStride,
      block: this.depth.counter,
    };
    const down: Statement = {
      kind: "loop",
      variable: row,
      to: stepsIn(this.rows, this.rows.inner),
      step: this.tile.rows,
      lanes: 1,
      body: [tile],
    };
    return [
      {
        kind: "loop",
        variable: column,
        to: this.columns.size,
        step: this.tile.columns,
        lanes: 1,
        body: [down],
      },
    ];
  }

  /** Where the rows of the current block begin in the result: only long contractions keep them all. */
  private firstRow(): Term[] {
    if (!this.isDeep || this.rows.counter === undefined) return [];
    return [{ variable: this.rows.counter, factor: this.rows.inner * this.rowStride }];
  }

  /** The elementwise work and reductions on a block of rows of the result. */
  private epilogue(): Statement[] {
    const { statements, operations } = lowerWalk(
      {
        ...this.rest,
        prepare: (body, position) => {
          const at = { position };
          body.readAt(this.head.node, {
            buffer: this.result,
            terms: [
              ...flat(this.rows, this.local(at, this.rows), this.rowStride),
              ...flat(this.columns, position, 1),
              ...this.firstRow(),
            ],
            positions: [],
          });
        },
      },
      this.surroundings(this.rows),
      this.target,
    );
    this.operations += operations * sizeOf(this.rest.space);
    return statements;
  }
}

function depthLimit(axes: readonly Axis[]): number {
  return sizeOf(axes) <= MOST_DEPTH ? MOST_DEPTH : BLOCK_DEPTH;
}

function inBlocks(s: Side, body: readonly Statement[]): readonly Statement[] {
  if (s.counter === undefined) return body;
  return [{ kind: "loop", variable: s.counter, to: s.axes[0].size, step: s.block, lanes: 1, body }];
}

function roundUp(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}

function scratch(name: string, dtype: DType, length: number): Buffer {
  return buffer(name, "scratch", dtype, [], length);
}
