/** Kernels as phases: what one thread does alone, and what threads share out. */
import type { Buffer } from "../buffer.ts";
import type { FloatType } from "../scalar/language.ts";
import {
  extentsOf,
  type Kernel,
  lanesOf,
  type Repeat,
  type Statement,
  type Tile,
  type Variable,
} from "./loops.ts";

/** A stretch of a kernel that ends before anything that needs its results begins. */
export interface Phase {
  /** The name of its kernel, with a number where there are several. */
  readonly name: string;
  /** What was fused, for people. */
  readonly summary: string;
  /** Its loops and stores. */
  readonly body: readonly Statement[];
  /** Tasks that do not need each other and their counter; undefined if one thread works alone. */
  readonly tasks: number | undefined;
  /** The number of the task. */
  readonly variable: Variable | undefined;
  /** What repeats it, outermost first. */
  readonly repeats: readonly Repeat[];
}

/** The phases of a program in running order. */
export function phasesOf(kernels: readonly Kernel[]): Phase[] {
  return kernels.flatMap(({ name, summary, body, repeats }) => {
    const phases: Phase[] = [];
    const add = (phase: Pick<Phase, "body" | "tasks" | "variable">) =>
      phases.push({ name: `${name}_${phases.length}`, summary, repeats, ...phase });
    let alone: Statement[] = [];
    const close = () => {
      if (alone.length > 0) add({ body: alone, tasks: undefined, variable: undefined });
      alone = [];
    };
    for (const s of body) {
      if (s.kind === "parallel") {
        close();
        add({ body: s.body, tasks: s.to, variable: s.variable });
      } else alone.push(s);
    }
    close();
    return phases;
  });
}

/** Phases in running order: by number, or several that are repeated. */
export type ExecutionOrder =
  | number
  | {
      readonly turns: number;
      /** Where the int32 lies that ends the turns once it is not 0. */
      readonly until: number | undefined;
      readonly course: readonly ExecutionOrder[];
    };

/** How phases follow each other, those of `depth` and more common repeats taken together. */
export function executionOrder(
  phases: readonly Phase[],
  offsets: ReadonlyMap<Buffer, number>,
  from = 0,
  depth = 0,
): ExecutionOrder[] {
  const course: ExecutionOrder[] = [];
  let i = 0;
  while (i < phases.length) {
    const repeat = phases[i].repeats[depth];
    const start = i++;
    if (repeat === undefined) {
      course.push(from + start);
      continue;
    }
    while (i < phases.length && phases[i].repeats[depth] === repeat) i++;
    const inner = executionOrder(phases.slice(start, i), offsets, from + start, depth + 1);
    const { turns, until } = repeat;
    course.push({ turns, until: until && offsets.get(until), course: inner });
  }
  return course;
}

/** A tile as it is used: all of it, or what is left at an edge. */
export interface TileUse {
  /** The type of the product. */
  readonly type: FloatType;
  /** Rows of C in the tile. */
  readonly rows: number;
  /** Vectors in a row. */
  readonly vectors: number;
  /** How many lanes of the last of them are stored, if not all. */
  readonly tail: number | undefined;
  /** Distances in elements. */
  readonly strides: Tile["strides"];
  /** Whether a tile may be added to what is there. */
  readonly adds: boolean;
  /** Whether a tile is taken from what is there. */
  readonly subtracts: boolean;
}

/** What a function for such tiles may be called: equal for equal uses. */
export function tileName(use: TileUse): string {
  const { type, rows, vectors, tail, strides, adds, subtracts } = use;
  const { aRow, aStep, bStep, cRow } = strides;
  const shape = [rows, vectors, tail ?? "all", aRow, aStep, bStep, cRow].join("_");
  return `tile_${type}_${shape}${adds ? "_add" : subtracts ? "_subtract" : ""}`;
}

/** The use of a tile where `rows` rows and `columns` columns are left. */
export function tileUse(s: Tile, rows: number, columns: number, vectorBytes: number): TileUse {
  const lanes = lanesOf(s.type, { vectorBytes });
  const { type, strides } = s;
  const { subtracts = false } = s;
  const adds = s.block !== undefined;
  const tail = s.tailMasked ? columns % lanes || undefined : undefined;
  return { type, rows, vectors: Math.ceil(columns / lanes), tail, strides, adds, subtracts };
}

/** Every use of a tile in a program, by name. */
export function tileUses(kernels: readonly Kernel[], vectorBytes: number): Map<string, TileUse> {
  const uses = new Map<string, TileUse>();
  const visit = (s: Statement) => {
    if (s.kind === "loop" || s.kind === "parallel") s.body.forEach(visit);
    if (s.kind !== "tile") return;
    for (const rows of extentsOf(s.rows)) {
      for (const columns of extentsOf(s.columns)) {
        const use = tileUse(s, rows, columns, vectorBytes);
        uses.set(tileName(use), use);
      }
    }
  };
  for (const kernel of kernels) kernel.body.forEach(visit);
  return uses;
}
