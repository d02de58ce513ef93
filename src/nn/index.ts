/** Layers of neural networks and how their parameters start. */
export { elu, gelu, leakyRelu, relu, silu, softmax } from "./activations.ts";
export { type DenseOptions, dense } from "./dense.ts";
export { constantInit, normalInit, xavierNormal, xavierUniform, zeros } from "./initialisers.ts";
export { embedding, layerNorm } from "./layers.ts";
