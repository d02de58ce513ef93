/** Models beside formulas, by field. */
import { REGRESSIONS } from "./regression.ts";

export const FORMULAS = {
  regressions: REGRESSIONS,
};
