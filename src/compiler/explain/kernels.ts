/** Kernels as a table for people. */
import type { Compiled } from "../compile.ts";
import type { Kernel } from "../loops/loops.ts";

/**
 * One line per kernel: millions of operations, megabytes read and written (each element once), the
 * axes looped over, and what is computed, operations in the order they are applied. What is done once,
 * and not in each step, comes first, with a sum of its own.
 */
export function printKernels({ kernels, memory }: Compiled): string {
  const section = (name: string, some: readonly Kernel[]) => {
    const sum = (of: "flops" | "bytes") => millions(some.reduce((n, k) => n + k.cost[of], 0));
    return [...some.map(row), [name, sum("flops"), sum("bytes"), "", ""]];
  };
  const once = kernels.filter((k) => k.prologue);
  const table = [
    ["", "MFLOP", "MB", "over", "computes"],
    ...(once.length > 0 ? section("prologue", once) : []),
    ...section(
      "all",
      kernels.filter((k) => !k.prologue),
    ),
  ];
  const widths = [0, 1, 2, 3].map((c) => Math.max(...table.map((row) => row[c].length)));
  const lines = table.map(([name, flops, bytes, over, what]) =>
    [
      name.padEnd(widths[0]),
      flops.padStart(widths[1]),
      bytes.padStart(widths[2]),
      over.padEnd(widths[3]),
      what,
    ]
      .join("  ")
      .trimEnd(),
  );
  const bytes = `${millions(memory.lasting)} MB kept, ${millions(memory.temporary)} MB within a step`;
  return [...lines, bytes].join("\n");
}

function row({ name, cost, axes, summary }: Kernel): string[] {
  return [name, millions(cost.flops), millions(cost.bytes), `{${axes}}`, summary];
}

function millions(n: number): string {
  const m = n / 1e6;
  return m === 0 || m >= 100 ? m.toFixed(0) : m.toPrecision(2).replace(/e.*$/, "");
}
