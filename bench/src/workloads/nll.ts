/**
 * The log likelihood of test images under the importance-weighted autoencoder of `iwae-1`, by 5000 draws for each image: a
 * step scores a few of 10,000 images, in calls of 50 draws, as `dataEvaluator` does.
 */
import { evaluation } from "../../../src/inference/internal.ts";
import { paramStore } from "../../../src/model/index.ts";
import { AUTOENCODERS } from "../../../src/papers/stl/index.ts";
import { compile, type Program } from "../../../src/runtime/index.ts";
import {
  axis,
  cast,
  fold,
  gatherClamped,
  index,
  input,
  key,
} from "../../../src/tensor/internal.ts";
import type { Sizes } from "../protocol.ts";
import { randomImages, writeParameters } from "./fixed.ts";
import { iwae1 } from "./iwae.ts";
import type { Family } from "./workload.ts";

const PIXELS = 784;
const ROWS = 10_000;
/** Draws of a call. */
const CHUNK = 50;

/** What the sums of an image are before its first call, and in how many calls it is scored. */
const STARTS = new WeakMap<Program, { readonly calls: number; readonly restart: () => void }>();

function program({ batch, hidden, latents, draws }: Sizes): Program {
  const [image, row, pixel] = [axis("image", batch), axis("row", ROWS), axis("pixel", PIXELS)];
  const images = input("images", [row, pixel], "uint8");
  const first = input("first", [], "int32");
  const x = cast(gatherClamped(images, row, index(image).add(first)), "float32");
  const { model, guide } = AUTOENCODERS[1](pixel, { hidden, latents });
  const parameters = paramStore();
  const weighed = evaluation({
    ...{ model, guide, data: { x, image, total: batch }, key: fold(key(0), first) },
    ...{ parameters, plate: image, chunk: CHUNK },
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
  // The bound of 50 draws and its gradient: what a call computes the first of.
  check: iwae1.check,
  program,
  run,
};
