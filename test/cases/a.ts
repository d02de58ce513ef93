/** Posteriors that were wrong, and said nothing: data in their own units, correlations, wide priors. */
import type { MethodName } from "../../src/inference/index.ts";
import type { Case } from "./case.ts";
import { type POSTERIORS, worstError } from "./posteriors.ts";
import { TRUST } from "./trust.ts";

const near = (
  id: string,
  input: string,
  name: keyof typeof POSTERIORS,
  method: MethodName,
): Case => ({
  id,
  input: `${input}, by ${method}: error over what is allowed`,
  run: () => worstError(name, method),
  right: 0,
  within: 1,
});

const YEARS = "a regression on the years 1950 to 2019";
const COUNTS = "counts of deaths with exposure";
const MEMBERS = "a logistic regression on correlated covariates";
const SLEEP = "intercepts and slopes of 18 subjects that vary together";

/** Posteriors. */
export const A: readonly Case[] = [
  near("A1", YEARS, "yearly", "vi"),
  near("A1b", YEARS, "yearly", "structured"),
  near("A2", YEARS, "yearly", "iwae"),
  near("A2b", YEARS, "yearly", "mp"),
  near("A2c", YEARS, "yearly", "rws"),
  near("A2d", YEARS, "yearly", "pathfinder"),
  near("A5", "a regression on 100 to 119", "twoNumbers", "iwae"),
  near("A6", COUNTS, "deaths", "structured"),
  near("A6b", COUNTS, "deaths", "iwae"),
  near("A6c", COUNTS, "deaths", "rws"),
  near("A6d", COUNTS, "deaths", "mp"),
  near("A6e", COUNTS, "deaths", "pathfinder"),
  near("A7", COUNTS, "deaths", "vi"),
  near("A8", MEMBERS, "members", "vi"),
  near("A8b", MEMBERS, "members", "structured"),
  near("A8c", MEMBERS, "members", "pathfinder"),
  near("A13", "priors of width 1", "width1", "iwae"),
  near("A13b", "priors of width 10", "width10", "iwae"),
  near("A13c", "priors of width 100", "width100", "iwae"),
  near("A13d", "priors of width 1000", "width1000", "iwae"),
  near("A14", SLEEP, "sleep", "structured"),
  near("A14b", SLEEP, "sleep", "iwae"),
  near("A15", YEARS, "yearly", "fullcov"),
  near("A15b", YEARS, "yearly", "lowrank"),
  ...TRUST,
];
