/** `surmise reproduce`: the experiments of a paper, kept in a folder, from which they resume. */
import { join } from "node:path";
import { Argument, Command, Option } from "commander";
import { type AnyPaper, BUDGET_NAMES, type BudgetName, runStudy } from "../../experiments/index.ts";
import { PAPERS } from "../../papers/index.ts";
import { writeReport } from "../../runs/index.ts";
import { SurmiseError } from "../../tensor/index.ts";
import { COMMAND_NAME } from "../commandName.ts";
import { EXIT } from "../errors.ts";
import { runWithDisplay } from "../runWithDisplay.ts";
import { printTable } from "../terminal/table.ts";

interface Flags {
  readonly budget: BudgetName;
  readonly as?: string | undefined;
  readonly out?: string | undefined;
  readonly json?: boolean;
}

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
    .option("--json", "print one line of JSON and nothing else on standard output")
    .action(reproduce);
}

function variantsOf(papers: readonly (readonly [string, AnyPaper])[]): string {
  return papers
    .flatMap(([name, { variants }]) => (variants ? `${name}: ${variants.join(" or ")}` : []))
    .join("; ");
}

async function reproduce(
  name: string,
  experiment: string | undefined,
  { budget, as, out, json = false }: Flags,
): Promise<void> {
  const paper = PAPERS[name];
  if (experiment !== undefined && !paper.experiments.includes(experiment)) {
    throw new SurmiseError(
      `${name} has no experiment '${experiment}': its experiments are ${paper.experiments.join(", ")}`,
    );
  }
  if (as !== undefined && !paper.variants?.includes(as)) {
    const has = paper.variants?.join(", ") ?? "none to choose from";
    throw new SurmiseError(`--as ${as}: ${name} has no such settings: they are ${has}`);
  }
  const folder = out ?? join("surmise-runs", `${name}-${budget}`);
  const experiments = experiment === undefined ? paper.experiments : [experiment];
  const plans = await paper.plans(experiments, budget, as);
  const study = await runWithDisplay(({ signal, onEvent, show }) => {
    let label = "";
    return runStudy({
      ...{ plans, folder, signal, onEvent },
      onCell: (cell, done, total) => {
        label = `${done + 1}/${total} ${paper.describe(cell)}`;
      },
      onReady: ({ task, loop }) => show(task.steps, loop.step, label),
    });
  });
  const report = join(folder, `${experiments.join("-")}.html`);
  await writeReport(report, await paper.report(study, budget));
  const rows = paper.rows(study);
  const { columns, rows: cells } = paper.table(rows);
  const { ending, finished } = study;
  const text = json
    ? JSON.stringify({ paper: name, budget, ending, rows, cells: finished, report })
    : `${printTable(columns, cells)}\n\nreport   ${report}`;
  process.stdout.write(`${text}\n`);
  if (ending === "interrupted") {
    process.stderr.write(`stopped; to go on: ${again(name, experiment, { budget, as, out })}\n`);
    process.exitCode = EXIT.interrupted;
  }
}

function again(
  paper: string,
  experiment: string | undefined,
  { budget, as, out }: Pick<Flags, "budget" | "as" | "out">,
): string {
  const what = experiment === undefined ? [] : [experiment];
  const whose = as === undefined ? [] : ["--as", as];
  const where = out === undefined ? [] : ["--out", out];
  return [
    ...[COMMAND_NAME, "reproduce", paper, ...what],
    ...["--budget", budget, ...whose, ...where],
  ].join(" ");
}
