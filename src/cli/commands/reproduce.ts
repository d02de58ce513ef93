/** `surmise reproduce`: the experiments of a paper, kept in a folder, from which they resume. */
import { join } from "node:path";
import { Argument, Command, Option } from "commander";
import {
  type AnyPaper,
  BUDGET_NAMES,
  type BudgetName,
  formatDuration,
  isDone,
  readStudy,
  runInWorkers,
  runStudy,
  stepsDone,
  stopwatch,
} from "../../experiments/index.ts";
import { PAPERS } from "../../papers/index.ts";
import { writeReport } from "../../runs/index.ts";
import { SurmiseError } from "../../tensor/index.ts";
import { COMMAND_NAME } from "../commandName.ts";
import { EXIT } from "../errors.ts";
import { type Attention, runWithDisplay } from "../runWithDisplay.ts";
import { progressBar } from "../terminal/progress.ts";
import { printTable } from "../terminal/table.ts";

interface Flags {
  readonly budget: BudgetName;
  readonly as?: string | undefined;
  readonly out?: string | undefined;
  readonly only?: string | undefined;
  readonly workers: number;
  readonly hours?: boolean;
  readonly draw?: boolean;
  readonly cell?: number | undefined;
  readonly json?: boolean;
}

/** What was asked for, checked. */
interface Asked extends Flags {
  readonly name: string;
  readonly paper: AnyPaper;
  readonly experiment: string | undefined;
  readonly experiments: readonly string[];
  /** The folder of the study. */
  readonly folder: string;
}

type Plans = Awaited<ReturnType<AnyPaper["plans"]>>;

/** `surmise reproduce PAPER`. */
export function reproduceCommand(): Command {
  const papers = Object.entries(PAPERS);
  const about = papers.flatMap(([name, { budgets }]) =>
    BUDGET_NAMES.map((budget) => `${name} ${budget}: ${budgets[budget].about}`),
  );
  const budget = new Option("--budget <name>", about.join("; "))
    .choices(BUDGET_NAMES)
    .default("smoke");
  return new Command("reproduce")
    .description("run the experiments of a paper; what is in the folder already is kept")
    .addArgument(
      new Argument(
        "<paper>",
        papers.map(([name, { title }]) => `${name}: ${title}`).join("; "),
      ).choices(Object.keys(PAPERS)),
    )
    .addArgument(
      new Argument(
        "[experiment]",
        `one of its experiments (${papers
          .map(([name, { experiments }]) => `${name}: ${experiments.join(", ")}`)
          .join("; ")}); else all`,
      ),
    )
    .addOption(budget)
    .option("--as <settings>", `whose settings (${variantsOf(papers)})`)
    .option("--out <folder>", "its folder (default: surmise-runs/PAPER-BUDGET)")
    .option(
      "--only <text>",
      "only the cells in whose folder's name this is, as in table2/paper/mnist/1-vae1-path",
    )
    .option("--workers <n>", "cells side by side, in processes that share the cores", whole, 1)
    .option("--hours", "measure some steps, tell how long each budget takes, and run nothing")
    .option(
      "--draw",
      "run nothing: tell and draw what the folder holds, also while others work in it",
    )
    .addOption(new Option("--cell <n>").argParser(whole).hideHelp())
    .option("--json", "print one line of JSON and nothing else on standard output")
    .action((name: string, experiment: string | undefined, flags: Flags) =>
      reproduce(asked(name, experiment, flags)),
    );
}

function variantsOf(papers: readonly (readonly [string, AnyPaper])[]): string {
  return papers
    .flatMap(([name, { variants }]) => (variants ? `${name}: ${variants.join(" or ")}` : []))
    .join("; ");
}

function whole(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && text.trim() !== "") return value;
  throw new SurmiseError(`'${text}' is no whole number`);
}

function asked(name: string, experiment: string | undefined, flags: Flags): Asked {
  const { budget, as, out, workers } = flags;
  const paper = PAPERS[name];
  if (experiment !== undefined && !paper.experiments.includes(experiment)) {
    throw new SurmiseError(
      `${name} has no experiment '${experiment}': its experiments are ${paper.experiments.join(", ")}`,
    );
  }
  if (as !== undefined && !paper.variants?.includes(as)) {
    throw new SurmiseError(
      paper.variants === undefined
        ? `--as ${as}: ${name} has one kind of settings: leave --as out`
        : `--as ${as}: ${name} has no such settings: they are ${paper.variants.join(" or ")}`,
    );
  }
  if (workers < 1) throw new SurmiseError("--workers 0: give at least 1");
  const folder = out ?? join("surmise-runs", `${name}-${budget}`);
  const experiments = experiment === undefined ? paper.experiments : [experiment];
  return { ...flags, name, paper, experiment, experiments, folder };
}

/** All cells but those that `--only` leaves out. */
function among(plans: Plans, only = ""): Plans {
  return plans.filter(({ folder }) => folder.includes(only));
}

