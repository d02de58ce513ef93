/** A program for people, after each stage of the compiler. */
import type { Compiled } from "../compile.ts";
import type { ProgramRoots } from "../schedule/stores.ts";
import { printGraph } from "./graph.ts";
import { printKernels } from "./kernels.ts";
import { printLoops } from "./loops.ts";

/**
 * - `graph`: the simplified expressions, a line for each node, bodies of loops inside.
 * - `kernels`: what was fused, over which axes, with operations and bytes.
 * - `loops`: the loop nests of the kernels, as they are printed for the target.
 */
export type ExplainedStage = "graph" | "kernels" | "loops";

/**
 * A program as text after one of its passes: its expressions, its fused kernels, or its loop nests.
 */
export function explain(stage: ExplainedStage, roots: ProgramRoots, compiled: Compiled): string {
  switch (stage) {
    case "graph":
      return printGraph(roots);
    case "kernels":
      return printKernels(compiled);
    case "loops":
      return printLoops(compiled.kernels);
  }
}
