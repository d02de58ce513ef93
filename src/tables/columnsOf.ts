/** The words by which a model file reads the columns of a table, as tensors. */
import {
  ANYTHING,
  AXIS,
  Axis,
  checkArguments,
  either,
  FINITE,
  FLAG,
  listOf,
  NUMBER,
  objectWith,
  optional,
  optionsWith,
  SurmiseError,
  setReference,
  shown,
  sizeOf,
  TEXT,
  type Tensor,
  tensor,
  wholeNumber,
} from "../tensor/internal.ts";
import { cellsOf, gapsOf, numberOf, refuse, scalarOf } from "./cells.ts";
import type { Columns, ColumnsOptions } from "./columns.ts";
import { DATE_PARTS, type DatePart, daysBetween, type Moment, momentOf } from "./dates.ts";
import { datesOf } from "./labels.ts";
import { TableRows } from "./rows.ts";
import type { Table } from "./table.ts";

/** The columns of a table. */
export function columnsOf(given: Table, options: ColumnsOptions = {}): Columns {
  checkArguments("columnsOf", { table: given }, objectWith({ rows: NUMBER }));
  checkArguments(
    "columnsOf",
    { options },
    optionsWith<ColumnsOptions>({ fitted: optional(objectWith({ rows: NUMBER })) }),
  );
  const rows = new TableRows(given, options.fitted);
  const { table, row, fittedRows } = rows;
  const levelAxes = new Map<string, Axis>();
  const kept = new Map<string, ReadValues[]>();

  /** The values under this name over these axes, kept: a model is traced several times, and numbers are read once. */
  const once = (
    [[what, ...how], column, along]: readonly [
      how: readonly unknown[],
      column: string,
      along?: Axis,
    ],
    wanted: readonly Axis[],
    make: () => Tensor,
  ): Tensor => {
    checkArguments(`${table.name}: column '${String(column)}'`, { axes: wanted }, listOf(AXIS));
    const twice = wanted.find((a, i) => wanted.indexOf(a) < i);
    if (twice !== undefined) {
      throw new SurmiseError(
        `${table.name}: column '${String(column)}': the axis '${twice.name}' stands twice in axes`,
      );
    }
    const list = along === undefined ? wanted : [...wanted, along];
    const key = JSON.stringify([what, ...how.map(String), column]);
    const others = kept.get(key) ?? [];
    const known = others.find(({ axes }) => sameOrder(axes, list));
    if (known !== undefined) return known.values;
    const values = make();
    const name = what === "" ? column : `${column}_${what}`;
    kept.set(key, [...others, { name, axes: list, values }]);
    return values;
  };

  let fittedColumns: Columns | undefined;
  /** The columns of the rows that were fitted, where others are read. */
  const columnsOfFit = (): Columns | undefined => {
    fittedColumns ??= options.fitted && columnsOf(options.fitted);
    return fittedColumns;
  };

  /** Values whose quantiles and the like are those of the fit: `read` reads them there, over the same axes. */
  const referring = (
    x: Tensor,
    list: readonly Axis[],
    read: (fitted: Columns, list: readonly Axis[]) => Tensor,
  ): Tensor => {
    if (options.fitted !== undefined) {
      setReference(x, () => {
        const fitted = columnsOfFit() as Columns;
        return read(
          fitted,
          list.map((a) => (a === row ? fitted.row : fitted.axisOf(a.name))),
        );
      });
    }
    return x;
  };

  /** The labels' positions of a column that is given, over axes. */
  const labelAt = (name: string, list: readonly Axis[]): readonly number[] => {
    rows.checkGiven(name);
    return rows.filled(name, list, rows.indexOf(name, list));
  };

  const columns: Columns = {
    row,
    axisOf: (name, options = {}) => {
      checkArguments(
        "axisOf",
        { options },
        optionsWith<typeof options>({ order: optional(listOf(TEXT)) }),
      );
      if (options.order !== undefined) columnsOfFit()?.axisOf(name, options);
      return rows.axisOf(name, options.order);
    },
    column: (name, list = [row], options = {}) => {
      checkArguments(
        "column",
        { options },
        optionsWith<typeof options>({ missing: optional(FINITE) }),
      );
      const { missing } = options;
      return once([["", missing], name], list, () =>
        referring(
          rows.complete(name, list, rows.numbers(name, list), { missing }),
          list,
          (fitted, over) => fitted.column(name, over, options),
        ),
      );
    },
    standardised: (name, options = {}) => {
      checkArguments(
        "standardised",
        { options },
        optionsWith<typeof options>({ centre: optional(FLAG), scale: optional(FLAG) }),
      );
      const { centre = true, scale = true } = options;
      return once(
        [["standardised", centre, scale], name],
        [row],
        () =>
          rows.standIn([name], [row]) ??
          referring(standardised(rows, name, centre, scale), [row], (fitted) =>
            fitted.standardised(name, options),
          ),
      );
    },
    columnsAlong: (along, list = [row]) => {
      checkArguments("columnsAlong", { along }, AXIS);
      const names = along.labels ?? [];
      if (names.length === 0) {
        throw new SurmiseError(
          `columnsAlong: axis '${along.name}' needs labels, the names of the columns`,
        );
      }
      return once([["values"], along.name, along], list, () => {
        const unknown = rows.standIn(names, [...list, along]);
        if (unknown !== undefined) return unknown;
        const parts = names.map((name) => rows.filled(name, list, rows.numbers(name, list)));
        const data = Array.from({ length: sizeOf(list) * along.size }, (_, i) => {
          return parts[i % along.size][Math.floor(i / along.size)];
        });
        return referring(tensor(data, [...list, along]), list, (fitted, over) =>
          fitted.columnsAlong(along, over),
        );
      });
    },
    indexOf: (name, list = [row]) => {
      return once([["index"], name], list, () =>
        referring(
          rows.complete(name, list, rows.indexOf(name, list), { isPosition: true }),
          list,
          (fitted, over) => fitted.indexOf(name, over),
        ),
      );
    },
    indicator: (name, label, list = [row]) => {
      checkArguments("indicator", { label }, either(NUMBER, TEXT));
      const place = rows.placeOf(name, label);
      return once([[`${label}`, "indicator"], name], list, () => {
        const unknown = rows.standIn([name], list);
        if (unknown !== undefined) return unknown;
        rows.tellNewLabels(name, `indicator("${name}", "${label}") is 0 there`);
        return tensor(
          labelAt(name, list).map((at) => Number(at === place)),
          list,
        );
      });
    },
    dummies: (name, options = {}) => {
      checkArguments(
        "dummies",
        { options },
        optionsWith<typeof options>({ base: optional(either(NUMBER, TEXT)), axes: ANYTHING }),
      );
      const { labels = [] } = rows.axisOf(name);
      const known = columnsOfFit()?.axisOf(name).labels ?? labels;
      const { base = known[0], axes: list = [row] } = options;
      const without = rows.placeOf(name, base);
      if (labels.length === 1) {
        throw new SurmiseError(
          `${table.name}: column '${name}' has only one label, '${labels[0]}': nothing differs along it`,
        );
      }
      const called = `${name} ${without}`;
      const others = labels.filter((_, i) => i !== without);
      const levels = levelAxes.get(called) ?? new Axis(`${name} (other)`, others.length, others);
      levelAxes.set(called, levels);
      const values = once([["dummies"], name, levels], list, () =>
        tensor(
          labelAt(name, list).flatMap((at) =>
            others.map((_, i) => Number(at === (i < without ? i : i + 1))),
          ),
          [...list, levels],
        ),
      );
      return { levels, values };
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
      return once([["position", part, first], name, along], list, () => {
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
        return referring(
          rows.complete(name, list, rows.over(name, list, read), { isPosition: true }),
          list,
          (fitted, over) => fitted.positions(name, along, { ...options, axes: over }),
        );
      });
    },
    datePart: (name, part, list = [row], options = {}) => {
      checkArguments(
        "datePart",
        { options },
        optionsWith<typeof options>({ missing: optional(FINITE) }),
      );
      rows.checkGiven(name);
      const { missing } = options;
      const read = reading(part);
      return once([[part, missing], name], list, () => {
        const parts = datesOf(table, name).map(read);
        const values = rows.over(name, list, (i) => parts[i]);
        return referring(
          tensor(rows.filled(name, list, values, missing), list),
          list,
          (fitted, over) => fitted.datePart(name, part, over, options),
        );
      });
    },
    days: (name, list = [row], options = {}) => {
      checkArguments(
        "days",
        { options },
        optionsWith<typeof options>({ since: optional(TEXT), missing: optional(FINITE) }),
      );
      rows.checkGiven(name);
      const { since, missing } = options;
      return once([["days", since, missing], name], list, () => {
        const moments = datesOf(table, name);
        const known = moments.slice(0, fittedRows).filter((moment) => moment !== undefined);
        const start =
          since === undefined
            ? known.reduce((a, b) => (b.since1970 < a.since1970 ? b : a), known[0])
            : dateFrom(since);
        const read = (i: number) => {
          const moment = moments[i];
          return moment === undefined ? undefined : daysBetween(start, moment);
        };
        return referring(
          tensor(rows.filled(name, list, rows.over(name, list, read), missing), list),
          list,
          (fitted, over) => fitted.days(name, over, options),
        );
      });
    },
    scalar: (name) => scalarOf(table, name),
    present: (name, list = [row]) => {
      return once([["present"], name], list, () => {
        const gaps = gapsOf(cellsOf(table, name));
        const values = rows.over(name, list, (i) => (gaps[i] ? undefined : 1));
        return tensor(
          Uint8Array.from(values, (value) => value ?? 0),
          list,
        );
      });
    },
  };
  read.set(columns, kept);
  return columns;
}

