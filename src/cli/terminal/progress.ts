/**
 * How far a long piece of work is. The bar only reads the numbers it is given: with it or without
 * it, results are the same. It writes to standard error, so that standard output stays clean.
 */
import cliProgress from "cli-progress";
import { plainText, shortNumber } from "./text.ts";

/** What is known besides the count; other names are shown as they are, with their values. */
export interface ProgressFields {
  /** Larger is better. */
  readonly bound?: number;
  /** Items per second. Default: measured, what was last weighing most. */
  readonly rate?: number | undefined;
  /** Further numbers and words behind the bar, by name. */
  readonly [name: string]: number | string | undefined;
}

/** What a progress bar counts, and where it is drawn. */
export interface ProgressOptions {
  /** Before the bar. */
  readonly label: string;
  /** Items in all. */
  readonly total: number;
  /** Items done before, by the run that this one resumes. Default 0. */
  readonly start?: number;
  /** Items are hundredths of the whole, which have no rate. Default false. */
  readonly percent?: boolean;
  /** Default: standard error. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** A bar that is drawn as work goes on. */
export interface ProgressBar {
  /** `done` items of the total; cheap enough to call after every one. */
  update(done: number, fields?: ProgressFields): void;
  /** Draws the last state and lets go of the terminal; belongs into a `finally`. */
  stop(): void;
}

/** A bar in a terminal; elsewhere a line every ten seconds and one at the end. */
export function progressBar(options: ProgressOptions): ProgressBar {
  const { total, start = 0, percent = false, stream = process.stderr } = options;
  const label = plainText(options.label);
  const speed = speedometer(start);
  const draw = stream.isTTY ? drawBar : drawLines;
  const { show, stop } = draw(stream, label, total, start);
  return {
    update(done, fields = {}) {
      const measured = speed(done);
      show(done, () =>
        percent ? `${done}%` : describe(done, total, { ...fields, rate: fields.rate ?? measured }),
      );
    },
    stop,
  };
}

interface Display {
  show(done: number, describe: () => string): void;
  stop(): void;
}

function drawBar(
  stream: NodeJS.WritableStream,
  label: string,
  total: number,
  start: number,
): Display {
  const bar = new cliProgress.SingleBar({
    stream,
    barsize: 24,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    format: (options, { progress }, { text }) =>
      `${label} ${cliProgress.Format.BarFormat(progress, options)} ${text()}`,
    // Signals and the state of the terminal are the program's business.
    gracefulExit: false,
    hideCursor: null,
    linewrap: true,
  });
  bar.start(total, start, { text: () => describe(start, total, {}) });
  return {
    show: (done, text) => bar.update(done, { text }),
    stop: () => bar.stop(),
  };
}

/** Milliseconds between two lines where there is no terminal. */
const QUIET_TIME = 10_000;

function drawLines(stream: NodeJS.WritableStream, label: string): Display {
  let last = performance.now();
  let unwritten: (() => string) | undefined;
  const write = () => {
    if (unwritten !== undefined) {
      stream.write(`${label} ${unwritten()}\n`);
    }
    unwritten = undefined;
    last = performance.now();
  };
  return {
    show(_, text) {
      unwritten = text;
      if (performance.now() - last >= QUIET_TIME) {
        write();
      }
    },
    stop: write,
  };
}

/** "1200/5000  310/s  0:12 left  bound -98.41". */
function describe(done: number, total: number, fields: ProgressFields): string {
  const { rate, bound, ...others } = fields;
  const parts = [`${done}/${total}`];
  if (rate !== undefined && rate > 0) {
    parts.push(`${shortNumber(rate, 3)}/s`);
    if (done < total) {
      parts.push(`${clock((total - done) / rate)} left`);
    }
  }
  for (const [name, value] of Object.entries({ bound, ...others })) {
    if (value !== undefined) {
      parts.push(`${name} ${typeof value === "number" ? shortNumber(value, 5) : plainText(value)}`);
    }
  }
  return parts.join("  ");
}

/** Seconds as m:ss or h:mm:ss. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const head = hours > 0 ? `${hours}:${two(minutes)}` : String(minutes);
  return `${head}:${two(whole % 60)}`;
}

/**
 * Milliseconds after which what was measured counts for 1/e: at least so many, later as many as have passed, so that a
 * pause, such as that of an evaluation, counts for as much as it will take of the time that is left.
 */
const LEAST_MEMORY = 15_000;

/** Items per second as a quotient of fading sums; undefined until time has passed. */
function speedometer(start: number): (done: number) => number | undefined {
  const begun = performance.now();
  let before = { time: begun, done: start };
  let items = 0;
  let time = 0;
  return (done) => {
    const now = performance.now();
    const elapsed = now - before.time;
    if (elapsed > 0) {
      const fade = Math.exp(-elapsed / Math.max(LEAST_MEMORY, now - begun));
      items = items * fade + (done - before.done);
      time = time * fade + elapsed;
      before = { time: now, done };
    }
    return time > 0 ? (1000 * items) / time : undefined;
  };
}
