/** Compares what a program computes with what the oracle says it may compute. */
import { type Evaluated, evaluate } from "../../src/compiler/oracle/index.ts";
import {
  isFloat,
  nodesOf,
  type Op,
  type Tensor,
  type TypedArray,
} from "../../src/tensor/internal.ts";
import type { Graph } from "./graphs.ts";
import type { Run } from "./subject.ts";

export interface Verdict {
  /** "skipped" if no element could be judged. */
  readonly status: "agree" | "skipped" | "differ";
  /** The disagreement, for people; empty if there is none. */
  readonly detail: string;
  /** Elements that were compared, and those within their bound of a kink. */
  readonly judged: number;
  readonly unsure: number;
  /** Bound / (unit roundoff |value|) of the compared floating-point elements, per power of ten. */
  readonly conditionNumbers: ReadonlyMap<number, number>;
  readonly operations: ReadonlyMap<Op, number>;
}

/** Bounds are computed in doubles too. */
const SLACK = 1 + 2 ** -20;

/** Condition numbers beyond 10 to this are counted together: no digit of float64 is left. */
const MOST_DECADES = 16;

interface Worst {
  readonly element: number;
  readonly got: number;
  readonly excess: number;
}

/** Judges what each of `runs`, by name, makes of a graph, up to the first that differs. */
export function compareWithOracle(graph: Graph, runs: Readonly<Record<string, Run>>): Verdict {
  const expected = expectation(graph);
  const { outputs, updates } = graph;
  const targets = [...outputs, ...updates.map(([state]) => state)];
  const conditionNumbers = new Map<number, number>();
  let judged = 0;
  let unsure = 0;
  for (const e of expected) {
    const doubtful = e.unsure.reduce((a, b) => a + b, 0);
    unsure += doubtful;
    judged += e.unsure.length - doubtful;
    collectConditions(e, conditionNumbers);
  }
  const operations = countOperations(targets.concat(updates.map(([, value]) => value)));
  const rest = { judged, unsure, conditionNumbers, operations };
  for (const [name, run] of Object.entries(runs)) {
    const difference = differenceOf(graph, expected, run);
    if (difference === undefined) continue;
    return { status: "differ", detail: `${describe(graph)}\n${name}: ${difference}`, ...rest };
  }
  return { status: judged === 0 ? "skipped" : "agree", detail: "", ...rest };
}

/** What is wrong with a run, if anything is. */
function differenceOf(graph: Graph, expected: readonly Evaluated[], run: Run): string | undefined {
  const { outputs, updates } = graph;
  let got: readonly ArrayLike<number>[];
  try {
    got = run(graph);
  } catch (error) {
    return `the program failed: ${(error as Error).stack}`;
  }
  const targets = [...outputs, ...updates.map(([state]) => state)];
  for (const [k, target] of targets.entries()) {
    const worst = compare(expected[k], got[k]);
    if (worst === undefined) continue;
    const where = k < outputs.length ? "output" : "state";
    return `${where} ${nameOf(target)}: ${show(expected[k], worst)}`;
  }
  return undefined;
}

/** Every node of a graph as a graph of its own, inputs before what is made of them. */
export function nodeByNode({ outputs, updates, ...graph }: Graph): Graph[] {
  const nodes = nodesOf([...outputs, ...updates.map(([, value]) => value)]);
  return nodes.map((node) => ({ ...graph, outputs: [node], updates: [], steps: 1 }));
}

/** The first of the graphs that differs, as text. */
export function firstToDiffer(
  graphs: readonly Graph[],
  runs: Readonly<Record<string, Run>>,
): string {
  for (const graph of graphs) {
    const expected = expectation(graph);
    for (const [name, run] of Object.entries(runs)) {
      const difference = differenceOf(graph, expected, run);
      if (difference !== undefined) return `by itself, ${name}: ${difference}`;
    }
  }
  return "every node by itself is right";
}

/** Outputs of the last step, then states after it. */
function expectation({ outputs, updates, inputs, rewritten, steps }: Graph): Evaluated[] {
  const now = new Map<string, TypedArray | Evaluated>(inputs);
  const roots = [...outputs, ...updates.map(([, value]) => value)];
  let results: Evaluated[] = [];
  const run = () => {
    for (let step = 0; step < steps; step++) {
      results = evaluate(roots, now);
      updates.forEach(([state], k) => {
        const { operation } = state;
        if (operation.op === "input") now.set(operation.name, results[outputs.length + k]);
      });
    }
  };
  run();
  for (const [name, values] of rewritten) now.set(name, values);
  if (rewritten.size > 0) run();
  const states = evaluate(
    updates.map(([state]) => state),
    now,
  );
  return [...results.slice(0, outputs.length), ...states];
}

