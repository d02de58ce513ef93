/** Models beside formulas, by field. */
import { NATURE } from "./nature.ts";
import { REGRESSIONS } from "./regression.ts";

export const FORMULAS = {
  regressions: REGRESSIONS,
  nature: NATURE,
};
