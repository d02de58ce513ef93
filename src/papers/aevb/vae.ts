/**
 * The variational autoencoder (Kingma and Welling, "Auto-Encoding Variational Bayes", ICLR 2014).
 * Each image x has a code z of its own; two networks, trained together, translate between them:
 *
 *     p(z) = normal(0, 1),   p(x | z) = decoder(z),   q(z | x) = normal(mean(x), sd(x)).
 */
import { bernoulli, type Distribution, normal } from "../../distributions/index.ts";
import { type Initialiser, model, type Sites } from "../../model/index.ts";
import { type DenseOptions, dense } from "../../nn/index.ts";
import type { ImageBatch } from "../../problems/index.ts";
import {
  AXIS,
  type Axis,
  checkArguments,
  constant,
  exp,
  objectWith,
  oneOf,
  optional,
  sigmoid,
  type Tensor,
  tanh,
  tensor,
} from "../../tensor/internal.ts";

/** The sizes of an autoencoder's networks, and its likelihood. */
export interface VaeOptions {
  /** The axis of the pixels. */
  readonly pixels: Axis;
  /** The elements of a code. */
  readonly latents: Axis;
  /** The hidden units of each network. */
  readonly hidden: Axis;
  /** `bernoulli` for black and white, `gaussian` for grey values between 0 and 1, `real` for real numbers. */
  readonly decoder?: keyof typeof DECODERS;
  /** Of real numbers the mean and standard deviation of each pixel, in which both networks count; 0 and 1 unless given. */
  readonly units?: { readonly mean: ArrayLike<number>; readonly sd: ArrayLike<number> };
  /** Of the hidden units; tanh unless given. */
  readonly activation?: (x: Tensor) => Tensor;
  /** How weights and biases start: Xavier's rule and zero unless given. */
  readonly initialiser?: Initialiser;
  /** On weights and biases of the decoder, such as normal(0, 1): weight decay. */
  readonly prior?: Distribution;
}

/** The model of images, and the guide that encodes them. */
export function vae(options: VaeOptions) {
  checkArguments(
    "vae",
    { options },
    objectWith({
      pixels: AXIS,
      latents: AXIS,
      hidden: AXIS,
      decoder: optional(oneOf(...Object.keys(DECODERS))),
    }),
  );
  const { pixels, latents, hidden, activation = tanh } = options;
  const { decoder = "bernoulli", initialiser, prior, units } = options;
  const scale = {
    mean: units ? tensor(Float32Array.from(units.mean), [pixels]) : constant(0),
    sd: units ? tensor(Float32Array.from(units.sd), [pixels]) : constant(1),
  };
  const isReal = decoder === "real";
  const start: DenseOptions = initialiser ? { weights: initialiser, bias: initialiser } : {};
  const generative: DenseOptions = prior ? { ...start, prior } : start;

  const decode = model(({ sample, observe, plate, param }, { x, image, total }: ImageBatch) => {
    const toHidden = dense(param, "decoder.hidden", latents, hidden, generative);
    const toImage = DECODERS[decoder](param, hidden, pixels, generative, scale);
    const code = normal(0, 1).event(latents);

    plate(
      image,
      () => {
        const z = sample("z", code);
        observe("x", toImage(activation(toHidden(z))).event(pixels), x);
      },
      { total },
    );
  });

  const encode = model(({ sample, plate, param }, { x, image }: ImageBatch) => {
    const toHidden = dense(param, "encoder.hidden", pixels, hidden, start);
    const toMean = dense(param, "encoder.mean", hidden, latents, start);
    const toLogVariance = dense(param, "encoder.logVariance", hidden, latents, start);

    plate(image, () => {
      const h = activation(toHidden(isReal ? x.sub(scale.mean).div(scale.sd) : x));
      sample("z", normal(toMean(h), exp(toLogVariance(h).mul(0.5))).event(latents));
    });
  });

  return { model: decode, guide: encode };
}

type Decoder = (
  param: Sites["param"],
  hidden: Axis,
  pixels: Axis,
  layers: DenseOptions,
  scale: { readonly mean: Tensor; readonly sd: Tensor },
) => (h: Tensor) => Distribution;

/** Each pixel is white with a probability of its own. */
const blackAndWhite: Decoder = (param, hidden, pixels, layers) => {
  const toLogits = dense(param, "decoder.logits", hidden, pixels, layers);
  return (h) => bernoulli({ logits: toLogits(h) });
};

/** Each pixel has a mean grey, between 0 and 1, and a standard deviation of its own. */
const grey: Decoder = (param, hidden, pixels, layers) => {
  const toMean = dense(param, "decoder.mean", hidden, pixels, layers);
  const toLogVariance = dense(param, "decoder.logVariance", hidden, pixels, layers);
  return (h) => normal(sigmoid(toMean(h)), exp(toLogVariance(h).mul(0.5)));
};

/** Standard deviations are at least so many of those of the pixel in all images, so that none is as dense as it likes. */
const LEAST_SD = 1e-3;

/** Each number is normal around a mean, with a standard deviation, of its own. */
const real: Decoder = (param, hidden, pixels, layers, { mean, sd }) => {
  const toMean = dense(param, "decoder.mean", hidden, pixels, layers);
  const toLogVariance = dense(param, "decoder.logVariance", hidden, pixels, layers);
  return (h) =>
    normal(toMean(h).mul(sd).add(mean), exp(toLogVariance(h).mul(0.5)).add(LEAST_SD).mul(sd));
};

const DECODERS = { bernoulli: blackAndWhite, gaussian: grey, real };
