/** Expressions to machine code: fusion, matrix products, memory, WebAssembly; and the oracle. */
export type { Buffer } from "./buffer.ts";
export { type Compiled, compileToC, compileToWasm, type Stages, type Tap } from "./compile.ts";
export { explain } from "./explain.ts";
export type { Kernel, Target } from "./loops/loops.ts";
export type { Goals } from "./schedule/items.ts";
export { PAGE } from "./wasm/module.ts";
