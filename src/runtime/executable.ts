import { PAGE } from "../compiler/index.ts";

/**
 * A value in memory that ends a run once it is not zero: its byte offset, and the bits of the two words there
 * that say so. The sign of a zero does not count.
 */
export interface Flag {
  /** The byte offset of the number in the program's memory. */
  readonly at: number;
  /** The mask of its low word. */
  readonly low: number;
  /** The mask of its high word. */
  readonly high: number;
}

/** Never set. */
export const NO_FLAG: Flag = { at: 0, low: 0, high: 0 };

/**
 * A WebAssembly.Module for one thread, or the path of a native library. The module goes by `object` in types that users
 * see: theirs need not have those of a page.
 */
export type PortableCode = object | string;

/** Bytes behind the memory of a program in WebAssembly for one thread that are left to other modules. */
export const SPARE = PAGE;

/** A program in WebAssembly for one thread, as another module calls it in the same memory. */
export interface Linkage {
  /** The WebAssembly.Memory. */
  readonly memory: object;
  /** The exported function that runs steps, as `Executable.run` does until the flag of the last three. */
  readonly run: (steps: number, at: number, low: number, high: number) => number;
  /** Where memory begins that the program does not use (`SPARE`): a byte offset. */
  readonly free: number;
}

/** What runs a compiled program. */
export interface Executable {
  /** What it is: WebAssembly, native code, or the interpreter. */
  readonly backend: "wasm" | "c" | "oracle";
  /** Holds all values of the program, at the offsets of its memory plan. */
  readonly memory: ArrayBufferLike;
  /** What other threads can run in memory of their own. */
  readonly code?: PortableCode | undefined;
  /** How other modules of WebAssembly call it, if they can. */
  readonly linkage?: Linkage | undefined;
  /** Runs the step up to `steps` times, but not again once `until` is set; returns how often it ran. */
  run(steps: number, until: Flag): number;
  /** Does what is the same in all steps, from the present values of inputs. */
  runPrologue(): void;
}
