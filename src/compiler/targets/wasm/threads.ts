/**
 * Running phases in order, on one thread or on several that share the memory. The tasks of a phase are
 * dealt out evenly, so that each thread meets the same data again; who is done early takes tasks of
 * others. The thread that calls `run` works too and needs no one: threads that sleep or come late change
 * how long a step takes, never what is computed.
 */
import type { ExecutionOrder } from "../../loops/phases.ts";
import { Code } from "./code.ts";
import { type FunctionBody, I32 } from "./encode.ts";
import { ATOMIC } from "./opcodes.ts";

/** Where threads meet: byte offsets of 32-bit words at the start of memory. */
export const MEETING = {
  /** The phase that is worked on, and its number of tasks. */
  phase: 0,
  tasks: 4,
  /** Tasks that are done. */
  done: 64,
  /** Grows whenever there is something to do, or to stop doing. */
  epoch: 128,
  sleepers: 132,
  /** 1 while `run` runs. */
  running: 192,
  /** Tasks left for each thread, 64 bytes apart. */
  left: 512,
} as const;

const APART = 64;
/** The most threads of a module: as many as there are places for them in memory. */
export const MOST_THREADS = 64;
/** Bytes at the start of memory where threads meet. */
export const MEETING_BYTES = MEETING.left + APART * MOST_THREADS;

/** How often a thread without work looks again before it sleeps: some tens of microseconds. */
const LOOKS = 4000;

/** A phase as a function of the number of a task; `tasks` is undefined where one thread is enough. */
export interface PhaseFunction {
  /** The number of the function in the module. */
  readonly number: number;
  /** How many tasks it has. */
  readonly tasks: number | undefined;
}

/** Bytes of scratch memory: where that of the first thread begins, and how far the next one's is. */
export interface ScratchPlace {
  /** Of the first thread. */
  readonly start: number;
  /** From one thread to the next. */
  readonly apart: number;
}

/** What the caller may have done, by the name of the function for it. */
export type Courses = Readonly<Record<"prologue" | "run", readonly ExecutionOrder[]>>;

function runFunctions(courses: Courses, call: Call): FunctionBody[] {
  return Object.entries(courses).map(([name, course]) => runFunction(name, course, call()));
}

type Call = () => (code: Code, phase: number) => void;

/**
 * A function of (steps, at, low, high): goes the course `steps` times over, or until a bit of `low` or `high`
 * is set in the two words at `at`; returns how often. `call` runs one phase.
 */
function runFunction(
  exportAs: string,
  course: readonly ExecutionOrder[],
  call: ReturnType<Call>,
): FunctionBody {
  const [steps, at, low, high] = [0, 1, 2, 3];
  const code = new Code(4);
  const made = code.local(I32);
  const go = (list: readonly ExecutionOrder[]) => {
    for (const part of list) {
      if (typeof part === "number") {
        call(code, part);
        continue;
      }
      const left = code.local(I32);
      code.i32(part.turns).set(left).plain("loop", "empty");
      go(part.course);
      code.get(left).i32(1).plain("i32Sub").tee(left);
      if (part.until !== undefined) {
        code.plain("i32Eqz", "i32Eqz");
        code.i32(part.until).word(0).plain("i32Eqz", "i32And");
      }
      code.branchIf(0);
      code.plain("end");
    }
  };
  code.get(steps).plain("if", "empty", "loop", "empty");
  go(course);
  code.get(made).i32(1).plain("i32Add").tee(made).get(steps).plain("i32LtS");
  code.get(at).word(0).get(low).plain("i32And").get(at).word(4).get(high).plain("i32And", "i32Or");
  code.plain("i32Eqz", "i32And").branchIf(0);
  code.plain("end", "end").get(made);
  return {
    parameters: [I32, I32, I32, I32],
    result: I32,
    locals: code.locals,
    code: code.bytes,
    exportAs,
  };
}

/** The functions `prologue` and `run` of one thread. */
export function runAlone(phases: readonly PhaseFunction[], courses: Courses): FunctionBody[] {
  return runFunctions(courses, () => {
    let task: number | undefined;
    return (code, i) => {
      const { number, tasks } = phases[i];
      if (tasks === undefined) {
        code.i32(0).call(number);
        return;
      }
      task ??= code.local(I32);
      code.i32(0).set(task).plain("loop", "empty").get(task).call(number);
      code.get(task).i32(1).plain("i32Add").tee(task).i32(tasks).plain("i32LtS").branchIf(0);
      code.plain("end");
    };
  });
}

/**
 * The functions of `threads` threads, which become numbers `first`, `first + 1` ...: work(range) takes
 * tasks until there are none; share(phase, tasks) has a phase done; `prologue` and `run` are
 * called by one thread, help(number) by the others.
 */
