/** Markov chain Monte Carlo. */
export { type AnnealOptions, anneal } from "./annealing.ts";
export type { StatisticName } from "./chain.ts";
export type { Until } from "./enough.ts";
export type { MetricName } from "./metrics/index.ts";
export type { Initial } from "./start.ts";
export { SAMPLERS, type SamplerName } from "./transitions/index.ts";
