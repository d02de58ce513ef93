/** Who takes part in the benchmark, and how each is started. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Sizes, Workload } from "./protocol.ts";

/** How to start a worker. */
export interface WorkerCommand {
  /** The name of its row. */
  readonly peer: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** Environment variables besides those of the benchmark. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What every worker is told. */
export function workerArguments(workload: Workload, threads: number, sizes: Sizes): string[] {
  const options = { workload, threads, ...sizes };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** surmise's own worker: the file beside this one, which Node 20 reads as TypeScript through tsx. */
export function surmiseCommand(backend: "wasm" | "c" = "wasm"): WorkerCommand {
  const source = import.meta.url.endsWith(".ts");
  const file = new URL(`./worker.${source ? "ts" : "js"}`, import.meta.url);
  const tsx = () => pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const loader = source ? ["--import", tsx()] : [];
  return {
    peer: `surmise-${backend}`,
    command: process.execPath,
    arguments: [...loader, fileURLToPath(file)],
    env: { SURMISE_BACKEND: backend },
  };
}

/** Where the other libraries' workers are, in a checkout of the repository. */
const PEERS = fileURLToPath(new URL("../../../bench/peers/", import.meta.url));

/**
 * The other libraries: each as its documentation shows it and, where that is not the fastest we
 * found, once more `--tuned`. A product of two matrices leaves nothing to tune.
 *
 * @returns undefined where the folder of the peers is missing, as in the published package.
 */
export function peerCommands(
  workload: Workload,
  folder: string = PEERS,
): WorkerCommand[] | undefined {
  if (!existsSync(folder)) return undefined;
  const library = (peer: string): WorkerCommand[] => {
    const plain = { peer, command: process.execPath, arguments: [`${folder}${peer}.mjs`] };
    const tuned = [...plain.arguments, "--tuned"];
    return workload === "gemm"
      ? [plain]
      : [plain, { ...plain, peer: `${peer}-tuned`, arguments: tuned }];
  };
  const python = process.env.SURMISE_PYTHON ?? "python3";
  const torch = { peer: "torch", command: python, arguments: [`${folder}torch_vae.py`] };
  return [...library("jax-js-wasm"), ...library("tfjs-wasm"), torch];
}
