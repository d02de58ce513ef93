/** Tables in a terminal. */
import CliTable from "cli-table3";
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
    colAligns: columns.map((_, at) => (isNumeric(rows.map((row) => row[at])) ? "right" : "left")),
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

/** Numbers, or text that reads like them: "-86.3 ± 0.2", "12 %", "" and "–" for none. */
function isNumeric(cells: readonly (string | number)[]): boolean {
  const number = /^([-+−]?[\d.,]+(e[-+]?\d+)?( ?[±(%].*)?|[-–—]?)$/i;
  return cells.length > 0 && cells.every((cell) => typeof cell === "number" || number.test(cell));
}

function shownAs(cell: string | number): string {
  return typeof cell === "number" ? shortNumber(cell, 6) : shortText(cell);
}
