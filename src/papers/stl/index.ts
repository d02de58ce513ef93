/** Sticking the landing: path derivatives (Roeder, Wu and Duvenaud, NeurIPS 2017). */
export {
  AUTOENCODERS,
  type Autoencoder,
  type BuildAutoencoder,
  type Sizes,
} from "./autoencoder.ts";
export { BUDGETS } from "./budgets.ts";
export {
  type AutoencoderConfig,
  type AutoencoderResult,
  autoencoderCell,
} from "./cells/autoencoders.ts";
export { gaussianCell } from "./cells/gaussian.ts";
export { mixtureCell } from "./cells/mixture.ts";
export type { Estimator, StlConfig, StlResult } from "./cells/settings.ts";
export { EXPERIMENTS, type ExperimentName } from "./experiments.ts";
export { paper } from "./paper.ts";
export { published } from "./published.ts";
export { type Row, rowsOf } from "./rows.ts";
