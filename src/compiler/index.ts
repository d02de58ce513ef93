/** Expressions to machine code: fusion, matrix products, memory, WebAssembly; and the oracle. */
export { type Buffer, byteLength } from "./buffer.ts";
export {
  type Compiled,
  type CompilerOptions,
  compileToC,
  compileToOracle,
  compileToWasm,
  type Layout,
  type Plan,
  plan,
  type Stages,
  type Tap,
} from "./compile.ts";
export { type ExplainedStage, explain } from "./explain/index.ts";
export type { Kernel, Target } from "./loops/loops.ts";
export type { MemoryPlan } from "./memory.ts";
export { evaluate } from "./oracle/index.ts";
export type { ProgramRoots } from "./schedule/stores.ts";
export { PROGRAM } from "./targets/c/prelude.ts";
export { PAGE, type WasmModule } from "./targets/wasm/module.ts";
export { MEETING } from "./targets/wasm/threads.ts";
