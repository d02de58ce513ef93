/** How many threads programs use. */
import { wholeNumber } from "../../tensor/internal.ts";

/** More threads than this are not used unless asked for: most steps are too short for them. */
const MOST_BY_DEFAULT = 8;
/** The most threads that can be asked for. */
export const MOST_THREADS = 64;

interface HostGlobals {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

/**
 * The number of threads: `wish`, else the environment variable SURMISE_THREADS, else the number of
 * processors, at most 8. Results have the same bits for any number.
 *
 * @throws SurmiseError unless it is a whole number from 1 to 64.
 */
export function threadsFor(wish: number | undefined): number {
  const { process } = globalThis as HostGlobals;
  const named = process?.env?.SURMISE_THREADS;
  const range = { least: 1, most: MOST_THREADS };
  if (wish !== undefined) return wholeNumber("threads", wish, range);
  if (named) {
    const isWhole = /^\d+$/.test(named);
    return wholeNumber("SURMISE_THREADS", isWhole ? Number(named) : named, range);
  }
  return Math.min(processors(), MOST_BY_DEFAULT);
}

function processors(): number {
  const { process, navigator } = globalThis as HostGlobals & { process?: NodeJS.Process };
  const os = process?.getBuiltinModule?.("node:os");
  return os?.availableParallelism() ?? navigator?.hardwareConcurrency ?? 1;
}
