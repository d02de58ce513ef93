/**
 * surmise: probabilistic inference for TypeScript, compiled. The rooms in the order of the walk from
 * a model to numbers; all of them also run in a browser. Data sets and files: `surmise/data`.
 */

/** Densities and samplers. */
export * from "./distributions/index.ts";
/** The distribution; uniform draws as expressions are `uniform` of `surmise/tensor`. */
export { uniform } from "./distributions/index.ts";
/** Bounds on the evidence, training, evaluation. */
export * from "./inference/index.ts";
/** The loop that runs algorithms; loops inside programs are `ScanLoop` of `surmise/tensor`. */
export { Loop } from "./inference/index.ts";
/** Models, and traces under interpretations. */
export * from "./model/index.ts";
/** Layers of networks, and how their parameters start. */
export * from "./nn/index.ts";
/** Update rules and schedules. */
export * from "./optim/index.ts";
/** From expressions to running programs. */
export * from "./runtime/index.ts";
/** The columns of a table, as a model file is given them, from the text of a file. */
export {
  type Arrays,
  type Columns,
  type ColumnsOptions,
  columnsOf,
  type DatePart,
  parseTable,
  type Table,
} from "./tables/index.ts";
/** Axes, expressions, derivatives, random numbers. */
export * from "./tensor/index.ts";
