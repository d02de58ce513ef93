/**
 * The log likelihood of test images by importance sampling, from three proposals that a chain for each image helps to make
 * (Ruiz and Titsias, ICML 2019, as in their code).
 */
import { setImmediate } from "node:timers/promises";
import type { ImageSet } from "../../data/index.ts";
import { normal } from "../../distributions/index.ts";
import { type Estimate, estimate } from "../../experiments/index.ts";
import {
  broadcast,
  evaluation,
  type ModelAndGuide,
  type ProgramState,
  posteriorChains,
  writeSeed,
  writeState,
} from "../../inference/internal.ts";
import type { Model, ParamStore } from "../../model/index.ts";
import { compile } from "../../runtime/index.ts";
import {
  AXIS,
  type Axis,
  axis,
  cast,
  checkArguments,
  FUNCTION,
  fold,
  input,
  NUMBER,
  OBJECT,
  objectWith,
  seedKey,
  select,
  sizeOf,
  sqrt,
  square,
  type Tensor,
  type TypedArray,
} from "../../tensor/internal.ts";
import type { Autoencoder, Images } from "./autoencoder.ts";

/** How the chains are run, and how many draws are weighed. */
export interface TestSettings {
  /** Trajectories whose decisions adapt the step size. */
  readonly burnIn: number;
  /** Trajectories whose ends are the samples. */
  readonly samples: number;
  /** Draws of the importance sampling for each image: S. */
  readonly draws: number;
}

/** Means and standard deviations of the proposals, by name, the last of them the one that the paper reports. */
export const PROPOSALS = {
  encoder: "encoder mean, 1.2 encoder sd",
  mixed: "HMC mean, 1.2 encoder sd",
  chain: "HMC mean, 1.2 HMC sd",
} as const;

/** A key of `PROPOSALS`. */
export type Proposal = keyof typeof PROPOSALS;

