/** Programs: memory, inputs and outputs, running. */
export { type Backend, WORTH_COMPILING } from "./backend.ts";
export { isSealed, openSealedJson, seal, sealedJson, UNSEALED } from "./checksum.ts";
export { type NativeSupport, nativeSupport } from "./native/describe.ts";
export { type CompileOptions, compile, Program, type ProgramSpec, type Values } from "./program.ts";
export { threadsFor } from "./threads.ts";
