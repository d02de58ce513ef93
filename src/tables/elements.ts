/** The rows of a table as elements over axes: one value for each. */
import { type Axis, describePlace, SurmiseError, sizeOf } from "../tensor/internal.ts";
import { refuse, rowNamed } from "./cells.ts";
import type { Table } from "./table.ts";

/** The one value of the rows of each element over `axes`, row-major; undefined where there is none. */
export function onePerElement(
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
    if (!positions.every((along) => along[i] >= 0)) continue;
    const at = axes.reduce((flat, a, k) => flat * a.size + positions[k][i], 0);
    if (values[at] !== undefined && values[at] !== value) {
      refuse(
        table,
        name,
        i,
        `has another value than in ${rowNamed(table, rows[at])}, for the same ${describePlace(axes, at)}: ` +
          "add an axis that tells these rows apart, or use the axis of rows",
      );
    }
    values[at] = value;
    rows[at] = i;
  }
  return values;
}

/** Values without gaps. */
export function filled(
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
