/** How far a run is, on standard error. */
import type { RunEvent } from "../runs/index.ts";
import { type ProgressBar, progressBar } from "./terminal/progress.ts";

const SCORES = { train: "train bound", test: "test bound ", nll: "likelihood " };

/** Shows the events of a run as bars, one after the other. */
export function runDisplay(steps: number, start: number, label = "training   ") {
  let bar: ProgressBar | undefined;
  let shown = "";
  const barFor = (name: string, total: number, begin = 0) => {
    if (bar === undefined || shown !== name) {
      bar?.stop();
      bar = progressBar({ label: name, total, start: begin });
      shown = name;
    }
    return bar;
  };
  return {
    onEvent(event: RunEvent): void {
      if (event.kind === "progress") {
        barFor(label, steps, start).update(event.step, { bound: event.bound });
      } else if (event.kind === "score") {
        barFor(SCORES[event.what], event.total).update(Math.floor(event.done));
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
