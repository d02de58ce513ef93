/** Puts kernels together to a module with one export: `run(steps)`. */
import type { Buffer } from "../buffer.ts";
import type { Kernel, Statement } from "../loops/loops.ts";
import { Code } from "./code.ts";
import { encodeModule, type FunctionBody, I32 } from "./encode.ts";
import { printKernel } from "./print.ts";
import { addTileFunction, tileFunction } from "./tile.ts";

export const PAGE = 65536;

/** Bytes at the start of memory where one tile is kept while it is added to another. */
export const RESERVED = 256;
const TILE_AT = 64;

/** The bytes of a module that runs the kernels in order, `steps` times over. */
export function printModule(
  kernels: readonly Kernel[],
  offsets: ReadonlyMap<Buffer, number>,
  memoryBytes: number,
): Uint8Array {
  const functions: FunctionBody[] = [];
  const tiles = { f32: { store: -1, add: -1 }, f64: { store: -1, add: -1 } };
  for (const type of ["f32", "f64"] as const) {
    if (!kernels.some((k) => usesTile(k.body, type))) continue;
    const store = functions.length;
    tiles[type] = { store, add: store + 1 };
    functions.push(tileFunction(type), addTileFunction(type, store, TILE_AT));
  }
  const first = functions.length;
  for (const kernel of kernels) functions.push(printKernel(kernel, offsets, tiles));
  functions.push(runFunction(first, kernels.length));
  return encodeModule(functions, Math.ceil(memoryBytes / PAGE));
}

function usesTile(statements: readonly Statement[], type: "f32" | "f64"): boolean {
  return statements.some((s) =>
    s.kind === "loop" ? usesTile(s.body, type) : s.kind === "tile" && s.type === type,
  );
}

function runFunction(first: number, count: number): FunctionBody {
  const steps = 0;
  const code = new Code(1);
  code.get(steps).plain("if", "empty", "loop", "empty");
  for (let i = 0; i < count; i++) code.plain("call").bytes.unsigned(first + i);
  code.get(steps).i32(1).plain("i32Sub").tee(steps).plain("branchIf").bytes.unsigned(0);
  code.plain("end", "end");
  return { type: { parameters: [I32] }, locals: [], code: code.bytes, exportAs: "run" };
}
