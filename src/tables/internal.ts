/** What other rooms use of tables, beside what users see (`index.ts`). */

export * from "./index.ts";
export { newLabels } from "./labels.ts";
export { checkTableName, hasColumn } from "./table.ts";
