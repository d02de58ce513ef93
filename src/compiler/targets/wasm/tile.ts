/** The inner loop of matrix products: one tile of results held in registers. */
import type { Target } from "../../loops/loops.ts";
import type { TileUse } from "../../loops/phases.ts";
import { Code } from "./code.ts";
import { type FunctionBody, I32, V128 } from "./encode.ts";
import { LANEWISE, SIMD } from "./opcodes.ts";

/**
 * A row of a tile is two vectors. Five rows are the most whose sums, operands and one product stay
 * in the 15 vector registers that engines leave free on x86.
 */
export const WASM: Target = {
  vectorBytes: 16,
  minTaskWork: 65536,
  tile: { f32: { rows: 5, columns: 8 }, f64: { rows: 5, columns: 4 } },
};

const [A, B, C, DEPTH, ADD] = [0, 1, 2, 3, 4];

/**
 * The function (a, b, c, depth): stores the product of two operands as the tile at `c`; with a fifth argument that is not
 * 0 the product is added to it, and a tile that subtracts takes it from what is there. The loop is one step long and
 * nothing but stores follows it: engines then keep all sums in registers, which unrolling or a second path would end. So
 * sums that are added to others start from them.
 */
export function tileFunction(use: TileUse): FunctionBody {
  const { type, rows, vectors, tail, strides, adds, subtracts } = use;
  const parameters = adds ? [I32, I32, I32, I32, I32] : [I32, I32, I32, I32];
  const width = type === "f32" ? 4 : 8;
  const instruction = (op: "add" | "sub" | "mul") => LANEWISE[op]?.[type] as number;
  const code = new Code(parameters.length);
  const sums = Array.from({ length: rows * vectors }, () => code.local(V128));
  const right = Array.from({ length: vectors }, () => code.local(V128));
  const left = code.local(V128);
  const place = (i: number) => {
    const [r, v] = [Math.floor(i / vectors), i % vectors];
    return r * strides.cRow * width + v * WASM.vectorBytes;
  };
  if (adds) code.get(ADD).plain("if", "empty");
  if (adds || subtracts) {
    sums.forEach((sum, i) => {
      code.get(C).memory(SIMD.load, place(i)).set(sum);
    });
  }
  if (adds) code.plain("end");
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
      .memory(SIMD.loadSplat[width as 4], r * strides.aRow * width)
      .set(left);
    for (let v = 0; v < vectors; v++) {
      const sum = sums[r * vectors + v];
      code.get(sum).get(left).get(right[v]).simd(instruction("mul"));
      code.simd(instruction(subtracts ? "sub" : "add")).set(sum);
    }
  }
  code
    .get(A)
    .i32(strides.aStep * width)
    .plain("i32Add")
    .set(A);
  code
    .get(B)
    .i32(strides.bStep * width)
    .plain("i32Add")
    .set(B);
  code.get(DEPTH).i32(1).plain("i32Sub").tee(DEPTH);
  code.i32(1).plain("i32LtS", "i32Eqz").branchIf(0);
  code.plain("end", "end");
  sums.forEach((sum, i) => {
    if (tail === undefined || i % vectors < vectors - 1) {
      code.get(C).get(sum).memory(SIMD.store, place(i));
      return;
    }
    for (let lane = 0; lane < tail; lane++) {
      code.get(C).get(sum);
      code.memory(SIMD.storeLane[width as 4], place(i) + lane * width).bytes.byte(lane);
    }
  });
  return { parameters, locals: code.locals, code: code.bytes };
}
