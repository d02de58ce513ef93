/** The training of one autoencoder by one of the methods, judged on the way. */
import { firstImages, type ImageDataset } from "../../../data/index.ts";
import { normal } from "../../../distributions/index.ts";
import type { BoundRecord } from "../../../experiments/index.ts";
import {
  type Algorithm,
  bound,
  type EmData,
  minibatchRows,
  monteCarloEm,
  training,
  wakeSleep,
} from "../../../inference/index.ts";
import { parametersIn } from "../../../inference/internal.ts";
import { type Model, type ParamStore, paramStore } from "../../../model/index.ts";
import { normalInit } from "../../../nn/index.ts";
import { adagrad } from "../../../optim/index.ts";
import { type ImageBatch, manifold } from "../../../problems/index.ts";
import type { Task } from "../../../runs/index.ts";
import {
  axis,
  cast,
  checkArguments,
  gatherClamped,
  type Key,
  NUMBER,
  OBJECT,
  objectWith,
  TEXT,
  type Tensor,
  tensor,
} from "../../../tensor/internal.ts";
import { fullBayes } from "../fullBayes.ts";
import { boundJudge, evidenceJudge, type JudgeOf } from "../judges.ts";
import { vae } from "../vae.ts";
import type { AevbConfig, AevbResult, Manifold } from "./settings.ts";

/** A record: the objective per training image, and how good it is on training and test images. */
export interface AevbRecord extends BoundRecord {
  /** Training images seen. */
  readonly samples: number;
  /** Of training images, in nats per image. */
  readonly train: number;
  /** Of test images, in nats per image. */
  readonly test: number;
}

/** The size of a minibatch in the paper. */
export const BATCH = 100;
/** All parameters begin at draws of this sd. */
const START_SD = 0.1;
/** Images in a row of a manifold. */
const SIDE = 20;

/** The training of one autoencoder. */
export function autoencoderCell(
  config: AevbConfig,
  data: ImageDataset,
): Task<AevbResult, AevbRecord> {
  checkArguments("autoencoderCell", { config }, objectWith({ method: TEXT, seed: NUMBER }));
  checkArguments("autoencoderCell", { data }, objectWith({ train: OBJECT, test: OBJECT }));
  const { method, latents, hidden, samples, points, judged, seed } = config;
  const train = firstImages(data.train, config.trainImages);
  const binary = config.data === "mnist";
  const [pixels, code] = [axis("pixel", train.height * train.width), axis("latent", latents)];
  const weighed = vae({
    ...{ pixels, latents: code, hidden: axis("hidden", hidden) },
    ...{ decoder: binary ? "bernoulli" : "gaussian", initialiser: normalInit(START_SD) },
    prior: normal(0, 1),
  });
  const pair = method === "fullVb" ? fullBayes(weighed) : weighed;
  const store = paramStore();
  const [row, image] = [axis("row", train.count), axis("image", BATCH)];
  const grey = tensor(train.images, [row, pixels]);
  const batchAt = (step: Tensor, runKey: Key) => {
    const rows = minibatchRows(row, image, step, runKey);
    const x = cast(gatherClamped(grey, row, rows), "float32").mul(1 / 255);
    return { data: { x, image, total: row.size }, datum: { batch: image, row, rows } };
  };
  const algorithm = algorithmOf(config, pair, store, batchAt, row.size);
  const given = { ...pair, pixels, latents: code, store, seed };
  let made: JudgeOf | undefined;
  const judge: JudgeOf = (set, weights) => {
    made ??= config.judge === "bound" ? boundJudge(given) : evidenceJudge(given);
    return made(set, weights);
  };
  const [some, unseen] = [firstImages(train, judged), firstImages(data.test, judged)];
  const steps = Math.round(samples / BATCH);
  return {
    algorithm,
    steps,
    recordEvery: Math.ceil(steps / points),
    resultNeedsRecords: true,
    async record({ step, metrics, seconds }, state) {
      const weights = parametersIn(state(), store);
      const [seen, tested] = [judge(some, weights), judge(unseen, weights)];
      const objective = metrics.bound / row.size;
      return { step, seconds, bound: objective, samples: step * BATCH, train: seen, test: tested };
    },
    shown: ({ bound: value }) => value / row.size,
    async finish({ state, records, secondsPerStep, backend }) {
      const last = records[records.length - 1];
      const ofImages = { ...pair, pixels, store, binary };
      const plane =
        latents === 2 ? manifold(ofImages, parametersIn(state, store), SIDE) : undefined;
      return {
        ...{ train: last.train, test: last.test, objective: last.bound, secondsPerStep, backend },
        ...(plane && { manifold: packed(plane, train) }),
      };
    },
  };
}

type BatchAt = (step: Tensor, runKey: Key) => EmData<ImageBatch>;

function algorithmOf(
  { method, rate, seed }: AevbConfig,
  pair: { readonly model: Model<ImageBatch>; readonly guide: Model<ImageBatch> },
  parameters: ParamStore,
  batchAt: BatchAt,
  images: number,
): Algorithm {
  const given = { parameters, optimiser: adagrad(rate), scale: 1 / images, seed };
  if (method === "mcem") return monteCarloEm({ ...given, model: pair.model, data: batchAt });
  return training({
    ...given,
    objective(step, key, runKey) {
      const options = { ...pair, data: batchAt(step, runKey).data, key, parameters };
      if (method === "wakeSleep") return wakeSleep({ ...options, dreamt });
      return bound({ ...options, kl: "closed" });
    },
  });
}

/** The images that the decoder has drawn in the place of those that were observed. */
const dreamt = (data: ImageBatch, drawn: Readonly<Record<string, Tensor>>): ImageBatch => ({
  ...data,
  x: cast(drawn.x, "float32"),
});

function packed(
  images: readonly Float32Array[],
  { height, width }: { readonly height: number; readonly width: number },
): Manifold {
  const bytes = images.flatMap((image) =>
    Array.from(image, (grey) => Math.round(255 * Math.min(1, Math.max(0, grey)))),
  );
  const text = Buffer.from(Uint8Array.from(bytes)).toString("base64");
  return { side: SIDE, height, width, images: text };
}
