/** What other rooms use of runs, beside what users see (`index.ts`). */
export { readSealed } from "./folder/folder.ts";
export * from "./index.ts";
export { freeName } from "./outputs/zarr.ts";
