/** What other rooms use of data, beside what users see (`index.ts`). */
export { requireFinite } from "./finite.ts";
export { makeFolders } from "./folders.ts";
export * from "./index.ts";
export { imageCounts } from "./load.ts";
export { filesOf, isArray } from "./readArray.ts";
