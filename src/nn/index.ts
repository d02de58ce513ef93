/** Layers of neural networks and how their parameters start. */
export { type DenseOptions, dense } from "./dense.ts";
export { constantInit, normalInit, xavierNormal, xavierUniform, zeros } from "./initialisers.ts";
