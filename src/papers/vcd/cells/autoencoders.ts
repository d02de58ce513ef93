/** Autoencoders of MNIST, trained and judged by the log likelihood of test images. */
import { firstImages, type ImageSet } from "../../../data/index.ts";
import type { BoundRecord, Estimate } from "../../../experiments/index.ts";
import {
  bound,
  type Control,
  controls,
  type DatumRows,
  hoffman,
  minibatchRows,
  type Objective,
  training,
  vcd,
} from "../../../inference/index.ts";
import { paramStore } from "../../../model/index.ts";
import { stepDecay } from "../../../optim/index.ts";
import type { Task } from "../../../runs/index.ts";
import {
  axis,
  cast,
  checkArguments,
  gatherClamped,
  NUMBER,
  NUMBERS,
  objectWith,
  TEXT,
  type Tensor,
  tensor,
} from "../../../tensor/internal.ts";
import { autoencoder, SIZES } from "../autoencoder.ts";
import { ofSignalInCode } from "../control.ts";
import { rmsprop } from "../rmsprop.ts";
import { type Proposal, type TestSettings, testEvaluator } from "../testLogLikelihood.ts";
import type { ControlName, VcdConfig, VcdResult } from "./settings.ts";

/** A cell in which an autoencoder is trained. */
export interface AutoencoderConfig extends VcdConfig {
  /** Of the score function. */
  readonly control: ControlName;
  /** The size of a minibatch. */
  readonly batch: number;
  /** The learning rate of means and decoder at the start; that of standard deviations is half of it. */
  readonly rate: number;
  /** Steps after which rates fall to 0.9 of what they were. */
  readonly decayEvery: number;
  /** How fast the step size of the chains follows their acceptance; 0.01 unless given. */
  readonly adaptation?: number;
  /** Test images that are judged at the end; no evaluation for 0. */
  readonly testImages: number;
  /** Trajectories of their chains before the samples, and as many samples. */
  readonly trajectories: number;
  /** S, the draws of the importance sampling for each of them. */
  readonly draws: number;
  /** Points of the curve of the test log likelihood. */
  readonly points: number;
}

/** A record: what is seen of the test images, at some of them, and how the chains are doing. */
export interface AutoencoderRecord extends BoundRecord {
  /** An estimate of the divergence, in nats per image. */
  readonly divergence?: number;
  /** The share of proposals that were accepted. */
  readonly acceptance?: number;
  /** Of the leapfrog integrator. */
  readonly stepSize?: number;
  /** The log likelihood of the first test images, in nats per image, by few draws. */
  readonly test?: number;
}

/** The result: the log likelihood of test images, in nats per image. */
export interface AutoencoderResult extends VcdResult {
  /** By each proposal; the errors are those of the test images. */
  readonly logLikelihood?: Partial<Record<Proposal, Estimate>>;
}

/** The first phase of the control variate of the paper. */
const SHARED_UNTIL = 3000;
/** Images of the curve, and how they are judged. */
const CURVE = { images: 256, settings: { burnIn: 50, samples: 50, draws: 500 } };
/** Records between two points of the curve. */
const RECORDS_A_POINT = 5;

/** The training of one autoencoder. */
export function autoencoderCell(
  config: AutoencoderConfig,
  train: ImageSet,
  test: ImageSet,
): Task<AutoencoderResult, AutoencoderRecord> {
  checkArguments("autoencoderCell", { config }, objectWith({ method: TEXT, seed: NUMBER }));
  checkArguments(
    "autoencoderCell",
    { train, test },
    objectWith({ images: NUMBERS, count: NUMBER, height: NUMBER, width: NUMBER }),
  );
  const { method, batch, iterations, rate, decayEvery, adaptation, seed, points } = config;
  const pixel = axis("pixel", train.height * train.width);
  const [row, image] = [axis("row", train.count), axis("image", batch)];
  const pair = autoencoder(pixel);
  const parameters = paramStore();
  const grey = tensor(train.images, [row, pixel]);
  const decayed = (from: number) => rmsprop(stepDecay(from, { every: decayEvery, factor: 0.9 }));
  const [fast, slow] = [decayed(rate), decayed(rate / 2)];
  const algorithm = training({
    objective(step, key, runKey): Objective {
      const rows = minibatchRows(row, image, step, runKey);
      const x = cast(gatherClamped(grey, row, rows), "float32").mul(1 / 255);
      const given = { ...pair, data: { x, image }, key, parameters };
      const chains = {
        stepSize: 0.5 / SIZES.latents,
        ...(adaptation !== undefined && { adaptation }),
      };
      if (method === "elbo") return bound({ ...given, kl: "entropy" });
      if (method === "hoffman") return hoffman({ ...given, ...chains });
      const control = controlOf(config.control, step, { batch: image, row, rows });
      return vcd({ ...given, ...chains, control });
    },
    parameters,
    optimiser: (name) => (name.startsWith("sd.") ? slow : fast),
    seed,
  });
  const evaluatorFor = (settings: TestSettings) =>
    testEvaluator(pair, pixel, parameters, seed, settings);
  const curve = points > 0 ? evaluatorFor(CURVE.settings) : undefined;
  const curveImages = firstImages(test, CURVE.images);
  const recordEvery = Math.ceil(iterations / (RECORDS_A_POINT * Math.max(1, points)));
  return {
    algorithm,
    steps: iterations,
    recordEvery,
    async record({ step, metrics, seconds }, state) {
      const isPoint = step % (RECORDS_A_POINT * recordEvery) === 0 || step === iterations;
      const proposals = ["chain"] as const;
      const judged = isPoint
        ? await curve?.evaluate(curveImages, state(), { proposals })
        : undefined;
      const { divergence, acceptance, stepSize } = metrics;
      return {
        ...{ step, seconds, bound: metrics.bound / batch },
        ...(divergence !== undefined && {
          ...{ divergence: divergence / batch, acceptance, stepSize },
        }),
        ...(judged?.chain && { test: judged.chain.mean }),
      };
    },
    shown: ({ bound: value }) => value / batch,
    async finish({ state, secondsPerStep, backend }, { onEvent, signal }) {
      const { testImages, trajectories, draws } = config;
      if (testImages === 0) return { secondsPerStep, backend };
      const judged = firstImages(test, testImages);
      const evaluator = evaluatorFor({ burnIn: trajectories, samples: trajectories, draws });
      const onProgress = (done: number) =>
        onEvent?.({ kind: "score", what: "nll", done, total: judged.count });
      const logLikelihood = await evaluator.evaluate(judged, state, { onProgress, signal });
      return { logLikelihood, secondsPerStep, backend };
    },
  };
}

/** As in the authors' code. */
function controlOf(name: ControlName, step: Tensor, datum: DatumRows): Control {
  if (name === "none") return controls.none;
  if (name === "scalar") return ofSignalInCode(controls.scalar);
  const second = controls.perDatum(datum);
  return ofSignalInCode(controls.twoPhase({ step, at: SHARED_UNTIL, second }));
}
