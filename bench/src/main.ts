/** `npm run bench`: the command as a program of its own. */
import { EXIT, explainError } from "../../src/cli/errors.ts";
import { benchCommand } from "./command.ts";
import { raceCommand } from "./race.ts";

const args = process.argv.slice(2);
const program = benchCommand()
  .name("npm run bench --")
  .enablePositionalOptions()
  .addCommand(raceCommand())
  .exitOverride()
  .configureOutput({ outputError: () => {} })
  .allowExcessArguments(false);
try {
  await program.parseAsync(args, { from: "user" });
  process.exitCode ??= EXIT.ok;
} catch (error) {
  const { text, code } = explainError(error, program, args);
  process.stderr.write(text);
  process.exitCode = code;
}
