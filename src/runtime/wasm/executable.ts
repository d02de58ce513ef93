/** Programs as WebAssembly modules. */
import { PAGE, type WasmModule } from "../../compiler/index.ts";
import { SurmiseError } from "../../tensor/internal.ts";
import { type Executable, type Linkage, SPARE } from "../executable.ts";
import { noRoom } from "../memory.ts";
import { Helpers } from "../threads/helpers.ts";

/**
 * A machine for the module of a compiled program.
 *
 * @throws SurmiseError if there is no room for its memory, or the page that it is in forbids WebAssembly.
 */
export function wasmExecutable({ code, pages, threads }: WasmModule): Executable {
  const shared = threads > 1;
  const module = moduleOf(code);
  if (!shared) return executableOf(module, pages * PAGE + SPARE);
  const memory = memoryOf({ initial: pages, shared, maximum: pages });
  const own = functionsOf(new WebAssembly.Instance(module, { env: { memory } }));
  const helpers = new Helpers(module, memory, threads - 1);
  return {
    backend: "wasm",
    memory: memory.buffer,
    runPrologue: () => helpers.during(own.runPrologue),
    run: (steps, until) => helpers.during(() => own.run(steps, until)),
  };
}

/**
 * A machine for a module that is compiled, for one thread, with so many bytes of memory, `SPARE` among them.
 *
 * @throws SurmiseError if there is no room for its memory.
 */
export function executableOf(module: WebAssembly.Module, bytes: number): Executable {
  const memory = memoryOf({ initial: bytes / PAGE });
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const run = instance.exports.run as Linkage["run"];
  const linkage = { memory, run, free: bytes - SPARE };
  return {
    backend: "wasm",
    memory: memory.buffer,
    code: module,
    linkage,
    ...functionsOf(instance),
  };
}

/**
 * A module that is compiled.
 *
 * @throws SurmiseError if the page that it is in forbids WebAssembly.
 */
export function moduleOf(code: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(code as Uint8Array<ArrayBuffer>);
  } catch (cause) {
    if (!/unsafe-eval|Content.Security.Policy|\bCSP\b/i.test(`${cause}`)) throw cause;
    throw new SurmiseError(
      "the Content-Security-Policy of this page forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src",
      { cause },
    );
  }
}

function memoryOf(descriptor: WebAssembly.MemoryDescriptor): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory(descriptor);
  } catch {
    throw noRoom(descriptor.initial * PAGE);
  }
}

/** What a module does, see `compiler/targets/wasm/threads.ts`. */
export function functionsOf({
  exports,
}: WebAssembly.Instance): Pick<Executable, "run" | "runPrologue"> {
  type Go = (steps: number, at: number, low: number, high: number) => number;
  const { run, prologue } = exports as Record<"run" | "prologue", Go>;
  return {
    runPrologue: () => {
      prologue(1, 0, 0, 0);
    },
    run: (steps, { at, low, high }) => run(steps, at, low, high),
  };
}
