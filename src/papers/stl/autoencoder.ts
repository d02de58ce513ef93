/**
 * The importance-weighted autoencoders of Burda, Grosse and Salakhutdinov (ICLR 2016), with one and with two layers
 * of latents. All networks have two hidden layers of tanh.
 */
import { bernoulli, type Distribution, normal } from "../../distributions/index.ts";
import { type Initialiser, type Model, model, type Sites } from "../../model/index.ts";
import { dense } from "../../nn/index.ts";
import type { ImageBatch } from "../../problems/index.ts";
import { type Axis, axis, exp, type Tensor, tanh } from "../../tensor/index.ts";

/** The sizes of an autoencoder. */
export interface Sizes {
  /** Hidden units of the networks next to the images; those between latents have half of them. */
  readonly hidden: number;
  /** Latents of the deepest layer; the one below it has twice as many. */
  readonly latents: number;
}

/** A model of images and its guide. */
export interface Autoencoder {
  /** p(x, h). */
  readonly model: Model<ImageBatch>;
  /** q(h given x). */
  readonly guide: Model<ImageBatch>;
  /** The axis of each latent's elements, by its name. */
  readonly latents: Readonly<Record<string, Axis>>;
  /** The layers of both, by name, each with a weight and a bias. */
  readonly layers: readonly string[];
}

/** Makes an autoencoder of images with these pixels; `bias` is how the biases of the pixels start, 0 unless given. */
export type BuildAutoencoder = (pixel: Axis, sizes: Sizes, bias?: Initialiser) => Autoencoder;

/** Two layers of tanh, of as many units as `axes` say, the first of these being the input's. */
function tanhs(param: Sites["param"], name: string, [from, one, two]: readonly Axis[]) {
  const first = dense(param, `${name}.1`, from, one);
  const second = dense(param, `${name}.2`, one, two);
  return (x: Tensor) => tanh(second(tanh(first(x))));
}

/** A normal distribution over `to` whose mean and log standard deviation a network computes. */
function gaussian(param: Sites["param"], name: string, units: readonly Axis[], to: Axis) {
  const body = tanhs(param, name, units);
  const last = units[units.length - 1];
  const mean = dense(param, `${name}.mean`, last, to);
  const logSd = dense(param, `${name}.logSd`, last, to);
  return (x: Tensor): Distribution => {
    const h = body(x);
    return normal(mean(h), exp(logSd(h))).event(to);
  };
}

const body = (name: string) => [`${name}.1`, `${name}.2`];
const gaussianLayers = (name: string) => [...body(name), `${name}.mean`, `${name}.logSd`];

/** Axes of one size, by name. */
const units = (size: number, ...names: readonly string[]) => names.map((name) => axis(name, size));

/** 784-200-200-50 for MNIST: one layer of latents. */
const oneLayer: BuildAutoencoder = (pixel, { hidden, latents }, bias) => {
  const h = axis("latent", latents);
  const encoder = [pixel, ...units(hidden, "q1", "q2")];
  const decoder = [h, ...units(hidden, "p1", "p2")];
  return {
    model: model(({ sample, observe, plate, param }, { x, image, total }) => {
      const toHidden = tanhs(param, "p", decoder);
      const toLogits = dense(param, "p.logits", decoder[2], pixel, bias && { bias });
      plate(
        image,
        () => {
          const code = sample("h", normal(0, 1).event(h));
          observe("x", bernoulli({ logits: toLogits(toHidden(code)) }).event(pixel), x);
        },
        { total },
      );
    }),
    guide: model(({ sample, plate, param }, { x, image }) => {
      const q = gaussian(param, "q", encoder, h);
      plate(image, () => sample("h", q(x)));
    }),
    latents: { h },
    layers: [...gaussianLayers("q"), ...body("p"), "p.logits"],
  };
};

/** 784-200-200-100 and 100-100-100-50 for MNIST: two layers of latents. */
const twoLayers: BuildAutoencoder = (pixel, { hidden, latents }, bias) => {
  const [h1, h2] = [axis("latent 1", 2 * latents), axis("latent 2", latents)];
  const encoder = [pixel, ...units(hidden, "q1.1", "q1.2")];
  const encoder2 = [h1, ...units(hidden / 2, "q2.1", "q2.2")];
  const decoder2 = [h2, ...units(hidden / 2, "p1.1", "p1.2")];
  const decoder = [h1, ...units(hidden, "p0.1", "p0.2")];
  return {
    model: model(({ sample, observe, plate, param }, { x, image, total }) => {
      const toCode = gaussian(param, "p1", decoder2, h1);
      const toHidden = tanhs(param, "p0", decoder);
      const toLogits = dense(param, "p0.logits", decoder[2], pixel, bias && { bias });
      plate(
        image,
        () => {
          const deep = sample("h2", normal(0, 1).event(h2));
          const code = sample("h1", toCode(deep));
          observe("x", bernoulli({ logits: toLogits(toHidden(code)) }).event(pixel), x);
        },
        { total },
      );
    }),
    guide: model(({ sample, plate, param }, { x, image }) => {
      const q1 = gaussian(param, "q1", encoder, h1);
      const q2 = gaussian(param, "q2", encoder2, h2);
      plate(image, () => sample("h2", q2(sample("h1", q1(x)))));
    }),
    latents: { h1, h2 },
    layers: [...["q1", "q2", "p1"].flatMap(gaussianLayers), ...body("p0"), "p0.logits"],
  };
};

/** By the number of stochastic layers. */
export const AUTOENCODERS = { 1: oneLayer, 2: twoLayers } as const;
