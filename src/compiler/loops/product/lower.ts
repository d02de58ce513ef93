/**
 * Lowers matrix products to tiles: a small register tile runs over the operands, which are read where they are or, if
 * they have to be computed or do not lie as needed, from packed panels; the elementwise work on the result follows while
 * a block is warm. Blocks of one side, or of the batch, are shared out.
 */
import { type Axis, sizeOf } from "../../../tensor/index.ts";
import { type Buffer, stride } from "../../buffer.ts";
import { type FloatType, ScalarBuilder } from "../../scalar/language.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { Store } from "../../schedule/stores.ts";
import { type AxisIndex, type ExpressionLowering, laneType } from "../expressions.ts";
import {
  type Address,
  type AffineTerm,
  type Count,
  lanesOf,
  type Statement,
  type Target,
  type Variable,
} from "../loops.ts";
import { Nest } from "../nest.ts";
import { fillOf } from "../partition.ts";
import {
  type Lowered,
  type LoweredNest,
  lowerWalk,
  type OuterLoops,
  type WalkPlan,
} from "../walk.ts";
import { blockSize, flat, inBlocks, startOf, stepsIn, type TileDim, tileDim } from "./dims.ts";
import type { Operand, Operands } from "./operands.ts";
import { type Tiling, tilingOf } from "./tiling.ts";

/** Panels that are packed together. */
const PANELS_PER_BLOCK = 4;

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
  const tiling = tilingOf(head, rest, operands, target, alone);
  return new ProductLowering(tiling, head, rest, schedule, target).lowered();
}

class ProductLowering {
  private readonly tiling: Tiling;
  private readonly head: Store;
  private readonly rest: WalkPlan;
  private readonly schedule: Schedule;
  private readonly target: Target;
  /** Of the elementwise work and of packing. */
  private operations = 0;

  constructor(tiling: Tiling, head: Store, rest: WalkPlan, schedule: Schedule, target: Target) {
    this.tiling = tiling;
    this.head = head;
    this.rest = rest;
    this.schedule = schedule;
    this.target = target;
  }

  lowered(): Lowered {
    const { left, right, depth, result, total, batch, scratch, flops } = this.tiling;
    const epilogue = result.final ? NOTHING : this.epilogue();
    this.operations += epilogue.operations * sizeOf(this.rest.space);
    const once = [left, right].filter((x) => x.packing === "whole");
    const perBlock = [left, right].filter((x) => x.packing === "block");
    const packed = once.flatMap((x) => this.pack(x));
    const parts = [...perBlock.flatMap((x) => this.pack(x)), ...this.tiles(), ...this.addUp()];
    const start = total === undefined ? [] : [fillOf(total, "sum")];
    const block = [...start, ...inBlocks(depth, parts), ...epilogue.statements];
    const statements =
      batch === undefined
        ? [...packed, ...this.shareOut(this.inOtherBlocks(block))]
        : this.shareOut(this.inBatch([...packed, ...this.inOtherBlocks(block)]));
    return {
      statements: [...epilogue.before, ...statements, ...epilogue.after],
      scratch: [...scratch, ...epilogue.scratch],
      flops: flops + this.operations,
    };
  }

  private shareOut(body: readonly Statement[]): readonly Statement[] {
    const { shared } = this.tiling;
    if (shared?.counter === undefined) return body;
    return [{ kind: "parallel", variable: shared.counter, to: shared.blocks, body }];
  }

  private inOtherBlocks(body: readonly Statement[]): readonly Statement[] {
    const { rows, columns, shared } = this.tiling;
    return [columns, rows]
      .filter((s) => s !== shared)
      .reduce((inner, s) => inBlocks(s, inner), body);
  }

  /** The loops over the axes of the batch, as far as they are not shared out. */
  private inBatch(body: readonly Statement[]): readonly Statement[] {
    const { batch, batchCounters, shared } = this.tiling;
    const loops = [...batchCounters].map(([a, variable]) => {
      const to = a === batch?.axes[0] ? stepsIn(batch, 1) : a.size;
      return { kind: "loop", variable, to, step: 1, lanes: 1 } as const;
    });
    const inner = loops.reduceRight<readonly Statement[]>(
      (b, loop) => [{ ...loop, body: b }],
      body,
    );
    return batch === shared || batch === undefined ? inner : inBlocks(batch, inner);
  }

