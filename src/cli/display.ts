/** How far a run is, on standard error. */
import type { RunEvent } from "../runs/index.ts";
import { type ProgressBar, progressBar } from "./terminal/progress.ts";

/** Work that takes less time is not shown. */
const SHORT = 500;

const SCORES = { train: "train bound", test: "test bound ", nll: "likelihood " };

/** Shows the events of a run as bars, one after the other. */
export interface RunDisplay {
  /** Draws the state after an event. */
  onEvent(event: RunEvent): void;
  /** Lets go of the terminal. */
  stop(): void;
}

/** A display of a run of `steps` steps that begins after step `start`. */
export function runDisplay(steps: number, start: number, label = "training   "): RunDisplay {
  let bar: ProgressBar | undefined;
  let shown = "";
  let since = 0;
  const barFor = (name: string, total: number, begin: number, delay: number) => {
    if (shown !== name) {
      bar?.stop();
      bar = undefined;
      shown = name;
      since = performance.now();
    }
    if (performance.now() - since >= delay)
      bar ??= progressBar({ label: name, total, start: begin });
    return bar;
  };
  return {
    onEvent(event: RunEvent): void {
      if (event.kind === "progress" || event.kind === "record") {
        barFor(label, steps, start, 0)?.update(event.step, { bound: event.bound });
      } else if (event.kind === "score") {
        barFor(SCORES[event.what], event.total, 0, SHORT)?.update(Math.floor(event.done));
      }
    },
    stop(): void {
      bar?.stop();
      bar = undefined;
    },
  };
}

/** Shows a download in megabytes. */
export function downloadDisplay() {
  let bar: ProgressBar | undefined;
  let file = "";
  const mega = (bytes: number) => Math.round(bytes / 1e4) / 100;
  return {
    onProgress(part: { file: string; received: number; total: number | undefined }): void {
      if (part.file !== file) {
        bar?.stop();
        bar = progressBar({ label: part.file, total: mega(part.total ?? part.received) });
        file = part.file;
      }
      bar?.update(mega(part.received));
    },
    stop(): void {
      bar?.stop();
      bar = undefined;
    },
  };
}
