/** Plain numbers that people give as arguments, checked everywhere in the same words. */
import { SurmiseError } from "../errors.ts";

/** A value as a message shows it. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return NAMED.has(tag) ? `a ${tag.toLowerCase()}` : `an object (${tag})`;
}

/** What bears its name (`Symbol.toStringTag`), and is known by it to users. */
const NAMED: ReadonlySet<string> = new Set(["Tensor", "Distribution"]);

/** The first of some names in a message, and how many there are besides: "a, b, c and 4 more". */
export function listed(names: readonly (string | number)[], most = 12): string {
  const rest = names.length - most;
  return `${names.slice(0, most).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** Bounds that messages name only where a number exceeds them. */
const POWERS: ReadonlyMap<number, string> = new Map([
  [Number.MAX_SAFE_INTEGER, "2^53 - 1"],
  [2 ** 31 - 1, "2^31 - 1"],
]);

/** The bounds of a whole number. */
export interface WholeRange {
  /** 0 unless given. */
  readonly least?: number;
  /** 2^53 - 1 unless given. */
  readonly most?: number;
}

/**
 * `value`, if it is a whole number from `least` to `most`; `what` begins the message.
 *
 * @throws SurmiseError as `fit: steps must be a whole number of at least 0, not NaN`.
 */
export function wholeNumber(what: string, value: unknown, range: WholeRange = {}): number {
  const { least = 0, most = Number.MAX_SAFE_INTEGER } = range;
  const x = value as number;
  if (Number.isSafeInteger(value) && x >= least && x <= most) return x;
  const isEndTold = !POWERS.has(most) || (Number.isInteger(value) && x > most);
  const wanted = isEndTold
    ? `from ${least} to ${POWERS.get(most) ?? most}`
    : `of at least ${least}`;
  throw new SurmiseError(`${what} must be a whole number ${wanted}, not ${shown(value)}`);
}

/** The bounds of a real number; none unless given. */
export interface RealRange {
  /** The least number allowed. */
  readonly least?: number;
  /** A bound that the number itself must not reach, as `below`. */
  readonly above?: number;
  /** The largest number allowed. */
  readonly most?: number;
  /** A bound that the number must stay below. */
  readonly below?: number;
}

/**
 * `value`, if it is a finite number in the range; `what` begins the message.
 *
 * @throws SurmiseError as `adam: the rate must be a number above 0, not -1`.
 */
export function realNumber(what: string, value: unknown, range: RealRange = {}): number {
  const { least, above, most, below } = range;
  const x = value as number;
  const isInside =
    Number.isFinite(value) &&
    !(least !== undefined && x < least) &&
    !(above !== undefined && x <= above) &&
    !(most !== undefined && x > most) &&
    !(below !== undefined && x >= below);
  if (isInside) return x;
  const bounds = [
    least !== undefined ? `of at least ${least}` : undefined,
    above !== undefined ? `above ${above}` : undefined,
    most !== undefined ? `of at most ${most}` : undefined,
    below !== undefined ? `below ${below}` : undefined,
  ].filter((bound) => bound !== undefined);
  const kind = bounds.length === 0 ? "a finite number" : `a number ${bounds.join(" and ")}`;
  throw new SurmiseError(`${what} must be ${kind}, not ${shown(value)}`);
}
