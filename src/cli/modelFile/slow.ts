/** A word on work that leaves no time for timers, such as a model that never returns. */
import { Worker } from "node:worker_threads";

const SECONDS = 5;

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
let depth = 0;

/** Does `work`; if it takes seconds, `what` it is, such as "running 'model.ts'", is said on standard error. */
export function tellIfSlow<T>(what: string, work: () => T): T {
  if (depth === 0) {
    thread ??= startThread();
    thread.postMessage(what);
  }
  depth++;
  const done = () => {
    depth--;
    if (depth === 0) thread?.postMessage(undefined);
  };
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
