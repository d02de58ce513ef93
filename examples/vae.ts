/**
 * The variational autoencoder (Kingma and Welling, "Auto-Encoding Variational Bayes", ICLR 2014):
 * each image x has a code z of its own, and two networks, trained together, translate between them.
 *
 *     p(z) = N(0, I),   p(x | z) = decoder(z),   q(z | x) = N(mean(x), sd(x)^2)
 */
import { bernoulli, normal } from "../src/distributions/index.ts";
import { type Initialiser, model } from "../src/model/index.ts";
import { type DenseOptions, dense } from "../src/nn/index.ts";
import { type Axis, exp, sigmoid, type Tensor, tanh } from "../src/tensor/index.ts";

/** A batch of images over the axes `image` and `pixels`, out of `total`. */
export interface Images {
  readonly x: Tensor;
  readonly image: Axis;
  readonly total: number;
}

export interface VaeOptions {
  readonly pixels: Axis;
  /** The elements of a code. */
  readonly latents: Axis;
  /** The hidden units of each network. */
  readonly hidden: Axis;
  /** `bernoulli` for black and white, `gaussian` for grey values between 0 and 1. */
  readonly decoder?: "bernoulli" | "gaussian";
  readonly activation?: (x: Tensor) => Tensor;
  /** Of all weights and biases; unless given, weights start by Xavier's rule and biases at zero. */
  readonly initialiser?: Initialiser;
}

/** The model of images and the guide that encodes them. */
export function vae(options: VaeOptions) {
  const { pixels, latents, hidden, decoder = "bernoulli", activation = tanh } = options;
  const start = options.initialiser;
  const layers: DenseOptions = start === undefined ? {} : { weights: start, bias: start };

  const decode = model(({ sample, observe, plate, param }, { x, image, total }: Images) => {
    const toHidden = dense(param, "decoder.hidden", latents, hidden, layers);
    const toPixels = dense(param, "decoder.pixels", hidden, pixels, layers);
    const toSpread =
      decoder === "gaussian" && dense(param, "decoder.spread", hidden, pixels, layers);

    plate(
      image,
      () => {
        const z = sample("z", normal(0, 1).event(latents));
        const h = activation(toHidden(z));
        const seen = toSpread
          ? normal(sigmoid(toPixels(h)), exp(toSpread(h).mul(0.5)))
          : bernoulli({ logits: toPixels(h) });
        observe("x", seen.event(pixels), x);
      },
      { total },
    );
  });

  const encode = model(({ sample, plate, param }, { x, image }: Images) => {
    const toHidden = dense(param, "encoder.hidden", pixels, hidden, layers);
    const toMean = dense(param, "encoder.mean", hidden, latents, layers);
    const toLogVariance = dense(param, "encoder.logVariance", hidden, latents, layers);

    plate(image, () => {
      const h = activation(toHidden(x));
      sample("z", normal(toMean(h), exp(toLogVariance(h).mul(0.5))).event(latents));
    });
  });

  return { model: decode, guide: encode };
}
