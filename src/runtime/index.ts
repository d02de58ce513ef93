/** Programs: memory, inputs and outputs, running. */
export type { Backend } from "./backend.ts";
export { type CompileOptions, compile, type ProgramSpec } from "./compile.ts";
export { type NativeSupport, nativeSupport } from "./native/describe.ts";
export type { Program, RunOptions } from "./program.ts";
export type { Values } from "./values.ts";
