/** What other rooms use of tables, beside what users see (`index.ts`). */

export * from "./index.ts";
export { checkTableName } from "./table.ts";
