/** What the machine can do at most, by a small C program: the measure of what is reached. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const SOURCE = fileURLToPath(new URL("../ceilings.c", import.meta.url));
const FLAGS = ["-O3", "-ffp-contract=fast", "-pthread"];

const form = z.object({ gflops: z.number(), gbps: z.number() });

/** GFLOP/s of fused multiply-adds of float32, and GB/s from and to memory. */
export type Ceilings = z.infer<typeof form>;

/** Measures the ceilings as often as it is asked, and remembers the best. */
export interface Gauge {
  /** The best so far, or undefined where they cannot be measured. */
  measure(): Ceilings | undefined;
  close(): void;
}

/** A gauge for `threads` threads; `onMissing` is told why, where there can be none. */
export function ceilingsGauge(threads: number, onMissing: (why: string) => void): Gauge {
  const folder = mkdtempSync(join(tmpdir(), "surmise-ceilings-"));
  const program = join(folder, "ceilings");
  const why = compile(program);
  if (why !== undefined) onMissing(why);
  let best: Ceilings | undefined;
  return {
    measure() {
      if (why !== undefined) return undefined;
      const { stdout } = spawnSync(program, [String(threads)], { encoding: "utf8" });
      const found = form.parse(JSON.parse(stdout));
      const { gflops, gbps } = best ?? found;
      best = { gflops: Math.max(gflops, found.gflops), gbps: Math.max(gbps, found.gbps) };
      return best;
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Compiles the program for this processor; returns why that is impossible, if it is. */
function compile(program: string): string | undefined {
  const commands = process.env.CC === undefined ? ["cc", "gcc", "clang"] : [process.env.CC];
  for (const command of commands) {
    for (const native of ["-march=native", "-mcpu=native"]) {
      const { status } = spawnSync(command, [...FLAGS, native, SOURCE, "-o", program]);
      if (status === 0) return undefined;
    }
  }
  return `no C compiler works (${commands.join(", ")})`;
}
