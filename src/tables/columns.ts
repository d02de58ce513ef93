/** The columns of a table as axes and tensors: what a model file is given as its data. */
import {
  ANYTHING,
  AXIS,
  Axis,
  checkArguments,
  describePlace,
  either,
  listOf,
  NUMBER,
  objectWith,
  optional,
  optionsWith,
  SurmiseError,
  shown,
  sizeOf,
  TEXT,
  type Tensor,
  tensor,
  wholeNumber,
} from "../tensor/internal.ts";
import { cellsOf, gapsOf, isDecimal, numberOf, refuse, scalarOf } from "./cells.ts";
import { DATE_PARTS, type DatePart, type Moment, momentOf } from "./dates.ts";
import { datesOf, type Labels, labelsOf } from "./labels.ts";
import type { Table } from "./table.ts";

/**
 * A table for models. Columns of text (or of codes and years) become axes, whose labels are the
 * different values; numeric columns become tensors over the rows, or over such axes: exact in models that are
 * computed in float64, and refused in others where float32 cannot hold them.
 *
 * @example
 * const school = axisOf("school");
 * const effect = column("effect", [school]); // one row for each school
 * const intercept = gather(alpha, axisOf("county"), indexOf("county")); // the county of each row
 */
export interface Columns {
  /** The rows of the table. */
  readonly row: Axis;
  /**
   * The different values of a column, as an axis of the column's name: ascending if all are numbers, in the
   * order of time if all are dates of ISO 8601, else in the order in which they appear. Equal numbers are one
   * label, however they are written. The same object at each call. What is to be known of how labels
   * were taken is said once, as a warning on the console. Labels with an order of their own, such as grades, are given
   * in it (`order`) where the column is first asked for; those that no row has are elements too.
   *
   * @throws SurmiseError naming column and row of a label that `order` lacks; if there is no such column, a row lacks a value in it, a date is none, or dates are
   * of several forms.
   */
  axisOf(column: string, options?: { readonly order?: readonly string[] }): Axis;
  /**
   * A numeric column (true and false are 1 and 0), over the rows. Over other axes, made by
   * `axisOf`, there must be one value for each combination of their elements, the same in all its
   * rows. Where there is none (an empty cell, or NA, N/A, NaN, nan, null, NULL, None) it is `missing`.
   * Numbers are written in decimals, such as -1.5 or 2e3.
   *
   * @throws SurmiseError naming column and row: a cell that is not a number, a missing value if no
   * `missing` is given, two different values for one element.
   */
  column(column: string, axes?: readonly Axis[], options?: { readonly missing?: number }): Tensor;
  /** The columns named by the labels of `along`, side by side, over `axes` and `along`. */
  columnsAlong(along: Axis, axes?: readonly Axis[]): Tensor;
  /** The position along `axisOf(column)` of each row, or of each element over `axes`: int32. */
  indexOf(column: string, axes?: readonly Axis[]): Tensor;
  /**
   * 1 where a column has this label, else 0, over the rows or over `axes`: `indicator("kind", "control")`, for a column of
   * text or of codes as covariate.
   *
   * @throws SurmiseError if the column has no such label, with those that it has, or as `axisOf`.
   */
  indicator(column: string, label: string | number, axes?: readonly Axis[]): Tensor;
  /**
   * A column of labels as columns of a design matrix (dummy coding): `values` are 1 where the row has the label of the
   * element of `levels`, else 0, over the rows or over `axes`, and `levels`, the axis of all labels but `base`, the first
   * unless given, which the weights of the others are measured from. `levels` is the same object at each call.
   *
   * @throws SurmiseError as `indicator`, and if there is only one label.
   *
   * @example
   * const { levels, values } = dummies("treatment", { base: "placebo" });
   * const effect = sum(values.mul(sample("effect", normal(0, 1).event(levels))), levels);
   */
  dummies(
    column: string,
    options?: { readonly base?: string | number; readonly axes?: readonly Axis[] },
  ): { readonly levels: Axis; readonly values: Tensor };
  /**
   * Ids that count from `first` (0 unless given; 1 for ids 1, 2, ...) as positions along `along`: int32 over the
   * rows, or over `axes`. With `part` the column holds dates, and the ids are that part of them, which counts from 1
   * (`hour` from 0, its fraction cut off) unless `first` is given: `positions("day", axis("month", 12), { part: "month" })`.
   *
   * @throws SurmiseError naming column and row of a value that is no whole number or lies outside the axis, or no date.
   */
  positions(
    column: string,
    along: Axis,
    options?: {
      readonly first?: number;
      readonly axes?: readonly Axis[];
      readonly part?: DatePart;
    },
  ): Tensor;
  /**
   * A part of the dates in a column, as calendars count: year, quarter, month, dayOfMonth and dayOfYear from 1, weekday
   * from 1 (Monday) to 7, hour with its fraction; over the rows or over `axes`. Of a month, a quarter or a week its first
   * day counts. A missing date is `missing`.
   *
   * @throws SurmiseError naming column and row: of what is no date of ISO 8601, or a missing one if no `missing` is given.
   */
  datePart(
    column: string,
    part: DatePart,
    axes?: readonly Axis[],
    options?: { readonly missing?: number },
  ): Tensor;
  /**
   * The time in days from `since`, a date of ISO 8601 (the first date in the column, unless given), to each date in a
   * column: with fractions for times of day; over the rows or over `axes`. A missing date is `missing`.
   *
   * @throws SurmiseError as `datePart`, and if `since` is no date.
   */
  days(
    column: string,
    axes?: readonly Axis[],
    options?: { readonly since?: string; readonly missing?: number },
  ): Tensor;
  /**
   * A single number beside the columns of a JSON file, such as `{"N": 8, "y": [...]}` has; true and false
   * are 1 and 0.
   *
   * @throws SurmiseError if there is none of that name, or it is not a number.
   */
  scalar(name: string): number;
  /** 1 where `column` has a value, else 0: uint8, over the rows or over `axes`. The same object at each call. */
  present(column: string, axes?: readonly Axis[]): Tensor;
}

