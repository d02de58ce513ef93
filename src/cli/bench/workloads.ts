/** The work of the benchmark as surmise does it; bench/README.md says what it is. */
import type { Distribution } from "../../distributions/index.ts";
import { begin, binarise, bound, minibatch, training } from "../../inference/index.ts";
import { model, parameters } from "../../model/index.ts";
import { adam } from "../../optim/index.ts";
import { aevb } from "../../papers/index.ts";
import { compile, type Program } from "../../runtime/index.ts";
import { type Axis, axis, input, sqrt, square, sum, type Tensor } from "../../tensor/index.ts";
import { type Build, type Check, LEARNING_RATE, PIXELS, ROWS, type Sizes } from "./protocol.ts";

interface Axes {
  readonly image: Axis;
  readonly pixels: Axis;
  readonly latents: Axis;
  readonly hidden: Axis;
}

const axesOf = ({ batch, hidden, latents }: Sizes): Axes => ({
  image: axis("image", batch),
  pixels: axis("pixel", PIXELS),
  latents: axis("latent", latents),
  hidden: axis("hidden", hidden),
});

/** One step of training: draws a minibatch, its binary images and the noise, and applies Adam. */
function vaeStep(sizes: Sizes) {
  const axes = axesOf(sizes);
  const row = axis("row", ROWS);
  const grey = input("grey", [row, axes.pixels], "uint8");
  const networks = aevb.vae(axes);
  const store = parameters();
  return training({
    objective: (step, stepKey, runKey) => {
      const batch = minibatch(grey, row, axes.image, step, runKey);
      const data = { x: binarise(batch, stepKey), image: axes.image, total: ROWS };
      return bound({ ...networks, data, key: stepKey, kl: "closed", parameters: store });
    },
    parameters: store,
    optimiser: adam(LEARNING_RATE),
    scale: 1 / ROWS,
    seed: 0,
  });
}

/** About one pixel in five is lit, as in handwritten digits. */
const randomPixels = () =>
  Uint8Array.from({ length: ROWS * PIXELS }, () =>
    Math.random() < 0.2 ? Math.floor(256 * Math.random()) : 0,
  );

/** The training step, ready to run. */
export function vaeProgram(sizes: Sizes): Program {
  const program = begin(vaeStep(sizes));
  program.write("grey", randomPixels());
  return program;
}

/** Builds the training step and runs it once, watch in hand. */
export function timeBuild(sizes: Sizes): Build {
  const pixels = randomPixels();
  const times = [performance.now()];
  const step = vaeStep(sizes);
  times.push(performance.now());
  const program = begin(step);
  times.push(performance.now());
  program.write("grey", pixels);
  program.run();
  times.push(performance.now());
  const [trace, compile, firstStep] = times.slice(1).map((time, i) => time - times[i]);
  return { trace, compile, firstStep };
}

/** The product of two matrices, ready to run. */
export function gemmProgram({ batch, hidden }: Sizes): Program {
  const [m, k, n] = [axis("m", batch), axis("k", PIXELS), axis("n", hidden)];
  const [a, b] = [input("a", [m, k]), input("b", [k, n])];
  const program = compile({ outputs: { product: sum(a.mul(b), k) } });
  for (const [name, length] of Object.entries({ a: batch * PIXELS, b: PIXELS * hidden })) {
    program.write(
      name,
      floats(length, () => 2 * Math.random() - 1),
    );
  }
  return program;
}

/** The parameters in the order of the check. */
const PARAMETERS = ["encoder.hidden", "encoder.mean", "encoder.logVariance"]
  .concat("decoder.hidden", "decoder.logits")
  .flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]);

/** Loss and gradient norm of the same model and guide at the fixed parameters, images and noise. */
export function vaeCheck(sizes: Sizes): Check {
  const axes = axesOf(sizes);
  const { image, pixels, latents } = axes;
  const noise = input("noise", [image, latents]);
  const networks = aevb.vae(axes);
  const guide = model<aevb.Images>((sites, data) => {
    const sample = (name: string, q: Distribution) => sites.sample(name, withNoise(q, noise));
    networks.guide({ ...sites, sample }, data);
  });
  const store = parameters();
  const data = { x: input("x", [image, pixels]), image, total: sizes.batch };
  const { outputs, gradients } = training({
    objective: (_, key) =>
      bound({ model: networks.model, guide, data, key, kl: "closed", parameters: store }),
    parameters: store,
    optimiser: adam(LEARNING_RATE),
    scale: 1 / sizes.batch,
    seed: 0,
  });
  const squares = Object.values(gradients).map((gradient) => sum(square(gradient)));
  const gradientNorm = sqrt(squares.reduce((a, b) => a.add(b)));
  const program = compile({ outputs: { bound: outputs.bound, gradientNorm } });
  const { inputs } = program;
  PARAMETERS.forEach((name, p) => {
    const length = inputs.get(name)!.axes.reduce((product, { size }) => product * size, 1);
    program.write(
      name,
      floats(length, (i) => 0.1 * Math.sin(0.37 * i + p)),
    );
  });
  program.write("x", fixedImages(sizes));
  program.write("noise", fixedNoise(sizes));
  const result = program.run();
  return {
    loss: -result.bound.data[0] / sizes.batch,
    gradientNorm: result.gradientNorm.data[0],
  };
}

/** The normal distribution `q`, drawn with the given noise. */
const withNoise = (q: Distribution, noise: Tensor): Distribution => ({
  ...q,
  sample: () => q.parameters.mean.add(q.parameters.sd.mul(noise)),
});

const fixedImages = ({ batch }: Sizes) =>
  floats(batch * PIXELS, (i) => {
    const j = i % PIXELS;
    const b = (i - j) / PIXELS;
    return (7 * b + 3 * j + ((b * j) % 11)) % 5 === 0 ? 1 : 0;
  });

const fixedNoise = ({ batch, latents }: Sizes) =>
  floats(batch * latents, (i) => Math.sin(1.3 * Math.floor(i / latents) + 0.7 * (i % latents)));

const floats = (length: number, entry: (i: number) => number) =>
  Float32Array.from({ length }, (_, i) => entry(i));
