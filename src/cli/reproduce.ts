/** `surmise reproduce`: the experiments of a paper, kept in a folder, to be gone on with. */
import { join } from "node:path";
import { Argument, Command, Option } from "commander";
import { mprws } from "../papers/index.ts";
import { writeReport } from "../runs/index.ts";
import { CALLED } from "./called.ts";
import { type RunDisplay, runDisplay } from "./display.ts";
import { EXIT } from "./errors.ts";
import { onInterrupt } from "./interrupt.ts";
import { printTable } from "./terminal/table.ts";

interface Flags {
  readonly budget: mprws.BudgetName;
  readonly out?: string;
  readonly json?: boolean;
}

const EXPERIMENTS = Object.keys(mprws.EXPERIMENTS) as mprws.ExperimentName[];
const BUDGETS = Object.entries(mprws.BUDGETS).map(([name, { about }]) => `${name} (${about})`);

export function reproduceCommand(): Command {
  const budget = new Option("--budget <name>", BUDGETS.join("; "))
    .choices(Object.keys(mprws.BUDGETS))
    .default("smoke");
  return new Command("reproduce")
    .description("run the experiments of a paper; what is in the folder already is kept")
    .addArgument(
      new Argument("<paper>", "mprws: massively parallel reweighted wake-sleep").choices(["mprws"]),
    )
    .addArgument(
      new Argument("[experiment]", "one of its experiments; else all").choices(EXPERIMENTS),
    )
    .addOption(budget)
    .option("--out <folder>", "its folder (default: surmise-runs/PAPER-BUDGET)")
    .option("--json", "print one line of JSON and nothing else on standard output")
    .action(reproduce);
}

async function reproduce(
  paper: string,
  experiment: mprws.ExperimentName | undefined,
  { budget, out, json = false }: Flags,
): Promise<void> {
  const folder = out ?? join("surmise-runs", `${paper}-${budget}`);
  const experiments = experiment === undefined ? EXPERIMENTS : [experiment];
  const interrupt = onInterrupt();
  let display: RunDisplay | undefined;
  let label = "";
  const study = await mprws
    .runStudy({
      experiments,
      budget,
      folder,
      signal: interrupt.signal,
      onCell: (cell, done, total) => {
        display?.stop();
        display = undefined;
        label = `${done + 1}/${total} ${describe(cell)}`;
      },
      onReady: (loop, steps) => {
        display = runDisplay(steps, loop.step, label);
      },
      onEvent: (event) => display?.onEvent(event),
    })
    .finally(() => {
      display?.stop();
      interrupt.stop();
    });
  const report = join(folder, `${experiments.join("-")}.html`);
  await writeReport(report, await mprws.studyReport(study, budget));
  const rows = mprws.rowsOf(study.ran);
  const { columns, rows: cells } = mprws.tableOf(rows);
  const text = json
    ? JSON.stringify({ paper, budget, ending: study.ending, rows, cells: study.ran, report })
    : `${printTable(columns, cells)}\n\nreport   ${report}`;
  process.stdout.write(`${text}\n`);
  if (study.ending === "interrupted") {
    process.stderr.write(`stopped; to go on: ${again(paper, experiment, budget, out)}\n`);
    process.exitCode = EXIT.interrupted;
  }
}

function describe({ title, config }: mprws.CellPlan): string {
  const { strategy, particles, seed } = config;
  return `${title}, ${mprws.STRATEGIES[strategy].title}, K=${particles}, seed ${seed}`;
}

function again(paper: string, experiment: string | undefined, budget: string, out?: string) {
  const where = out === undefined ? [] : ["--out", out];
  const what = experiment === undefined ? [] : [experiment];
  return [CALLED, "reproduce", paper, ...what, "--budget", budget, ...where].join(" ");
}
