/** A run with a display and an ear for Ctrl-C. */

import type { LoadOptions } from "../data/index.ts";
import type { Loop } from "../inference/index.ts";
import type { Interrupted, RunEvent } from "../runs/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import { CALLED } from "./called.ts";
import { downloadDisplay, type RunDisplay, runDisplay } from "./display.ts";
import { EXIT } from "./errors.ts";
import { onInterrupt } from "./interrupt.ts";

export interface AttendFlags {
  readonly json?: boolean;
  readonly checkpointEvery: string;
}

/** What is about to run: what to say of it, and how many steps it has. */
export interface Ready {
  readonly what: string;
  readonly steps: number;
  readonly loop: Loop;
}

/** What a run is given, to be attended to. */
export interface Attention {
  readonly folder: string;
  readonly checkpointEvery: number;
  readonly signal: AbortSignal;
  readonly onProgress: NonNullable<LoadOptions["onProgress"]>;
  readonly onEvent: (event: RunEvent) => void;
  readonly ready: (run: Ready) => void;
}

/** Runs `work` in `folder`; says how it ended, as JSON or by `summary`, and sets the exit code. */
export async function attend<
  Finished extends { readonly kind: "finished"; readonly result: unknown },
>(
  folder: string,
  { json = false, checkpointEvery: seconds }: AttendFlags,
  work: (attention: Attention) => Promise<Finished | Interrupted>,
  summary: (finished: Finished) => string,
): Promise<void> {
  const checkpointEvery = Number(seconds);
  if (!(checkpointEvery >= 0)) {
    throw new SurmiseError(`--checkpoint-every is ${seconds}: it must be a number of seconds`);
  }
  const interrupt = onInterrupt();
  const download = downloadDisplay();
  let display: RunDisplay | undefined;
  const outcome = await work({
    folder,
    checkpointEvery,
    signal: interrupt.signal,
    onProgress: download.onProgress,
    onEvent: (event) => {
      if (event.kind === "warning") process.stderr.write(`surmise: ${event.message}\n`);
      else display?.onEvent(event);
    },
    ready: ({ what, steps, loop }) => {
      download.stop();
      if (!json) say(`${what}, into ${folder}`);
      display = runDisplay(steps, loop.step);
    },
  }).finally(() => {
    display?.stop();
    download.stop();
    interrupt.stop();
  });
  if (outcome.kind === "finished") {
    say(json ? JSON.stringify(outcome.result) : `\n${summary(outcome)}`);
  } else {
    process.stderr.write(
      `stopped after step ${outcome.step}; to go on: ${CALLED} fit --resume ${folder}\n`,
    );
    process.exitCode = EXIT.interrupted;
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
