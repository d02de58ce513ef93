/** Tables in a terminal. */
import CliTable from "cli-table3";
import { isNumeric } from "../../report/internal.ts";
import { shortNumber, shortText } from "./text.ts";

/** One rule below the head, two spaces between columns, nothing else. */
const LIGHT = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "─",
  "mid-mid": "──",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/**
 * A table as text of several lines, without escape codes and without a newline at the end.
 * Columns of numbers stand to the right; numbers show six significant digits at most.
 */
export function printTable(
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const table = new CliTable({
    head: columns.map(shortText),
    colAligns: columns.map((_, at) =>
      rows.length > 0 && rows.every((row) => isNumeric(row[at])) ? "right" : "left",
    ),
    chars: LIGHT,
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
  });
  table.push(...rows.map((row) => row.map(shownAs)));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

function shownAs(cell: string | number): string {
  return typeof cell === "number" ? shortNumber(cell, 6) : shortText(cell);
}
