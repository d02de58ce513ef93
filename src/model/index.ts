/** Models as functions of statements, and the traces they leave under an interpretation. */

export { condition, draw, drawnAlong, replay, siteKey } from "./interpretations.ts";
export { type Model, model, type Sites } from "./model.ts";
export {
  type Initialiser,
  type Param,
  type ParamOptions,
  type ParamStore,
  paramStore,
} from "./parameters.ts";
export {
  type Deterministic,
  type Latent,
  type Observed,
  overPlates,
  ownAxes,
  type ParamSite,
  type ParentLink,
  type Plate,
  type Site,
  type Steps,
  scaleOf,
} from "./sites.ts";
export type { Assignment, Interpretation, Statement } from "./statement.ts";
export type { ChainStep, State } from "./step.ts";
export { type Trace, trace } from "./trace.ts";
export { block } from "./transforms/block.ts";
export { type Gappy, inferGaps } from "./transforms/gaps.ts";
export { unobserved } from "./transforms/unobserved.ts";
