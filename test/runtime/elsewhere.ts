/** Processes of their own, for what only shows when a process begins or ends. */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");

export interface Ended {
  /** As long as it did not end by itself and well: how it ended. */
  readonly failed: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs TypeScript, with imports from the root of the repository or `cwd`, in a process of its own. */
export async function elsewhere(
  code: string,
  env: Record<string, string> = {},
  cwd = root,
): Promise<Ended> {
  const args = ["--import", "tsx", "--input-type", "module", "-e", code];
  const options = { cwd, env: { ...process.env, ...env }, timeout: 300_000 };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options);
    return { failed: undefined, stdout: stdout.trim(), stderr: stderr.trim() };
  } catch (error) {
    const { code, signal, stdout, stderr } = error as Record<string, string>;
    return { failed: `${code ?? signal}`, stdout: stdout.trim(), stderr: stderr.trim() };
  }
}
