#!/usr/bin/env node
/** The command `surmise`. */
import { Command } from "commander";
import { surmiseVersion } from "../runs/index.ts";
import { benchCommand } from "./bench.ts";
import { doctorCommand } from "./doctor.ts";
import { explainError } from "./errors.ts";
import { fitCommand } from "./fit.ts";
import { tourCommand } from "./tour.ts";

const program = new Command("surmise")
  .description("probabilistic inference, compiled; without a command: the tour")
  .version(surmiseVersion())
  .addCommand(tourCommand(), { isDefault: true })
  .addCommand(fitCommand())
  .addCommand(benchCommand())
  .addCommand(doctorCommand());

for (const command of [program, ...program.commands]) {
  command
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .allowExcessArguments(false);
}

try {
  await program.parseAsync();
} catch (error) {
  const { text, code } = explainError(error, program);
  process.stderr.write(text);
  process.exitCode = code;
}
