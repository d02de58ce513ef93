/** The columns of a table, made. */
import {
  ANYTHING,
  AXIS,
  Axis,
  checkArguments,
  either,
  FLAG,
  input,
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
import { cellsOf, gapsOf, isDecimal, listed, numberOf, refuse, scalarOf } from "./cells.ts";
import type { Columns, ColumnsOptions } from "./columns.ts";
import { DATE_PARTS, type DatePart, daysBetween, type Moment, momentOf } from "./dates.ts";
import { filled, onePerElement } from "./elements.ts";
import { datesOf, type Labels, labelsOf } from "./labels.ts";
import { afterRows, hasColumn, type Table } from "./table.ts";

/** The name of the input that stands for values which a table to be predicted lacks: nothing writes it. */
const lackingColumn = (table: Table, name: string) => `${table.name}: column '${name}'`;

/** @throws SurmiseError if nothing of a table is of the table that was fitted, or values stand where columns were. */
function checkAlike(fitted: Table, { name, columns, scalars = {} }: Table): void {
  const single = Object.keys(scalars).find((each) => hasColumn(fitted, each));
  if (single !== undefined) {
    throw new SurmiseError(
      `${name}: '${single}' is a single value, and a column of ${fitted.name}: give a value for each row`,
    );
  }
  const list = Object.keys(columns);
  if (list.some((each) => hasColumn(fitted, each))) return;
  const [here, there] = [list, Object.keys(fitted.columns)].map(listed);
  throw new SurmiseError(
    `${name}: none of its columns (${here}) is one of ${fitted.name}, which was fitted (${there})`,
  );
}

/** The columns of a table. */
export function columnsOf(given: Table, options: ColumnsOptions = {}): Columns {
  checkArguments("columnsOf", { table: given }, objectWith({ rows: NUMBER }));
  checkArguments(
    "columnsOf",
    { options },
    optionsWith<ColumnsOptions>({ fitted: optional(objectWith({ rows: NUMBER })) }),
  );
  const { fitted } = options;
  if (fitted !== undefined) checkAlike(fitted, given);
  const table = fitted === undefined ? given : afterRows(fitted, given);
  const from = fitted?.rows ?? 0;
  const newLabels = Array.from({ length: given.rows }, (_, i) => `new ${i + 1}`);
  const row = new Axis("row", given.rows, fitted && newLabels);
  const axes = new Map<string, Axis>();
  /** For each axis the position along it of each row; negative where the axis has none. */
  const positions = new Map<Axis, readonly number[]>([
    [row, Array.from({ length: table.rows }, (_, i) => i - from)],
  ]);
  const isLacking = (name: string) => fitted !== undefined && !hasColumn(given, name);

  const levelAxes = new Map<string, Axis>();
  const kept = new Map<string, { readonly list: readonly Axis[]; readonly values: Tensor }[]>();

  /** The values under this name over these axes, kept: a model is traced several times, and numbers are read once. */
  const once = (
    [how, column, along]: readonly [how: string, column: string, along?: Axis],
    wanted: readonly Axis[],
    make: () => Tensor,
  ): Tensor => {
    checkArguments(`${table.name}: column '${String(column)}'`, { axes: wanted }, listOf(AXIS));
    const list = along === undefined ? wanted : [...wanted, along];
    const name = `${how} ${String(column)}`;
    const others = kept.get(name) ?? [];
    const known = others.find((each) => sameOrder(each.list, list));
    if (known !== undefined) return known.values;
    const values = make();
    kept.set(name, [...others, { list, values }]);
    return values;
  };

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
    const {
      labels,
      positions: places,
      notes,
    } = inOrder(table, name, labelsOf(isLacking(name) ? (fitted as Table) : table, name), order);
    for (const note of notes) console.warn(`surmise: ${note}`);
    const own = new Axis(name, labels.length, labels);
    axes.set(name, own);
    positions.set(own, places);
    return own;
  };

  const positionsAlong = (a: Axis): readonly number[] => {
    const found = positions.get(a);
    if (found !== undefined) return found;
    throw new SurmiseError(
      `${table.name}: its rows have no positions along axis '${a.name}': use row, or axisOf(column)`,
    );
  };

  const over = (list: readonly Axis[], read: (row: number) => number | undefined, name: string) =>
    onePerElement(table, name, list, list.map(positionsAlong), read);

  /** Values without gaps; of a column that the rows to be predicted lack, an input where there are some. */
  const complete = (
    name: string,
    list: readonly Axis[],
    values: readonly (number | undefined)[],
    { missing, isPosition = false }: { readonly missing?: number; readonly isPosition?: boolean },
  ): Tensor => {
    if (isLacking(name) && values.includes(undefined)) {
      return input(lackingColumn(given, name), list, isPosition ? "int32" : "float32");
    }
    const known = filled(table, name, list, values, missing);
    return tensor(isPosition ? Int32Array.from(known) : known, list);
  };

  /** @throws SurmiseError for a column that the rows to be predicted lack. */
  const checkGiven = (name: string): void => {
    if (isLacking(name)) cellsOf(given, name);
  };

  /** The position of a label along the axis of its column. */
  const placeOf = (name: string, label: string | number): number => {
    const { labels = [] } = axisOf(name);
    const text = `${label}`.normalize("NFC").trim();
    const isSame = (each: string) =>
      each === text || (isDecimal(each) && isDecimal(text) && Number(each) === Number(text));
    const at = labels.findIndex(isSame);
    if (at >= 0) return at;
    const known = listed(labels.map((each) => `'${each}'`));
    throw new SurmiseError(`${table.name}: column '${name}' has no label '${label}', but ${known}`);
  };

  /** The positions of the labels over axes. */
  const indexOf = (name: string, list: readonly Axis[]): readonly (number | undefined)[] => {
    const found = positionsAlong(axisOf(name));
    return over(list, (i) => found[i], name);
  };

  /** As `indexOf`, of a column that is given. */
  const labelAt = (name: string, list: readonly Axis[]): readonly number[] => {
    checkGiven(name);
    return filled(table, name, list, indexOf(name, list));
  };

  const numbers = (name: string, list: readonly Axis[]) => {
    const cells = cellsOf(table, name);
    return over(list, (i) => numberOf(table, name, cells[i], i), name);
  };

  /** A column less its mean, in standard deviations, both of the rows that were fitted. */
  const standardised = (name: string, centre: boolean, scale: boolean): Tensor => {
    const cells = cellsOf(table, name);
    const read = (i: number) => numberOf(table, name, cells[i], i);
    const values = filled(table, name, [row], over([row], read, name));
    const known = cells.slice(0, fitted?.rows).flatMap((_, i) => read(i) ?? []);
    const mean = known.reduce((sum, x) => sum + (x - known[0]) / known.length, known[0]);
    const sd = Math.sqrt(known.reduce((sum, x) => sum + (x - mean) ** 2 / (known.length - 1), 0));
    if (scale && !(sd > 0)) {
      throw new SurmiseError(
        `${table.name}: column '${name}' has one value in all rows: it has no scale`,
      );
    }
    return tensor(
      values.map((x) => (x - (centre ? mean : 0)) / (scale ? sd : 1)),
      [row],
    );
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
      return once([`column ${missing}`, name], list, () =>
        complete(name, list, numbers(name, list), missing === undefined ? {} : { missing }),
      );
    },
    standardised: (name, options = {}) => {
      checkArguments(
        "standardised",
        { options },
        optionsWith<typeof options>({ centre: optional(FLAG), scale: optional(FLAG) }),
      );
      const { centre = true, scale = true } = options;
      checkGiven(name);
      return once([`standardised ${centre} ${scale}`, name], [row], () =>
        standardised(name, centre, scale),
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
      return once(["columnsAlong", along.name, along], list, () => {
        const parts = names.map((name) => {
          checkGiven(name);
          return filled(table, name, list, numbers(name, list));
        });
        const data = Array.from({ length: sizeOf(list) * along.size }, (_, i) => {
          return parts[i % along.size][Math.floor(i / along.size)];
        });
        return tensor(data, [...list, along]);
      });
    },
    indexOf: (name, list = [row]) => {
      return once(["indexOf", name], list, () =>
        complete(name, list, indexOf(name, list), { isPosition: true }),
      );
    },
    indicator: (name, label, list = [row]) => {
      checkArguments("indicator", { label }, either(NUMBER, TEXT));
      const place = placeOf(name, label);
      return once([`indicator ${place}`, name], list, () =>
        tensor(
          labelAt(name, list).map((at) => Number(at === place)),
          list,
        ),
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
      const values = once(["dummies", name, levels], list, () =>
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
      return once([`positions ${part} ${first}`, name, along], list, () => {
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
        return complete(name, list, over(list, read, name), { isPosition: true });
      });
    },
    datePart: (name, part, list = [row], options = {}) => {
      checkArguments(
        "datePart",
        { options },
        optionsWith<typeof options>({ missing: optional(NUMBER) }),
      );
      checkGiven(name);
      const { missing } = options;
      const read = reading(part);
      return once([`datePart ${part} ${missing}`, name], list, () => {
        const parts = datesOf(table, name).map(read);
        const values = over(list, (i) => parts[i], name);
        return tensor(filled(table, name, list, values, missing), list);
      });
    },
    days: (name, list = [row], options = {}) => {
      checkArguments(
        "days",
        { options },
        optionsWith<typeof options>({ since: optional(TEXT), missing: optional(NUMBER) }),
      );
      checkGiven(name);
      const { since, missing } = options;
      return once([`days ${since} ${missing}`, name], list, () => {
        const moments = datesOf(table, name);
        const known = moments.slice(0, fitted?.rows).filter((moment) => moment !== undefined);
        const start =
          since === undefined
            ? known.reduce((a, b) => (b.since1970 < a.since1970 ? b : a), known[0])
            : dateFrom(since);
        const read = (i: number) => {
          const moment = moments[i];
          return moment === undefined ? undefined : daysBetween(start, moment);
        };
        return tensor(filled(table, name, list, over(list, read, name), missing), list);
      });
    },
    scalar: (name) => scalarOf(table, name),
    present: (name, list = [row]) => {
      return once(["present", name], list, () => {
        const gaps = gapsOf(cellsOf(table, name));
        const values = over(list, (i) => (gaps[i] ? undefined : 1), name);
        return tensor(
          Uint8Array.from(values, (value) => value ?? 0),
          list,
        );
      });
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
function dateFrom(text: string): Moment {
  const moment = momentOf(text);
  if (moment !== undefined && moment !== "impossible") return moment;
  throw new SurmiseError(`days: since is ${shown(text)}: a date such as 2024-12-31 is needed`);
}

function sameOrder(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}
