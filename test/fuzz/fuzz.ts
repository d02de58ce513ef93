/** Many random graphs, each judged by the oracle; failures are shrunk. */
import fc from "fast-check";
import type { Op } from "../../src/tensor/index.ts";
import { compareWithOracle, type Run, type Verdict } from "./check.ts";
import { build, type Recipe, recipes } from "./graphs.ts";

export interface Report {
  graphs: number;
  agree: number;
  skipped: number;
  differ: number;
  /** Elements compared, and elements within their bound of a kink. */
  judged: number;
  unsure: number;
  readonly operations: Map<Op, number>;
  /** Elements by the power of ten of their condition number. */
  readonly conditionNumbers: Map<number, number>;
  /** Small graphs that differ, as text. */
  readonly failures: string[];
}

export interface FuzzOptions {
  readonly graphs: number;
  readonly seed: number;
  readonly run: Run;
  readonly progress?: (report: Report) => void;
}

/** Graphs under one seed of fast-check; after a failure the next seed goes on. */
const BATCH = 250;

/** Give up after so many failures. */
const MOST_FAILURES = 10;

export function fuzz({ graphs, seed, run, progress }: FuzzOptions): Report {
  const report: Report = {
    graphs: 0,
    agree: 0,
    skipped: 0,
    differ: 0,
    judged: 0,
    unsure: 0,
    operations: new Map(),
    conditionNumbers: new Map(),
    failures: [],
  };
  for (let batch = 0; report.graphs < graphs; batch++) {
    judge(Math.min(BATCH, graphs - report.graphs), seed + batch, run, report);
    progress?.(report);
    if (report.failures.length >= MOST_FAILURES) break;
  }
  return report;
}

function judge(graphs: number, seed: number, run: Run, report: Report): void {
  let failed = false;
  const agrees = fc.property(recipes, (recipe: Recipe) => {
    const verdict = compareWithOracle(build(recipe), run);
    if (!failed) count(verdict, report);
    failed ||= verdict.status === "differ";
    return verdict.status !== "differ";
  });
  const outcome = fc.check(agrees, { numRuns: graphs, seed });
  if (outcome.counterexample === null) return;
  const [recipe] = outcome.counterexample;
  const { detail } = compareWithOracle(build(recipe), run);
  const recall = `--seed ${seed} --graphs ${graphs}; recipe ${JSON.stringify(recipe)}`;
  report.failures.push(`${recall}\n${detail}`);
}

function count(verdict: Verdict, report: Report): void {
  report.graphs++;
  report[verdict.status]++;
  report.judged += verdict.judged;
  report.unsure += verdict.unsure;
  addTo(report.operations, verdict.operations);
  addTo(report.conditionNumbers, verdict.conditionNumbers);
}

function addTo<K>(all: Map<K, number>, more: ReadonlyMap<K, number>): void {
  for (const [key, n] of more) all.set(key, (all.get(key) ?? 0) + n);
}
