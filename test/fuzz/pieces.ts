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

/** How many pieces are shared out by the prologue and by so many steps. */
export function piecesOf(kernels: readonly Kernel[], steps = 1): number {
  return kernels.reduce((n, kernel) => {
    const pieces = phasesOf([kernel]).reduce((sum, phase) => sum + (phase.tasks ?? 0), 0);
    const turns = kernel.repeats.reduce((times, repeat) => times * repeat.turns, 1);
    return n + (kernel.prologue ? 1 : steps) * turns * pieces;
  }, 0);
}
