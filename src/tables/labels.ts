/** The different values of a column as the labels of an axis: which are the same, and in which order they stand. */
import { listed } from "../tensor/internal.ts";
import { cellsOf, gapsOf, isDecimal, isInteger, refuse } from "./cells.ts";
import { isVagueDate, type Moment, momentOf } from "./dates.ts";
import { decimalOf } from "./decimals.ts";
import { afterRows, type Cell, shortened, type Table } from "./table.ts";

/** The labels of a column. */
export interface Labels {
  /** Each as it is written where it appears first. */
  readonly labels: readonly string[];
  /** The position among the labels of each row. */
  readonly positions: readonly number[];
  /** What the user should know about how they were taken. */
  readonly notes: readonly string[];
}

/** One that is to be compared with others. */
interface Keyed {
  readonly key: string;
  readonly order?: number | bigint;
}

/** From this share of numbers (or dates) on it is said why a column is not one of numbers (or dates). */
const NEARLY = 0.5;

/**
 * The labels of a column: ascending if all are numbers, in the order of time if all are dates (or times, months,
 * weeks, quarters) of ISO 8601, else in the order in which they appear. Equal numbers and equal times are one
 * label; so are texts that differ in blanks around them or in how Unicode composes a character (NFC).
 *
 * @throws SurmiseError naming column and row for an empty cell, a date that no calendar has, and dates of several forms.
 */
export function labelsOf(table: Table, column: string): Labels {
  const cells = cellsOf(table, column);
  const texts = cells.map((cell) => textOf(cell).normalize("NFC").trim());
  const gap = gapsOf(cells).findIndex((isGap, i) => isGap || texts[i] === "");
  if (gap >= 0) {
    refuse(
      table,
      column,
      gap,
      "is empty: an axis needs a label in each row, so add it or drop the row",
    );
  }
  cells.forEach((cell, row) => {
    if (typeof cell === "number" && Math.abs(cell) > Number.MAX_SAFE_INTEGER) {
      refuse(
        table,
        column,
        row,
        `is ${cell}, a number of more digits than are kept: write it as a text`,
      );
    }
  });
  const keyed = keysOf(table, column, texts);
  const first = new Map<string, number>();
  keyed.forEach(({ key }, row) => {
    if (!first.has(key)) first.set(key, row);
  });
  const rows = [...first.values()].sort((a, b) => compare(keyed[a], keyed[b]));
  const place = new Map(rows.map((row, i) => [keyed[row].key, i]));
  return {
    labels: rows.map((row) => texts[row]),
    positions: keyed.map(({ key }) => place.get(key) as number),
    notes: [...orderNotes(texts, keyed), ...sameNotes(spellingsOf(table, column), keyed)].map(
      (note) => `${table.name}: column '${column}': ${note}`,
    ),
  };
}

/** The labels that the rows of `table` have in a column, as they are called after those of `fitted`. */
export function newLabels(fitted: Table, table: Table, column: string): ReadonlySet<string> {
  const { labels, positions } = labelsOf(afterRows(fitted, table), column);
  return new Set(positions.slice(fitted.rows).map((at) => labels[at]));
}

/** Where labels lie on a line if all are numbers, or dates of one form (in nanoseconds); else undefined. */
export function placesOf(labels: readonly string[]): readonly number[] | undefined {
  if (labels.every(isDecimal)) return labels.map(Number);
  const moments = labels.map(momentOf);
  const isMoment = (found: (typeof moments)[number]): found is Moment => typeof found === "object";
  return moments.every(isMoment) ? moments.map(({ since1970 }) => Number(since1970)) : undefined;
}

function keysOf(table: Table, column: string, texts: readonly string[]): readonly Keyed[] {
  if (texts.every(isDecimal)) return texts.map(keyOfNumber);
  const moments = texts.map(momentOf);
  if (!moments.every((moment) => moment !== undefined)) return texts.map((key) => ({ key }));
  const first = moments.find((moment): moment is Moment => moment !== "impossible");
  return moments.map((moment, row) => {
    if (moment === "impossible") {
      refuse(table, column, row, `is '${shortened(texts[row])}': there is no such date or time`);
    }
    if (moment.form !== first?.form) refuseForm(table, column, row, texts[row], first as Moment);
    return { key: `${moment.time}`, order: moment.time };
  });
}

