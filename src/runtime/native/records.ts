/**
 * What running a native program needs, on disk by graph, so that a program that was made before is not planned
 * again. A record is used only if its content has its checksum, and the library is whole.
 */
import type { Buffer, Layout, ProgramRoots } from "../../compiler/index.ts";
import { sizeOf } from "../../tensor/index.ts";
import type { Executable } from "../executable.ts";
import {
  cacheFolder,
  identity,
  libraryNamed,
  orNothing,
  prepare,
  readSealed,
  writeSealed,
} from "./cache.ts";
import { type Native, type NativeProgram, nativeExecutable } from "./executable.ts";
import { type GraphText, graphText } from "./graphText.ts";
import { ownCode } from "./ownCode.ts";

/** A program, and how much work it saves as native code: see `worthOf`. */
export interface StoredProgram {
  /** Where its values are. */
  readonly layout: Layout;
  /** Its library, and the work of its phases. */
  readonly program: NativeProgram;
  /** Operations on numbers in a step. */
  readonly work: number;
}

/** Where the record of a graph is, or would be. */
export interface CacheEntry {
  /** Its path. */
  readonly file: string;
  /** The text it is found by. */
  readonly graph: GraphText;
  /** What native programs need. */
  readonly native: Native;
}

/** As a record has it: axes and literals by their numbers in the text of the graph. */
interface StoredBuffer extends Pick<Buffer, "name" | "kind" | "dtype"> {
  readonly order: readonly number[];
  readonly offset: number;
  readonly literal?: number;
}

/** What a record says of the library called `name`. */
interface ProgramRecord extends Pick<NativeProgram, "bytes" | "shares">, Pick<Layout, "prologue"> {
  readonly name: string;
  readonly work: number;
  readonly held: readonly StoredBuffer[];
}

/** The place of `roots`, or undefined if nothing can be kept. */
export function cacheEntry(
  roots: ProgramRoots,
  grain: number | undefined,
  native: Native,
): CacheEntry | undefined {
  return orNothing(() => {
    const { node, toolchain } = native;
    const own = ownCode(node);
    if (own === undefined) return undefined;
    const hash = (data: string | NodeJS.ArrayBufferView) =>
      node.crypto.createHash("sha256").update(data).digest("hex");
    const graph = graphText(roots, (data) => `${data.constructor.name} ${hash(data)}`);
    const { target } = toolchain;
    const rest = [own, node.process.version, identity(toolchain), target, grain ?? null];
    const folder = cacheFolder(node, "records");
    prepare(folder, node);
    const file = node.path.join(folder, `${hash(`${JSON.stringify(rest)}\n${graph.text}`)}.json`);
    return { file, graph, native };
  });
}

/** The program recorded at a place, if it is all there and a step of it is at least so much work. */
export function loadProgram(
  { file, graph, native }: CacheEntry,
  threads: number,
  least: number,
): { readonly layout: Layout; readonly machine: Executable } | undefined {
  return orNothing(() => {
    const { node } = native;
    const found = readSealed(file, node);
    if (found === undefined) return undefined;
    const { name, bytes, shares, work, held, prologue } = found as ProgramRecord;
    const library = libraryNamed(name, "programs", node);
    if (library === undefined || work < least) return undefined;
    const machine = nativeExecutable({ library, bytes, shares }, threads, native);
    return { layout: { ...layoutOf(held, bytes, graph), prologue }, machine };
  });
}

/** Records a program that was made at `place`, as far as it can be. */
export function storeProgram(
  { file, graph, native: { node } }: CacheEntry,
  made: StoredProgram,
): void {
  orNothing(() => {
    const { layout, work } = made;
    const { library, bytes, shares } = made.program;
    const name = node.path.basename(library, ".so");
    const { prologue } = layout;
    const found: ProgramRecord = {
      name,
      bytes,
      shares,
      work,
      held: storedBuffers(layout, graph),
      prologue,
    };
    writeSealed(file, found, node);
  });
}

function storedBuffers(
  { inputs, outputs, literals, memory }: Layout,
  graph: GraphText,
): StoredBuffer[] {
  const nodeOf = new Map(literals.map(({ buffer, node }) => [buffer, node]));
  return [...inputs.values(), ...outputs.values(), ...nodeOf.keys()].map((b) => {
    const { name, kind, dtype, order } = b;
    const node = nodeOf.get(b);
    return {
      name,
      kind,
      dtype,
      order: order.map((a) => numbered(graph.axes.indexOf(a))),
      offset: memory.offsets.get(b) as number,
      ...(node !== undefined && { literal: numbered(graph.literals.indexOf(node)) }),
    };
  });
}

/** @throws Error if a program has something that its graph has not. */
function numbered(at: number): number {
  if (at < 0) throw new Error("not in the text of the graph");
  return at;
}

function layoutOf(
  held: readonly StoredBuffer[],
  size: number,
  graph: GraphText,
): Omit<Layout, "prologue"> {
  const buffers = held.map(({ name, kind, dtype, order: numbers, offset, literal }) => {
    const order = numbers.map((i) => graph.axes[i]);
    const buffer: Buffer = { name, kind, dtype, order, length: sizeOf(order) };
    return { buffer, offset, literal };
  });
  const named = (kind: Buffer["kind"]) =>
    new Map(buffers.flatMap(({ buffer: b }) => (b.kind === kind ? [[b.name, b] as const] : [])));
  return {
    inputs: named("input"),
    outputs: named("output"),
    literals: buffers.flatMap(({ buffer, literal }) =>
      literal === undefined ? [] : [{ buffer, node: graph.literals[literal] }],
    ),
    memory: { offsets: new Map(buffers.map(({ buffer, offset }) => [buffer, offset])), size },
  };
}
