/** How far a run is, on standard error. */
import type { ChainProgress } from "../inference/index.ts";
import type { RunEvent } from "../runs/index.ts";
import { type ProgressBar, type ProgressFields, progressBar } from "./terminal/progress.ts";
import { shortNumber } from "./terminal/text.ts";

/** Work that takes less time is not shown. */
const SHORT = 500;

const SCORES = {
  train: "train bound",
  test: "test bound ",
  nll: "likelihood ",
  draws: "drawing    ",
  predictions: "predicting ",
  summary: "summarising",
  files: "writing    ",
};

/** Shows the events of a run as bars, one after the other. */
export interface RunDisplay {
  /** Draws the state after an event. */
  onEvent(event: RunEvent): void;
  /** Lets go of the terminal. */
  stop(): void;
}

/** A display of a run of `steps` steps that begins after step `start`, and makes `objective` larger. */
export function runDisplay(
  steps: number,
  start: number,
  label = "training   ",
  objective = "bound",
): RunDisplay {
  let bar: ProgressBar | undefined;
  let shown = "";
  let since = 0;
  const barFor = (name: string, total: number, begin: number, delay: number, count = {}) => {
    if (shown !== name) {
      bar?.stop();
      bar = undefined;
      shown = name;
      since = performance.now();
    }
    if (performance.now() - since >= delay)
      bar ??= progressBar({ label: name, total, start: begin, ...count });
    return bar;
  };
  return {
    onEvent(event: RunEvent): void {
      if (event.kind === "progress" || event.kind === "record") {
        const name = event.chains === undefined ? label : "sampling   ";
        barFor(name, steps, start, 0)?.update(event.step, fieldsOf(event, objective));
      } else if (event.kind === "score") {
        const count = { percent: event.what === "files" || event.what === "summary" };
        barFor(SCORES[event.what], event.total, 0, SHORT, count)?.update(Math.floor(event.done));
      }
    },
    stop(): void {
      bar?.stop();
      bar = undefined;
    },
  };
}

/** How each chain is doing, or what is made larger, called `objective`. */
function fieldsOf(
  { chains, bound }: Extract<RunEvent, { readonly bound: number }>,
  objective: string,
): ProgressFields {
  if (chains === undefined) return { [objective]: bound };
  const each = (of: (chain: ChainProgress) => number) =>
    chains.map((chain) => shortNumber(of(chain), 3)).join(" ");
  return {
    ...(chains[0].warmup ? { phase: "warm-up" } : { divergences: each((c) => c.divergences) }),
    "step size": each((c) => c.stepSize),
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
