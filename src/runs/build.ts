/** By what a run is made. */
import { readFileSync } from "node:fs";
import { nativeSupport, type Program } from "../runtime/index.ts";

/** The software that the bits of a run depend on, and what else is good to know about it later. */
export interface Build {
  /** The version of the package. */
  readonly surmise: string;
  /** What runs programs: `wasm`, `c` or `oracle`. */
  readonly backend: Program["backend"];
  /** Of native code: the compiler and the processor; WebAssembly is the same everywhere. */
  readonly native?: string;
  /** The version of Node. */
  readonly node: string;
  /** The version of V8, which compiles WebAssembly. */
  readonly v8: string;
  /** Operating system and architecture. */
  readonly platform: string;
}

/** The version of this package. */
export function surmiseVersion(): string {
  const description = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(description) as { version: string }).version;
}

/** This software, running programs on `backend`. */
export function thisBuild(backend: Build["backend"]): Build {
  return {
    surmise: surmiseVersion(),
    backend,
    ...(backend === "wasm" ? {} : { native: nativeCode() }),
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
  };
}

function nativeCode(): string {
  const { compiler, processor } = nativeSupport();
  return `${compiler}, ${processor}`;
}

/** Whether two builds give the same bits. */
export function sameBuild(a: Build, b: Build): boolean {
  return describeBuild(a) === describeBuild(b);
}

/** "surmise 0.1.0 on wasm". */
export function describeBuild({ surmise, backend, native }: Build): string {
  return `surmise ${surmise} on ${backend}${native === undefined ? "" : ` (${native})`}`;
}
