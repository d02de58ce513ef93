/** The command `surmise` as a function. */
import { Command } from "commander";
import { surmiseVersion } from "../runs/index.ts";
import { checkCommand } from "./commands/check.ts";
import { compareCommand } from "./commands/compare.ts";
import { diagnoseCommand } from "./commands/diagnose.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { exportCommand } from "./commands/export.ts";
import { fitCommand } from "./commands/fit.ts";
import { predictCommand } from "./commands/predict.ts";
import { reproduceCommand } from "./commands/reproduce.ts";
import { tourCommand } from "./commands/tour.ts";
import { EXIT, explainError } from "./errors.ts";

/** Runs `surmise ARGS`; errors are printed to standard error. Returns the exit code. */
export async function surmise(args: readonly string[]): Promise<number> {
  const program = new Command("surmise")
    .description("probabilistic inference, compiled; without a command: the tour")
    .version(surmiseVersion())
    .addCommand(tourCommand(), { isDefault: true })
    .addCommand(checkCommand())
    .addCommand(fitCommand())
    .addCommand(evaluateCommand())
    .addCommand(exportCommand())
    .addCommand(diagnoseCommand())
    .addCommand(predictCommand())
    .addCommand(compareCommand())
    .addCommand(reproduceCommand())
    .addCommand(doctorCommand());
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({ outputError: () => {} })
      .allowExcessArguments(false);
    for (const option of command.options) {
      if (option.defaultValue === undefined) continue;
      // Without the quotes that help has around texts.
      option.defaultValueDescription = `${option.defaultValue}`;
    }
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    const { text, code } = explainError(error, program, args);
    process.stderr.write(text);
    return code;
  }
}
