/** The rows of a table, read over axes. */
import { Axis, input, listed, SurmiseError, type Tensor, tensor } from "../tensor/internal.ts";
import { cellsOf, isDecimal, numberOf, refuse } from "./cells.ts";
import { filled, onePerElement } from "./elements.ts";
import { type Labels, labelsOf } from "./labels.ts";
import { afterRows, hasColumn, shortened, type Table } from "./table.ts";

/** The name of the input that stands for values which a table to be predicted lacks: nothing writes it. */
const lackingColumn = (table: Table, name: string) => `${table.name}: column '${name}'`;

/**
 * The rows of a table, with the axes that stand for them and for the labels of columns: each axis is made once. Rows that are
 * to be predicted lie behind those that were fitted, whose labels they share; they alone are read.
 */
export class TableRows {
  /** The rows that were fitted, if any, and those that are read. */
  readonly table: Table;
  /** The axis of the rows that are read. */
  readonly row: Axis;
  /** How many rows were fitted, where others are read. */
  readonly fittedRows: number | undefined;
  private readonly given: Table;
  private readonly fitted: Table | undefined;
  private readonly axes = new Map<string, Axis>();
  /** The columns whose new labels were told. */
  private readonly told = new Set<string>();
  /** For each axis the position along it of each row; negative where the axis has none. */
  private readonly positions: Map<Axis, readonly number[]>;

  /** @throws SurmiseError if nothing of a table is of the table that was fitted, or values stand where columns were. */
  constructor(given: Table, fitted?: Table) {
    if (fitted !== undefined) checkAlike(fitted, given);
    this.given = given;
    this.fitted = fitted;
    this.fittedRows = fitted?.rows;
    this.table = fitted === undefined ? given : afterRows(fitted, given);
    const from = fitted?.rows ?? 0;
    const newLabels = Array.from({ length: given.rows }, (_, i) => `new ${i + 1}`);
    this.row = new Axis("row", given.rows, fitted && newLabels);
    const places = Array.from({ length: this.table.rows }, (_, i) => i - from);
    this.positions = new Map([[this.row, places]]);
  }

  /** The axis of a column's labels. */
  axisOf(name: string, order?: readonly string[]): Axis {
    const known = this.axes.get(name);
    if (known !== undefined) {
      if (order === undefined || known.labels?.join("\n") === asLabels(order).join("\n"))
        return known;
      throw new SurmiseError(
        `axisOf: '${name}' was asked for before in another order: give \`order\` at the first call of ` +
          "axisOf or indexOf",
      );
    }
    const labelled = this.isLacking(name) ? (this.fitted as Table) : this.table;
    const { labels, positions, notes } = inOrder(this.table, name, labelsOf(labelled, name), order);
    for (const note of notes) console.warn(`surmise: ${note}`);
    const own = new Axis(name, labels.length, labels);
    this.axes.set(name, own);
    this.positions.set(own, positions);
    return own;
  }

  /** What `read` reads of the rows of each element over the axes, which is one value for all of them. */
  over(
    name: string,
    axes: readonly Axis[],
    read: (row: number) => number | undefined,
  ): readonly (number | undefined)[] {
    const places = axes.map((a) => this.positionsAlong(a));
    return onePerElement(this.table, name, axes, places, read);
  }

  /** The numbers of a column over axes. */
  numbers(name: string, axes: readonly Axis[]): readonly (number | undefined)[] {
    const cells = cellsOf(this.table, name);
    return this.over(name, axes, (i) => numberOf(this.table, name, cells[i], i));
  }

  /** The positions of a column's labels over axes. */
  indexOf(name: string, axes: readonly Axis[]): readonly (number | undefined)[] {
    const found = this.positionsAlong(this.axisOf(name));
    return this.over(name, axes, (i) => found[i]);
  }

