/** The end of the process, where it is meant, and where a user's code brings it about. */
import { writeSync } from "node:fs";
import { shown } from "../tensor/internal.ts";
import { EXIT } from "./errors.ts";

let isMeant = false;

/** Ends the process with this exit code. */
export function leave(code: number): never {
  isMeant = true;
  process.exit(code);
}

/** Sets the exit code of a process that has done its work. */
export function finish(code: number): void {
  isMeant = true;
  process.exitCode = code;
}

/** Says so where the process ends before `finish`: a model file may call process.exit, or wait for what never comes. */
export function tellEarlyEnd(): void {
  process.on("exit", () => {
    if (isMeant) return;
    process.exitCode = EXIT.badInput;
    const why =
      "the process ended before the work was done: the model file, or a module that it imports, calls " +
      "process.exit or waits for what never comes";
    tell(why);
  });
}

/** Ends the process where a promise was rejected that nobody waits for, such as one of a model file. */
export function refuseRejection(reason: unknown): never {
  tell(
    `a promise that nobody waits for was rejected: ${messageOf(reason)}; if the model file makes it, await it outside ` +
      "of the model",
  );
  leave(EXIT.badInput);
}

/** Ends the process where an error was thrown that nobody catches, such as one of a model file's timer. */
export function refuseUncaught(thrown: unknown): never {
  tell(
    `an error was thrown that nobody catches: ${messageOf(thrown)}; if the model file throws it, such as in a timer, catch ` +
      "it there",
  );
  if (process.env.SURMISE_DEBUG === "1" && thrown instanceof Error) tell(`${thrown.stack}`);
  leave(EXIT.badInput);
}

function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : shown(thrown);
  } catch {
    return "it has no message that can be read";
  }
}

function tell(text: string): void {
  try {
    writeSync(2, `surmise: ${text}\n`);
  } catch {
    // Nobody reads it.
  }
}