/** The worst element outside its bound, if there is one. */
function compare(expected: Evaluated, got: ArrayLike<number>): Worst | undefined {
  const { values, error, unsure } = expected;
  if (got.length !== values.length) return { element: -1, got: got.length, excess: 0 };
  let worst: Worst | undefined;
  for (let i = 0; i < values.length; i++) {
    if (unsure[i] === 1 || got[i] === values[i]) continue;
    const bothNaN = Number.isNaN(got[i]) && Number.isNaN(values[i]);
    const distance = Math.abs(got[i] - values[i]);
    if (bothNaN || distance <= error[i] * SLACK) continue;
    const excess = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance / error[i];
    if (worst === undefined || excess > worst.excess) worst = { element: i, got: got[i], excess };
  }
  return worst;
}

function show({ axes, values, error }: Evaluated, { element, got, excess }: Worst): string {
  if (element < 0) return `${got} values instead of ${values.length}`;
  let rest = element;
  const at = [...axes].reverse().map((a) => {
    const k = rest % a.size;
    rest = (rest - k) / a.size;
    return `${a.name}=${k}`;
  });
  return (
    `at [${at.reverse().join(", ")}] got ${got}, the oracle has ${values[element]} ` +
    `+- ${error[element]} (${excess.toPrecision(3)} times too far)`
  );
}

function collectConditions(e: Evaluated, into: Map<number, number>): void {
  if (!isFloat(e.dtype)) return;
  const unit = e.dtype === "float32" ? 2 ** -24 : 2 ** -53;
  for (let i = 0; i < e.values.length; i++) {
    const size = Math.abs(e.values[i]);
    if (e.unsure[i] === 1 || size === 0 || !Number.isFinite(size) || e.error[i] === 0) continue;
    const decade = Math.floor(Math.log10(e.error[i] / (unit * size)));
    const shown = Math.min(Math.max(decade, 0), MOST_DECADES);
    into.set(shown, (into.get(shown) ?? 0) + 1);
  }
}

function countOperations(roots: readonly Tensor[]): Map<Op, number> {
  const counts = new Map<Op, number>();
  for (const { op } of nodesOf(roots)) counts.set(op, (counts.get(op) ?? 0) + 1);
  return counts;
}

const nameOf = (x: Tensor): string => `%${x.id} = ${x.op}`;

/** The graph, a line per node. */
export function describe(graph: Graph): string {
  const { outputs, updates, inputs, varying, rewritten, steps, grain, chain } = graph;
  const roots = [...outputs, ...updates.flat()];
  const lines = nodesOf(roots).map((x) => {
    const axes = x.axes.map((a) => `${a.name}:${a.size}`).join(" ");
    const args = x.inputs.map((y) => `%${y.id}`).join(", ");
    return `  ${nameOf(x)}(${args}) ${attributes(x, inputs)} [${axes}] ${x.dtype}`;
  });
  const changes = updates.map(([state, value]) => `%${state.id} <- %${value.id}`);
  return [
    ...lines,
    `  outputs ${outputs.map((x) => `%${x.id}`).join(", ")}; grain ${grain}; chain ${chain}`,
    ...(varying === undefined ? [] : [`  varying ${varying.join(" ")}`]),
    ...[...rewritten].map(([name, values]) => `  then ${name} = ${shorten(values)}`),
    ...(changes.length > 0 ? [`  ${steps} steps of ${changes.join(", ")}`] : []),
  ].join("\n");
}

function attributes({ operation }: Tensor, inputs: ReadonlyMap<string, TypedArray>): string {
  switch (operation.op) {
    case "input":
      return `${operation.name} = ${shorten(inputs.get(operation.name) ?? [])}`;
    case "literal":
      return shorten(operation.data);
    case "constant":
      return String(operation.value);
    case "threefry":
      return `word ${operation.word}`;
    case "index":
    case "gather":
      return `along ${operation.axis.name}`;
    case "scatterAdd":
      return `along ${operation.axis.name} over ${operation.over.map((a) => a.name)}`;
    case "sum":
    case "max":
      return `over ${operation.over.map((a) => a.name)}`;
    default:
      return "";
  }
}

function shorten(data: ArrayLike<number>): string {
  const shown = Array.from({ length: Math.min(data.length, 12) }, (_, i) => data[i]);
  return `{${shown.join(" ")}${data.length > 12 ? " ..." : ""}}`;
}
