/** How long cells take: a few steps of each kind are measured, the rest is arithmetic. */
import { setImmediate } from "node:timers/promises";
import { Loop } from "../inference/index.ts";
import type { CellConfig, CellPlan } from "./cell.ts";

/** Seconds for which the steps of a kind are measured. */
const MEASURED = 0.3;

type Plan = CellPlan<CellConfig, object>;

/** Cells that differ by their seed only have steps that cost alike. */
const kindOf = ({ folder }: Plan) => folder.replace(/seed\d+/, "");

/** Seconds that the steps of cells take, by what was measured so far. */
export interface Stopwatch {
  /**
   * Seconds that the steps of `plans` that are left take, one cell after the other, and their evaluations where plans tell
   * what these cost. What was not measured yet is compiled, and makes some steps.
   *
   * @throws whatever ends `signal`
   */
  seconds(plans: readonly Plan[], options?: StopwatchOptions): Promise<number>;
}

/** What a stopwatch leaves out, and when it stops. */
export interface StopwatchOptions {
  /** Steps of a cell that are done; 0 unless given. */
  readonly stepsDone?: (plan: Plan) => Promise<number>;
  /** Ends the measurements. */
  readonly signal?: AbortSignal;
}

/** A stopwatch that measures each kind of cell once. */
export function stopwatch(): Stopwatch {
  const paces = new Map<string, number>();
  return {
    async seconds(plans, { stepsDone = async () => 0, signal } = {}) {
      let total = 0;
      for (const plan of plans) {
        signal?.throwIfAborted();
        const task = await plan.open();
        const kind = kindOf(plan);
        const pace = paces.get(kind) ?? measure(task.algorithm);
        paces.set(kind, pace);
        const left = task.steps - (await stepsDone(plan));
        total += pace * (left + (plan.evaluationSteps ?? 0));
        await setImmediate();
      }
      return total;
    },
  };
}

/** Seconds per step, the least over calls of the program: what else the machine does adds to the others. */
function measure(algorithm: Awaited<ReturnType<Plan["open"]>>["algorithm"]): number {
  const loop = new Loop({ algorithm, steps: 2 ** 31 - 1, recordEvery: 2 ** 31 - 1 });
  let pace = Number.POSITIVE_INFINITY;
  let last = { step: 0, seconds: 0 };
  for (const { step, seconds } of loop.calls()) {
    pace = Math.min(pace, (seconds - last.seconds) / (step - last.step));
    last = { step, seconds };
    if (seconds > MEASURED) break;
  }
  return pace;
}

/** "40 s", "12 min", "3.4 h", "9 days". */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${(seconds / 3600).toFixed(1)} h`;
  return `${Math.round(seconds / 86400)} days`;
}
