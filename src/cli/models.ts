/** The models of images that can be fitted by name. */
import { normal } from "../distributions/index.ts";
import { normalInit } from "../nn/index.ts";
import { aevb } from "../papers/index.ts";
import type { BuildPair, ImageConfig } from "../problems/index.ts";
import type { OnnxLayer } from "../runs/index.ts";
import { axis, SurmiseError } from "../tensor/index.ts";

const vae: BuildPair = ({ latents, hidden, decoder, init, decay }, pixels, units) =>
  aevb.vae({
    pixels,
    ...(units && { units }),
    latents: axis("latent", latents),
    hidden: axis("hidden", hidden),
    decoder,
    ...(init === "xavier" ? {} : { initialiser: normalInit(Number(init.replace("normal:", ""))) }),
    ...(decay ? { prior: normal(0, 1) } : {}),
  });

interface ImageModelRow {
  readonly build: BuildPair;
  readonly description: string;
  /** The layers from a code to the means of pixels. */
  decoder(config: ImageConfig): readonly Required<Pick<OnnxLayer, "name" | "activation">>[];
}

/** By name, with what they are. */
export const MODELS: Readonly<Record<string, ImageModelRow>> = {
  vae: {
    build: vae,
    decoder: ({ decoder }) => [
      { name: "decoder.hidden", activation: "Tanh" },
      {
        name: decoder === "bernoulli" ? "decoder.logits" : "decoder.mean",
        activation: "Sigmoid",
      },
    ],
    description: "variational autoencoder with one hidden layer (Kingma and Welling 2014)",
  },
};

/** Builds the model that the configuration names. */
export const buildModel: BuildPair = (config, pixels, units) =>
  modelNamed(config.model).build(config, pixels, units);

/** @throws SurmiseError if there is no such model. */
export function modelNamed(name: string) {
  const known = Object.keys(MODELS);
  if (!known.includes(name)) {
    throw new SurmiseError(
      `unknown model "${name}": give a TypeScript file, such as ${name}.ts, or one of these: ` +
        known.join(", "),
    );
  }
  return MODELS[name];
}
