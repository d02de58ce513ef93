/** What runs tell while they go on, and how they are stopped. */
import type { LoopEvent } from "../inference/index.ts";

/** The events of a run. */
export type RunEvent =
  /** An event of the loop; `bound` is the number to be shown. */
  | (LoopEvent & { readonly bound: number })
  | { readonly kind: "checkpoint"; readonly step: number }
  /** The program is made, which gives no other work its turn; then that it is there. */
  | { readonly kind: "compiling" | "compiled" }
  /** What the user should know, though the run goes on. */
  | { readonly kind: "warning"; readonly message: string }
  | {
      readonly kind: "score";
      readonly what: "train" | "test" | "nll" | "draws" | "predictions" | "summary" | "files";
      readonly done: number;
      readonly total: number;
    };

/** How a run is watched and stopped. */
export interface RunControl {
  /** Told of starts, progress, records and ends. */
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /** Stops the run at the next record or call, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
}

/** How training ended: all steps made, stopped by the signal, or out of time. */
export type Ending = "finished" | "interrupted" | "out of time";
