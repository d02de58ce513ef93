/** The end of the process, where it is meant, and where a user's code brings it about. */
import { writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SurmiseError } from "../tensor/index.ts";
import { detailOf, EXIT, messageOf } from "./errors.ts";
import { plainLines } from "./terminal/text.ts";

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
  leaveIfOurs(reason);
  tell(
    `a promise that nobody waits for was rejected: ${messageOf(reason)}; if the model file makes it, await it outside ` +
      "of the model",
  );
  leave(EXIT.badInput);
}

/** Ends the process where an error was thrown that nobody catches, such as one of a model file's timer. */
export function refuseUncaught(thrown: unknown): never {
  leaveIfOurs(thrown);
  tell(
    `an error was thrown that nobody catches: ${messageOf(thrown)}; if the model file throws it, such as in a timer, catch ` +
      "it there",
  );
  if (process.env.SURMISE_DEBUG === "1" && thrown instanceof Error) tell(`${thrown.stack}`);
  leave(EXIT.badInput);
}

function leaveIfOurs(thrown: unknown): void {
  if (!isOurs(thrown)) return;
  tell(`${messageOf(thrown)}\n${detailOf(thrown).trimEnd()}`);
  leave(EXIT.bug);
}

/** The folder of all files of surmise. */
const OWN = fileURLToPath(new URL("..", import.meta.url));

/** Whether an error comes from files of surmise alone, none of the user's or of another package. */
function isOurs(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || thrown instanceof SurmiseError) return false;
  try {
    const frames = `${thrown.stack}`.matchAll(/^ +at (?:.*\()?(.+):\d+:\d+\)?$/gm);
    const places = Array.from(frames, ([, place]) => place).filter((at) => !at.startsWith("node:"));
    const files = places.map((at) => (at.startsWith("file:") ? fileURLToPath(at) : at));
    return files.length > 0 && files.every((file) => file.startsWith(OWN));
  } catch {
    return false;
  }
}

function tell(text: string): void {
  try {
    writeSync(2, `surmise: ${plainLines(text)}\n`);
  } catch {
    // Nobody reads it.
  }
}
