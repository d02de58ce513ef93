/** Models as functions of statements, and the traces they leave under an interpretation. */

export type { ChainStep, State } from "./chains/step.ts";
export { condition, draw, replay } from "./interpretations.ts";
export { type Model, model, type SampleSiteOptions, type Sites } from "./model.ts";
export {
  type Initialiser,
  type Param,
  type ParamOptions,
  type ParamStore,
  paramStore,
} from "./parameters.ts";
export type {
  Deterministic,
  Latent,
  Minibatch,
  Observed,
  ParamSite,
  Plate,
  Site,
} from "./sites.ts";
export type { Assignment, Interpretation, Statement } from "./statement.ts";
export { type Trace, trace } from "./trace.ts";
export { block } from "./transforms/block.ts";
export { type Gappy, inferGaps } from "./transforms/gaps.ts";
export { unobserved } from "./transforms/unobserved.ts";
