/** A thread that advances chains: the entry of a worker, which runs until its crew is dismissed. */
import { openInPlace } from "../../density/programs/evaluator.ts";
import { Chain } from "../chain.ts";
import { ChainMemory } from "../memory.ts";
import { inPlaceTarget } from "../transitions/point.ts";
import { type Enlistment, Job, WORD } from "./job.ts";

/** A crew that has been silent for so long is forgotten: milliseconds. */
const PATIENCE = 600_000;

function serve(given: Enlistment): void {
  const { replica, settings, chains, pieces } = given;
  const job = new Job(given);
  const memory = new ChainMemory(chains, pieces);
  const target = inPlaceTarget(openInPlace(replica));
  const each = Array.from(
    { length: chains },
    (_, c) => new Chain(target, settings, memory.of(c), c),
  );
  const { words } = job;
  let seen = Atomics.load(words, WORD.job);
  Atomics.add(words, WORD.ready, 1);
  for (;;) {
    if (Atomics.wait(words, WORD.job, seen, PATIENCE) === "timed-out") return;
    seen = Atomics.load(words, WORD.job);
    if (seen < 0) return;
    job.work((chain, step) => each[chain].advance(step));
  }
}

const { process } = globalThis as { process?: NodeJS.Process };
const threads = process?.getBuiltinModule?.("node:worker_threads");
if (threads?.isMainThread === false) serve(threads.workerData as Enlistment);
