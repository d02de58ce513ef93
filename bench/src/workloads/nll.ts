/**
 * The log likelihood of test images under the importance-weighted autoencoder of `iwae-1`, by 5000 draws for each image: a
 * step scores a few of 10,000 images, in calls of 50 draws, as `dataEvaluator` does.
 */
import type { Distribution } from "../../../src/distributions/index.ts";
import { evaluation } from "../../../src/inference/internal.ts";
import { model, paramStore } from "../../../src/model/index.ts";
import { AUTOENCODERS } from "../../../src/papers/stl/index.ts";
import type { ImageBatch } from "../../../src/problems/index.ts";
import { compile, type Program } from "../../../src/runtime/index.ts";
import {
  axis,
  cast,
  fold,
  gatherClamped,
  index,
  input,
  key,
  sum,
} from "../../../src/tensor/internal.ts";
import type { Check, Sizes } from "../protocol.ts";
import {
  fixedImages,
  fixedNoise,
  layers,
  randomImages,
  withNoise,
  writeParameters,
} from "./fixed.ts";
import type { Family } from "./workload.ts";

const PIXELS = 784;
const ROWS = 10_000;
/** Draws of a call. */
const CHUNK = 50;

/** What the sums of an image are before its first call, and in how many calls it is scored. */
const STARTS = new WeakMap<Program, { readonly calls: number; readonly restart: () => void }>();

/** Calls of the check, whose sums are carried from one to the next. */
const CHECKED_CALLS = 2;

/** The log likelihoods of the fixed images, added up, after so many calls at the fixed parameters and noise. */
function check({ batch, hidden, latents, k }: Sizes): Check {
  const [image, pixel] = [axis("image", batch), axis("pixel", PIXELS)];
  const autoencoder = AUTOENCODERS[1](pixel, { hidden, latents });
  const guide = model<ImageBatch>((sites, data) => {
    const sample = (name: string, q: Distribution) => sites.sample(name, withNoise(q, "noise"));
    autoencoder.guide({ ...sites, sample }, data);
  });
  const data = { x: input("x", [image, pixel]), image, total: batch };
  const weighed = evaluation({
    ...{ model: autoencoder.model, guide, data, key: key(0), parameters: paramStore() },
    ...{ plate: image, chunk: k },
  });
  const { updates } = weighed;
  const logLikelihood = sum(weighed.outputs.logLikelihood);
  const made = compile({ outputs: { logLikelihood }, updates });
  writeParameters(made, layers(...autoencoder.layers));
  made.write("x", fixedImages(batch, PIXELS));
  weighed.restart(made);
  const noise = fixedNoise(CHECKED_CALLS * k, batch, latents);
  const size = noise.length / CHECKED_CALLS;
  let found = Number.NaN;
  for (let call = 0; call < CHECKED_CALLS; call++) {
    made.write("noise", noise.subarray(call * size, (call + 1) * size));
    found = made.run().logLikelihood.data[0];
  }
  return { logLikelihood: found };
}

function program({ batch, hidden, latents, draws }: Sizes): Program {
  const [image, row, pixel] = [axis("image", batch), axis("row", ROWS), axis("pixel", PIXELS)];
  const images = input("images", [row, pixel], "uint8");
  const first = input("first", [], "int32");
  const x = cast(gatherClamped(images, row, index(image).add(first)), "float32");
  const autoencoder = AUTOENCODERS[1](pixel, { hidden, latents });
  const parameters = paramStore();
  const weighed = evaluation({
    ...{ model: autoencoder.model, guide: autoencoder.guide, data: { x, image, total: batch } },
    ...{ key: fold(key(0), first), parameters, plate: image, chunk: CHUNK },
  });
  const made = compile({ outputs: weighed.outputs, updates: weighed.updates });
  made.write("images", randomImages(ROWS, PIXELS));
  writeParameters(
    made,
    parameters.list().map(({ name }) => name),
  );
  let at = 0;
  const restart = () => {
    made.write("first", at);
    at = (at + batch) % ROWS;
    weighed.restart(made);
  };
  STARTS.set(made, { calls: draws / CHUNK, restart });
  return made;
}

function run(of: Program, steps: number): void {
  const { calls, restart } = STARTS.get(of)!;
  for (let step = 0; step < steps; step++) {
    restart();
    of.step(calls);
  }
}

export const nll: Family = {
  name: "nll",
  members: [{ name: "nll", sizes: { batch: 8, hidden: 200, latents: 50, draws: 5000, k: CHUNK } }],
  flop: ({ batch, hidden, latents, draws }) =>
    2 * batch * draws * (latents * hidden + hidden * hidden + hidden * PIXELS),
  check,
  program,
  run,
};
