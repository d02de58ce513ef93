/** Programs that another thread of the process runs, in memory of its own. */
import { allocate, type DType, SurmiseError, type TypedArray } from "../tensor/internal.ts";
import { type Executable, type Linkage, NO_FLAG, type PortableCode } from "./executable.ts";
import { native, nativeExecutable } from "./native/executable.ts";
import { executableOf } from "./wasm/executable.ts";

/** Where some numbers lie in the memory of a program. */
export interface Place {
  /** In bytes. */
  readonly offset: number;
  /** How many numbers there are. */
  readonly length: number;
  /** Their type. */
  readonly dtype: DType;
}

/** A program with its present memory, as a message to another thread. */
export interface ProgramReplica {
  /** The compiled code. */
  readonly code: PortableCode;
  /** A copy of its memory. */
  readonly memory: ArrayBuffer;
  /** Of the inputs and outputs that were asked for. */
  readonly places: Readonly<Record<string, Place>>;
}

/** A replica that runs, on the thread that opened it. */
export interface OpenReplica {
  /** The values of an input or output, where they lie. */
  view(name: string): TypedArray;
  /** Makes a step. */
  step(): void;
  /** How other modules of WebAssembly call it, if they can. */
  readonly linkage: Linkage | undefined;
}

/**
 * Makes a replica run here.
 *
 * @throws SurmiseError if there is no room for its memory, or its library cannot be loaded.
 */
export function openReplica({ code, memory, places }: ProgramReplica): OpenReplica {
  const machine = machineOf(code, memory.byteLength);
  new Uint8Array(machine.memory).set(new Uint8Array(memory));
  return {
    view(name) {
      const { dtype, length, offset } = places[name];
      return allocate(dtype, length, machine.memory, offset);
    },
    step: () => void machine.run(1, NO_FLAG),
    linkage: machine.linkage,
  };
}

function machineOf(code: PortableCode, bytes: number): Executable {
  if (typeof code !== "string") return executableOf(code as WebAssembly.Module, bytes);
  const here = native();
  if (typeof here === "string") throw new SurmiseError(`native code is not to be had: ${here}`);
  return nativeExecutable({ library: code, bytes, shares: false }, 1, here);
}
