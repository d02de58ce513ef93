/** The checker proves itself: faults planted between the compiler's passes are all caught, in both printers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asProduct } from "../../src/compiler/graph/product.ts";
import type { Stages, Tap } from "../../src/compiler/index.ts";
import { native } from "../../src/runtime/native/executable.ts";
import { nodesOf } from "../../src/tensor/internal.ts";
import { compareWithOracle } from "../fuzz/check.ts";
import { build, type Graph, recipes } from "../fuzz/graphs.ts";
import { NativeCode } from "../fuzz/native.ts";
import { unoptimised } from "../fuzz/settings.ts";
import type { Subject } from "../fuzz/subject.ts";
import { Wasm } from "../fuzz/wasm.ts";

type Kernel = Stages["lower"][number];
type Statement = Kernel["body"][number];
type Scalar = Extract<Statement, { kind: "let" }>["value"];
type Loose<T> = { -readonly [K in keyof T]: T[K] };

/** A fault in what one pass hands on. */
function at<S extends keyof Stages>(stage: S, damage: (result: Stages[S]) => Stages[S]): Tap {
  return (name, result) =>
    (name as string) === stage ? (damage(result as Stages[S]) as typeof result) : result;
}

/** A fault in every statement of every kernel: what `damage` returns takes its place. */
function inStatements(damage: (s: Statement) => readonly Statement[]): Tap {
  const walk = (list: readonly Statement[]): Statement[] =>
    list.flatMap((s) => damage("body" in s ? { ...s, body: walk(s.body) } : s));
  return at("lower", (kernels) => kernels.map((k) => ({ ...k, body: walk(k.body) })));
}

/** A fault in every value that loops compute. */
function inValues(damage: (x: Loose<Scalar>) => void): Tap {
  return inStatements((s) => {
    if (s.kind === "let") damage(s.value);
    return [s];
  });
}

/** A fault in what follows the last parallel loop of a kernel. */
function afterParallel(damage: (rest: readonly Statement[]) => readonly Statement[]): Tap {
  const damaged = ({ body, ...kernel }: Kernel) => {
    const end = body.findLastIndex((s) => s.kind === "parallel") + 1;
    return {
      ...kernel,
      body: end === 0 ? body : [...body.slice(0, end), ...damage(body.slice(end))],
    };
  };
  return at("lower", (kernels) => kernels.map(damaged));
}

/** A fault in what repeats kernels. */
function inRepeats(damage: (repeat: Loose<Kernel["repeats"][number]>) => void): Tap {
  return at("lower", (kernels) => {
    for (const repeat of new Set(kernels.flatMap((k) => k.repeats))) damage(repeat);
    return kernels;
  });
}

/** Buffers of one kind in one place. */
const inOnePlace = (kind: string, place: (plan: Stages["memory"]) => number) =>
  at("memory", (plan) => {
    const offsets = [...plan.offsets].map(
      ([b, offset]) => [b, b.kind === kind ? place(plan) : offset] as const,
    );
    return { ...plan, offsets: new Map(offsets) };
  });

const swap = (op: string) =>
  inValues((x) => {
    if (x.op === op) x.args = [...x.args.slice(0, -2), x.args[x.args.length - 1], x.args.at(-2)!];
  });

