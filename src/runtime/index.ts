/** Programs: memory, inputs and outputs, running. */
export type { Backend } from "./backend.ts";

export { type NativeSupport, nativeSupport } from "./native/describe.ts";
export {
  type CompileOptions,
  compile,
  type Program,
  type ProgramSpec,
  type RunOptions,
} from "./program.ts";
export type { Values } from "./values.ts";
