/** The inner loop of matrix products: one tile of results held in registers. */
import type { Target } from "../loops/loops.ts";
import { Code } from "./code.ts";
import { type FunctionBody, I32, V128 } from "./encode.ts";
import { LANEWISE, SIMD } from "./opcodes.ts";

/**
 * A row of a tile is two vectors. Five rows are the most whose sums, operands and one product stay
 * in the 15 vector registers that engines leave free on x86.
 */
export const WASM: Target = {
  vectorBytes: 16,
  tile: { f32: { rows: 5, columns: 8 }, f64: { rows: 5, columns: 4 } },
};

const [A, B, C, DEPTH, STRIDE] = [0, 1, 2, 3, 4];
const PARAMETERS = [I32, I32, I32, I32, I32];

/** How tiles of one type are laid out: bytes per number, vectors per row. */
function layout(type: "f32" | "f64") {
  const { rows, columns } = WASM.tile[type];
  const width = type === "f32" ? 4 : 8;
  const instruction = (op: "add" | "mul") => LANEWISE[op]?.[type] as number;
  return { rows, columns, width, vectors: (columns * width) / WASM.vectorBytes, instruction };
}

/**
 * The function (a, b, c, depth, stride): stores the product of two panels as the tile at `c`, whose
 * rows are `stride` bytes apart. The loop is one step long and nothing but stores follows it: engines
 * then keep all sums in registers, which unrolling or a second path would end.
 */
export function tileFunction(type: "f32" | "f64"): FunctionBody {
  const { rows, columns, width, vectors, instruction } = layout(type);
  const code = new Code(PARAMETERS.length);
  const sums = Array.from({ length: rows * vectors }, () => code.local(V128));
  const right = Array.from({ length: vectors }, () => code.local(V128));
  const left = code.local(V128);
  code.i32(0).get(DEPTH).plain("i32LtS", "if", "empty", "loop", "empty");
  for (let v = 0; v < vectors; v++) {
    code
      .get(B)
      .memory(SIMD.load, v * WASM.vectorBytes)
      .set(right[v]);
  }
  for (let r = 0; r < rows; r++) {
    code
      .get(A)
      .memory(SIMD.loadSplat[width as 4], r * width)
      .set(left);
    for (let v = 0; v < vectors; v++) {
      const sum = sums[r * vectors + v];
      code.get(sum).get(left).get(right[v]).simd(instruction("mul")).simd(instruction("add"));
      code.set(sum);
    }
  }
  code
    .get(A)
    .i32(rows * width)
    .plain("i32Add")
    .set(A);
  code
    .get(B)
    .i32(columns * width)
    .plain("i32Add")
    .set(B);
  code.get(DEPTH).i32(1).plain("i32Sub").tee(DEPTH);
  code.i32(1).plain("i32LtS", "i32Eqz", "branchIf").bytes.unsigned(0);
  code.plain("end", "end");
  sums.forEach((sum, i) => {
    address(code, Math.floor(i / vectors));
    code.get(sum).memory(SIMD.store, (i % vectors) * WASM.vectorBytes);
  });
  return { type: { parameters: PARAMETERS }, locals: code.locals, code: code.bytes };
}

/**
 * The function (a, b, c, depth, stride) that adds the product of two panels to the tile at `c`, by
 * way of `tile`, the function that stores it, and some bytes at `scratch`.
 */
export function addTileFunction(type: "f32" | "f64", tile: number, scratch: number): FunctionBody {
  const { rows, columns, width, vectors, instruction } = layout(type);
  const code = new Code(PARAMETERS.length);
  const rowBytes = columns * width;
  code.get(A).get(B).i32(scratch).get(DEPTH).i32(rowBytes).plain("call").bytes.unsigned(tile);
  for (let i = 0; i < rows * vectors; i++) {
    const [r, v] = [Math.floor(i / vectors), (i % vectors) * WASM.vectorBytes];
    address(code, r);
    address(code, r);
    code.memory(SIMD.load, v);
    code.i32(scratch).memory(SIMD.load, r * rowBytes + v);
    code.simd(instruction("add")).memory(SIMD.store, v);
  }
  return { type: { parameters: PARAMETERS }, locals: code.locals, code: code.bytes };
}

/** Leaves the address of row `r` of the tile at `c` on the stack. */
function address(code: Code, r: number): void {
  code.get(C);
  if (r > 0) code.get(STRIDE).i32(r).plain("i32Mul", "i32Add");
}
