/** When an answer of the race is right: the same for all. */

/** From so many draws are the moments. */
export const DRAWS = 2000;

/** A tenth, and three standard errors of so many independent draws. */
const ALLOWED = 0.1 + 3 / Math.sqrt(DRAWS);

/** The largest error of a mean in standard deviations, the smallest and largest standard deviation over the right one. */
export interface Errors {
  readonly error?: number | null | undefined;
  readonly ratios?: readonly (number | null)[] | undefined;
}

/** Not where numbers are missing, or are none. */
export function isRight({ error, ratios = [null] }: Errors): boolean {
  const over = [error, ...ratios.map((ratio) => Math.abs((ratio ?? Number.NaN) - 1))];
  return over.every((x) => (x ?? Number.NaN) <= ALLOWED);
}
