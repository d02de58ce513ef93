/** What other rooms use of data, beside what users see (`index.ts`). */

export { requireFinite } from "./finite.ts";
export * from "./index.ts";
