/** Models as functions of statements, and the traces they leave under an interpretation. */
export { block } from "./block.ts";
export { type Gappy, inferGaps } from "./gaps.ts";
export { condition, draw, replay } from "./interpretations.ts";
export { type Model, model, type Sites } from "./model.ts";
export {
  type Initialiser,
  type Param,
  type Parameters,
  type ParamOptions,
  parameters,
} from "./parameters.ts";
export {
  type Deterministic,
  type Latent,
  type Observed,
  overPlates,
  ownAxes,
  type ParamSite,
  type Plate,
  type Site,
  scaleOf,
} from "./sites.ts";
export {
  type Assignment,
  type Interpretation,
  type Statement,
  type Trace,
  trace,
} from "./trace.ts";
export { unobserved } from "./unobserved.ts";
