/** What other rooms use besides what users see. */
export * from "./index.ts";
export { isNumeric } from "./page.ts";