export function runTogether(
  phases: readonly PhaseFunction[],
  courses: Courses,
  threads: number,
  scratch: ScratchPlace,
  first: number,
): FunctionBody[] {
  const [work, share] = [first, first + 1];
  const run = runFunctions(courses, () => (code, i) => {
    const { number, tasks } = phases[i];
    if (tasks === undefined) code.i32(0).call(number);
    else code.i32(i).i32(tasks).call(share);
  });
  return [workFunction(threads), shareFunction(threads, work), ...run, helpFunction(scratch, work)];
}

/** Leaves on the stack how many tasks come before a range, of `tasks` in `threads` ranges. */
function before(code: Code, range: () => void, tasks: () => void, threads: number): void {
  range();
  tasks();
  code.plain("i32Mul").i32(threads).plain("i32DivU");
}

function workFunction(threads: number): FunctionBody {
  const code = new Code(1);
  const range = 0;
  const [rounds, place, left] = [code.local(I32), code.local(I32), code.local(I32)];
  const tasks = () => code.i32(MEETING.tasks).atomic(ATOMIC.load);
  code.i32(threads).set(rounds).plain("loop", "empty");
  code.get(range).i32(APART).plain("i32Mul").i32(MEETING.left).plain("i32Add").set(place);
  code.plain("loop", "empty");
  code.get(place).atomic(ATOMIC.load).tee(left).plain("if", "empty");
  code.get(place).get(left).get(left).i32(1).plain("i32Sub").atomic(ATOMIC.compareExchange);
  code.get(left).plain("i32Eq", "if", "empty");
  before(code, () => code.get(range).i32(1).plain("i32Add"), tasks, threads);
  code.get(left).plain("i32Sub");
  code.i32(MEETING.phase).atomic(ATOMIC.load).callPhase();
  code.i32(MEETING.done).i32(1).atomic(ATOMIC.add).plain("drop");
  code.plain("end").branch(1).plain("end", "end");
  code.get(range).i32(1).plain("i32Add").i32(threads).plain("i32RemU").set(range);
  code.get(rounds).i32(1).plain("i32Sub").tee(rounds).branchIf(0);
  code.plain("end");
  return { parameters: [I32], locals: code.locals, code: code.bytes };
}

function shareFunction(threads: number, work: number): FunctionBody {
  const [phase, tasks] = [0, 1];
  const code = new Code(2);
  const store = (word: number, value: () => void) => {
    code.i32(word);
    value();
    code.atomic(ATOMIC.store);
  };
  store(MEETING.phase, () => code.get(phase));
  store(MEETING.tasks, () => code.get(tasks));
  store(MEETING.done, () => code.i32(0));
  for (let v = 0; v < threads; v++) {
    const until = (n: number) =>
      before(
        code,
        () => code.i32(n),
        () => code.get(tasks),
        threads,
      );
    store(MEETING.left + APART * v, () => {
      until(v + 1);
      until(v);
      code.plain("i32Sub");
    });
  }
  code.i32(MEETING.epoch).i32(1).atomic(ATOMIC.add).plain("drop");
  code.i32(MEETING.sleepers).atomic(ATOMIC.load).plain("if", "empty");
  code.i32(MEETING.epoch).i32(threads).atomic(ATOMIC.notify).plain("drop", "end");
  code.i32(0).call(work);
  code.plain("loop", "empty");
  code.i32(MEETING.done).atomic(ATOMIC.load).get(tasks).plain("i32Eq", "i32Eqz").branchIf(0);
  code.plain("end");
  return { parameters: [I32, I32], locals: code.locals, code: code.bytes };
}

function helpFunction(scratch: ScratchPlace, work: number): FunctionBody {
  const code = new Code(1);
  const self = 0;
  const [seen, looks] = [code.local(I32), code.local(I32)];
  code.get(self).i32(scratch.apart).plain("i32Mul").i32(scratch.start).plain("i32Add").setScratch();
  code.plain("loop", "empty");
  code.i32(MEETING.epoch).atomic(ATOMIC.load).set(seen);
  code.get(self).call(work);
  code.i32(MEETING.running).atomic(ATOMIC.load).plain("if", "empty");
  code.get(looks).i32(1).plain("i32Add").set(looks);
  code.i32(MEETING.epoch).atomic(ATOMIC.load).get(seen).plain("i32Eq", "i32Eqz", "if", "empty");
  code.i32(0).set(looks).plain("end");
  code.i32(LOOKS).get(looks).plain("i32LtS", "if", "empty");
  code.i32(MEETING.sleepers).i32(1).atomic(ATOMIC.add).plain("drop");
  code.i32(MEETING.epoch).get(seen).forever().atomic(ATOMIC.wait).plain("drop");
  code.i32(MEETING.sleepers).i32(-1).atomic(ATOMIC.add).plain("drop");
  code.i32(0).set(looks).plain("end");
  code.branch(1).plain("end", "end");
  return { parameters: [I32], locals: code.locals, code: code.bytes, exportAs: "help" };
}
