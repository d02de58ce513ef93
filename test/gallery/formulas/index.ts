/** Models beside formulas, by field. */
import { NATURE } from "./nature.ts";
import { PROCESSES } from "./processes.ts";
import { REGRESSIONS } from "./regression.ts";
import { SERIES } from "./series.ts";
import { STRUCTURES } from "./structure.ts";

export const FORMULAS = {
  regressions: REGRESSIONS,
  nature: NATURE,
  series: SERIES,
  structures: STRUCTURES,
  processes: PROCESSES,
};
