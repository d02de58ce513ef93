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
    const at = flatPosition(axes, positions, i);
    if (at < 0) continue;
    if (values[at] !== undefined && values[at] !== value) {
      refuse(
        table,
        name,
        i,
        `has another value than in ${rowNamed(table, rows[at])}, for the same ${describePlace(axes, at) || "element"}: ` +
          "add an axis that tells these rows apart, or use the axis of rows",
      );
    }
    values[at] = value;
    rows[at] = i;
  }
  return values;
}

/** Where a row stands among the elements over `axes`, or -1 where it is none of them. */
function flatPosition(
  axes: readonly Axis[],
  positions: readonly (readonly number[])[],
  row: number,
): number {
  let flat = 0;
  for (let k = 0; k < axes.length; k++) {
    const at = positions[k][row];
    if (at < 0) return -1;
    flat = flat * axes[k].size + at;
  }
  return flat;
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
