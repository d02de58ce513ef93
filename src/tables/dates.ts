/** Dates and times of ISO 8601. */

/** When something is. Only moments of one form are compared. */
export interface Moment {
  /** The form it is written in, such as a date or a quarter. */
  readonly form: string;
  /** Grows with time, in units of the form: nanoseconds, months, weeks or quarters. */
  readonly time: bigint;
  /** The day by the calendar, at the place it is written for; of a month, a quarter or a week the first. */
  readonly day: Day;
  /**
   * Nanoseconds since the beginning of 1970, in UTC if there is an offset; of a month, a quarter or a week to its first
   * day.
   */
  readonly since1970: bigint;
}

/** A day of the Gregorian calendar, and how much of it has passed. */
interface Day {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  /** From 1. */
  readonly date: number;
  /** Hours since midnight. */
  readonly hours: number;
}

/** The parts of a date that a column can be taken by, counted as calendars do. */
export const DATE_PARTS = {
  /** Such as 2024. */
  year: ({ day }: Moment) => day.year,
  /** From 1 to 4. */
  quarter: ({ day }: Moment) => Math.ceil(day.month / 3),
  /** From 1 to 12. */
  month: ({ day }: Moment) => day.month,
  /** The day of the month, from 1 to 31. */
  dayOfMonth: ({ day }: Moment) => day.date,
  /** From 1 (1 January) to 366. */
  dayOfYear: ({ day }: Moment) => daysTo(day) - daysTo({ ...day, month: 1, date: 1 }) + 1,
  /** From 1 (Monday) to 7 (Sunday), as in ISO 8601. */
  weekday: ({ day }: Moment) => ((((daysTo(day) + 3) % 7) + 7) % 7) + 1,
  /** Hours since midnight, with their fraction, from 0. */
  hour: ({ day }: Moment) => day.hours,
} as const satisfies Readonly<Record<string, (moment: Moment) => number>>;

/** A part of a date. */
export type DatePart = keyof typeof DATE_PARTS;

const DAY = 86_400_000;

/** Days from the beginning of 1970 to that of a day. */
function daysTo({ year, month, date }: Omit<Day, "hours">): number {
  return new Date(0).setUTCFullYear(year, month - 1, date) / DAY;
}

/** The Monday of a week of ISO 8601: the first week of a year has 4 January in it. */
function mondayOf(year: number, week: number): number {
  const fourth = daysTo({ year, month: 1, date: 4 });
  return fourth - ((((fourth + 3) % 7) + 7) % 7) + 7 * (week - 1);
}

/** Whether a year has so many weeks: one belongs to the year in which its Thursday lies. */
function hasWeek(year: number, week: number): boolean {
  return mondayOf(year, week) + 3 < daysTo({ year: year + 1, month: 1, date: 1 });
}

/** A whole day, in the calendar and in time. */
function whole(days: number): Pick<Moment, "day" | "since1970"> {
  const at = new Date(days * DAY);
  const [year, month, date] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  return { day: { year, month, date, hours: 0 }, since1970: BigInt(at.getTime()) * MILLISECOND };
}

/** Nanoseconds. */
const MILLISECOND = 1_000_000n;

/** The time in days from one moment to another, exact to the nanosecond. */
export function daysBetween(from: Moment, to: Moment): number {
  const apart = to.since1970 - from.since1970;
  const day = BigInt(DAY) * MILLISECOND;
  return Number(apart / day) + Number(apart % day) / Number(day);
}

