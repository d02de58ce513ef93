/** Layers of neural networks and how their parameters start. */
export { elu, gelu, leakyRelu, relu, silu, softmax } from "./activations.ts";
export { type ConvolutionOptions, convolution, transposedConvolution } from "./convolution.ts";
export { type DenseOptions, dense } from "./dense.ts";
export {
  constantInit,
  type Fan,
  normalInit,
  xavierNormal,
  xavierUniform,
  zeros,
} from "./initialisers.ts";
export { dropout, embedding, layerNorm } from "./layers.ts";
export { averagePool, maxPool, type PoolingAlong } from "./pooling.ts";
export type { WindowsAlong } from "./windows.ts";
