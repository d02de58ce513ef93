/** One training step of a variational autoencoder: the model of `papers/aevb`, with Adagrad. */
import type { Distribution } from "../../../src/distributions/index.ts";
import { bound, compileAlgorithm, minibatch, training } from "../../../src/inference/internal.ts";
import { model, paramStore } from "../../../src/model/index.ts";
import { adagrad } from "../../../src/optim/index.ts";
import { aevb } from "../../../src/papers/index.ts";
import type { ImageBatch } from "../../../src/problems/index.ts";
import { axis, cast, input } from "../../../src/tensor/index.ts";
import type { Build, Check, Sizes } from "../protocol.ts";
import { fixedImages, fixedNoise, layers, randomImages, withNoise } from "./fixed.ts";
import { trainingFlop } from "./flop.ts";
import { trainingCheck } from "./trainingCheck.ts";
import type { Family } from "./workload.ts";

const PIXELS = 784;
const ROWS = 10_000;
const optimiser = adagrad(0.01);

const axesOf = ({ batch, hidden, latents }: Sizes) => ({
  image: axis("image", batch),
  pixels: axis("pixel", PIXELS),
  latents: axis("latent", latents),
  hidden: axis("hidden", hidden),
});

/** Takes the next minibatch, draws the noise, and applies Adagrad. */
function step(sizes: Sizes) {
  const axes = axesOf(sizes);
  const { image, pixels } = axes;
  const row = axis("row", ROWS);
  const images = input("images", [row, pixels], "uint8");
  const networks = aevb.vae(axes);
  const store = paramStore();
  return training({
    objective: (count, stepKey, runKey) => {
      const x = cast(minibatch(images, row, image, count, runKey), "float32");
      const data = { x, image, total: ROWS };
      return bound({ ...networks, data, key: stepKey, kl: "closed", parameters: store });
    },
    parameters: store,
    optimiser,
    scale: 1 / ROWS,
    seed: 0,
  });
}

function program(sizes: Sizes) {
  const ready = compileAlgorithm(step(sizes));
  ready.write("images", randomImages(ROWS, PIXELS));
  return ready;
}

function timeBuild(sizes: Sizes): Build {
  const timed = <T>(work: () => T): [T, number] => {
    const start = performance.now();
    return [work(), performance.now() - start];
  };
  const [traced, trace] = timed(() => step(sizes));
  const [ready, compile] = timed(() => compileAlgorithm(traced));
  ready.write("images", randomImages(ROWS, PIXELS));
  const [, firstStep] = timed(() => ready.run());
  return { trace, compile, firstStep };
}

const PARAMETERS = layers(
  "encoder.hidden",
  "encoder.mean",
  "encoder.logVariance",
  "decoder.hidden",
  "decoder.logits",
);

function check(sizes: Sizes): Check {
  const { batch, latents } = sizes;
  const axes = axesOf(sizes);
  const { image, pixels } = axes;
  const networks = aevb.vae(axes);
  const guide = model<ImageBatch>((sites, data) => {
    const sample = (name: string, q: Distribution) => sites.sample(name, withNoise(q, "noise"));
    networks.guide({ ...sites, sample }, data);
  });
  const store = paramStore();
  const data = { x: input("x", [image, pixels]), image, total: batch };
  const fixed = training({
    objective: (_, key) =>
      bound({ model: networks.model, guide, data, key, kl: "closed", parameters: store }),
    parameters: store,
    optimiser,
    scale: 1 / batch,
    seed: 0,
  });
  const inputs = { x: fixedImages(batch, PIXELS), noise: fixedNoise(1, batch, latents) };
  return trainingCheck(fixed, PARAMETERS, 1 / batch, inputs);
}

export const vae: Family = {
  name: "vae",
  members: [
    { name: "vae", sizes: { batch: 100, hidden: 500, latents: 20 } },
    { name: "vae-200", sizes: { batch: 100, hidden: 500, latents: 200 } },
  ],
  flop: ({ batch, hidden, latents }) =>
    trainingFlop(batch, [PIXELS, hidden, 2 * latents], false) +
    trainingFlop(batch, [latents, hidden, PIXELS], true),
  check,
  program,
  timeBuild,
};