const FAULTS: Readonly<Record<string, Tap>> = {
  "operands of a difference swapped": swap("sub"),
  "branches of a select swapped": swap("select"),
  "less-or-equal taken for less": inValues((x) => {
    if (x.op === "le") x.op = "lt";
  }),
  "a constant of a special function slightly off": inValues((x) => {
    for (const arg of x.args as Loose<Scalar>[]) {
      const small = typeof arg.value === "number" && Math.abs(arg.value) < 1 && arg.value !== 0;
      if (arg.op === "constant" && arg.type === "f32" && small) {
        arg.value = Math.fround((arg.value as number) * 1.0001);
      }
    }
  }),
  "elements after the last whole vector left out": inStatements((s) =>
    s.kind === "loop" && s.lanes > 1 && typeof s.to === "number" && s.to > s.lanes
      ? [{ ...s, to: s.to - (s.to % s.lanes) }]
      : [s],
  ),
  "a wrong stride": inStatements((s) => {
    if (s.kind === "let" && s.value.op === "load") {
      const { terms } = s.value.leaf as { terms: { factor: number }[] };
      if (terms.length > 1) terms[0].factor -= 1;
    }
    return [s];
  }),
  "sums in memory not set to zero first": inStatements((s) => (s.kind === "fill" ? [] : [s])),
  "a maximum added up": inStatements((s) => {
    if (s.kind === "start") (s.accumulator as Loose<typeof s.accumulator>).combine = "sum";
    return [s];
  }),
  "the last step of a contraction left out": inStatements((s) =>
    s.kind === "tile" && typeof s.depth === "number" ? [{ ...s, depth: s.depth - 1 }] : [s],
  ),
  "gathered positions clamped one too low": inStatements((s) => {
    if (s.kind === "let" && s.value.op === "load") {
      for (const p of (s.value.leaf as { positions: { size: number }[] }).positions) p.size -= 1;
    }
    return [s];
  }),
  "elements at a position written one too low": inStatements((s) => {
    if (s.kind === "store" && s.combine === undefined) {
      for (const p of s.address.positions as Loose<(typeof s.address.positions)[number]>[]) {
        p.size -= 1;
      }
    }
    return [s];
  }),
  "positions outside their axis written at its ends": inValues((x) => {
    const isWithin = x.op === "select" && x.args[2].op === "load";
    if (isWithin && x.args[0].op === "and") x.args = [x.args[0], x.args[1], x.args[1]];
  }),
  "all temporaries in one place": inOnePlace("temporary", (plan) => plan.size - plan.temporary),
  "panels and tiles in one place": inOnePlace("scratch", () => 0),
  "kernels in the wrong order": at("lower", (kernels) => [...kernels].reverse()),
  "inputs updated before others read their old values": at("lower", (kernels) => {
    const updates = (k: Stages["lower"][number]) => k.writes.some((b) => b.kind === "input");
    return [...kernels.filter(updates), ...kernels.filter((k) => !updates(k))];
  }),
  "the last turn of a loop of kernels left out": inRepeats((repeat) => {
    repeat.turns = Math.max(1, repeat.turns - 1);
  }),
  "values that last from turn to turn forgotten": inRepeats((repeat) => {
    repeat.outside = new Set();
  }),
  "a prologue not run again where an input is written": at("lower", (kernels) =>
    kernels.map((k) =>
      k.prologue ? { ...k, reads: k.reads.filter((b) => b.kind !== "input") } : k,
    ),
  ),
  "values of the prologue overwritten by steps": at("schedule", (schedule) => ({
    ...schedule,
    lasting: new Set(),
  })),
  "work of a step done in the prologue": at("lower", (kernels) =>
    kernels.map((k) => (k.writes.some((b) => b.kind === "input") ? k : { ...k, prologue: true })),
  ),
  "a piece left out": inStatements((s) => (s.kind === "parallel" ? [{ ...s, to: s.to - 1 }] : [s])),
  "parts of a sum not added up": afterParallel(() => []),
  "one part of a sum left out": afterParallel((rest) =>
    rest.map(function shorter(s): Statement {
      if (s.kind !== "loop") return s;
      const isParts = s.variable.name === "task" && typeof s.to === "number";
      return isParts ? { ...s, to: (s.to as number) - 1 } : { ...s, body: s.body.map(shorter) };
    }),
  ),
  "all parts of a sum in one place": inStatements((s) => {
    if (s.kind === "store" && s.address.buffer.name.startsWith("parts of")) {
      for (const term of s.address.terms as Loose<(typeof s.address.terms)[number]>[]) {
        if (term.variable.name === "task") term.factor = 0;
      }
    }
    return [s];
  }),
  "the last row of a tile left out": inStatements((s) => {
    if (s.kind !== "tile") return [s];
    const less = (count: typeof s.rows.count): typeof s.rows.count => {
      if (typeof count === "number") return Math.max(1, count - 1);
      return "terms" in count
        ? { ...count, plus: count.plus - 1 }
        : { ...count, total: less(count.total) };
    };
    const fewer = less(s.rows.count);
    return [{ ...s, rows: { ...s.rows, count: fewer } }];
  }),
  "the last columns of a product left out": inStatements((s) => {
    if (s.kind !== "tile" || typeof s.columns.count !== "number") return [s];
    const count = Math.max(1, s.columns.count - s.columns.full);
    return [{ ...s, columns: { ...s.columns, count } }];
  }),
};

/** How many of a matrix product and a scan a graph has. */
function rarities({ outputs, updates }: Graph): number {
  const nodes = nodesOf([...outputs, ...updates.map(([, value]) => value)]);
  return Number(nodes.some((x) => asProduct(x))) + Number(nodes.some((x) => x.op === "scan"));
}

/** Graphs with what is rare come first: some faults show in these alone. */
const GRAPHS = fc
  .sample(recipes, { numRuns: 800, seed: 20 })
  .map(build)
  .sort((a, b) => rarities(b) - rarities(a));

/** Whether a graph shows that there is a fault; graphs are compiled few at first, then more together. */
async function isCaught(subject: Subject): Promise<boolean> {
  for (let from = 0, size = 15; from < GRAPHS.length; from += size, size *= 2) {
    const graphs = GRAPHS.slice(from, from + size);
    const run = await subject.prepare(graphs);
    if (graphs.some((g) => compareWithOracle(g, { run }).status === "differ")) return true;
  }
  return false;
}

const here = native();
const PRINTERS: Readonly<Record<string, (tap: Tap) => Subject>> = {
  WebAssembly: (tap) => new Wasm({ tap, patience: 0 }),
  ...(typeof here !== "string" && {
    C: (tap: Tap) => new NativeCode(here, { flags: unoptimised(here), tap }),
  }),
};

describe.each(Object.entries(PRINTERS))("planted compiler faults, %s", (_, printer) => {
  test.each(Object.entries(FAULTS))("%s", async (_, tap) => {
    expect(await isCaught(printer(tap))).toBe(true);
  });
});
