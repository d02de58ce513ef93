/** The data of a model as numbers, site by site, as files of draws have them beside the posterior. */
import type { Trace } from "../../model/index.ts";
import type { SavedValues } from "../../runs/index.ts";
import { compile } from "../../runtime/index.ts";
import { nodesOf, type Precision } from "../../tensor/internal.ts";

/** The observed sites whose data are known numbers: those that depend on no input. */
export function observedValues(
  { observed }: Trace,
  dtype: Precision,
): Readonly<Record<string, SavedValues>> {
  const known = observed.filter(({ value }) => nodesOf([value]).every(({ op }) => op !== "input"));
  if (known.length === 0) return {};
  const outputs = Object.fromEntries(known.map(({ name, value }) => [name, value]));
  return compile({ outputs }, { dtype, steps: 1 }).run();
}
