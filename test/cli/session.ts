/** Many command lines in one process: as the command line itself, without its start. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Ended } from "./command.ts";

const SCRIPT = join(import.meta.dirname, "fixtures/session.ts");

/** A process that runs one command line after the other. */
export interface Session {
  /** Runs `surmise ARGS`. */
  run(args: readonly string[], env?: Record<string, string>): Promise<Ended>;
  /** Ends the process. */
  end(): void;
}

/** Starts a session; its process begins at the first command line, and again where one ended it. */
export function session(): Session {
  let child: ChildProcess | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const ask = (args: readonly string[], env: Record<string, string>) =>
    new Promise<Ended>((resolve) => {
      child ??= start();
      const onMessage = (ended: unknown) => {
        child?.off("exit", onExit);
        resolve(ended as Ended);
      };
      const onExit = (code: number | null) => {
        child = undefined;
        resolve({ code, stdout: "", stderr: "the process ended" });
      };
      child.once("message", onMessage);
      child.once("exit", onExit);
      child.send({ args, env });
    });
  return {
    run(args, env = {}) {
      const next = last.then(() => ask(args, env));
      last = next;
      return next;
    },
    end: () => child?.kill(),
  };
}

function start(): ChildProcess {
  const { SURMISE_DATA: _, SURMISE_BACKEND: __, ...env } = process.env;
  const execArgv = ["--import", import.meta.resolve("tsx")];
  return fork(SCRIPT, { env, execArgv, stdio: ["ignore", "inherit", "inherit", "ipc"] });
}
