/** What a model has taken of its table beside what it observes: covariates, positions of labels. */
import { traceAtPriors } from "../../inference/internal.ts";
import type { Model } from "../../model/index.ts";
import { type DrawsToSave, freeName } from "../../runs/internal.ts";
import { compile } from "../../runtime/index.ts";
import { broadcast } from "../../runtime/internal.ts";
import { type Columns, valuesRead } from "../../tables/internal.ts";
import { isFloat, nodesOf } from "../../tensor/internal.ts";

/** A model and its data. */
export interface Reading {
  /** The model. */
  readonly model: Model<unknown, unknown>;
  /** What it is called with. */
  readonly data: unknown;
  /** The columns that `data` are, as `columnsOf` has made them, if they are. */
  readonly columns?: Columns;
}

/** By the name of the column; undefined where there is no table, or nothing else is read. */
export function constantsOf({ model, data, columns }: Reading): DrawsToSave["constant"] {
  if (columns === undefined) return undefined;
  const { observed } = traceAtPriors(model, data);
  const seen = new Set(nodesOf(observed.map(({ value }) => value)));
  const read = valuesRead(columns).filter(({ values }) => !seen.has(values));
  if (read.length === 0) return undefined;
  const outputs = Object.fromEntries(read.map(({ values }, i) => [`${i}`, values]));
  const found = compile({ outputs }, { dtype: "float64", steps: 1 }).run();
  const constants: Record<string, NonNullable<DrawsToSave["constant"]>[string]> = {};
  const taken = new Set<string>();
  for (const [i, { name, axes, values }] of read.entries()) {
    const whole = !isFloat(values.dtype) && { whole: true as const };
    constants[freeName(name, taken)] = { axes, data: broadcast(found[`${i}`], axes), ...whole };
  }
  return constants;
}
