/** What the user sees when something goes wrong, and the exit code. */
import { type Command, CommanderError } from "commander";
import { SurmiseError, shown } from "../tensor/internal.ts";
import { plainLines } from "./terminal/text.ts";

/** Exit codes: all went well, a mistake of ours, a mistake in the input, stopped by Ctrl-C. */
export const EXIT = { ok: 0, bug: 1, badInput: 2, interrupted: 130 } as const;

/** What commander says by itself (help, version) before it throws. */
const HARMLESS = ["commander.helpDisplayed", "commander.version", "commander.help"];

/**
 * The text for standard error, if there is any to show, and the exit code. What the user can mend
 * is one message without a stack; the stack of our own mistakes is shown with SURMISE_DEBUG=1.
 */
export function explainError(error: unknown, program: Command, args: readonly string[] = []) {
  if (error instanceof CommanderError) {
    if (HARMLESS.includes(error.code)) return { text: "", code: EXIT.ok };
    return { text: usageError(error, program, args), code: EXIT.badInput };
  }
  const text = `surmise: ${plainLines(messageOf(error))}\n`;
  if (error instanceof SurmiseError) return { text, code: EXIT.badInput };
  return { text: `${text}${detailOf(error)}`, code: EXIT.bug };
}

/** What an error says; what else was thrown, as it is shown. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.message}` : shown(thrown);
  } catch {
    return "it has no message that can be read";
  }
}

/** What there is to do about a mistake of ours. */
export function detailOf(error: unknown): string {
  if (process.env.SURMISE_DEBUG === "1") return error instanceof Error ? `${error.stack}\n` : "";
  return (
    "This is a fault of surmise. Please report it with the command and what it prints when run " +
    "with SURMISE_DEBUG=1.\n"
  );
}

/** A wrong command line: what is wrong, and what there is. */
function usageError(error: CommanderError, program: Command, args: readonly string[]): string {
  const message = plainLines(error.message.replace(/^error: /, "").replace(/\n.*/s, ""));
  const command = program.commands.find((each) => each.name() === args[0]);
  if (error.code === "commander.unknownOption") {
    const options = (command ?? program.commands[0] ?? program).options.flatMap(
      ({ long }) => long ?? [],
    );
    return `surmise: ${message}: the known ones are ${options.join(", ")}\n`;
  }
  if (error.code === "commander.excessArguments" && command === undefined) {
    const known = program.commands.map((each) => each.name()).join(", ");
    return `surmise: unknown command '${args[0]}': the known ones are ${known}\n`;
  }
  return `surmise: ${message}\n`;
}
