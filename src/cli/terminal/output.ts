/** Standard output and standard error that nobody reads, or that cannot be written. */
import { EXIT } from "../errors.ts";
import { plainLines } from "./text.ts";

/**
 * Lets the command go on where its output leads nowhere: quietly where the reader of a pipe has gone, and else (a full
 * disk) with one line on standard error and the exit code of bad input.
 */
export function outliveOutput(): void {
  let told = false;
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (told || code === "EPIPE") return;
    told = true;
    process.stderr.write(`surmise: cannot write to standard output (${message})\n`);
    process.exitCode = EXIT.badInput;
  });
}

/** Tells a warning on standard error. */
export function warn(message: string): void {
  process.stderr.write(`surmise: ${plainLines(message)}\n`);
}
