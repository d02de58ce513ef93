/** The binary format of WebAssembly modules, as far as programs need it (W3C core specification). */

import { CODE } from "./opcodes.ts";

/** The value type i32. */
export const I32 = 0x7f;
/** The value type v128. */
export const V128 = 0x7b;

/** A growing list of bytes. */
export class Bytes {
  private data = new Uint8Array(256);
  /** How many bytes there are. */
  length = 0;

  /** Appends bytes. */
  byte(...bytes: readonly number[]): this {
    for (const b of bytes) {
      this.reserve(1);
      this.data[this.length++] = b;
    }
    return this;
  }

  /** Appends the bytes of another. */
  append(other: Bytes | Uint8Array): this {
    const source = other instanceof Bytes ? other.finish() : other;
    this.reserve(source.length);
    this.data.set(source, this.length);
    this.length += source.length;
    return this;
  }

  /** An unsigned number in LEB128. */
  unsigned(value: number): this {
    let rest = value;
    while (rest >= 128) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    return this.byte(rest);
  }

  /** A signed 32-bit number in LEB128. */
  signed(value: number): this {
    let rest = value | 0;
    for (;;) {
      const low = rest & 127;
      rest >>= 7;
      const done = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
      this.byte(done ? low : low | 128);
      if (done) return this;
    }
  }

  /** Appends a name: its length, and UTF-8. */
  text(name: string): this {
    const encoded = new TextEncoder().encode(name);
    return this.unsigned(encoded.length).append(encoded);
  }

  /** A view of the bytes. */
  finish(): Uint8Array {
    return this.data.subarray(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.data.length) return;
    const grown = new Uint8Array(2 * (this.length + more));
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }
}

/** One function of a module. */
export interface FunctionBody {
  /** Value types. */
  readonly parameters: readonly number[];
  /** The type of what is left on the stack; nothing unless given. */
  readonly result?: number;
  /** Types of the locals after the parameters. */
  readonly locals: readonly number[];
  /** Instructions without the closing `end`. */
  readonly code: Bytes;
  /** The name it is exported by, if it is. */
  readonly exportAs?: string;
}

/** A function `env.NAME` of the host. */
export interface ImportedFunction extends Pick<FunctionBody, "parameters" | "result"> {
  /** Of the import. */
  readonly name: string;
}

/** The number of the type of phases: one i32, no result. */
export const PHASE_TYPE = 0;

/** What a module is made of. */
export interface ModuleParts {
  /** In the order of their numbers, which come before those of `functions`; none unless given. */
  readonly imports?: readonly ImportedFunction[];
  /** In the order of their numbers. */
  readonly functions: readonly FunctionBody[];
  /** The numbers of the functions in the table of phases. */
  readonly table: readonly number[];
  /** Pages of the imported memory `env.memory`. */
  readonly pages: number;
  /** Whether threads share the memory. */
  readonly shared: boolean;
  /** What the one global, the place of scratch memory, is at first. */
  readonly scratch: number;
}

const MUTABLE = 1;
const FUNCTION_REFERENCE = 0x70;

/** The binary of a module (W3C WebAssembly core specification, section 5). */
export function encodeModule({
  imports = [],
  functions,
  table,
  pages,
  shared,
  scratch,
}: ModuleParts): Uint8Array {
  const bytes = new Bytes();
  bytes.byte(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
  const types: Pick<FunctionBody, "parameters" | "result">[] = [
    { parameters: [I32] },
    ...imports,
    ...functions,
  ];
  section(bytes, 1, types, (out, { parameters, result }) => {
    out
      .byte(0x60)
      .unsigned(parameters.length)
      .byte(...parameters);
    if (result === undefined) out.unsigned(0);
    else out.unsigned(1).byte(result);
  });
  section(bytes, 2, ["memory", ...imports], (out, what, i) => {
    out.text("env");
    if (typeof what === "string") {
      out
        .text(what)
        .byte(0x02, shared ? 3 : 0)
        .unsigned(pages);
      if (shared) out.unsigned(pages);
    } else out.text(what.name).byte(0x00).unsigned(i);
  });
  section(bytes, 3, functions, (out, _, i) => out.unsigned(imports.length + i + 1));
  section(bytes, 4, [table.length], (out, n) => {
    out.byte(FUNCTION_REFERENCE, 0).unsigned(n);
  });
  section(bytes, 6, [scratch], (out, value) => {
    out.byte(I32, MUTABLE, CODE.i32Const).signed(value).byte(CODE.end);
  });
  const exported = functions.map((f, i) => ({ f, i })).filter(({ f }) => f.exportAs !== undefined);
  section(bytes, 7, exported, (out, { f, i }) => {
    out
      .text(f.exportAs as string)
      .byte(0x00)
      .unsigned(imports.length + i);
  });
  section(bytes, 9, [table], (out, numbers) => {
    out.unsigned(0).byte(CODE.i32Const).signed(0).byte(CODE.end).unsigned(numbers.length);
    for (const n of numbers) out.unsigned(n);
  });
  section(bytes, 10, functions, (out, f) => {
    const body = new Bytes();
    const runs = runLengths(f.locals);
    body.unsigned(runs.length);
    for (const [type, count] of runs) body.unsigned(count).byte(type);
    body.append(f.code).byte(CODE.end);
    out.unsigned(body.length).append(body);
  });
  return bytes.finish().slice();
}

function section<T>(
  bytes: Bytes,
  id: number,
  entries: readonly T[],
  write: (out: Bytes, entry: T, index: number) => void,
): void {
  const content = new Bytes().unsigned(entries.length);
  entries.forEach((entry, i) => {
    write(content, entry, i);
  });
  bytes.byte(id).unsigned(content.length).append(content);
}

function runLengths(types: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last?.[0] === type) last[1]++;
    else runs.push([type, 1]);
  }
  return runs;
}
