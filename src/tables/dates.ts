/** Dates and times of ISO 8601. */

/** When something is. Only moments of one form are compared. */
export interface Moment {
  /** The form it is written in, such as a date or a quarter. */
  readonly form: string;
  /** Grows with time, in units of the form: nanoseconds, months, weeks or quarters. */
  readonly time: bigint;
}

const PERIOD = /^(\d{4})-(?:(\d{2})|W(\d{2})|Q([1-4]))$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](.+))?$/i;
const TIME = /^(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
const MINUTE = 60_000;

/**
 * What `text` says, as 2024-02-29, 2024-02-29T12:30:00.5+01:00 (or a space for the T), 2024-02, 2024-W07 or
 * 2024-Q1; "impossible" if no calendar has it, as 2023-02-29; undefined if it is of another form.
 */
export function momentOf(text: string): Moment | "impossible" | undefined {
  const period = PERIOD.exec(text);
  if (period !== null) {
    const [, year, month, week, quarter] = period;
    if (quarter) return { form: "quarters", time: BigInt(4 * Number(year) + Number(quarter)) };
    const [form, part, most] = month ? ["months", month, 12] : ["weeks", week, 53];
    const isPart = Number(part) >= 1 && Number(part) <= Number(most);
    return isPart
      ? { form: `${form}`, time: BigInt(100 * Number(year) + Number(part)) }
      : "impossible";
  }
  const found = DATE.exec(text);
  if (found === null) return undefined;
  const [year, month, day] = found.slice(1, 4).map(Number);
  const clock = found[4] === undefined ? undefined : TIME.exec(found[4]);
  if (clock === null) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return "impossible";
  if (clock === undefined) return { form: "dates", time: BigInt(date.getTime()) * 1_000_000n };
  const [hour, minute, second = 0] = clock.slice(1, 4).map((part) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return "impossible";
  const [fraction = "", offset] = clock.slice(4);
  const shift = minutesOf(offset ?? "");
  if (shift === undefined) return "impossible";
  const time = date.getTime() + (60 * hour + minute - shift) * MINUTE + 1000 * second;
  return {
    form: offset === undefined ? "times without an offset" : "times with an offset",
    time: BigInt(time) * 1_000_000n + BigInt(fraction.padEnd(9, "0")),
  };
}

/** Whether `text` looks like a date whose order cannot be told for sure, such as 03/04/2021 or 3 Apr 21. */
export function isVagueDate(text: string): boolean {
  return (
    /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b/.test(text) ||
    /^(?:\d{1,2}[ .-]*)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ .,-]+\d{1,4}\b/i.test(
      text,
    )
  );
}

/** Minutes that a clock is ahead of UTC; undefined where no clock is. */
function minutesOf(offset: string): number | undefined {
  const [, sign, hours, minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(offset) ?? [];
  if (sign === undefined) return 0;
  if (Number(hours) > 15 || Number(minutes) > 59) return undefined;
  return (sign === "-" ? -1 : 1) * (60 * Number(hours) + Number(minutes));
}