function keyOfNumber(text: string): Keyed {
  const { units, power } = decimalOf(text);
  const order = isInteger(text) ? BigInt(text.replace("+", "")) : Number(text);
  return { key: `${units}e${power}`, order };
}

function compare({ order: a = 0 }: Keyed, { order: b = 0 }: Keyed): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Why labels stand in the order in which they appear, where another one could have been meant. */
function orderNotes(texts: readonly string[], keyed: readonly Keyed[]): string[] {
  if (keyed[0]?.order !== undefined) return [];
  const kinds: readonly [string, (text: string) => boolean, string][] = [
    ["a number", isDecimal, "mend it if it should be one"],
    ["a date", (text) => momentOf(text) !== undefined, "mend it if it should be one"],
    [
      "",
      isVagueDate,
      "these look like dates: write them as 2024-12-31 to have them in the order of time",
    ],
  ];
  for (const [kind, is, whatToDo] of kinds) {
    const count = texts.filter(is).length;
    if (count < NEARLY * texts.length) continue;
    const other = texts.findIndex((text) => !is(text));
    const why =
      kind === ""
        ? ""
        : `row ${other + 1} is '${shortened(texts[other])}', not ${kind} as ${count} of ${texts.length} are: `;
    return [`taken as labels in the order in which they appear: ${why}${whatToDo}`];
  }
  return [];
}

/**
 * The dates in a column, undefined where there is none.
 *
 * @throws SurmiseError naming column and row of what is no date of ISO 8601, and for dates of several forms.
 */
export function datesOf(table: Table, column: string): readonly (Moment | undefined)[] {
  const cells = cellsOf(table, column);
  const gaps = gapsOf(cells);
  const rows = [...cells.keys()].filter((row) => !gaps[row]);
  const texts = cells.map((cell) => textOf(cell).trim());
  const found = rows.map((row) => {
    const moment = momentOf(texts[row]);
    if (moment === undefined || moment === "impossible") {
      const why = moment
        ? "there is no such date or time"
        : "no date such as 2024-12-31, with the year first";
      refuse(table, column, row, `is '${shortened(texts[row])}': ${why}`);
    }
    return { row, moment };
  });
  const [first] = found;
  const dates = new Array<Moment | undefined>(cells.length).fill(undefined);
  for (const { row, moment } of found) {
    if (moment.form !== first.moment.form) refuseForm(table, column, row, texts[row], first.moment);
    dates[row] = moment;
  }
  return dates;
}

function refuseForm(
  table: Table,
  column: string,
  row: number,
  text: string,
  { form }: Moment,
): never {
  refuse(
    table,
    column,
    row,
    `is '${text}', but rows before it hold ${form}: write all of them in one form, so that they have an order`,
  );
}

/** For each cell the ways in which it is written in the file, in words. */
function spellingsOf(table: Table, column: string): readonly (readonly string[])[] {
  const name = column.normalize("NFC");
  const { [name]: blanks = new Map<string, string>() } = table.spellings ?? {};
  const cells = cellsOf(table, column);
  const isMixed = cells.some((cell) => typeof cell !== typeof cells[0]);
  return cells.map((cell) => {
    const text = textOf(cell);
    // Beside texts, numbers and truth values stand without quotes, as the file has them.
    const shown = isMixed && typeof cell !== "string" ? text : `'${text}'`;
    const other = blanks.get(text);
    return other === undefined ? [shown] : [shown, `'${other}'`];
  });
}

/** Which texts were taken as one label though they are written differently. */
function sameNotes(written: readonly (readonly string[])[], keyed: readonly Keyed[]): string[] {
  const spellings = new Map<string, Set<string>>();
  keyed.forEach(({ key }, row) => {
    const known = spellings.get(key) ?? new Set();
    for (const text of written[row]) known.add(text);
    spellings.set(key, known);
  });
  const several = [...spellings.values()].filter(({ size }) => size > 1);
  if (several.length === 0) return [];
  const list = listed([...several[0]].map(shortened));
  const more = several.length > 1 ? ` (and ${several.length - 1} more like this)` : "";
  return [`${list} are one label${more}`];
}

/** A cell as a text; dates as ISO 8601. */
function textOf(cell: Cell): string {
  if (cell === undefined) return "";
  return cell instanceof Date ? cell.toISOString() : `${cell}`;
}
