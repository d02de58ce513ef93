/** `surmise diagnose`: how the gradients of a finished fit spread over draws, by estimator, as a table and a page. */
import { join } from "node:path";
import { Command } from "commander";
import {
  GRADIENTS,
  type Gradient,
  gradientDiagnostics,
  METHODS,
  type Method,
} from "../../inference/index.ts";
import { isTraining, ModelTask, type TableConfig } from "../../problems/index.ts";
import { type DiagnosedGradients, gradientSection, gradientTable } from "../../report/index.ts";
import { readRun, writeReport } from "../../runs/index.ts";
import { SurmiseError, wholeNumber } from "../../tensor/internal.ts";
import { COMMAND_NAME } from "../commandName.ts";
import { numberIn } from "../options.ts";
import { ROWS } from "../problems.ts";
import { printTable } from "../terminal/table.ts";
import { finishedWeights } from "./weights.ts";

interface Flags {
  readonly gradients: string;
  readonly draws: string;
  readonly json?: boolean;
}

/** The command. */
export function diagnoseCommand(): Command {
  return new Command("diagnose")
    .summary("measure the gradients of a fit, by gradient estimator")
    .description(
      "measure the gradients of a finished fit of a model file at its parameters: mean, variance, norm and direction over " +
        "draws, by gradient estimator; gradients.html in its folder has a figure",
    )
    .argument("<run>", "its folder")
    .option("--gradients <list>", "estimators, with commas between", "total,path")
    .option("--draws <n>", "gradients of each", "1000")
    .option("--json", "print one line of JSON and nothing else on standard output")
    .action(diagnose);
}

async function diagnose(folder: string, flags: Flags): Promise<void> {
  const draws = wholeNumber("--draws", numberIn(flags.draws), { least: 2, most: 1e9 });
  const names = flags.gradients.split(",");
  const unknown = names.find((name) => !Object.hasOwn(GRADIENTS, name));
  if (unknown !== undefined) {
    const known = Object.keys(GRADIENTS).join(", ");
    throw new SurmiseError(`--gradients: there is no '${unknown}'; choose among ${known}`);
  }
  const { kind, config } = await readRun(folder);
  const trained = trainedConfig(kind, config);
  if (trained === undefined) {
    throw new SurmiseError(
      `'${folder}' holds no fit of a guide to a model file: diagnose measures gradients of methods such as vi and iwae; what is ` +
        `known of chains (R-hat, ESS, divergences, E-BFMI) ${COMMAND_NAME} fit --resume ${folder} shows again, and the report`,
    );
  }
  const tensors = await finishedWeights(folder);
  const task = (await ROWS.model.problem.load(config as TableConfig)).open();
  if (!(task instanceof ModelTask)) throw new Error("the fit of a guide is no ModelTask");
  const fitted = task.fitted({ state: tensors, records: [] });
  if (!("guide" in fitted)) throw new Error("the fit of a guide has no guide");
  const { model, guide, data, store, dtype } = fitted;
  const particles = trained.method.particles(trained.particles);
  const diagnosed: DiagnosedGradients = Object.fromEntries(
    names.map((name) => [
      name,
      gradientDiagnostics({
        ...{ model, guide, data, parameters: store, values: tensors, dtype, particles, draws },
        gradient: name as Gradient,
      }),
    ]),
  );
  const file = join(folder, "gradients.html");
  const sections = [await gradientSection(diagnosed)];
  await writeReport(file, {
    title: `Gradients of ${folder}`,
    sections,
    footer: "Made by surmise.",
  });
  const { columns, rows } = gradientTable(diagnosed);
  const text = flags.json
    ? JSON.stringify({ gradients: inPlainNumbers(diagnosed), files: { report: file } })
    : `${printTable(columns, rows)}\n\nreport   ${file}`;
  process.stdout.write(`${text}\n`);
}

/** With lists in the place of arrays of numbers, by estimator and parameter. */
function inPlainNumbers(diagnosed: DiagnosedGradients) {
  const plain = ({ mean, variance, ...of }: DiagnosedGradients[string][string]) => {
    return { ...of, mean: [...mean], variance: [...variance] };
  };
  const each = (found: DiagnosedGradients[string]) =>
    Object.fromEntries(Object.entries(found).map(([param, of]) => [param, plain(of)]));
  return Object.fromEntries(Object.entries(diagnosed).map(([name, found]) => [name, each(found)]));
}

/** The method and its particles, of the fit of a guide to a model file. */
function trainedConfig(kind: string, config: object) {
  const table = config as TableConfig;
  if (kind !== "model" || !isTraining(table)) return undefined;
  const method: Method = METHODS[table.method];
  return "guide" in method ? { method, particles: table.particles } : undefined;
}
