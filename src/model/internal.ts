/** What other rooms use of model, beside what users see (`index.ts`). */
export { type Parts, partsOf } from "./chains/step.ts";
export { modelDoubts } from "./doubts/doubts.ts";
export { checkRepeats, otherSites } from "./doubts/repeated.ts";
export * from "./index.ts";
export { drawnAlong, siteKey } from "./interpretations.ts";
export {
  type DiscreteValues,
  discreteness,
  type RecordedSite,
  recordedSites,
  type SiteKind,
} from "./recorded.ts";
export {
  checkWhole,
  isSubsampled,
  overPlates,
  ownAxes,
  type ParentLink,
  type Steps,
  scaleOf,
  scaleOfAll,
  subsampledAmong,
} from "./sites.ts";
export { subsampled } from "./transforms/subsampled.ts";
export { describeTypeError } from "./typeErrors.ts";
