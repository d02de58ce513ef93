/**
 * One training step of the importance-weighted autoencoders of Burda, Grosse and Salakhutdinov (ICLR
 * 2016), with one and with two layers of latents, by Adam.
 */
import type { Distribution } from "../../../src/distributions/index.ts";
import {
  bound,
  compileAlgorithm,
  global,
  minibatch,
  training,
} from "../../../src/inference/internal.ts";
import { model, paramStore } from "../../../src/model/index.ts";
import { adam } from "../../../src/optim/index.ts";
import { AUTOENCODERS, type BuildAutoencoder } from "../../../src/papers/stl/index.ts";
import type { ImageBatch } from "../../../src/problems/index.ts";
import { axis, cast, input } from "../../../src/tensor/index.ts";
import type { Check, Sizes } from "../protocol.ts";
import { fixedImages, fixedNoise, layers, randomImages, withNoise } from "./fixed.ts";
import { trainingFlop } from "./flop.ts";
import { trainingCheck } from "./trainingCheck.ts";
import type { Family } from "./workload.ts";

const PIXELS = 784;
const ROWS = 10_000;
const optimiser = adam(0.001, { epsilon: 1e-4 });

const sizesOf = ({ hidden, latents }: Sizes) => ({ hidden, latents });

/** The estimators that the members of `gradients` count. */
const GRADIENTS = ["total", "path", "pathBlocked", "doublyReparameterised"] as const;

const gradientOf = ({ gradient = 0 }: Sizes) => GRADIENTS[gradient];

const program = (build: BuildAutoencoder) => (sizes: Sizes) => {
  const [image, row, pixel] = [
    axis("image", sizes.batch),
    axis("row", ROWS),
    axis("pixel", PIXELS),
  ];
  const images = input("images", [row, pixel], "uint8");
  const { model, guide } = build(pixel, sizesOf(sizes));
  const particles = global(sizes.k);
  const store = paramStore();
  const ready = compileAlgorithm(
    training({
      objective: (count, stepKey, runKey) => {
        const x = cast(minibatch(images, row, image, count, runKey), "float32");
        const data = { x, image, total: ROWS };
        const gradient = gradientOf(sizes);
        return bound({ model, guide, data, key: stepKey, particles, parameters: store, gradient });
      },
      parameters: store,
      optimiser,
      scale: 1 / ROWS,
      seed: 0,
    }),
  );
  ready.write("images", randomImages(ROWS, PIXELS));
  return ready;
};

const check =
  (build: BuildAutoencoder) =>
  (sizes: Sizes): Check => {
    const { batch, k } = sizes;
    const [image, pixel] = [axis("image", batch), axis("pixel", PIXELS)];
    const autoencoder = build(pixel, sizesOf(sizes));
    const particles = global(k);
    const noise = (name: string) => `noise of ${name}`;
    const guide = model<ImageBatch>((sites, data) => {
      const sample = (name: string, q: Distribution) =>
        sites.sample(name, withNoise(q, noise(name)));
      autoencoder.guide({ ...sites, sample }, data);
    });
    const store = paramStore();
    const data = { x: input("x", [image, pixel]), image, total: batch };
    const fixed = training({
      objective: (_, key) =>
        bound({
          ...{ model: autoencoder.model, guide, data, key, particles, parameters: store },
          gradient: gradientOf(sizes),
        }),
      parameters: store,
      optimiser,
      scale: 1 / batch,
      seed: 0,
    });
    const noises = Object.entries(autoencoder.latents).map(([name, { size }]) => [
      noise(name),
      fixedNoise(k, batch, size),
    ]);
    const inputs = { x: fixedImages(batch, PIXELS), ...Object.fromEntries(noises) };
    return trainingCheck(fixed, layers(...autoencoder.layers), 1 / batch, inputs);
  };

const members = (name: string) =>
  [1, 5, 50].map((k) => ({
    name: `${name} k=${k}`,
    sizes: { batch: 20, hidden: 200, latents: 50, k },
  }));

export const iwae1: Family = {
  name: "iwae-1",
  members: members("iwae-1"),
  flop: ({ batch, hidden, latents, k }) =>
    trainingFlop(batch, [PIXELS, hidden, hidden, 2 * latents], false) +
    trainingFlop(batch * k, [latents, hidden, hidden, PIXELS], true),
  check: check(AUTOENCODERS[1]),
  program: program(AUTOENCODERS[1]),
};

export const iwae2: Family = {
  name: "iwae-2",
  members: members("iwae-2"),
  flop: ({ batch, hidden, latents, k }) =>
    trainingFlop(batch, [PIXELS, hidden, hidden, 4 * latents], false) +
    trainingFlop(batch * k, [2 * latents, hidden / 2, hidden / 2, 2 * latents], true) +
    trainingFlop(batch * k, [latents, hidden / 2, hidden / 2, 4 * latents], true) +
    trainingFlop(batch * k, [2 * latents, hidden, hidden, PIXELS], true),
  check: check(AUTOENCODERS[2]),
  program: program(AUTOENCODERS[2]),
};

/** The same steps by each gradient estimator, with 5 draws. */
const byGradient = (of: Family, name: string): Family => ({
  ...of,
  name,
  members: GRADIENTS.map((gradient, i) => ({
    name: `${name} ${gradient}`,
    sizes: { batch: 20, hidden: 200, latents: 50, k: 5, gradient: i },
  })),
});

export const gradients1 = byGradient(iwae1, "gradients-1");
export const gradients2 = byGradient(iwae2, "gradients-2");
