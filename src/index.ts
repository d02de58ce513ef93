/**
 * surmise: probabilistic inference for TypeScript, compiled. The rooms in the order of the walk from
 * a model to numbers; all of them also run in a browser. Data sets and files: `surmise/data`.
 */

/** The columns of a file, as a model file is given them. */
export type { Columns } from "./data/index.ts";
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
/** Axes, expressions, derivatives, random numbers. */
export * from "./tensor/index.ts";
