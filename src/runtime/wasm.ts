/** Programs as WebAssembly modules. */
import { type Compiled, PAGE } from "../compiler/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import type { Machine } from "./machine.ts";

const MOST_BYTES = 2 ** 32 - PAGE;

/**
 * A machine for the module `code` of a compiled program.
 *
 * @throws SurmiseError if the program needs more than the 4 GiB a module can address.
 */
export function wasmMachine({ memory: plan }: Compiled, code: Uint8Array): Machine {
  if (plan.size > MOST_BYTES) {
    throw new SurmiseError(
      `the program needs ${Math.ceil(plan.size / 2 ** 20)} MiB of memory, more than the 4096 ` +
        "MiB of WebAssembly: use smaller batches or fewer particles",
    );
  }
  const memory = new WebAssembly.Memory({ initial: Math.ceil(plan.size / PAGE) });
  const module = new WebAssembly.Module(code as Uint8Array<ArrayBuffer>);
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  return { backend: "wasm", memory: memory.buffer, run: run as (steps: number) => void };
}
