/**
 * The threads of WebAssembly programs: workers that all programs of a process share. A run never waits
 * for them: whoever is there helps (see `compiler/targets/wasm/threads.ts`), so a worker may start late, sleep, or
 * be impossible to have.
 */
import { MEETING } from "../compiler/index.ts";
import { MOST_THREADS } from "./threads.ts";

/** What is asked of a worker. */
type Message =
  | {
      readonly add: number;
      readonly module: WebAssembly.Module;
      readonly memory: WebAssembly.Memory;
    }
  | { readonly help: Int32Array }
  | { readonly drop: number };

interface HelpingWorker {
  send(message: Message): void;
}

/** After a run a worker stays at hand for so long before it waits for a message: milliseconds. */
const LINGER = 5;

/**
 * What all workers look at: first the program that runs and how many workers it is for, as one number, or
 * 0; then, for each worker, whether it is at hand.
 */
let bell: Int32Array<SharedArrayBuffer> | undefined;

/** Programs' numbers in the bell are so far apart. */
const APART = MOST_THREADS;

const RUNNING = MEETING.running / 4;
const EPOCH = MEETING.epoch / 4;

/**
 * A worker that is at hand waits for the bell, so that it changes at once from one program to another. One
 * that does not know the program yet lets the message come in that brings it.
 */
const SCRIPT = (number: number) => `
  const programs = new Map();
  const later = globalThis.setImmediate ?? setTimeout;
  const help = (bell) => {
    for (;;) {
      const ticket = Atomics.load(bell, 0);
      if (ticket % ${APART} >= ${number}) {
        const program = programs.get(Math.floor(ticket / ${APART}));
        if (program === undefined) return later(() => help(bell));
        program.help(${number});
      } else if (Atomics.wait(bell, 0, ticket, ${LINGER}) === "timed-out") {
        Atomics.store(bell, ${number}, 0);
        if (Atomics.load(bell, 0) === ticket) return;
        if (Atomics.exchange(bell, ${number}, 1) === 1) return;
      }
    }
  };
  const receive = ({ add, module, memory, help: bell, drop }) => {
    if (add !== undefined) {
      programs.set(add, new WebAssembly.Instance(module, { env: { memory } }).exports);
    }
    if (drop !== undefined) programs.delete(drop);
    if (bell !== undefined) help(bell);
  };
`;

interface HostGlobals {
  readonly process?: NodeJS.Process;
  readonly crossOriginIsolated?: boolean;
  readonly Worker?: new (url: string) => { postMessage(message: unknown): void };
}

/** Whether programs can have threads here: in Node, and in pages that are isolated from others. */
export function canShare(): boolean {
  const { process, crossOriginIsolated, Worker } = globalThis as HostGlobals;
  if (process?.versions?.node !== undefined) return process.getBuiltinModule !== undefined;
  return crossOriginIsolated === true && Worker !== undefined;
}

const workers: HelpingWorker[] = [];

/** Makes workers until there are `count`. */
function helpers(count: number): readonly HelpingWorker[] {
  while (workers.length < count) workers.push(start(workers.length + 1));
  return workers.slice(0, count);
}

function start(number: number): HelpingWorker {
  const { process, Worker } = globalThis as HostGlobals;
  const script = SCRIPT(number);
  if (process?.versions?.node !== undefined) {
    const threads = process.getBuiltinModule("node:worker_threads");
    const listen = 'require("node:worker_threads").parentPort.on("message", receive);';
    const worker = new threads.Worker(script + listen, { eval: true, execArgv: [], env: {} });
    worker.unref();
    return { send: (message) => worker.postMessage(message) };
  }
  const blob = new Blob([`${script}onmessage = ({ data }) => receive(data);`]);
  const worker = new (Worker as NonNullable<typeof Worker>)(URL.createObjectURL(blob));
  return { send: (message) => worker.postMessage(message) };
}

let programs = 0;

/** Lets workers forget a program that nobody holds any more. */
const forgotten = new FinalizationRegistry<number>((program) => {
  for (const worker of workers) worker.send({ drop: program });
});

/** The workers that help with one program. */
export class Helpers {
  private readonly words: Int32Array<SharedArrayBuffer>;
  private readonly bell: Int32Array<SharedArrayBuffer>;
  private readonly workers: readonly HelpingWorker[];
  private readonly program = ++programs;

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, count: number) {
    bell ??= new Int32Array(new SharedArrayBuffer(4 * MOST_THREADS));
    this.bell = bell;
    this.words = new Int32Array(memory.buffer as unknown as SharedArrayBuffer);
    this.workers = helpers(count);
    for (const worker of this.workers) worker.send({ add: this.program, module, memory });
    forgotten.register(this, this.program);
  }

  /** Has the workers help while `work` runs. */
  during<T>(work: () => T): T {
    const { bell, words } = this;
    Atomics.store(words, RUNNING, 1);
    Atomics.store(bell, 0, this.program * APART + this.workers.length);
    Atomics.notify(bell, 0);
    this.workers.forEach((worker, i) => {
      if (Atomics.exchange(bell, i + 1, 1) === 0) worker.send({ help: bell });
    });
    try {
      return work();
    } finally {
      Atomics.store(bell, 0, 0);
      Atomics.store(words, RUNNING, 0);
      Atomics.add(words, EPOCH, 1);
      Atomics.notify(words, EPOCH);
    }
  }
}
