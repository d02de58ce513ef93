/** By what a run is made. */
import { readFileSync } from "node:fs";

/** What of the software the bits of a run depend on, and what else to know about it later. */
export interface Build {
  readonly surmise: string;
  readonly backend: "wasm";
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
}

/** This program. */
export function thisBuild(): Build {
  const description = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(description) as { version: string };
  return {
    surmise: version,
    backend: "wasm",
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** Whether two builds give the same bits: WebAssembly is the same on every engine and machine. */
export function sameBuild(a: Build, b: Build): boolean {
  return a.surmise === b.surmise && a.backend === b.backend;
}

/** "surmise 0.1.0 (wasm)". */
export function describeBuild({ surmise, backend }: Build): string {
  return `surmise ${surmise} (${backend})`;
}