async function reproduce(options: Asked): Promise<void> {
  const { name, paper, experiments, budget, folder, cell, json = false } = options;
  if (options.hours) return tellHours(options);
  const plans = await plansOf(options);
  if (cell !== undefined) return runCell(options, plans[cell]);
  const study = options.draw ? await readStudy({ plans, folder }) : await run(options, plans);
  if (study.curves.length + study.finished.length === 0)
    throw new SurmiseError(`'${folder}' holds no cell of ${name} yet`);
  const report = join(folder, `${experiments.join("-")}.html`);
  await writeReport(report, await paper.report(study, budget));
  const rows = paper.rows(study);
  const { columns, rows: cells } = paper.table(rows);
  const { ending, finished } = study;
  const text = json
    ? JSON.stringify({ paper: name, budget, ending, rows, cells: finished, report })
    : `${printTable(columns, cells)}\n\nreport   ${report}`;
  process.stdout.write(`${text}\n`);
  if (ending === "finished") return;
  if (options.draw) {
    process.stderr.write(
      `${finished.length} of ${plans.length} cells; to go on: ${again(options)}\n`,
    );
    return;
  }
  process.stderr.write(`stopped; to go on: ${again(options)}\n`);
  process.exitCode = EXIT.interrupted;
}

/** Runs the cells that have no result yet. */
function run(options: Asked, plans: Plans) {
  return runWithDisplay(async (attention) => {
    await beforehand(options, plans, attention);
    return studyOf(options, plans, attention);
  });
}

/** The cells that are asked for. */
async function plansOf({ paper, experiments, budget, as, only }: Asked): Promise<Plans> {
  const plans: Plans = await paper.plans(experiments, budget, as);
  const found = among(plans, only);
  if (found.length === 0) throw noCell(plans, only);
  return found;
}

function noCell(plans: Plans, only: string | undefined): SurmiseError {
  const some = plans.slice(0, 3).map(({ folder }) => folder);
  return new SurmiseError(
    `--only ${only}: none of the ${plans.length} cells has this in its folder's name; there are ${some.join(", ")} ...`,
  );
}

function studyOf({ paper, folder }: Asked, plans: Plans, { signal, onEvent, show }: Attention) {
  let label = "";
  return runStudy({
    ...{ plans, folder, signal, onEvent },
    onCell: (cell, done, total) => {
      label = `${done + 1}/${total} ${paper.describe(cell)}`;
    },
    onReady: ({ task, loop }) => show(task.steps, loop.step, label),
  });
}

/** One cell, in a process that others run beside. */
async function runCell(options: Asked, plan: Plans[number]): Promise<void> {
  const { ending } = await runWithDisplay((attention) => studyOf(options, [plan], attention));
  if (ending !== "finished") process.exitCode = EXIT.interrupted;
}

/** Tells how long it takes, where that is long, and runs cells in processes of their own, if there are to be some. */
async function beforehand(options: Asked, plans: Plans, { signal, show }: Attention) {
  const { folder, workers, budget, paper } = options;
  const left = plans.flatMap((plan, i) => (isDone(folder, plan) ? [] : [i]));
  if (left.length === 0) return;
  if (budget !== "smoke") {
    const seconds = await stopwatch().seconds(
      left.map((i) => plans[i]),
      { signal, stepsDone: (plan) => stepsDone(folder, plan) },
    );
    process.stderr.write(
      `${left.length} cells, about ${formatDuration(seconds)} one after the other\n`,
    );
  }
  if (workers === 1) return;
  show(0, 0);
  const bar = progressBar({ label: "cells", total: left.length });
  try {
    await runInWorkers({
      ...{ workers, cells: left, interrupted: EXIT.interrupted, signal },
      argumentsOf: (cell) => [
        ...process.execArgv,
        process.argv[1],
        ...commandOf(options),
        ...["--cell", String(cell)],
      ],
      onDone: (cell, done) => {
        process.stderr.write(`done: ${paper.describe(plans[cell])}\n`);
        bar.update(done);
      },
    });
  } finally {
    bar.stop();
  }
}

/** How long each experiment takes at each budget. */
async function tellHours({ paper, experiments, as, only }: Asked): Promise<void> {
  const lines: { budget: BudgetName; experiment: string; plans: Plans }[] = [];
  for (const budget of BUDGET_NAMES) {
    for (const experiment of experiments) {
      lines.push({ budget, experiment, plans: await paper.plans([experiment], budget, as) });
    }
  }
  const all = lines.flatMap(({ plans }) => plans);
  if (among(all, only).length === 0) throw noCell(all, only);
  const watch = stopwatch();
  const rows: string[][] = [];
  for (const { budget, experiment, plans } of lines) {
    const chosen = among(plans, only);
    const seconds = await watch.seconds(chosen);
    rows.push([budget, experiment, String(chosen.length), formatDuration(seconds)]);
  }
  process.stdout.write(
    `${printTable(["budget", "experiment", "cells", "one after the other"], rows)}\n`,
  );
}

function again(options: Asked): string {
  const workers = options.workers === 1 ? [] : ["--workers", String(options.workers)];
  return [COMMAND_NAME, ...commandOf(options), ...workers].join(" ");
}

function commandOf({ name, experiment, budget, as, out, only }: Asked): string[] {
  const what = experiment === undefined ? [] : [experiment];
  const whose = as === undefined ? [] : ["--as", as];
  const where = out === undefined ? [] : ["--out", out];
  const which = only === undefined ? [] : ["--only", only];
  return ["reproduce", name, ...what, "--budget", budget, ...whose, ...where, ...which];
}
