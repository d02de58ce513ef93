/** How much memory there is, and in which words more is refused. */
import { type Buffer, byteLength, type MemoryPlan } from "../compiler/index.ts";
import { describeAxes, SurmiseError } from "../tensor/internal.ts";

/** Bytes that a WebAssembly module can address. */
export const WASM_BYTES = 2 ** 32;

/** Bytes of memory that the machine has, as far as it tells. */
export function machineMemory(): number {
  const { process } = globalThis as { readonly process?: NodeJS.Process };
  return process?.getBuiltinModule?.("node:os").totalmem() ?? Number.POSITIVE_INFINITY;
}

/** "12.8 GiB", "300 MiB". */
export function describeBytes(bytes: number): string {
  const gib = bytes / 2 ** 30;
  if (gib < 1) return `${Math.ceil(bytes / 2 ** 20)} MiB`;
  return `${gib < 100 ? gib.toPrecision(3) : Math.round(gib)} GiB`;
}

/** The system does not give the memory of a program, though the machine has as much. */
export function noRoom(bytes: number): SurmiseError {
  return new SurmiseError(
    `there is no room for the ${describeBytes(bytes)} of memory that the program needs: ${LESS}`,
  );
}

const LESS = "take fewer particles or draws, or smaller batches or axes";

/** The buffers of a refusal that are named. */
const NAMED = 3;

/**
 * A program that needs more memory than there is, with its largest values.
 *
 * @param than such as "the 4 GiB that WebAssembly addresses"
 */
export function refuseMemory({ size, offsets }: MemoryPlan, than: string, hint = ""): never {
  const largest = [...offsets.keys()]
    .sort((a, b) => byteLength(b) - byteLength(a))
    .slice(0, NAMED)
    .filter((b) => byteLength(b) > size / 100);
  throw new SurmiseError(
    `the program needs ${describeBytes(size)} of memory, more than ${than}; the largest values are ` +
      `${largest.map(describeBuffer).join(", ")}: ${LESS}${hint}`,
  );
}

function describeBuffer(b: Buffer): string {
  const what = b.kind === "input" || b.kind === "output" ? `'${b.name}'` : "a value";
  return `${what} over ${describeAxes(b.order)} (${describeBytes(byteLength(b))})`;
}
