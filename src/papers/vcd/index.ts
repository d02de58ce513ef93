/** A contrastive divergence for combining variational inference and MCMC (Ruiz and Titsias, ICML 2019). */
export { type Autoencoder, autoencoder, type Images, SIZES, type Sizes } from "./autoencoder.ts";
export { BUDGETS } from "./budgets.ts";
export { type AutoencoderConfig, autoencoderCell } from "./cells/autoencoders.ts";
export type { ControlName, Method, VcdConfig, VcdResult } from "./cells/settings.ts";
export { type ToyConfig, type ToyResult, toyCell } from "./cells/toys.ts";
export { type VarianceConfig, type VarianceResult, varianceCell } from "./cells/variances.ts";
export { ofSignalInCode } from "./control.ts";
export { EXPERIMENTS, type ExperimentName } from "./experiments.ts";
export { paper } from "./paper.ts";
export { rmsprop } from "./rmsprop.ts";
export { type Row, rowsOf } from "./rows.ts";
export {
  type Proposal,
  type TestEvaluator,
  type TestSettings,
  testEvaluator,
} from "./testLogLikelihood.ts";
export { TOYS, type Toy, toyGuide, toyModel } from "./toys.ts";
