/** Many random graphs, each judged by the oracle; failures are shrunk. */
import fc from "fast-check";
import type { Op } from "../../src/tensor/internal.ts";
import { compareWithOracle, firstToDiffer, nodeByNode, type Verdict } from "./check.ts";
import { build, type Graph, type Recipe, recipes } from "./graphs.ts";
import type { Run, Subject } from "./subject.ts";

export interface Report {
  graphs: number;
  agree: number;
  skipped: number;
  differ: number;
  /** Elements compared, and elements within their bound of a kink. */
  judged: number;
  unsure: number;
  /** Graphs by the name of what was tested on them. */
  readonly subjects: Map<string, number>;
  readonly operations: Map<Op, number>;
  /** Elements by the power of ten of their condition number. */
  readonly conditionNumbers: Map<number, number>;
  /** Small graphs that differ, as text. */
  readonly failures: string[];
}

export interface FuzzOptions {
  readonly graphs: number;
  readonly seed: number;
  /** What is tested on the graphs of a batch. */
  readonly subjects: (batch: number) => readonly Subject[];
  readonly progress?: (report: Report) => void;
}

/** Graphs under one seed of fast-check, compiled together. */
export const BATCH = 200;

/** So many batches are being compiled while one is judged. */
const AHEAD = 3;

/** Give up after so many failures. */
const MOST_FAILURES = 10;

export async function fuzz({ graphs, seed, subjects, progress }: FuzzOptions): Promise<Report> {
  const report: Report = {
    graphs: 0,
    agree: 0,
    skipped: 0,
    differ: 0,
    judged: 0,
    unsure: 0,
    subjects: new Map(),
    operations: new Map(),
    conditionNumbers: new Map(),
    failures: [],
  };
  const batches = Math.ceil(graphs / BATCH);
  const start = (k: number) => {
    const size = Math.min(BATCH, graphs - k * BATCH);
    return prepareBatch(size, seed + k, subjects(k));
  };
  const ahead: Promise<Batch>[] = [];
  for (let k = 0; k < batches && report.failures.length < MOST_FAILURES; k++) {
    while (ahead.length < AHEAD && k + ahead.length < batches) ahead.push(start(k + ahead.length));
    await judge(await (ahead.shift() as Promise<Batch>), report);
    progress?.(report);
  }
  await Promise.all(ahead);
  return report;
}

interface Batch {
  readonly seed: number;
  readonly subjects: readonly Subject[];
  readonly graphs: readonly Graph[];
  readonly runs: Readonly<Record<string, Run>>;
}

async function prepareBatch(
  size: number,
  seed: number,
  subjects: readonly Subject[],
): Promise<Batch> {
  const graphs = fc.sample(recipes, { numRuns: size, seed }).map(build);
  return { seed, subjects, graphs, runs: await prepare(subjects, graphs) };
}

async function prepare(subjects: readonly Subject[], graphs: readonly Graph[]) {
  const runs = subjects.map(async (s) => [s.name, await prepareOne(s, graphs)] as const);
  return Object.fromEntries(await Promise.all(runs));
}

/** Where graphs cannot be compiled together, those that cannot be compiled alone fail when they run. */
async function prepareOne(subject: Subject, graphs: readonly Graph[]): Promise<Run> {
  try {
    return await subject.prepare(graphs);
  } catch (error) {
    if (graphs.length === 1) {
      return () => {
        throw error;
      };
    }
    const runs = new Map<Graph, Run>();
    for (const graph of graphs) runs.set(graph, await prepareOne(subject, [graph]));
    return (graph) => (runs.get(graph) as Run)(graph);
  }
}

async function judge({ seed, subjects, graphs, runs }: Batch, report: Report): Promise<void> {
  let first: number | undefined;
  for (const [k, graph] of graphs.entries()) {
    const verdict = compareWithOracle(graph, runs);
    count(verdict, report);
    // A turn of the event loop, in which memories of programs that are gone are given back.
    await new Promise((resolve) => setImmediate(resolve));
    if (verdict.status === "differ") first ??= k;
  }
  for (const { name } of subjects) addTo(report.subjects, new Map([[name, graphs.length]]));
  if (first !== undefined) report.failures.push(await shrink(seed, first, subjects));
}

/** The smallest graph found that differs as the graph number `k` under `seed` does. */
async function shrink(seed: number, k: number, subjects: readonly Subject[]): Promise<string> {
  const verdictOf = async (recipe: Recipe) => {
    const graph = build(recipe);
    return compareWithOracle(graph, await prepare(subjects, [graph]));
  };
  const agrees = fc.asyncProperty(
    recipes,
    async (recipe) => (await verdictOf(recipe)).status !== "differ",
  );
  const { counterexample } = await fc.check(agrees, { seed, path: String(k), numRuns: 1 });
  const recall = `--seed ${seed} --graphs ${k + 1}`;
  if (counterexample === null) return `${recall}: differs only together with other graphs`;
  const [recipe] = counterexample;
  const { detail } = await verdictOf(recipe);
  const nodes = nodeByNode(build(recipe));
  const alone = firstToDiffer(nodes, await prepare(subjects, nodes));
  return `${recall}; recipe ${JSON.stringify(recipe)}\n${detail}\n${alone}`;
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
