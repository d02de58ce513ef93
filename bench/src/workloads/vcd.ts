/** One training step of the variational contrastive divergence (Ruiz and Titsias, ICML 2019), by RMSProp. */
import { bernoulli, type Distribution, normal } from "../../../src/distributions/index.ts";
import {
  type Control,
  compileAlgorithm,
  controls,
  type HmcNoise,
  minibatchRows,
  training,
  vcd as vcdTarget,
} from "../../../src/inference/internal.ts";
import { model, paramStore, type Sites } from "../../../src/model/index.ts";
import { dense } from "../../../src/nn/index.ts";
import type { Optimiser } from "../../../src/optim/index.ts";
import type { Images } from "../../../src/papers/vcd/index.ts";
import {
  type Axis,
  axis,
  cast,
  constant,
  exp,
  gatherClamped,
  input,
  maximum,
  mean,
  sqrt,
  square,
  type Tensor,
} from "../../../src/tensor/internal.ts";
import type { Check, Sizes } from "../protocol.ts";
import { fixedImages, fixedNoise, floats, layers, randomImages, withNoise } from "./fixed.ts";
import { inputGradientFlop, trainingFlop } from "./flop.ts";
import { trainingCheck } from "./trainingCheck.ts";
import type { Family } from "./workload.ts";

const PIXELS = 784;
const ROWS = 10_000;
const STEP_SIZE = 0.05;
const [ITERATIONS, LEAPFROGS] = [8, 5];
const CHAINS = { iterations: ITERATIONS, leapfrogs: LEAPFROGS, stepSize: STEP_SIZE };

/** RMSProp (Tieleman and Hinton 2012) with the settings of PyTorch. */
const rmsprop: Optimiser = {
  name: "rmsprop",
  settings: { rate: 5e-4, decay: 0.99, epsilon: 1e-8 },
  slots: ["squares"],
  init: (param) => ({ squares: constant(0, param.dtype) }),
  update(param, gradient, slots) {
    const squares = slots.squares.mul(0.99).add(square(gradient).mul(0.01));
    const move = gradient.mul(5e-4).div(sqrt(squares).add(1e-8));
    return { param: param.sub(move), slots: { squares } };
  },
};

/** A network of two hidden layers of relu. */
function network(param: Sites["param"], name: string, hidden: number, from: Axis, to: Axis) {
  const [one, two] = [1, 2].map((layer) => axis(`${name} unit ${layer}`, hidden));
  const widths = [from, one, two, to];
  const [first, second, last] = ["1", "2", "3"].map((layer, i) =>
    dense(param, `${name}.${layer}`, widths[i], widths[i + 1]),
  );
  return (x: Tensor) => last(maximum(second(maximum(first(x), 0)), 0));
}

/** The autoencoder whose encoders give the mean and the log standard deviation. */
function autoencoder({ hidden, latents }: Sizes, pixel: Axis) {
  const code = axis("latent", latents);
  return {
    code,
    model: model(({ sample, observe, plate, param }, { x, image }: Images) => {
      const toLogits = network(param, "decoder", hidden, code, pixel);
      plate(image, () => {
        const z = sample("z", normal(0, 1).event(code));
        observe("x", bernoulli({ logits: toLogits(z) }).event(pixel), x);
      });
    }),
    guide: model(({ sample, plate, param }, { x, image }: Images) => {
      const toMean = network(param, "mean", hidden, pixel, code);
      const toLogSd = network(param, "logSd", hidden, pixel, code);
      plate(image, () => sample("z", normal(toMean(x), exp(toLogSd(x))).event(code)));
    }),
  };
}

function program(sizes: Sizes) {
  const [image, row, pixel] = [
    axis("image", sizes.batch),
    axis("row", ROWS),
    axis("pixel", PIXELS),
  ];
  const { model: p, guide } = autoencoder(sizes, pixel);
  const images = input("images", [row, pixel], "uint8");
  const parameters = paramStore();
  const step = training({
    objective: (count, key, runKey) => {
      const rows = minibatchRows(row, image, count, runKey);
      const data = { x: cast(gatherClamped(images, row, rows), "float32"), image };
      const control = controls.perDatum({ batch: image, row, rows });
      return vcdTarget({ model: p, guide, ...CHAINS, data, key, parameters, control });
    },
    parameters,
    optimiser: rmsprop,
    scale: 1 / sizes.batch,
    seed: 0,
  });
  const ready = compileAlgorithm(step);
  ready.write("images", randomImages(ROWS, PIXELS));
  return ready;
}

const PARAMETERS = layers(
  ...["mean", "logSd", "decoder"].flatMap((name) => ["1", "2", "3"].map((i) => `${name}.${i}`)),
);

/** The mean over the minibatch is taken off. */
const minusMean: Control = {
  ...controls.none,
  apply: ({ value }) => ({ value: value.sub(mean(value)) }),
};

/** Proposals of three images out of four are accepted, of the others rejected, whatever they gain. */
const certain = (batch: number, iteration: number) =>
  floats(batch, (b) => ((b + iteration) % 4 === 0 ? 1e9 : 1e-9));

function check(sizes: Sizes): Check {
  const { batch, latents } = sizes;
  const [image, pixel] = [axis("image", batch), axis("pixel", PIXELS)];
  const pair = autoencoder(sizes, pixel);
  const guide = model<Images>((sites, data) => {
    const sample = (name: string, q: Distribution) => sites.sample(name, withNoise(q, "code"));
    pair.guide({ ...sites, sample }, data);
  });
  const noise: HmcNoise = {
    momentum: (i) => input(`momentum ${i}`, [image, pair.code]),
    uniform: (i) => input(`uniform ${i}`, [image]),
  };
  const parameters = paramStore();
  const data = { x: input("x", [image, pixel]), image };
  const given = { ...CHAINS, model: pair.model, guide, data, parameters, noise };
  const step = training({
    objective: (_, key) => vcdTarget({ ...given, key, control: minusMean }),
    parameters,
    optimiser: rmsprop,
    scale: 1 / batch,
    seed: 0,
  });
  const draws = fixedNoise(1 + ITERATIONS, batch, latents);
  const part = (i: number) => draws.subarray(i * batch * latents, (i + 1) * batch * latents);
  const inputs = { x: fixedImages(batch, PIXELS), code: part(0), "#stepSize": STEP_SIZE };
  const iterations = Array.from({ length: ITERATIONS }, (_, i) => ({
    [`momentum ${i}`]: part(1 + i),
    [`uniform ${i}`]: certain(batch, i),
  }));
  return trainingCheck(step, PARAMETERS, 1 / batch, Object.assign(inputs, ...iterations));
}

export const vcd: Family = {
  name: "vcd",
  members: [{ name: "vcd", sizes: { batch: 100, hidden: 200, latents: 10 } }],
  flop: ({ batch, hidden, latents }) => {
    const decoder = [latents, hidden, hidden, PIXELS];
    // The encoders; HMC; the decoder at z_0, by its input; and at z_t, by its weights.
    return (
      2 * trainingFlop(batch, [PIXELS, hidden, hidden, latents], false) +
      (2 + ITERATIONS * LEAPFROGS) * inputGradientFlop(batch, decoder) +
      trainingFlop(batch, decoder, false)
    );
  },
  check,
  program,
};
