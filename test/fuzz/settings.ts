/** Which printers are tested on which batches, with which flags and for which processors. */
import type { Native } from "../../src/runtime/native/executable.ts";
import { TARGETS } from "../../src/runtime/native/toolchain.ts";
import { NativeCode } from "./native.ts";
import type { Subject } from "./subject.ts";
import { Wasm } from "./wasm.ts";

/** One batch in so many is compiled as programs are for users, the others without optimisation. */
const SHIPPED = 8;

export interface Settings {
  readonly wasm: Wasm;
  readonly native: readonly NativeCode[];
  readonly subjects: (batch: number) => readonly Subject[];
}

/** The flags of programs, for a compiler in a hurry. */
export function unoptimised({ toolchain }: Native): readonly string[] {
  return toolchain.flags.map((flag) => (flag === "-O3" ? "-O0" : flag));
}

/**
 * WebAssembly, and C if there is a compiler: as shipped, and quickly, in turn as for this processor and
 * for others, whose vectors every compiler can emulate.
 */
export function settings(native: Native | undefined): Settings {
  const wasm = new Wasm();
  if (native === undefined) return { wasm, native: [], subjects: () => [wasm] };
  const flags = unoptimised(native);
  const shipped = new NativeCode(native, { name: "C -O3" });
  const quick = Object.entries(TARGETS).map(
    ([kind, target]) => new NativeCode(native, { name: `C -O0, ${kind}`, target, flags }),
  );
  const subjects = (batch: number) => {
    const turn = batch - Math.ceil(batch / SHIPPED);
    return [wasm, batch % SHIPPED === 0 ? shipped : quick[turn % quick.length]];
  };
  return { wasm, native: [shipped, ...quick], subjects };
}
