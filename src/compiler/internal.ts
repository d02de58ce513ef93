/** What other rooms use of the compiler besides what users see. */
export { isLinear, linearWork } from "./graph/linear.ts";
export * from "./targets/wasm/assemble.ts";
