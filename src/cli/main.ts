#!/usr/bin/env node
/** The command `surmise`. */
import { Command } from "commander";
import { thisBuild } from "../runs/index.ts";
import { explainError } from "./errors.ts";
import { fitCommand } from "./fit.ts";

const program = new Command("surmise")
  .description("probabilistic inference, compiled; without a command: the tour")
  .version(thisBuild().surmise)
  .addCommand(fitCommand());

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
