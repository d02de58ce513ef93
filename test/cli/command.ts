/** The command line as a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { join, resolve } from "node:path";

/** Resolved here, since the command may run in any folder. */
const TSX = import.meta.resolve("tsx");
const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");

export interface Ended {
  /** The exit code, or null if a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts `surmise ARGS`; no terminal, and no data sets but those in `env`. */
export function begin(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd?: string,
): Started {
  const { SURMISE_DATA: _, SURMISE_BACKEND: __, ...rest } = process.env;
  const child = spawn(process.execPath, ["--import", TSX, MAIN, ...args], {
    env: { ...rest, XDG_CACHE_HOME: join("/nonexistent", "cache"), ...env },
    ...(cwd !== undefined && { cwd }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((done) => {
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
  return { process: child, ended };
}

/** Runs `surmise ARGS` to its end. */
export const surmise = (args: readonly string[], env?: Record<string, string>) =>
  begin(args, env).ended;

/** A fit that takes a moment, into `folder`. */
export const tinyFit = (folder: string, ...more: readonly string[]) => [
  ..."fit vae --data digits --train-images 200 --test-images 50 --hidden 16 --latents 2".split(" "),
  ..."--batch 10 --steps 60 --record-every 10 --nll-draws 10 --nll-images 20".split(" "),
  ...["--out", folder],
  ...more,
];
