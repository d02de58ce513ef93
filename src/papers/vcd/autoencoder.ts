/**
 * The autoencoder of Ruiz and Titsias (ICML 2019): a decoder and two encoders of two hidden layers of relu, one for the
 * mean and one for the standard deviation.
 */
import { bernoulli, normal } from "../../distributions/index.ts";
import { type Initialiser, type Model, model, type Sites } from "../../model/index.ts";
import { dense, normalInit, relu } from "../../nn/index.ts";
import type { ImageBatch } from "../../problems/index.ts";
import {
  AXIS,
  type Axis,
  axis,
  checkArguments,
  NUMBER,
  objectWith,
  softplus,
  type Tensor,
} from "../../tensor/internal.ts";

/** Some images, black or white; objectives are sums over them. */
export type Images = Pick<ImageBatch, "x" | "image">;

/** The sizes of an autoencoder. */
export interface Sizes {
  /** Units of each hidden layer. */
  readonly hidden: number;
  /** Elements of a code. */
  readonly latents: number;
}

/** The sizes of the paper. */
export const SIZES: Sizes = { hidden: 200, latents: 10 };

/** A model of images and its guide. */
export interface Autoencoder {
  /** p(x, z). */
  readonly model: Model<Images>;
  /** q(z given x). */
  readonly guide: Model<Images>;
}

/** Standard deviations are larger than this. */
const LEAST_SD = 1e-4;

/** The autoencoder of images with these pixels. */
export function autoencoder(pixel: Axis, sizes: Sizes = SIZES): Autoencoder {
  checkArguments("autoencoder", { pixel }, AXIS);
  checkArguments("autoencoder", { sizes }, objectWith({ hidden: NUMBER, latents: NUMBER }));
  const { hidden, latents } = sizes;
  const code = axis("latent", latents);
  const units = (name: string) => [1, 2].map((layer) => axis(`${name} unit ${layer}`, hidden));
  const [decoder, mean, sd] = ["decoder", "mean", "sd"].map(units);
  return {
    model: model(({ sample, observe, plate, param }, { x, image }) => {
      const toLogits = network(param, "decoder", [code, ...decoder, pixel]);
      plate(image, () => {
        const z = sample("z", normal(0, 1).event(code));
        observe("x", bernoulli({ logits: toLogits(z) }).event(pixel), x);
      });
    }),
    guide: model(({ sample, plate, param }, { x, image }) => {
      const toMean = network(param, "mean", [pixel, ...mean, code]);
      const toSd = network(param, "sd", [pixel, ...sd, code]);
      plate(image, () => {
        const scale = softplus(toSd(x).sub(LEAST_SD)).add(LEAST_SD);
        sample("z", normal(toMean(x), scale).event(code));
      });
    }),
  };
}

/**
 * Two hidden layers of relu and a linear one, initialised as in the authors' code: weights and biases of hidden layers
 * have a variance of 1 / (units of the layer), those of the output one of 1.
 */
function network(param: Sites["param"], name: string, axes: readonly Axis[]) {
  const layers = axes.slice(1).map((to, i) => {
    const isOutput = i === axes.length - 2;
    const init: Initialiser = normalInit(isOutput ? 1 : 1 / Math.sqrt(to.size));
    return dense(param, `${name}.${i + 1}`, axes[i], to, { weights: init, bias: init });
  });
  return (x: Tensor) => layers.reduce((h, layer, i) => layer(i === 0 ? h : relu(h)), x);
}