/** Labels that a message tells at most. */
const LABELS_SHOWN = 12;

/** The columns of a table. */
export function columnsOf(table: Table): Columns {
  checkArguments("columnsOf", { table }, objectWith({ rows: NUMBER }));
  const row = new Axis("row", table.rows);
  const axes = new Map<string, Axis>();
  /** For each axis the position along it of each row. */
  const positions = new Map<Axis, readonly number[]>([
    [row, Array.from({ length: table.rows }, (_, i) => i)],
  ]);

  const levelAxes = new Map<string, Axis>();
  const masks: { readonly name: string; readonly list: readonly Axis[]; readonly mask: Tensor }[] =
    [];

  const axisOf: Columns["axisOf"] = (name, options = {}) => {
    checkArguments(
      "axisOf",
      { options },
      optionsWith<typeof options>({ order: optional(listOf(TEXT)) }),
    );
    const { order } = options;
    const known = axes.get(name);
    if (known !== undefined) {
      if (order === undefined || known.labels?.join("\n") === order.join("\n")) return known;
      throw new SurmiseError(
        `axisOf: '${name}' was asked for before in another order: give \`order\` at the first call of ` +
          "axisOf or indexOf",
      );
    }
    const { labels, positions: places, notes } = inOrder(table, name, labelsOf(table, name), order);
    for (const note of notes) console.warn(`surmise: ${note}`);
    const made = new Axis(name, labels.length, labels);
    axes.set(name, made);
    positions.set(made, places);
    return made;
  };

  const positionsAlong = (a: Axis): readonly number[] => {
    const found = positions.get(a);
    if (found !== undefined) return found;
    throw new SurmiseError(
      `${table.name}: its rows have no positions along axis '${a.name}': use row, or axisOf(column)`,
    );
  };

  const over = (list: readonly Axis[], read: (row: number) => number | undefined, name: string) => {
    checkArguments(`${table.name}: column '${name}'`, { axes: list }, listOf(AXIS));
    return onePerElement(table, name, list, list.map(positionsAlong), read);
  };

  /** The position of a label along the axis of its column. */
  const placeOf = (name: string, label: string | number): number => {
    const { labels = [] } = axisOf(name);
    const text = `${label}`.normalize("NFC").trim();
    const isSame = (each: string) =>
      each === text || (isDecimal(each) && isDecimal(text) && Number(each) === Number(text));
    const at = labels.findIndex(isSame);
    if (at >= 0) return at;
    const known = labels.slice(0, LABELS_SHOWN).map((each) => `'${each}'`);
    const more = labels.length > LABELS_SHOWN ? ` and ${labels.length - LABELS_SHOWN} more` : "";
    throw new SurmiseError(
      `${table.name}: column '${name}' has no label '${label}', but ${known.join(", ")}${more}`,
    );
  };

  /** The positions of the labels over axes. */
  const indexOf = (name: string, list: readonly Axis[]): readonly number[] => {
    const found = positionsAlong(axisOf(name));
    return filled(
      table,
      name,
      list,
      over(list, (i) => found[i], name),
    );
  };

  const numbers = (name: string, list: readonly Axis[]) => {
    const cells = cellsOf(table, name);
    return over(list, (i) => numberOf(table, name, cells[i], i), name);
  };

  return {
    row,
    axisOf,
    column: (name, list = [row], options = {}) => {
      checkArguments(
        "column",
        { options },
        optionsWith<typeof options>({ missing: optional(NUMBER) }),
      );
      const { missing } = options;
      const values = numbers(name, list);
      return tensor(filled(table, name, list, values, missing), list);
    },
    columnsAlong: (along, list = [row]) => {
      checkArguments("columnsAlong", { along }, AXIS);
      const parts = (along.labels ?? []).map((name) =>
        filled(table, name, list, numbers(name, list)),
      );
      if (parts.length === 0) {
        throw new SurmiseError(
          `columnsAlong: axis '${along.name}' needs labels, the names of the columns`,
        );
      }
      const data = Array.from({ length: sizeOf(list) * along.size }, (_, i) => {
        return parts[i % along.size][Math.floor(i / along.size)];
      });
      return tensor(data, [...list, along]);
    },
    indexOf: (name, list = [row]) => tensor(Int32Array.from(indexOf(name, list)), list),
    indicator: (name, label, list = [row]) => {
      checkArguments("indicator", { label }, either(NUMBER, TEXT));
      const place = placeOf(name, label);
      return tensor(
        indexOf(name, list).map((at) => Number(at === place)),
        list,
      );
    },
    dummies: (name, options = {}) => {
      checkArguments(
        "dummies",
        { options },
        optionsWith<typeof options>({ base: optional(either(NUMBER, TEXT)), axes: ANYTHING }),
      );
      const { labels = [] } = axisOf(name);
      const { base = labels[0], axes: list = [row] } = options;
      const without = placeOf(name, base);
      if (labels.length === 1) {
        throw new SurmiseError(
          `${table.name}: column '${name}' has only one label, '${labels[0]}': nothing differs along it`,
        );
      }
      const called = `${name} ${without}`;
      const others = labels.filter((_, i) => i !== without);
      const levels = levelAxes.get(called) ?? new Axis(`${name} (other)`, others.length, others);
      levelAxes.set(called, levels);
      const values = indexOf(name, list).flatMap((at) =>
        others.map((_, i) => Number(at === (i < without ? i : i + 1))),
      );
      return { levels, values: tensor(values, [...list, levels]) };
    },
    positions: (name, along, options = {}) => {
      checkArguments("positions", { along }, AXIS);
      checkArguments(
        "positions",
        { options },
        optionsWith<typeof options>({ first: ANYTHING, part: ANYTHING, axes: ANYTHING }),
      );
      const { part, first = firstOf(part), axes: list = [row] } = options;
      wholeNumber("positions: first", first, { least: Number.MIN_SAFE_INTEGER });
      const cells = part === undefined ? cellsOf(table, name) : [];
      const parts = part === undefined ? [] : datesOf(table, name).map(reading(part));
      const read = (i: number) => {
        const id = part === undefined ? numberOf(table, name, cells[i], i) : floor(parts[i]);
        if (id === undefined) return undefined;
        if (Number.isInteger(id) && id >= first && id < first + along.size) return id - first;
        return refuse(
          table,
          name,
          i,
          `is ${id}: axis '${along.name}' of size ${along.size} takes whole numbers from ${first} to ` +
            `${first + along.size - 1}, as ids count from ${first} here`,
        );
      };
      return tensor(Int32Array.from(filled(table, name, list, over(list, read, name))), list);
    },
    datePart: (name, part, list = [row], options = {}) => {
      checkArguments(
        "datePart",
        { options },
        optionsWith<typeof options>({ missing: optional(NUMBER) }),
      );
      const { missing } = options;
      const parts = datesOf(table, name).map(reading(part));
      return tensor(
        filled(
          table,
          name,
          list,
          over(list, (i) => parts[i], name),
          missing,
        ),
        list,
      );
    },
    days: (name, list = [row], options = {}) => {
      checkArguments(
        "days",
        { options },
        optionsWith<typeof options>({ since: optional(TEXT), missing: optional(NUMBER) }),
      );
      const { since, missing } = options;
      const days = datesOf(table, name).map((moment) => moment?.days);
      const known = days.filter((day) => day !== undefined);
      const start = since === undefined ? Math.min(...known) : dayOf(since);
      const read = (i: number) => {
        const day = days[i];
        return day === undefined ? undefined : day - start;
      };
      return tensor(filled(table, name, list, over(list, read, name), missing), list);
    },
    scalar: (name) => scalarOf(table, name),
    present: (name, list = [row]) => {
      const gaps = gapsOf(cellsOf(table, name));
      const known = masks.find((mask) => mask.name === name && sameOrder(mask.list, list));
      if (known !== undefined) return known.mask;
      const values = over(list, (i) => (gaps[i] ? undefined : 1), name);
      const mask = tensor(
        Uint8Array.from(values, (value) => value ?? 0),
        list,
      );
      masks.push({ name, list, mask });
      return mask;
    },
  };
}

