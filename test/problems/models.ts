/** Models of images with known answers. */
import type { ImageSet } from "../../src/data/index.ts";
import { bernoulli, normal } from "../../src/distributions/index.ts";
import { model, paramStore } from "../../src/model/index.ts";
import { constantInit } from "../../src/nn/index.ts";
import type { ImageBatch, ImageModel } from "../../src/problems/index.ts";
import { type Axis, axis, rename } from "../../src/tensor/index.ts";

/** Grey images of one row each. */
export function imageRow(width: number, values: readonly number[], name = "row"): ImageSet {
  return {
    name,
    images: Uint8Array.from(values),
    count: values.length / width,
    height: 1,
    width,
  };
}

/**
 * z ~ normal(0, 1), x ~ normal(z, 1), each pixel a latent of its own, and the exact posterior
 * normal(x / 2, sqrt(1 / 2)) as the guide: p(x) = normal(0, sqrt 2), whatever the draws.
 */
export function gaussianImages(width: number): ImageModel & { readonly latents: Axis } {
  const pixels = axis("pixel", width);
  const latents = axis("latent", width);
  return {
    pixels,
    latents,
    store: paramStore(),
    binary: false,
    model: model(({ sample, observe, plate }, { x, image, total }: ImageBatch) => {
      const code = normal(0, 1).event(latents);
      plate(
        image,
        () => {
          const z = sample("z", code);
          observe("x", normal(rename(z, latents, pixels), 1).event(pixels), x);
        },
        { total },
      );
    }),
    guide: model(({ sample, plate }, { x, image }: ImageBatch) => {
      plate(image, () => {
        const mean = rename(x, pixels, latents).mul(0.5);
        sample("z", normal(mean, Math.SQRT1_2).event(latents));
      });
    }),
  };
}

/** The prior of `gaussianImages` as a guide that does not look at the images. */
export function gaussianPrior(model: { readonly latents: Axis }): ImageModel["guide"] {
  const code = normal(0, 1).event(model.latents);
  return ({ sample, plate }, { image }) => {
    plate(image, () => sample("z", code));
  };
}

/** Every pixel is black with one and the same probability; the logit is the parameter `logit`. */
export function coinImages(width: number): ImageModel {
  const pixels = axis("pixel", width);
  const latents = axis("latent", 1);
  const code = normal(0, 1).event(latents);
  return {
    pixels,
    store: paramStore(),
    binary: true,
    model: model(({ sample, observe, plate, param }, { x, image, total }: ImageBatch) => {
      const logit = param("logit", [], { init: constantInit(0) });
      plate(
        image,
        () => {
          sample("z", code);
          observe("x", bernoulli({ logits: logit }).event(pixels), x);
        },
        { total },
      );
    }),
    guide: model(({ sample, plate }, { image }: ImageBatch) => {
      plate(image, () => sample("z", code));
    }),
  };
}
