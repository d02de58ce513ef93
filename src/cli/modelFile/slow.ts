/** A word on work that leaves no time for timers, such as a model that never returns. */
import { Worker } from "node:worker_threads";

const SECONDS = 2;

/** Runs in a thread of its own: after some seconds of the same work, and then less and less often, a line. */
const THREAD = `
const { parentPort } = require("node:worker_threads");
const { writeSync } = require("node:fs");
let timer;
parentPort.on("message", (what) => {
  clearTimeout(timer);
  const tell = (seconds) => {
    timer = setTimeout(() => {
      try { writeSync(2, "surmise: " + what + " for " + seconds + " s; Ctrl-C stops it\\n"); } catch {}
      tell(4 * seconds);
    }, 1000 * (seconds === ${SECONDS} ? seconds : 0.75 * seconds));
  };
  if (what !== undefined) tell(${SECONDS});
});
`;

let thread: Worker | undefined;
let isQuiet = false;
/** What goes on, the innermost last: that is what is said. */
const going: string[] = [];

/** Whether nothing is said from now on. */
export function beQuiet(quiet: boolean): void {
  isQuiet = quiet;
}

/** From now on, until what is returned is called: if it takes seconds, `what` goes on is said on standard error. */
export function sayIfSlow(what: string): () => void {
  if (isQuiet) return () => undefined;
  thread ??= startThread();
  going.push(what);
  thread.postMessage(what);
  return () => {
    going.splice(going.lastIndexOf(what), 1);
    thread?.postMessage(going.at(-1));
  };
}

/** Does `work`; if it takes seconds, `what` it is, such as "running 'model.ts'", is said on standard error. */
export function tellIfSlow<T>(what: string, work: () => T): T {
  const done = sayIfSlow(what);
  let result: T;
  try {
    result = work();
  } catch (error) {
    done();
    throw error;
  }
  if (result instanceof Promise) return result.finally(done) as T;
  done();
  return result;
}

function startThread(): Worker {
  const made = new Worker(THREAD, { eval: true, execArgv: [] });
  made.unref();
  return made;
}
