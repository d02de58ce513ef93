/** Models beside formulas, by field. */
import { ANSWERS } from "./answers.ts";
import { CHOICES } from "./choices.ts";
import { CHANGES } from "./combined/changes.ts";
import { FUNCTIONS } from "./combined/functions.ts";
import { HIDDEN } from "./combined/hidden.ts";
import { JOINED } from "./combined/joined.ts";
import { MATRICES } from "./combined/matrices.ts";
import { NATURE } from "./nature.ts";
import { PROCESSES } from "./processes.ts";
import { REGRESSIONS } from "./regression.ts";
import { SERIES } from "./series.ts";
import { STRUCTURES } from "./structure.ts";
import { SURVIVAL } from "./survival.ts";

export const FORMULAS = {
  regressions: REGRESSIONS,
  choices: CHOICES,
  answers: ANSWERS,
  nature: NATURE,
  series: SERIES,
  survival: SURVIVAL,
  structures: STRUCTURES,
  processes: PROCESSES,
  joined: JOINED,
  hidden: HIDDEN,
  changes: CHANGES,
  functions: FUNCTIONS,
  matrices: MATRICES,
};
