/** A model must say the same each time it is run: it is run for its axes, for its density, for its draws. */
import { isAlike, SurmiseError, type Tensor } from "../../tensor/internal.ts";
import { tensorsOf } from "../sites.ts";
import type { Trace } from "../trace.ts";

/**
 * Holds two runs of a model with the same data, under the same interpretation, against each other.
 *
 * @throws SurmiseError naming the first site that one of them lacks, or that is not the same in both.
 */
export function checkRepeats(first: Trace, second: Trace): void {
  const [before, after] = [first, second].map(({ sites }) => [...sites.values()]);
  const met = new Set<Tensor>();
  for (let i = 0; i < Math.max(before.length, after.length); i++) {
    const [one, other] = [before[i], after[i]];
    if (one?.name !== other?.name) {
      const [had, has] = [one, other].map((site) => (site ? `'${site.name}'` : "none"));
      throw otherSites(had, has);
    }
    const pairs = tensorsOf(one).map((x, k) => [x, tensorsOf(other)[k]] as const);
    if (!pairs.every(([x, y]) => y !== undefined && isAlike(x, y, met))) {
      throw new SurmiseError(
        `site '${one.name}' is another one when the model is run again with the same data: ${CHANGING}`,
      );
    }
  }
}

/** Tells that a model had some sites, and others when it was run again. */
export function otherSites(had: string, has: string): SurmiseError {
  return new SurmiseError(
    `a model must have the same sites each time it is run with the same data, but this one has ${had} and then ` +
      `${has}: ${CHANGING}`,
  );
}

const CHANGING =
  "keep out of it what changes from run to run, such as Math.random(), the time, a counter, or data that it changes " +
  "itself, and hand it over as data";