/**
 * The labels of a column in an order that is given.
 *
 * @throws SurmiseError naming the row of a label that it lacks, or a label that it has twice.
 */
function inOrder(
  table: Table,
  name: string,
  found: Labels,
  order: readonly string[] | undefined,
): Labels {
  if (order === undefined) return found;
  const twice = order.find((label, i) => order.indexOf(label) < i);
  if (twice !== undefined) throw new SurmiseError(`axisOf: '${name}': order has '${twice}' twice`);
  const places = found.labels.map((label) => order.indexOf(label));
  const row = found.positions.findIndex((at) => places[at] < 0);
  if (row >= 0) {
    const label = found.labels[found.positions[row]];
    refuse(table, name, row, `is '${label}', which order lacks: ${order.join(", ")}`);
  }
  return { labels: order, positions: found.positions.map((at) => places[at]), notes: [] };
}

/** The part of a date, or undefined where there is none. */
function reading(part: DatePart): (moment: Moment | undefined) => number | undefined {
  if (!Object.hasOwn(DATE_PARTS, part)) {
    const known = Object.keys(DATE_PARTS).join(", ");
    throw new SurmiseError(`dates have no part ${shown(part)}: the parts are ${known}`);
  }
  return (moment) => (moment === undefined ? undefined : DATE_PARTS[part](moment));
}

