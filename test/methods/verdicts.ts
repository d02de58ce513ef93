/** What is to be thought of an answer and of its warnings. */
import type { Row } from "./measure.ts";

/** In words, as the table has them. */
export const VERDICTS = {
  right: "right, without a warning",
  rough: "between right and wrong",
  falseAlarm: "right, with a warning",
  warned: "wrong, with a warning",
  refused: "refused",
  silent: "wrong, without a warning",
} as const;

/** A key of `VERDICTS`. */
export type Verdict = keyof typeof VERDICTS;

/** Where a mean is off by more standard deviations, or a standard deviation by a larger factor, an answer is wrong. */
const WRONG = { error: 0.5, factor: 2 };

/** The verdict on a row; none on a point, which has no standard deviations. */
export function verdictOf(row: Row): Verdict | undefined {
  const { refusal, error = Number.NaN, ratios, overAllowed = 0, warnings = [] } = row;
  if (refusal !== undefined) return "refused";
  if (ratios === undefined) return undefined;
  const isWarned = warnings.length > 0;
  if (overAllowed <= 1) return isWarned ? "falseAlarm" : "right";
  const [least, most] = ratios;
  const isNear = error <= WRONG.error && least >= 1 / WRONG.factor && most <= WRONG.factor;
  if (isNear) return "rough";
  return isWarned ? "warned" : "silent";
}
