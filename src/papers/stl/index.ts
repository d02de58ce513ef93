/** Sticking the landing: path derivatives (Roeder, Wu and Duvenaud, NeurIPS 2017). */
export {
  AUTOENCODERS,
  type Autoencoder,
  type BuildAutoencoder,
  type Images,
  type Sizes,
} from "./autoencoder.ts";
export { type AutoencoderConfig, autoencoderCell } from "./autoencoders.ts";
export { BUDGETS } from "./budgets.ts";
export { EXPERIMENTS, type ExperimentName } from "./experiments.ts";
export { gaussianCell } from "./gaussian.ts";
export { mixtureCell } from "./mixture.ts";
export { paper } from "./paper.ts";
export { published } from "./published.ts";
export { type Row, rowsOf } from "./rows.ts";
export type { Estimator, StlConfig, StlResult } from "./settings.ts";
