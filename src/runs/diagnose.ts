/** Where the bound stopped being a finite number. */
import { setImmediate } from "node:timers/promises";
import { begin, Suspect, type Training } from "../inference/index.ts";
import { SurmiseError } from "../tensor/index.ts";
import { type State, writeState } from "./state.ts";

/** A run whose numbers are no longer finite. */
export class NotFinite extends SurmiseError {}

/**
 * The error for a run that was finite at `good` and no more after `step` steps. The steps between
 * are made again, one by one, with all that may be wrong as results.
 */
export async function diagnose(training: Training, good: State, step: number): Promise<NotFinite> {
  const suspect = new Suspect(training);
  const program = begin(suspect.training);
  writeState(program, good);
  const first = good["#step"].data[0];
  for (let at = first; at < step; at++) {
    const fault = suspect.step(program, at + 1);
    if (fault !== undefined) return new NotFinite(fault);
    await setImmediate();
  }
  return new NotFinite(suspect.nothing(first, step));
}
