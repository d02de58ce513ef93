/** Models of the kinds that posteriordb holds, each with data of its own: see `kinds.py` for the same ones in Stan. */
import type { Kind } from "./kind.ts";
import {
  answers,
  hierarchy,
  nestedBounds,
  normalMixture,
  orderedLogit,
  sharesAndZeros,
} from "./rows.ts";
import {
  elimination,
  hiddenMarkov,
  movingAverage,
  predators,
  process,
  processOfCounts,
  twoCurves,
} from "./series.ts";

/** By name. */
export const KINDS: Readonly<Record<string, () => Kind>> = {
  orderedLogit,
  hiddenMarkov,
  normalMixture,
  movingAverage,
  nestedBounds,
  process,
  processOfCounts,
  twoCurves,
  hierarchy,
  predators,
  elimination,
  answers,
  sharesAndZeros,
};
