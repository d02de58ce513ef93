/** Times the build of a step in processes that have done nothing else. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkerCommand } from "./commands.ts";
import { WorkerProcess } from "./process.ts";
import { type Build, build } from "./protocol.ts";
import type { Workload } from "./workloads/index.ts";

/** The first build with an empty cache of native programs, and the one after it. */
export interface BuildRound {
  readonly cold: Build;
  readonly warm: Build;
}

/**
 * Builds the step of a workload twice, each time in a process of its own.
 *
 * @throws SurmiseError if the worker fails.
 */
export async function timeBuild(
  command: WorkerCommand,
  workload: Workload,
  threads: number,
): Promise<BuildRound> {
  const cache = mkdtempSync(join(tmpdir(), "surmise-builds-"));
  const inCache = {
    ...command,
    arguments: [...command.arguments, "--build"],
    env: { ...command.env, SURMISE_CACHE: cache },
  };
  const once = async () => {
    const worker = new WorkerProcess(inCache, workload, threads);
    try {
      return await worker.receive(build);
    } finally {
      worker.stop();
    }
  };
  try {
    return { cold: await once(), warm: await once() };
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}
