/**
 * Lowers matrix products to tiles (Goto and van de Geijn, "Anatomy of high-performance matrix
 * multiplication", 2008): a small register tile runs over the operands, which are read where they are
 * or, if they have to be computed or do not lie as needed, from packed panels; the elementwise work on
 * the result follows while a block is warm. Blocks of one side, or of the batch, are shared out.
 */
import { type Axis, type DType, sizeOf, type Tensor } from "../../tensor/index.ts";
import { type Buffer, buffer, stride } from "../buffer.ts";
import { ScalarBuilder } from "../scalar/language.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { Store } from "../schedule/stores.ts";
import { type AxisIndex, type ExpressionLowering, laneType } from "./expressions.ts";
import type { Address, AffineTerm, Count, Statement, Target, Variable } from "./loops.ts";
import { Nest } from "./nest.ts";
import { type Operand, type Operands, roundUp } from "./operands.ts";
import { fillOf, tasksFor } from "./partition.ts";
import {
  blockSize,
  flat,
  flatStride,
  inBlocks,
  startOf,
  stepsIn,
  type TileDim,
  tileDim,
} from "./tileDims.ts";
import {
  type Lowered,
  type LoweredNest,
  lowerWalk,
  type OuterLoops,
  type WalkPlan,
} from "./walk.ts";

/** Rows or columns of the result computed before the elementwise work on them follows. */
const MOST_ROWS = 64;
const MOST_COLUMNS = 128;
/** Panels that are packed together. */
const PANELS_PER_BLOCK = 4;
/** So many blocks are enough to keep threads busy. */
const BLOCKS = 24;
/** Longer contractions are cut into blocks of `BLOCK_DEPTH`, whose float32 products are added up in float64. */
const MOST_DEPTH = 1024;
const BLOCK_DEPTH = 512;

/** The most additions in a row in a float32 tile. */
export const LONGEST_IN_TILE = MOST_DEPTH;

/**
 * Lowers the product at the head of a group; `rest` is the walk over its result, which is nothing but
 * storing it if the product is `alone`.
 */
export function lowerProduct(
  head: Store,
  rest: WalkPlan,
  operands: Operands,
  schedule: Schedule,
  target: Target,
  alone: boolean,
): Lowered {
  return new ProductLowering(head, rest, operands, schedule, target, alone).lowered();
}

/** Where tiles are written, and whether that is the end of it. */
interface Result {
  readonly buffer: Buffer;
  /** Elements from one row to the next. */
  readonly rowStride: number;
  readonly final: boolean;
}

class ProductLowering {
  private readonly head: Store;
  private readonly rest: WalkPlan;
  private readonly operands: Operands;
  private readonly schedule: Schedule;
  private readonly target: Target;
  private readonly rows: TileDim;
  private readonly columns: TileDim;
  private readonly depth: TileDim;
  private readonly left: Operand;
  private readonly right: Operand;
  /** The outermost axis of the batch, cut into tasks, and the counters of all its axes. */
  private readonly batch: TileDim | undefined;
  private readonly batchCounters: ReadonlyMap<Axis, Variable>;
  private readonly tile: { readonly rows: number; readonly columns: number };
  private readonly result: Result;
  /** Where the products of many blocks of the contraction are added up, in the layout of the result. */
  private readonly total: Buffer | undefined;
  /** Whose blocks are shared out, if any are. */
  private readonly shared: TileDim | undefined;
  private readonly scratch: Buffer[] = [];
  private operations = 0;

