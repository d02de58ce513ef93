/** Programs as tables for people. */
import { byteLength } from "./buffer.ts";
import type { Compiled } from "./compile.ts";

/**
 * One line per kernel: millions of operations, megabytes read and written (each element once), the
 * axes looped over, and what is computed, operations in the order they are applied.
 */
export function explain({ kernels, memory, inputs, outputs, literals }: Compiled): string {
  const rows = kernels.map((k) => [
    k.name,
    millions(k.cost.flops),
    millions(k.cost.bytes),
    `{${k.axes}}`,
    k.summary,
  ]);
  const sum = (of: "flops" | "bytes") => kernels.reduce((n, k) => n + k.cost[of], 0);
  const held = [...inputs.values(), ...outputs.values(), ...literals.map((l) => l.buffer)];
  const kept = held.reduce((n, b) => n + byteLength(b), 0);
  const table = [
    ["", "MFLOP", "MB", "over", "computes"],
    ...rows,
    ["all", millions(sum("flops")), millions(sum("bytes")), "", ""],
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
  const bytes = `${millions(kept)} MB kept, ${millions(memory.temporary)} MB within a step`;
  return [...lines, bytes].join("\n");
}

function millions(n: number): string {
  const m = n / 1e6;
  return m === 0 || m >= 100 ? m.toFixed(0) : m.toPrecision(2).replace(/e.*$/, "");
}
