/** The checker proves itself: faults planted between the compiler's passes are all caught. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Stages, Tap } from "../../src/compiler/index.ts";
import { compareWithOracle } from "../fuzz/check.ts";
import { build, recipes } from "../fuzz/graphs.ts";
import { Wasm } from "../fuzz/wasm.ts";

type Statement = Stages["lower"][number]["body"][number];
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
    list.flatMap((s) => damage(s.kind === "loop" ? { ...s, body: walk(s.body) } : s));
  return at("lower", (kernels) => kernels.map((k) => ({ ...k, body: walk(k.body) })));
}

/** A fault in every value that loops compute. */
function inValues(damage: (x: Loose<Scalar>) => void): Tap {
  return inStatements((s) => {
    if (s.kind === "let") damage(s.value);
    return [s];
  });
}

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
  "all temporaries in one place": at("memory", (plan) => {
    const first = plan.size - plan.temporary;
    const offsets = [...plan.offsets].map(
      ([b, offset]) => [b, b.kind === "temporary" ? first : offset] as const,
    );
    return { ...plan, offsets: new Map(offsets) };
  }),
  "kernels in the wrong order": at("lower", (kernels) => [...kernels].reverse()),
  "inputs updated before others read their old values": at("lower", (kernels) => {
    const updates = (k: Stages["lower"][number]) => k.writes.some((b) => b.kind === "input");
    return [...kernels.filter(updates), ...kernels.filter((k) => !updates(k))];
  }),
};

const GRAPHS = fc.sample(recipes, { numRuns: 400, seed: 20 });

describe("planted compiler faults", () => {
  for (const [name, tap] of Object.entries(FAULTS)) {
    test(name, () => {
      const { run } = new Wasm({ tap });
      const caught = GRAPHS.some((r) => compareWithOracle(build(r), { run }).status === "differ");
      expect(caught).toBe(true);
    });
  }
});
