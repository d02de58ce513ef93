/**
 * The threads of WebAssembly programs: workers that all programs of a process share. A run never waits
 * for them: whoever is there helps (see `compiler/targets/wasm/threads.ts`), so a worker may start late, sleep, or
 * be impossible to have.
 */
import { MEETING } from "../../compiler/index.ts";
import { MOST_THREADS } from "./count.ts";

/** What is asked of a worker. */
type Message =
  | {
      readonly add: number;
      readonly module: WebAssembly.Module;
      readonly memory: WebAssembly.Memory;
    }
  | { readonly help: Int32Array };

interface HelpingWorker {
  send(message: Message): void;
  end(): void;
  /** The programs that it has been given. */
  readonly programs: Set<number>;
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
  const receive = ({ add, module, memory, help: bell }) => {
    if (add !== undefined) {
      programs.set(add, new WebAssembly.Instance(module, { env: { memory } }).exports);
    }
    if (bell !== undefined) help(bell);
  };
`;

interface HostGlobals {
  readonly process?: NodeJS.Process;
  readonly crossOriginIsolated?: boolean;
  readonly Worker?: new (
    url: string,
  ) => {
    postMessage(message: unknown): void;
    terminate(): void;
  };
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
    return helping(
      (message) => worker.postMessage(message),
      () => void worker.terminate(),
    );
  }
  const blob = new Blob([`${script}onmessage = ({ data }) => receive(data);`]);
  const worker = new (Worker as NonNullable<typeof Worker>)(URL.createObjectURL(blob));
  return helping(
    (message) => worker.postMessage(message),
    () => worker.terminate(),
  );
}

function helping(send: HelpingWorker["send"], end: HelpingWorker["end"]): HelpingWorker {
  return { send, end, programs: new Set() };
}

let programs = 0;

/** Programs that workers still hold, though nobody else does, and the bytes of their memories. */
const gone = { programs: 0, bytes: 0 };
const MOST_GONE = { programs: 16, bytes: 2 ** 25 };

/** A worker is given no more programs than these: those that are gone are not reported while a job goes on. */
const MOST_GIVEN = 128;

const forgotten = new FinalizationRegistry<number>((bytes) => {
  gone.programs++;
  gone.bytes += bytes;
  if (gone.programs >= MOST_GONE.programs || gone.bytes >= MOST_GONE.bytes) endWorkers();
});

/**
 * Ends all workers, with the memories that they hold: a worker computes without making objects, so its
 * collector would never come. Programs that run again find new ones, with a bell of their own.
 */
function endWorkers(): void {
  for (const worker of workers.splice(0)) worker.end();
  bell = undefined;
  [gone.programs, gone.bytes] = [0, 0];
}

/**
 * Collectors do not count memory that threads share, and would leave programs that are gone for long. As many bytes
 * that are counted and never touched, so that they take no room, stand for it; up to this number.
 */
const MOST_COUNTED = 2 ** 26;

/** The workers that help with one program. */
export class Helpers {
  /** For the collector. */
  readonly counted: ArrayBuffer;
  private readonly words: Int32Array<SharedArrayBuffer>;
  private readonly module: WebAssembly.Module;
  private readonly memory: WebAssembly.Memory;
  private readonly count: number;
  private readonly program = ++programs;

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, count: number) {
    this.words = new Int32Array(memory.buffer as unknown as SharedArrayBuffer);
    [this.module, this.memory, this.count] = [module, memory, count];
    this.counted = new ArrayBuffer(Math.min(memory.buffer.byteLength, MOST_COUNTED));
    this.present();
    forgotten.register(this, memory.buffer.byteLength);
  }

  /** The workers, which all know the program. */
  private present(): readonly HelpingWorker[] {
    const { program, module, memory, count } = this;
    if (workers.some((w) => w.programs.size >= MOST_GIVEN && !w.programs.has(program)))
      endWorkers();
    const present = helpers(count);
    for (const worker of present) {
      if (worker.programs.has(program)) continue;
      worker.programs.add(program);
      worker.send({ add: program, module, memory });
    }
    return present;
  }

  /** Has the workers help while `work` runs. */
  during<T>(work: () => T): T {
    const { words } = this;
    const present = this.present();
    bell ??= new Int32Array(new SharedArrayBuffer(4 * MOST_THREADS));
    const rung = bell;
    Atomics.store(words, RUNNING, 1);
    Atomics.store(rung, 0, this.program * APART + present.length);
    Atomics.notify(rung, 0);
    present.forEach((worker, i) => {
      if (Atomics.exchange(rung, i + 1, 1) === 0) worker.send({ help: rung });
    });
    try {
      return work();
    } finally {
      Atomics.store(rung, 0, 0);
      Atomics.store(words, RUNNING, 0);
      Atomics.add(words, EPOCH, 1);
      Atomics.notify(words, EPOCH);
    }
  }
}
