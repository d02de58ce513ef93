/** Programs as WebAssembly modules. */
import { PAGE, type WasmModule } from "../compiler/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import type { Executable } from "./executable.ts";
import { Helpers } from "./helpers.ts";

const MOST_PAGES = 2 ** 32 / PAGE - 1;

/**
 * A machine for the module of a compiled program.
 *
 * @throws SurmiseError if the program needs more than the 4 GiB a module can address.
 */
export function wasmExecutable({ code, pages, threads }: WasmModule): Executable {
  if (pages > MOST_PAGES) {
    throw new SurmiseError(
      `the program needs ${Math.ceil((pages * PAGE) / 2 ** 20)} MiB of memory, more than the 4096 ` +
        "MiB of WebAssembly: use smaller batches or fewer particles",
    );
  }
  const shared = threads > 1;
  const memory = new WebAssembly.Memory({
    initial: pages,
    ...(shared && { shared, maximum: pages }),
  });
  const module = new WebAssembly.Module(code as Uint8Array<ArrayBuffer>);
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const run = runOf(instance);
  if (!shared) return { backend: "wasm", memory: memory.buffer, run };
  const helpers = new Helpers(module, memory, threads - 1);
  return {
    backend: "wasm",
    memory: memory.buffer,
    run: (steps, until) => helpers.during(() => run(steps, until)),
  };
}

/** The function `run` of a module, see `compiler/targets/wasm/threads.ts`. */
export function runOf({ exports }: WebAssembly.Instance): Executable["run"] {
  const go = exports.run as (steps: number, at: number, low: number, high: number) => number;
  return (steps, { at, low, high }) => go(steps, at, low, high);
}