const firstOf = (part: DatePart | undefined) => (part === undefined || part === "hour" ? 0 : 1);
const floor = (x: number | undefined) => (x === undefined ? undefined : Math.floor(x));

/** @throws SurmiseError if the text is no date. */
function dayOf(text: string): number {
  const moment = momentOf(text);
  if (moment !== undefined && moment !== "impossible") return moment.days;
  throw new SurmiseError(`days: since is ${shown(text)}: a date such as 2024-12-31 is needed`);
}

function sameOrder(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

/** The one value of the rows of each element over `axes`, row-major; undefined where there is none. */
function onePerElement(
  table: Table,
  name: string,
  axes: readonly Axis[],
  positions: readonly (readonly number[])[],
  read: (row: number) => number | undefined,
): (number | undefined)[] {
  const size = sizeOf(axes);
  const values = new Array<number | undefined>(size).fill(undefined);
  const rows = new Int32Array(size);
  for (let i = 0; i < table.rows; i++) {
    const value = read(i);
    if (value === undefined) continue;
    const at = axes.reduce((flat, a, k) => flat * a.size + positions[k][i], 0);
    if (values[at] !== undefined && values[at] !== value) {
      refuse(
        table,
        name,
        i,
        `has another value than in row ${rows[at] + 1}, for the same ${describePlace(axes, at)}: ` +
          "add an axis that tells these rows apart, or use the axis of rows",
      );
    }
    values[at] = value;
    rows[at] = i;
  }
  return values;
}

/** Values without gaps. */
function filled(
  table: Table,
  name: string,
  axes: readonly Axis[],
  values: readonly (number | undefined)[],
  missing?: number,
): number[] {
  return values.map((value, at) => {
    if (value !== undefined) return value;
    if (missing !== undefined) return missing;
    const count = values.filter((each) => each === undefined).length;
    throw new SurmiseError(
      `${table.name}: column '${name}' has no value for ${describePlace(axes, at)} (missing: ${count} of ` +
        `${values.length}): drop these rows, or say what stands there with { missing: 0 } and leave ` +
        `them out by masked(..., present('${name}')) or infer them by inferGaps`,
    );
  });
}
