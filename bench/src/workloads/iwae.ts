/**
 * One training step of the importance-weighted autoencoders of Burda, Grosse and Salakhutdinov (ICLR
 * 2016), with one and with two layers of latents, by Adam.
 */
import { bernoulli, type Distribution, normal } from "../../../src/distributions/index.ts";
import {
  bound,
  compileAlgorithm,
  global,
  minibatch,
  training,
} from "../../../src/inference/internal.ts";
import { type Model, model, paramStore, type Sites } from "../../../src/model/index.ts";
import { dense } from "../../../src/nn/index.ts";
import { adam } from "../../../src/optim/index.ts";
import { type Axis, axis, cast, exp, input, type Tensor, tanh } from "../../../src/tensor/index.ts";
import type { Check, Sizes } from "../protocol.ts";
import { fixedImages, fixedNoise, layers, randomImages, withNoise } from "./fixed.ts";
import { trainingFlop } from "./flop.ts";
import { trainingCheck } from "./trainingCheck.ts";
import type { Family } from "./workload.ts";

const PIXELS = 784;
const ROWS = 10_000;
const optimiser = adam(0.001, { epsilon: 1e-4 });

/** Some images, `x` over the axes `image` and `pixel`, out of `total`. */
interface Images {
  readonly x: Tensor;
  readonly image: Axis;
  readonly total: number;
}

/** A model, its guide, and what the check has to know of them. */
interface Autoencoder {
  readonly model: Model<Images>;
  readonly guide: Model<Images>;
  /** The axis of each latent's elements. */
  readonly latents: Readonly<Record<string, Axis>>;
  /** Names in the order of the check. */
  readonly parameters: readonly string[];
}

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

function oneLayer(pixel: Axis, { hidden, latents }: Sizes): Autoencoder {
  const h = axis("latent", latents);
  const encoder = [pixel, ...units(hidden, "q1", "q2")];
  const decoder = [h, ...units(hidden, "p1", "p2")];
  return {
    model: model(({ sample, observe, plate, param }, { x, image, total }) => {
      const toHidden = tanhs(param, "p", decoder);
      const toLogits = dense(param, "p.logits", decoder[2], pixel);
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
    parameters: layers(...gaussianLayers("q"), ...body("p"), "p.logits"),
  };
}

function twoLayers(pixel: Axis, { hidden, latents }: Sizes): Autoencoder {
  const [h1, h2] = [axis("latent 1", 2 * latents), axis("latent 2", latents)];
  const encoder = [pixel, ...units(hidden, "q1.1", "q1.2")];
  const encoder2 = [h1, ...units(hidden / 2, "q2.1", "q2.2")];
  const decoder2 = [h2, ...units(hidden / 2, "p1.1", "p1.2")];
  const decoder = [h1, ...units(hidden, "p0.1", "p0.2")];
  return {
    model: model(({ sample, observe, plate, param }, { x, image, total }) => {
      const toCode = gaussian(param, "p1", decoder2, h1);
      const toHidden = tanhs(param, "p0", decoder);
      const toLogits = dense(param, "p0.logits", decoder[2], pixel);
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
    parameters: layers(...["q1", "q2", "p1"].flatMap(gaussianLayers), ...body("p0"), "p0.logits"),
  };
}

type Build = (pixel: Axis, sizes: Sizes) => Autoencoder;

const program = (build: Build) => (sizes: Sizes) => {
  const [image, row, pixel] = [
    axis("image", sizes.batch),
    axis("row", ROWS),
    axis("pixel", PIXELS),
  ];
  const images = input("images", [row, pixel], "uint8");
  const { model, guide } = build(pixel, sizes);
  const particles = global(sizes.k);
  const store = paramStore();
  const ready = compileAlgorithm(
    training({
      objective: (count, stepKey, runKey) => {
        const x = cast(minibatch(images, row, image, count, runKey), "float32");
        const data = { x, image, total: ROWS };
        return bound({ model, guide, data, key: stepKey, particles, parameters: store });
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
  (build: Build) =>
  (sizes: Sizes): Check => {
    const { batch, k } = sizes;
    const [image, pixel] = [axis("image", batch), axis("pixel", PIXELS)];
    const autoencoder = build(pixel, sizes);
    const particles = global(k);
    const noise = (name: string) => `noise of ${name}`;
    const guide = model<Images>((sites, data) => {
      const sample = (name: string, q: Distribution) =>
        sites.sample(name, withNoise(q, noise(name)));
      autoencoder.guide({ ...sites, sample }, data);
    });
    const store = paramStore();
    const data = { x: input("x", [image, pixel]), image, total: batch };
    const fixed = training({
      objective: (_, key) =>
        bound({ model: autoencoder.model, guide, data, key, particles, parameters: store }),
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
    return trainingCheck(fixed, autoencoder.parameters, 1 / batch, inputs);
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
  check: check(oneLayer),
  program: program(oneLayer),
};

export const iwae2: Family = {
  name: "iwae-2",
  members: members("iwae-2"),
  flop: ({ batch, hidden, latents, k }) =>
    trainingFlop(batch, [PIXELS, hidden, hidden, 4 * latents], false) +
    trainingFlop(batch * k, [2 * latents, hidden / 2, hidden / 2, 2 * latents], true) +
    trainingFlop(batch * k, [latents, hidden / 2, hidden / 2, 4 * latents], true) +
    trainingFlop(batch * k, [2 * latents, hidden, hidden, PIXELS], true),
  check: check(twoLayers),
  program: program(twoLayers),
};
