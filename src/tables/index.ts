/** Tables as axes and tensors: from the text or the bytes of a file to the columns a model is given. */
export { type Arrays, arraysOf, type NumberArray } from "./arrays.ts";
export type { Columns, ColumnsOptions } from "./columns.ts";
export { columnsOf } from "./columnsOf.ts";
export type { DatePart } from "./dates.ts";
export { parseTable } from "./formats/parse.ts";
export type { Cell, Table } from "./table.ts";
