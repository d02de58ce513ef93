/** Counting who does the pieces of a program. */
import { buffer } from "../../src/compiler/buffer.ts";
import type { Kernel, Tap } from "../../src/compiler/index.ts";
import type { Statement } from "../../src/compiler/loops/loops.ts";
import { phasesOf } from "../../src/compiler/loops/phases.ts";
import { ScalarBuilder } from "../../src/compiler/scalar/language.ts";

const count = buffer("pieces done", "scratch", "float32", [], 1);
const one = new ScalarBuilder().constant("f32", 1);
const countOne: readonly Statement[] = [
  { kind: "let", value: one },
  {
    kind: "store",
    address: { buffer: count, terms: [], positions: [] },
    value: one,
    combine: "sum",
  },
];

/**
 * `tap`, and then each piece is counted in the first number of the own memory of the thread that does it.
 * That of the calling thread also serves kernels that are not shared out.
 */
export function counting(tap: Tap): Tap {
  return (stage, result) => {
    const handed = tap(stage, result);
    return (
      stage === "lower" ? (handed as readonly Kernel[]).map(counted) : handed
    ) as typeof result;
  };
}

function counted(kernel: Kernel): Kernel {
  if (!kernel.body.some((s) => s.kind === "parallel")) return kernel;
  const body = kernel.body.map((s) =>
    s.kind === "parallel" ? { ...s, body: [...s.body, ...countOne] } : s,
  );
  return { ...kernel, body, scratch: [count, ...kernel.scratch] };
}

/** How many pieces one step shares out. */
export function piecesOf(kernels: readonly Kernel[]): number {
  return phasesOf(kernels).reduce((n, { tasks: pieces = 0, repeats }) => {
    return n + repeats.reduce((times, { turns }) => times * turns, pieces);
  }, 0);
}