  constructor(
    head: Store,
    rest: WalkPlan,
    operands: Operands,
    schedule: Schedule,
    target: Target,
    alone: boolean,
  ) {
    const product = head.product;
    if (product === undefined) throw new Error("a product store needs a product");
    this.head = head;
    this.rest = rest;
    this.operands = operands;
    this.schedule = schedule;
    this.target = target;
    const layout = [...rest.writes].sort((a, b) => sizeOf(b) - sizeOf(a))[0] ?? head.node.axes;
    const ordered = (axes: readonly Axis[]) =>
      [...axes].sort((a, b) => layout.indexOf(a) - layout.indexOf(b));
    const innermost = layout.findLast((a) => !product.batch.includes(a)) as Axis;
    const swap = product.rows.includes(innermost);
    const rowAxes = ordered(swap ? product.columns : product.rows);
    const columnAxes = ordered(swap ? product.rows : product.columns);
    const tile = target.tile[laneType(head.node.dtype) as "f32" | "f64"];
    this.tile = tile;
    const contracted = operands.depthOrder(product);
    this.depth = tileDim("depth", contracted, depthOfBlocks(contracted));

    const tasks = tasksFor(this.flops, target);
    const tiles = (axes: readonly Axis[], width: number) => Math.ceil(sizeOf(axes) / width);
    const isCut = product.batch.length === 0 && tasks > 1;
    const byRows = tiles(rowAxes, tile.rows) >= tiles(columnAxes, tile.columns);
    const blocked = (axes: readonly Axis[], width: number, atMost: number) => {
      const all = tiles(axes, width);
      const evenly = Math.ceil(all / Math.min(all, tasks, BLOCKS));
      return width * Math.max(1, Math.min(evenly, Math.floor(atMost / width)));
    };
    const rowBlock = isCut && byRows ? blocked(rowAxes, tile.rows, MOST_ROWS) : MOST_ROWS;
    const columnBlock =
      isCut && !byRows ? blocked(columnAxes, tile.columns, MOST_COLUMNS) : Infinity;
    this.rows = tileDim("row", rowAxes, isCut && !byRows ? Infinity : rowBlock, tile.rows);
    this.columns = tileDim("column", columnAxes, columnBlock, tile.columns);

    const batch = [...product.batch].sort((a, b) => b.size - a.size);
    const perTask = batch.length > 0 ? Math.ceil(batch[0].size / Math.max(1, tasks)) : 0;
    this.batch = batch.length > 0 ? tileDim("batch", [batch[0]], perTask) : undefined;
    this.batchCounters = new Map(batch.map((a) => [a, { name: a.name }]));
    const candidate = this.batch ?? (byRows ? this.rows : this.columns);
    this.shared = tasks > 1 && candidate.counter !== undefined ? candidate : undefined;

    this.left = this.operand(swap ? product.right : product.left, this.rows, tile.rows, false);
    this.right = this.operand(
      swap ? product.left : product.right,
      this.columns,
      tile.columns,
      true,
    );
    const isLong = head.node.dtype === "float32" && this.depth.counter !== undefined;
    this.result = (alone && !isLong ? this.inPlace() : undefined) ?? this.aside();
    this.total = isLong ? this.own("total", this.result.buffer.length, "float64") : undefined;
  }

  /** The place of the value itself, if neighbouring columns are neighbours there. */
  private inPlace(): Result | undefined {
    const { target: buffer, node } = this.head;
    const rowStride = flatStride(buffer, this.rows.axes);
    const fits = flatStride(buffer, this.columns.axes) === 1 && buffer.dtype === node.dtype;
    return fits && rowStride !== undefined ? { buffer, rowStride, final: true } : undefined;
  }

  private aside(): Result {
    const rowStride = roundUp(blockSize(this.columns), this.tile.columns);
    const rows = roundUp(blockSize(this.rows), this.tile.rows);
    return { buffer: this.own("tile", rows * rowStride), rowStride, final: false };
  }

  private get flops(): number {
    return 2 * sizeOf([...this.head.node.axes, ...this.depth.axes]);
  }

  private own(name: string, length: number, dtype: DType = this.head.node.dtype): Buffer {
    const made = buffer(name, "scratch", dtype, [], length);
    this.scratch.push(made);
    return made;
  }

  private operand(value: Tensor, s: TileDim, width: number, asVectors: boolean): Operand {
    const found = this.operands.find({
      value,
      side: s,
      depth: this.depth,
      width,
      dtype: this.head.node.dtype as DType,
      asVectors,
      isCommon: this.batch === undefined && this.shared !== undefined,
    });
    if (found.packing !== "none") this.scratch.push(found.buffer);
    return found;
  }

  lowered(): Lowered {
    const { left, right } = this;
    const epilogue = this.result.final ? NOTHING : this.epilogue();
    this.operations += epilogue.operations * sizeOf(this.rest.space);
    const once = [left, right].filter((x) => x.packing === "whole");
    const perBlock = [left, right].filter((x) => x.packing === "block");
    const packed = once.flatMap((x) => this.pack(x));
    const parts = [...perBlock.flatMap((x) => this.pack(x)), ...this.tiles(), ...this.addUp()];
    const start = this.total === undefined ? [] : [fillOf(this.total, "sum")];
    const block = [...start, ...inBlocks(this.depth, parts), ...epilogue.statements];
    const statements =
      this.batch === undefined
        ? [...packed, ...this.shareOut(this.inOtherBlocks(block))]
        : this.shareOut(this.inBatch([...packed, ...this.inOtherBlocks(block)]));
    return {
      statements: [...epilogue.before, ...statements, ...epilogue.after],
      scratch: [...this.scratch, ...epilogue.scratch],
      flops: this.flops + this.operations,
    };
  }

