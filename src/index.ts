/**
 * surmise: probabilistic inference for TypeScript, compiled. Everything here runs in a browser too.
 * Each room can also be imported by itself: `surmise/tensor`, `surmise/model`, ...
 */
export * from "./distributions/index.ts";
export * from "./inference/index.ts";
export * from "./model/index.ts";
export * from "./nn/index.ts";
export * from "./optim/index.ts";
export * from "./runtime/index.ts";
export * from "./tensor/index.ts";
