/** What other rooms use of the compiler besides what users see. */
export * from "./targets/wasm/assemble.ts";