const PERIOD = /^(\d{4})-(?:(\d{2})|W(\d{2})|Q([1-4]))$/;
/** A day of a week. Those numbered through the year, as 2024-060, are left out: so are cases of studies. */
const WEEKDAY = /^(\d{4})-W(\d{2})-([1-7])$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](.+))?$/i;
const TIME = /^(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;
const MINUTE = 60_000;

/**
 * What `text` says, as 2024-02-29, 2024-W09-4, 2024-02-29T12:30:00.5+01:00 (or a space for the T), 2024-02,
 * 2024-W07 or 2024-Q1; "impossible" if no calendar has it, as 2023-02-29; undefined if it is of another form.
 */
export function momentOf(text: string): Moment | "impossible" | undefined {
  const period = PERIOD.exec(text);
  if (period !== null) {
    const [year, month, week, quarter] = period.slice(1).map(Number);
    const firstOf = (month: number) => whole(daysTo({ year, month, date: 1 }));
    if (period[4]) {
      return { form: "quarters", time: BigInt(4 * year + quarter), ...firstOf(3 * quarter - 2) };
    }
    const [form, part, most] = period[2]
      ? (["months", month, 12] as const)
      : (["weeks", week, 53] as const);
    if (part < 1 || part > most || (form === "weeks" && !hasWeek(year, part))) return "impossible";
    const start = form === "months" ? firstOf(month) : whole(mondayOf(year, week));
    return { form, time: BigInt(100 * year + part), ...start };
  }
  const inWeek = WEEKDAY.exec(text);
  if (inWeek !== null) {
    const [year, week, weekday] = inWeek.slice(1).map(Number);
    if (week < 1 || !hasWeek(year, week)) return "impossible";
    return dateOf(mondayOf(year, week) + weekday - 1);
  }
  const found = DATE.exec(text);
  if (found === null) return undefined;
  const [year, month, day] = found.slice(1, 4).map(Number);
  const clock = found[4] === undefined ? undefined : TIME.exec(found[4]);
  if (clock === null) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return "impossible";
  if (clock === undefined) return dateOf(date.getTime() / DAY);
  const [hour, minute, second = 0] = clock.slice(1, 4).map((part) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return "impossible";
  const [fraction = "", offset] = clock.slice(4);
  const shift = minutesOf(offset ?? "");
  if (shift === undefined) return "impossible";
  const seconds = second + Number(`0.${fraction || 0}`);
  const milliseconds = date.getTime() + (60 * hour + minute - shift) * MINUTE + 1000 * second;
  const time = BigInt(milliseconds) * MILLISECOND + BigInt(fraction.padEnd(9, "0"));
  return {
    form: offset === undefined ? "times without an offset" : "times with an offset",
    time,
    day: { year, month, date: day, hours: hour + minute / 60 + seconds / 3600 },
    since1970: time,
  };
}

function dateOf(days: number): Moment {
  const { day, since1970 } = whole(days);
  return { form: "dates", time: since1970, day, since1970 };
}

const MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*";

/** Dates, months and times of day that are not in a form which tells their order. */
const VAGUE: readonly RegExp[] = [
  // 03/04/2021, 2021-3-4, 2024-03-01T00:00[Europe/Berlin], 12024-01-01
  /^[+-]?\d{1,6}[./-]\d{1,2}[./-]\d{1,4}(?!\d)/,
  // 20240229T1200
  /^\d{8}T\d/,
  // 3 Apr 21, Apr 2021, Apr
  new RegExp(`^(?:\\d{1,2}[ .-]*)?${MONTH}(?:[ .,'-]+\\d{1,4})?$`, "i"),
  new RegExp(`^(?:\\d{1,2}[ .-]*)?${MONTH}[ .,-]+\\d{1,4}\\b`, "i"),
  // 2021 Apr, 2021-Apr-3
  new RegExp(`^\\d{4}[ .-]*${MONTH}\\b`, "i"),
  // 2024Q2, 2024M02, 2024-S1, Q2 2024, 2/2024, 2024/2, 2024-2
  /^\d{4}[ -]?[QMWSH]\d{1,2}$/i,
  /^[QMWSH]\d{1,2}[ /-]\d{4}$/i,
  /^\d{1,2}[./-]\d{4}$/,
  /^\d{4}[./-]\d{1,2}$/,
  // 9:15, 9:15:30 pm
  /^\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?$/i,
];

/** Whether `text` looks like a date whose order cannot be told for sure, such as 03/04/2021 or 3 Apr 21. */
export function isVagueDate(text: string): boolean {
  return VAGUE.some((form) => form.test(text));
}

/** Minutes that a clock is ahead of UTC; undefined where no clock is. */
function minutesOf(offset: string): number | undefined {
  const [, sign, hours, minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(offset) ?? [];
  if (sign === undefined) return 0;
  if (Number(hours) > 15 || Number(minutes) > 59) return undefined;
  return (sign === "-" ? -1 : 1) * (60 * Number(hours) + Number(minutes));
}