  private shareOut(body: readonly Statement[]): readonly Statement[] {
    const { shared } = this;
    if (shared?.counter === undefined) return body;
    return [{ kind: "parallel", variable: shared.counter, to: shared.blocks, body }];
  }

  private inOtherBlocks(body: readonly Statement[]): readonly Statement[] {
    return [this.columns, this.rows]
      .filter((s) => s !== this.shared)
      .reduce((inner, s) => inBlocks(s, inner), body);
  }

  /** The loops over the axes of the batch, as far as they are not shared out. */
  private inBatch(body: readonly Statement[]): readonly Statement[] {
    const loops = [...this.batchCounters].map(([a, variable]) => {
      const to = a === this.batch?.axes[0] ? stepsIn(this.batch, 1) : a.size;
      return { kind: "loop", variable, to, step: 1, lanes: 1 } as const;
    });
    const inner = loops.reduceRight<readonly Statement[]>(
      (b, loop) => [{ ...loop, body: b }],
      body,
    );
    return this.batch === this.shared || this.batch === undefined
      ? inner
      : inBlocks(this.batch, inner);
  }

  /** Where walks inside the loops over the batch and the blocks of some sides stand. */
  private surroundings(...blocked: readonly TileDim[]): OuterLoops {
    const outside = new Map<Axis, readonly AffineTerm[]>();
    const rounds = new Map<Axis, Count>();
    for (const [a, variable] of this.batchCounters) {
      const start = a === this.batch?.axes[0] ? startOf(this.batch, 1) : [];
      outside.set(a, [...start, { variable, factor: 1 }]);
    }
    for (const s of blocked) {
      if (s.counter === undefined) continue;
      outside.set(s.axes[0], [{ variable: s.counter, factor: s.steps }]);
      rounds.set(s.axes[0], stepsIn(s, 1));
    }
    const { shared } = this;
    const inside = shared !== undefined && (shared === this.batch || blocked.includes(shared));
    if (!inside || shared.counter === undefined) return { outside, rounds };
    const parallel = { index: shared.counter, tasks: shared.blocks, axis: shared.axes[0] };
    return { outside, rounds, parallel };
  }

  /**
   * Computes an operand, or what is needed of it in a block, row by row or into panels:
   * [panel][depth][width].
   */
  private pack(x: Operand): readonly Statement[] {
    const { value, side: s, width, buffer: panels, packing, deep } = x;
    const inBlock = packing === "block";
    const asRows = deep === 1;
    const depth = inBlock ? blockSize(this.depth) : this.depth.size;
    const some = tileDim("panels", s.axes, PANELS_PER_BLOCK * width, width);
    const whole = blockSize(some) % width === 0 ? some : tileDim("panels", s.axes, Infinity);
    const part = inBlock ? s : whole;
    let position: AxisIndex = () => [];
    const address = (): Address => {
      const start = inBlock ? [] : startOf(part, depth);
      const terms = [...flat(this.depth, position, deep), ...start];
      if (asRows) terms.push(...flat(part, position, depth));
      const panel = { terms: flat(part, position, 1), width, stride: depth * width };
      return { buffer: panels, terms, positions: [], ...(asRows ? {} : { panel }) };
    };
    const axes = [...this.batchCounters.keys(), ...s.axes, ...this.depth.axes];
    const inPanels = !asRows && width % (this.target.vectorBytes / 4) === 0;
    const walked = lowerWalk(
      {
        space: axes,
        writes: [],
        reads: [],
        order: {
          axes: inPanels ? [...this.depth.axes, ...s.axes] : [...s.axes, ...this.depth.axes],
          vector: (inPanels ? s.axes : this.depth.axes).at(-1) as Axis,
        },
        actions: [
          {
            value: (body: ExpressionLowering) => body.number(value),
            address,
            over: [],
            combine: undefined,
          },
        ],
        bufferOf: (y) => this.schedule.buffers.get(y),
        prepare: (_, at) => {
          position = at;
        },
      },
      inBlock ? this.surroundings(s, this.depth) : this.surroundings(part),
      this.target,
    );
    this.operations += walked.operations * sizeOf(axes);
    if (inBlock || part.counter === undefined) return walked.statements;
    const alone = this.batch !== undefined || this.shared === undefined;
    if (alone) return inBlocks(part, walked.statements);
    return [{ kind: "parallel", variable: part.counter, to: part.blocks, body: walked.statements }];
  }