/** Values that were made of a column. */
export interface ReadValues {
  /** The column, and what of it: `income`, `income_standardised`, `county_index`, `date_month`. */
  readonly name: string;
  /** The order in which they are meant. */
  readonly axes: readonly Axis[];
  /** The values; one that is constant along an axis may lack it. */
  readonly values: Tensor;
}

const read = new WeakMap<Columns, ReadonlyMap<string, readonly ReadValues[]>>();

/** What has been read of columns that `columnsOf` has made. */
export function valuesRead(columns: Columns): readonly ReadValues[] {
  return [...(read.get(columns)?.values() ?? [])].flat();
}

/** A column less its mean, in standard deviations, both of the rows that were fitted. */
function standardised(rows: TableRows, name: string, centre: boolean, scale: boolean): Tensor {
  const { table, row, fittedRows } = rows;
  const cells = cellsOf(table, name);
  const values = rows.filled(name, [row], rows.numbers(name, [row]));
  const fitted = cells
    .slice(0, fittedRows)
    .flatMap((cell, i) => numberOf(table, name, cell, i) ?? []);
  const unit = powerOfTwo(fitted);
  const known = fitted.map((x) => x / unit);
  const mean = known.reduce((sum, x) => sum + (x - known[0]) / known.length, known[0]);
  const sd = Math.sqrt(known.reduce((sum, x) => sum + (x - mean) ** 2 / (known.length - 1), 0));
  if (scale && !(sd > 0)) {
    throw new SurmiseError(
      `${table.name}: column '${name}' has one value in all rows: it has no scale`,
    );
  }
  return tensor(
    values.map((x) => (x / unit - (centre ? mean : 0)) / (scale ? sd : 1 / unit)),
    [row],
  );
}

/** The largest power of two that no number exceeds: in units of it, squares of deviations are neither infinite nor 0. */
function powerOfTwo(values: readonly number[]): number {
  const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return largest === 0 ? 1 : 2 ** Math.floor(Math.log2(largest));
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
function dateFrom(text: string): Moment {
  const moment = momentOf(text);
  if (moment !== undefined && moment !== "impossible") return moment;
  throw new SurmiseError(`days: since is ${shown(text)}: a date such as 2024-12-31 is needed`);
}

function sameOrder(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}
