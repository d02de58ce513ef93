/** What other rooms use of tables, beside what users see (`index.ts`). */

export { type ReadValues, valuesRead } from "./columnsOf.ts";
export { checkTableName } from "./formats/parse.ts";
export * from "./index.ts";
export { newLabels, placesOf } from "./labels.ts";
export { hasColumn } from "./table.ts";
