/** Runs that take a moment. */
import { type Axis, axis, normal } from "../../src/index.ts";
import { aevb } from "../../src/papers/index.ts";
import { type BuildPair, type ImageSettings, imageConfig } from "../../src/problems/index.ts";

export const TINY: ImageSettings = {
  data: "digits",
  latents: 2,
  hidden: 16,
  steps: 60,
  batch: 10,
  seed: 1,
  trainImages: 200,
  testImages: 50,
  recordEvery: 10,
  nllDraws: 10,
  nllImages: 20,
};

export const tinyConfig = (settings: ImageSettings = {}) => imageConfig({ ...TINY, ...settings });

/** The autoencoder as the command line builds it. */
export const buildVae: BuildPair = ({ latents, hidden, decoder, decay }, pixels: Axis, units) =>
  aevb.vae({
    pixels,
    ...(units && { units }),
    latents: axis("latent", latents),
    hidden: axis("hidden", hidden),
    decoder,
    ...(decay ? { prior: normal(0, 1) } : {}),
  });
