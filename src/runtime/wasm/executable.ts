/** Programs as WebAssembly modules. */
import { PAGE, type WasmModule } from "../../compiler/index.ts";
import { SurmiseError } from "../../tensor/internal.ts";
import type { Executable } from "../executable.ts";
import { noRoom } from "../memory.ts";
import { Helpers } from "../threads/helpers.ts";

/**
 * A machine for the module of a compiled program.
 *
 * @throws SurmiseError if there is no room for its memory, or the page that it is in forbids WebAssembly.
 */
export function wasmExecutable({ code, pages, threads }: WasmModule): Executable {
  const shared = threads > 1;
  const memory = memoryOf({ initial: pages, ...(shared && { shared, maximum: pages }) });
  const module = moduleOf(code);
  if (!shared) return executableIn(memory, module);
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
 * A machine for a module that is compiled, for one thread, with so many bytes of memory.
 *
 * @throws SurmiseError if there is no room for its memory.
 */
export function executableOf(module: WebAssembly.Module, bytes: number): Executable {
  return executableIn(memoryOf({ initial: bytes / PAGE }), module);
}

function executableIn(memory: WebAssembly.Memory, module: WebAssembly.Module): Executable {
  const own = functionsOf(new WebAssembly.Instance(module, { env: { memory } }));
  return { backend: "wasm", memory: memory.buffer, code: module, ...own };
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
