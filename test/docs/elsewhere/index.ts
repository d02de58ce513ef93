/** What other systems say, and how it is said here; from their manuals: Stan 2.36, PyMC 5, NumPyro 0.18. */
export { FAMILIES_ELSEWHERE } from "./families.ts";
export { FUNCTIONS_ELSEWHERE } from "./functions.ts";
export { ELSEWHERE } from "./statements.ts";