  /** Where walks inside the loops over the batch and the blocks of some sides stand. */
  private surroundings(...blocked: readonly TileDim[]): OuterLoops {
    const { batch, batchCounters, shared } = this.tiling;
    const outside = new Map<Axis, readonly AffineTerm[]>();
    const rounds = new Map<Axis, Count>();
    for (const [a, variable] of batchCounters) {
      const start = a === batch?.axes[0] ? startOf(batch, 1) : [];
      outside.set(a, [...start, { variable, factor: 1 }]);
    }
    for (const s of blocked) {
      if (s.counter === undefined) continue;
      outside.set(s.axes[0], [{ variable: s.counter, factor: s.steps }]);
      rounds.set(s.axes[0], stepsIn(s, 1));
    }
    const inside = shared !== undefined && (shared === batch || blocked.includes(shared));
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
    const { depth, batch, batchCounters, shared } = this.tiling;
    const inBlock = packing === "block";
    const asRows = deep === 1;
    const steps = inBlock ? blockSize(depth) : depth.size;
    const some = tileDim("panels", s.axes, PANELS_PER_BLOCK * width, width);
    const whole = blockSize(some) % width === 0 ? some : tileDim("panels", s.axes, Infinity);
    const part = inBlock ? s : whole;
    let position: AxisIndex = () => [];
    const address = (): Address => {
      const start = inBlock ? [] : startOf(part, steps);
      const terms = [...flat(depth, position, deep), ...start];
      if (asRows) terms.push(...flat(part, position, steps));
      const panel = { terms: flat(part, position, 1), width, stride: steps * width };
      return { buffer: panels, terms, positions: [], ...(asRows ? {} : { panel }) };
    };
    const axes = [...batchCounters.keys(), ...s.axes, ...depth.axes];
    const inPanels = !asRows && width % lanesOf("f32", this.target) === 0;
    const walked = lowerWalk(
      {
        space: axes,
        writes: [],
        reads: [],
        order: {
          axes: inPanels ? [...depth.axes, ...s.axes] : [...s.axes, ...depth.axes],
          vector: (inPanels ? s.axes : depth.axes).at(-1) as Axis,
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
      inBlock ? this.surroundings(s, depth) : this.surroundings(part),
      this.target,
    );
    this.operations += walked.operations * sizeOf(axes);
    if (inBlock || part.counter === undefined) return walked.statements;
    const alone = batch !== undefined || shared === undefined;
    if (alone) return inBlocks(part, walked.statements);
    return [{ kind: "parallel", variable: part.counter, to: part.blocks, body: walked.statements }];
  }

  /** All tiles of a block: a panel of columns stays near while rows pass. */
  private tiles(): readonly Statement[] {
    const column = { name: "column" };
    const row = { name: "row" };
    const { rows, columns, depth, left, right, tile, result, total } = this.tiling;
    const loop = (variable: Variable, to: Count, step: number, body: readonly Statement[]) =>
      [{ kind: "loop", variable, to, step, lanes: 1, body }] as const;
    const [down, across] = [stepsIn(rows, rows.inner), stepsIn(columns, columns.inner)];
    const one: Statement = {
      kind: "tile",
      type: laneType(this.head.node.dtype) as FloatType,
      a: this.operandAt(left, row),
      b: this.operandAt(right, column),
      c: this.resultAt(row, column),
      strides: {
        aRow: left.along,
        aStep: left.deep,
        bStep: right.deep,
        cRow: result.rowStride,
      },
      rows: { full: tile.rows, count: down, at: row },
      columns: { full: tile.columns, count: across, at: column },
      tailMasked: result.final,
      depth: stepsIn(depth, depth.inner),
      block: total === undefined ? depth.counter : undefined,
    };
    return loop(column, across, tile.columns, loop(row, down, tile.rows, [one]));
  }

  /** Adds the product of a block of the contraction to the total. */
  private addUp(): readonly Statement[] {
    const { total, result } = this.tiling;
    if (total === undefined) return [];
    const variable = { name: "element" };
    const here = (b: Buffer): Address => {
      return { buffer: b, terms: [{ variable, factor: 1 }], positions: [] };
    };
    const lanes = lanesOf("f32", this.target);
    const nest = new Nest([{ variable, to: total.length, step: lanes, lanes }]);
    const product = new ScalarBuilder().leaf("load", "f32", here(result.buffer));
    nest.store(here(total), product, "sum");
    return nest.statements();
  }

  /** Where the tile that begins at row or column `at` of the block finds an operand. */
  private operandAt(x: Operand, at: Variable): Address {
    const { depth } = this.tiling;
    if (x.packing !== "none") {
      const inBlock = x.packing === "block";
      const steps = inBlock ? blockSize(depth) : depth.size;
      const start = inBlock ? [] : [...startOf(x.side, steps), ...startOf(depth, x.deep)];
      const terms = [{ variable: at, factor: steps }, ...start];
      return { buffer: x.buffer, terms, positions: [] };
    }
    const terms = [
      { variable: at, factor: x.along },
      ...startOf(x.side, x.along),
      ...startOf(depth, x.deep),
      ...this.inBatchOf(x.buffer),
    ];
    return { buffer: x.buffer, terms, positions: [] };
  }

  /** The elementwise work and reductions on a block of the result. */
  private epilogue(): LoweredNest {
    const { rows, columns, result, total } = this.tiling;
    const from = total ?? result.buffer;
    const prepare = (body: ExpressionLowering, position: AxisIndex) =>
      body.readAt(this.head.node, {
        buffer: from,
        terms: [...flat(rows, position, result.rowStride), ...flat(columns, position, 1)],
        positions: [],
      });
    const around = this.surroundings(rows, columns);
    return lowerWalk({ ...this.rest, prepare }, around, this.target);
  }

  /** Where the tile at `row` and `column` of the block is written. */
  private resultAt(row: Variable, column: Variable): Address {
    const { rows, columns, result } = this.tiling;
    const { buffer: into, rowStride, final } = result;
    const terms = [
      { variable: row, factor: rowStride },
      { variable: column, factor: 1 },
    ];
    if (!final) return { buffer: into, terms, positions: [] };
    const start = [...startOf(rows, rowStride), ...startOf(columns, 1)];
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
