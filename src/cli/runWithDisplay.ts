/** Work with a display and an ear for Ctrl-C. */
import type { LoadOptions } from "../data/index.ts";
import type { RunEvent } from "../runs/index.ts";
import { downloadDisplay, type RunDisplay, runDisplay } from "./display.ts";
import { onInterrupt } from "./interrupt.ts";
import { sayIfSlow } from "./modelFile/slow.ts";
import { warn } from "./terminal/output.ts";

/** What work is given, to be watched. */
export interface Attention {
  /** Aborted at the first Ctrl-C, once a display has begun. */
  readonly signal: AbortSignal;
  /** Shows a download. */
  readonly onProgress: NonNullable<LoadOptions["onProgress"]>;
  /** Shows the events of a run. */
  readonly onEvent: (event: RunEvent) => void;
  /** Begins a display of so many steps, `step` of them done. */
  readonly show: (steps: number, step: number, label?: string, objective?: string) => void;
}

/** Does `work`; its displays are gone when it ends. If `quiet` there are none, and only warnings are told. */
export async function runWithDisplay<T>(
  work: (attention: Attention) => Promise<T>,
  { quiet = false } = {},
): Promise<T> {
  const interrupt = onInterrupt();
  const download = downloadDisplay();
  let display: RunDisplay | undefined;
  let stopSaying: (() => void) | undefined;
  try {
    return await work({
      signal: interrupt.signal,
      onProgress: (part) => {
        if (!quiet) download.onProgress(part);
      },
      onEvent: (event) => {
        if (event.kind === "warning") warn(event.message);
        else if (quiet) return;
        else if (event.kind === "compiling")
          stopSaying = sayIfSlow("compiling, and looking for where to begin, has been going on");
        else if (event.kind === "compiled") stopSaying?.();
        else display?.onEvent(event);
      },
      show: (steps, step, label, objective) => {
        interrupt.listen();
        download.stop();
        display?.stop();
        if (!quiet) display = runDisplay(steps, step, label, objective);
      },
    });
  } finally {
    display?.stop();
    download.stop();
    interrupt.stop();
  }
}
