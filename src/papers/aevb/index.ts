/** Auto-Encoding Variational Bayes (Kingma and Welling, ICLR 2014). */
export { BUDGETS } from "./budgets.ts";
export { type AevbRecord, autoencoderCell } from "./cells/autoencoder.ts";
export type {
  AevbConfig,
  AevbResult,
  DataName,
  Judge,
  Manifold,
  Method,
} from "./cells/settings.ts";
export { EXPERIMENTS, type ExperimentName } from "./experiments.ts";
export { fullBayes } from "./fullBayes.ts";
export { boundJudge, evidenceJudge, type Judged, type JudgeOf } from "./judges.ts";
export { paper } from "./paper.ts";
export { type Row, rowsOf } from "./rows.ts";
export { type VaeOptions, vae } from "./vae.ts";
