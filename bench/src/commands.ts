/** How workers of the benchmark are started. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { SurmiseError } from "../../src/tensor/index.ts";
import type { Workload } from "./workloads/index.ts";

/** How to start a worker. */
export interface WorkerCommand {
  /** The name of its row. */
  readonly peer: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** Environment variables besides those of the benchmark. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether one thread may be faster for it than several: then both are tried. */
  readonly triesOneThread?: boolean;
}

/** What every worker is told. */
export function workerArguments({ family, sizes }: Workload, threads: number): string[] {
  const options = { workload: family.name, threads: String(threads), sizes: JSON.stringify(sizes) };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
}

/** How libraries are told the number of threads before they are loaded. */
export function threadVariables(threads: number): Record<string, string> {
  const names = ["SURMISE_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"];
  return Object.fromEntries(names.map((name) => [name, String(threads)]));
}

/**
 * The worker of another checkout of surmise, such as one of an earlier commit, with its packages installed.
 *
 * @throws SurmiseError if the folder holds no such checkout.
 */
export function earlierCommand(folder: string, backend: "wasm" | "c"): WorkerCommand {
  const file = resolve(folder, "bench/src/worker.ts");
  if (!existsSync(file)) {
    throw new SurmiseError(`--against ${folder}: there is no checkout of surmise with a benchmark`);
  }
  const own = surmiseCommand(backend);
  const loader = own.arguments.slice(0, -1);
  return { ...own, peer: `against-${backend}`, arguments: [...loader, file] };
}

/** surmise's own worker: the file beside this one, which Node 20 reads as TypeScript through tsx. */
export function surmiseCommand(backend: "wasm" | "c" = "wasm"): WorkerCommand {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  return {
    peer: `surmise-${backend}`,
    command: process.execPath,
    arguments: ["--import", tsx, fileURLToPath(new URL("./worker.ts", import.meta.url))],
    env: { SURMISE_BACKEND: backend },
  };
}
