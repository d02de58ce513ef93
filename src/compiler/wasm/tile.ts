/** The inner loop of matrix products: one tile of results held in registers. */
import type { Target } from "../loops.ts";
import { Code } from "./code.ts";
import { type FunctionBody, I32, V128 } from "./encode.ts";
import { LANEWISE, SIMD } from "./opcodes.ts";

/** WebAssembly has 16 registers of 16 bytes on common machines; one row of a tile is two of them. */
export const WASM: Target = {
  vectorBytes: 16,
  tile: { f32: { rows: 4, columns: 8 }, f64: { rows: 4, columns: 4 } },
};

/** Steps of the contraction per round of the loop. */
const UNROLL = 4;

const [A, B, C, DEPTH, STRIDE, FRESH] = [0, 1, 2, 3, 4, 5];
const PARAMETERS = [I32, I32, I32, I32, I32, I32];

/**
 * The function (a, b, c, depth, stride of c in bytes, fresh): adds the product of two panels to the
 * tile at `c`, or stores it there if `fresh` is not 0. Addresses are in bytes.
 */
export function tileFunction(type: "f32" | "f64"): FunctionBody {
  const { rows, columns } = WASM.tile[type];
  const width = type === "f32" ? 4 : 8;
  const vectors = (columns * width) / WASM.vectorBytes;
  const code = new Code(PARAMETERS.length);
  const sums = Array.from({ length: rows * vectors }, () => code.local(V128));
  const right = Array.from({ length: vectors }, () => code.local(V128));
  const left = code.local(V128);
  const [add, multiply] = ["add", "mul"].map((op) => LANEWISE[op as "add"]?.[type] as number);
  const splat = SIMD.loadSplat[width as 4];

  const step = (at: number) => {
    for (let v = 0; v < vectors; v++) {
      code
        .get(B)
        .memory(SIMD.load, (at * vectors + v) * WASM.vectorBytes)
        .set(right[v]);
    }
    for (let r = 0; r < rows; r++) {
      code
        .get(A)
        .memory(splat, (at * rows + r) * width)
        .set(left);
      for (let v = 0; v < vectors; v++) {
        const sum = sums[r * vectors + v];
        code.get(sum).get(left).get(right[v]).simd(multiply).simd(add).set(sum);
      }
    }
  };
  const advance = (steps: number) => {
    code
      .get(A)
      .i32(steps * rows * width)
      .plain("i32Add")
      .set(A);
    code
      .get(B)
      .i32(steps * columns * width)
      .plain("i32Add")
      .set(B);
    code.get(DEPTH).i32(steps).plain("i32Sub").tee(DEPTH);
  };
  const repeat = (steps: number) => {
    code
      .i32(steps - 1)
      .get(DEPTH)
      .plain("i32LtS", "if", "empty", "loop", "empty");
    for (let at = 0; at < steps; at++) step(at);
    advance(steps);
    code.i32(steps).plain("i32LtS", "i32Eqz", "branchIf").bytes.unsigned(0);
    code.plain("end", "end");
  };
  const address = (r: number) => {
    code.get(C);
    if (r > 0) code.get(STRIDE).i32(r).plain("i32Mul", "i32Add");
  };
  const eachSum = (visit: (sum: number, offset: number) => void, r: number) => {
    for (let v = 0; v < vectors; v++) visit(sums[r * vectors + v], v * WASM.vectorBytes);
  };

  code.get(FRESH).plain("i32Eqz", "if", "empty");
  for (let r = 0; r < rows; r++) {
    eachSum((sum, offset) => {
      address(r);
      code.memory(SIMD.load, offset).set(sum);
    }, r);
  }
  code.plain("end");
  repeat(UNROLL);
  repeat(1);
  for (let r = 0; r < rows; r++) {
    eachSum((sum, offset) => {
      address(r);
      code.get(sum).memory(SIMD.store, offset);
    }, r);
  }
  return { type: { parameters: PARAMETERS }, locals: code.locals, code: code.bytes };
}