  /** The position of a label along the axis of its column. */
  placeOf(name: string, label: string | number): number {
    const { labels = [] } = this.axisOf(name);
    const [text] = asLabels([`${label}`]);
    const isSame = (each: string) =>
      each === text || (isDecimal(each) && isDecimal(text) && Number(each) === Number(text));
    const at = labels.findIndex(isSame);
    if (at >= 0) return at;
    const known = listed(labels.map((each) => `'${shortened(each)}'`));
    throw new SurmiseError(
      `${this.table.name}: column '${name}' has no label '${shortened(`${label}`)}', but ${known}`,
    );
  }

  /** Says which labels of rows to be predicted no row of the fit has, and what that means, once for a column. */
  tellNewLabels(name: string, meaning: string): void {
    const { fitted, fittedRows, table } = this;
    if (fitted === undefined || this.isLacking(name) || this.told.has(name)) return;
    this.told.add(name);
    const own = this.axisOf(name);
    const positions = this.positionsAlong(own);
    const known = new Set(positions.slice(0, fittedRows));
    const fresh = new Set(positions.filter((place) => !known.has(place)));
    if (fresh.size === 0) return;
    const labels = listed([...fresh].map((place) => `'${own.labels?.[place]}'`));
    console.warn(
      `surmise: ${table.name}: column '${name}' has labels that no row of ${fitted.name} has (${labels}): ${meaning}`,
    );
  }

  /** Values without gaps. */
  filled(
    name: string,
    axes: readonly Axis[],
    values: readonly (number | undefined)[],
    missing?: number,
  ) {
    return filled(this.table, name, axes, values, missing);
  }

  /** Values without gaps as a tensor; of a column that the rows to be predicted lack, an input where there are some. */
  complete(
    name: string,
    axes: readonly Axis[],
    values: readonly (number | undefined)[],
    {
      missing,
      isPosition = false,
    }: { readonly missing?: number | undefined; readonly isPosition?: boolean },
  ): Tensor {
    if (this.isLacking(name) && values.includes(undefined)) {
      return input(lackingColumn(this.given, name), axes, isPosition ? "int32" : "float32");
    }
    const known = this.filled(name, axes, values, missing);
    return tensor(isPosition ? Int32Array.from(known) : known, axes);
  }

  /** What stands for values made of columns, of which the rows to be predicted lack one; undefined if they lack none. */
  standIn(names: readonly string[], axes: readonly Axis[]): Tensor | undefined {
    const lacking = names.find((name) => this.isLacking(name));
    return lacking === undefined ? undefined : input(lackingColumn(this.given, lacking), axes);
  }

  /** @throws SurmiseError for a column that the rows to be predicted lack. */
  checkGiven(name: string): void {
    if (this.isLacking(name)) cellsOf(this.given, name);
  }

  private isLacking(name: string): boolean {
    return this.fitted !== undefined && !hasColumn(this.given, name);
  }

  private positionsAlong(a: Axis): readonly number[] {
    const found = this.positions.get(a);
    if (found !== undefined) return found;
    throw new SurmiseError(
      `${this.table.name}: its rows have no positions along axis '${a.name}': use row, or axisOf(column)`,
    );
  }
}

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
  const [here, there] = [list, Object.keys(fitted.columns)].map((names) => listed(names));
  throw new SurmiseError(
    `${name}: none of its columns (${here}) is one of ${fitted.name}, which was fitted (${there})`,
  );
}

/** Texts as labels are compared. */
function asLabels(texts: readonly string[]): readonly string[] {
  return texts.map((text) => text.normalize("NFC").trim());
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
  given: readonly string[] | undefined,
): Labels {
  if (given === undefined) return found;
  const order = asLabels(given);
  const twice = order.find((label, i) => order.indexOf(label) < i);
  if (twice !== undefined) throw new SurmiseError(`axisOf: '${name}': order has '${twice}' twice`);
  const places = found.labels.map((label) => order.indexOf(label));
  const row = found.positions.findIndex((at) => places[at] < 0);
  if (row >= 0) {
    const label = found.labels[found.positions[row]];
    refuse(table, name, row, `is '${shortened(label)}', which order lacks: ${listed(order)}`);
  }
  return { labels: order, positions: found.positions.map((at) => places[at]), notes: [] };
}