  /** All tiles of a block: a panel of columns stays near while rows pass. */
  private tiles(): readonly Statement[] {
    const column = { name: "column" };
    const row = { name: "row" };
    const { rows, columns, left, right, tile } = this;
    const loop = (variable: Variable, to: Count, step: number, body: readonly Statement[]) =>
      [{ kind: "loop", variable, to, step, lanes: 1, body }] as const;
    const [down, across] = [stepsIn(rows, rows.inner), stepsIn(columns, columns.inner)];
    const one: Statement = {
      kind: "tile",
      type: laneType(this.head.node.dtype) as "f32" | "f64",
      a: this.operandAt(left, row),
      b: this.operandAt(right, column),
      c: this.resultAt(row, column),
      strides: {
        aRow: left.along,
        aStep: left.deep,
        bStep: right.deep,
        cRow: this.result.rowStride,
      },
      rows: { full: tile.rows, count: down, at: row },
      columns: { full: tile.columns, count: across, at: column },
      tailMasked: this.result.final,
      depth: stepsIn(this.depth, this.depth.inner),
      block: this.total === undefined ? this.depth.counter : undefined,
    };
    return loop(column, across, tile.columns, loop(row, down, tile.rows, [one]));
  }

  /** Adds the product of a block of the contraction to the total. */
  private addUp(): readonly Statement[] {
    if (this.total === undefined) return [];
    const variable = { name: "element" };
    const here = (b: Buffer): Address => {
      return { buffer: b, terms: [{ variable, factor: 1 }], positions: [] };
    };
    const lanes = this.target.vectorBytes / 4;
    const nest = new Nest([{ variable, to: this.total.length, step: lanes, lanes }]);
    const product = new ScalarBuilder().leaf("load", "f32", here(this.result.buffer));
    nest.store(here(this.total), product, "sum");
    return nest.statements();
  }

  /** Where the tile that begins at row or column `at` of the block finds an operand. */
  private operandAt(x: Operand, at: Variable): Address {
    if (x.packing !== "none") {
      const inBlock = x.packing === "block";
      const depth = inBlock ? blockSize(this.depth) : this.depth.size;
      const start = inBlock ? [] : [...startOf(x.side, depth), ...startOf(this.depth, x.deep)];
      const terms = [{ variable: at, factor: depth }, ...start];
      return { buffer: x.buffer, terms, positions: [] };
    }
    const terms = [
      { variable: at, factor: x.along },
      ...startOf(x.side, x.along),
      ...startOf(this.depth, x.deep),
      ...this.inBatchOf(x.buffer),
    ];
    return { buffer: x.buffer, terms, positions: [] };
  }

  /** The elementwise work and reductions on a block of the result. */
  private epilogue(): LoweredNest {
    const { rowStride } = this.result;
    const from = this.total ?? this.result.buffer;
    const prepare = (body: ExpressionLowering, position: AxisIndex) =>
      body.readAt(this.head.node, {
        buffer: from,
        terms: [...flat(this.rows, position, rowStride), ...flat(this.columns, position, 1)],
        positions: [],
      });
    const around = this.surroundings(this.rows, this.columns);
    return lowerWalk({ ...this.rest, prepare }, around, this.target);
  }

  /** Where the tile at `row` and `column` of the block is written. */
  private resultAt(row: Variable, column: Variable): Address {
    const { buffer: into, rowStride, final } = this.result;
    const terms = [
      { variable: row, factor: rowStride },
      { variable: column, factor: 1 },
    ];
    if (!final) return { buffer: into, terms, positions: [] };
    const start = [...startOf(this.rows, rowStride), ...startOf(this.columns, 1)];
    return { buffer: into, terms: [...terms, ...start, ...this.inBatchOf(into)], positions: [] };
  }

  /** The position in `b` along the axes of the batch. */
  private inBatchOf(b: Buffer): AffineTerm[] {
    return [...this.surroundings().outside].flatMap(([a, terms]) =>
      terms.map((t) => ({ variable: t.variable, factor: t.factor * stride(b, a) })),
    );
  }
}

const NOTHING: LoweredNest = { before: [], statements: [], after: [], scratch: [], operations: 0 };

function depthOfBlocks(axes: readonly Axis[]): number {
  const size = sizeOf(axes);
  return size <= MOST_DEPTH ? size : BLOCK_DEPTH;
}