/** How an evaluation is watched and stopped. */
interface TestOptions {
  /** Which to weigh draws of; all unless given. */
  readonly proposals?: readonly Proposal[];
  readonly onProgress?: (images: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Evaluates any weights of one autoencoder. Compiled once. */
export interface TestEvaluator {
  /** The log likelihood of the images of `set`, which are black and white, by each proposal: the mean over them, in nats. */
  evaluate(
    set: ImageSet,
    weights: ProgramState,
    options?: TestOptions,
  ): Promise<Partial<Record<Proposal, Estimate>>>;
}

/** Images side by side, as in the article's code. */
const IMAGES = 128;
/** Draws of each of them in a call: the memory of a call grows with it. */
const MOST_DRAWS = 25;
/** The proposals are wider than what they are made from. */
const WIDER = 1.2;
/** Of the standard deviations of proposals. */
const LEAST_SD = 1e-4;
/** Of the chains, at first. */
const STEP_SIZE = 0.05;
const [BATCH, PIXELS, TRAJECTORY] = ["#batch", "#pixels", "#trajectory"];
const [TOTAL, SQUARES] = ["#total", "#squares"];

/**
 * An evaluator whose chains begin at the encoder's mean. Random numbers follow from the seed and the place of the image.
 *
 * @param store the parameters of both, as they were trained
 */
export function testEvaluator(
  pair: Autoencoder,
  pixel: Axis,
  store: ParamStore,
  seed: number,
  settings: TestSettings,
): TestEvaluator {
  checkArguments("testEvaluator", { pair }, objectWith({ model: FUNCTION, guide: FUNCTION }));
  checkArguments("testEvaluator", { pixel }, AXIS);
  checkArguments("testEvaluator", { store }, OBJECT);
  checkArguments("testEvaluator", { seed }, NUMBER);
  checkArguments("testEvaluator", { settings }, OBJECT);
  const image = axis("image", IMAGES);
  const x = cast(input(PIXELS, [image, pixel], "uint8"), "float32").mul(1 / 255);
  const key = fold(fold(seedKey(), "test"), input(BATCH, [], "int32"));
  const given = { ...pair, data: { x, image }, key, parameters: store };
  const chains = chainProgram(given, settings);
  const weights = weightProgram(given, chains.axes, settings.draws);
  const programs = [chains.begin, chains.program, weights.program];

  return {
    async evaluate(set, state, { proposals = PROPOSAL_NAMES, onProgress, signal } = {}) {
      for (const program of programs) {
        writeState(program, state);
        writeSeed(program, seed);
      }
      const found = new Map<Proposal, number[]>(proposals.map((name) => [name, []]));
      for (let first = 0; first < set.count; first += IMAGES) {
        const last = Math.min(first + IMAGES, set.count);
        const pixels = new Uint8Array(IMAGES * pixel.size);
        pixels.set(set.images.subarray(first * pixel.size, last * pixel.size));
        for (const program of programs) {
          program.write(PIXELS, pixels);
          if (program.inputs.has(BATCH)) program.write(BATCH, first / IMAGES);
        }
        const encoder = chains.encoder();
        const posterior = proposals.some((name) => name !== "encoder")
          ? chains.run(encoder.mean)
          : encoder;
        const gaussians: Record<Proposal, Gaussian> = {
          encoder,
          mixed: { mean: posterior.mean, sd: encoder.sd },
          chain: posterior,
        };
        for (const [name, values] of found) {
          await setImmediate();
          signal?.throwIfAborted();
          values.push(...weights.run(gaussians[name]).subarray(0, last - first));
        }
        onProgress?.(last);
      }
      return Object.fromEntries([...found].map(([name, values]) => [name, estimate(values)]));
    },
  };
}

const PROPOSAL_NAMES = Object.keys(PROPOSALS) as readonly Proposal[];

/** A normal distribution for each image and element of its code. */
interface Gaussian {
  readonly mean: TypedArray;
  readonly sd: TypedArray;
}

type Given = ModelAndGuide<Images>;

/** Programs of the encoder's Gaussian, and of that of the samples of the chains. */
function chainProgram(given: Given, { burnIn, samples }: TestSettings) {
  const trajectory = input(TRAJECTORY, [], "int32");
  const { key } = given;
  const chain = posteriorChains(
    { ...given, key: fold(key, trajectory), iterations: 1, stepSize: STEP_SIZE },
    "test log likelihood",
  );
  const [z] = chain.positions;
  const { distribution } = chain.traces.guide.latents[0];
  const begin = compile({
    outputs: { mean: distribution.mean(), sd: sqrt(distribution.variance()) },
  });
  const [[, after], [stepSize, adapted]] = chain.state.updates;
  const [total, squares] = [TOTAL, SQUARES].map((name) => input(name, z.axes, "float64"));
  const counted = (x: Tensor) => select(trajectory.ge(burnIn), cast(x, "float64"), 0);
  const program = compile({
    outputs: {},
    updates: [
      [z, after],
      [stepSize, select(trajectory.lt(burnIn), adapted, stepSize)],
      [total, total.add(counted(after))],
      [squares, squares.add(counted(square(after)))],
      [trajectory, trajectory.add(1)],
    ],
  });
  const size = sizeOf(z.axes);
  return {
    ...{ begin, program, axes: z.axes },
    /** That of the images in the program. */
    encoder(): Gaussian {
      const { mean, sd } = begin.run();
      return { mean: broadcast(mean, z.axes), sd: broadcast(sd, z.axes) };
    },
    /** Runs the chains from `mean`. */
    run(mean: TypedArray): Gaussian {
      program.write("z#position", mean);
      program.write("#stepSize", STEP_SIZE);
      program.write(TRAJECTORY, 0);
      for (const name of [TOTAL, SQUARES]) program.write(name, new Float64Array(size));
      program.step(burnIn + samples);
      const [sums, sumsOfSquares] = [TOTAL, SQUARES].map((name) => program.read(name).data);
      const means = Float64Array.from(sums, (sum) => sum / samples);
      const sds = Float64Array.from(sumsOfSquares, (sum, i) =>
        Math.sqrt(Math.max(0, sum - samples * means[i] ** 2) / (samples - 1)),
      );
      return { mean: means, sd: sds };
    },
  };
}

/** A program of log likelihoods, in nats, by `draws` draws of a Gaussian for each image. */
function weightProgram(given: Given, axes: readonly Axis[], draws: number) {
  const { data } = given;
  const [mean, sd] = ["#proposal mean", "#proposal sd"].map((name) => input(name, axes));
  const [code] = axes.filter((one) => one !== data.image);
  const proposal: Model<Images> = ({ sample, plate }) => {
    plate(data.image, () => sample("z", normal(mean, sd).event(code)));
  };
  const chunk = divisor(draws, MOST_DRAWS);
  const weighed = evaluation({ ...given, guide: proposal, plate: data.image, chunk });
  const { logLikelihood } = weighed.outputs;
  const program = compile({ outputs: { logLikelihood }, updates: weighed.updates });
  return {
    program,
    /** Of all images in the program; the last of them may be there for nothing. */
    run(gaussian: Gaussian): Float64Array {
      weighed.restart(program);
      program.write("#proposal mean", gaussian.mean);
      program.write(
        "#proposal sd",
        gaussian.sd.map((x) => WIDER * Math.max(x, LEAST_SD)),
      );
      return program.run({ steps: draws / chunk }).logLikelihood.data as Float64Array;
    },
  };
}

/** The largest divisor of `n` that is at most `most`. */
function divisor(n: number, most: number): number {
  let found = Math.min(n, most);
  while (n % found !== 0) found--;
  return found;
}
