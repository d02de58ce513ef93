/** What a model of images sees: its samples, its reconstructions, and the plane of two latents. */
import type { ImageSet } from "../../data/index.ts";
import {
  inverseNormal,
  type ProgramState,
  writeSeed,
  writeState,
} from "../../inference/internal.ts";
import {
  condition,
  draw,
  type Interpretation,
  replay,
  type Trace,
  trace,
} from "../../model/index.ts";
import { compile } from "../../runtime/index.ts";
import {
  type Axis,
  axis,
  checkArguments,
  fold,
  input,
  type Key,
  NUMBERS,
  OBJECT,
  objectWith,
  seedKey,
  sizeOf,
  tensor,
} from "../../tensor/internal.ts";
import { IMAGE_MODEL, type ImageBatch, type ImageModel, numbersOf } from "./model.ts";

/** One image: a mean grey from 0 to 1, of real numbers from the least to the largest, for each pixel, in rows from the top. */
export type Picture = Float32Array;

/** `count` images drawn from the model: the mean of each given latents drawn from their prior. */
export function samples(
  model: ImageModel,
  weights: ProgramState,
  count: number,
  seed: number,
): Picture[] {
  checkArguments("samples", { model }, IMAGE_MODEL);
  checkArguments("samples", { weights }, OBJECT);
  const batch = blank(model, count);
  const drawn = trace(model.model, batch, draw(purpose("samples")), model.store);
  return run(model, batch, drawn, weights, seed);
}

/** The images of `set` as the model sees them again through one draw of the guide. */
export function reconstructions(
  model: ImageModel,
  weights: ProgramState,
  set: ImageSet,
  seed: number,
): Picture[] {
  checkArguments("reconstructions", { model }, IMAGE_MODEL);
  checkArguments("reconstructions", { weights }, OBJECT);
  checkArguments("reconstructions", { set }, objectWith({ images: NUMBERS }));
  const image = axis("image", set.count);
  const seen = tensor(set.values ?? set.images, [image, model.pixels]);
  const batch = { x: numbersOf(set, seen), image, total: image.size };
  const interpretation = draw(purpose("reconstructions"));
  const guide = trace(model.guide, batch, interpretation, model.store);
  const again = trace(model.model, batch, replay(guide, interpretation), model.store);
  return run(model, batch, again, weights, seed);
}

/**
 * The images along a `side` x `side` grid over the plane of a latent with two elements, row by row
 * from the top: evenly spaced on the unit square, sent through the inverse of the normal
 * distribution function (Kingma and Welling, ICLR 2014, appendix A). Undefined if the model has no
 * latent of two elements.
 */
export function manifold(
  model: ImageModel,
  weights: ProgramState,
  side: number,
): Picture[] | undefined {
  checkArguments("manifold", { model }, IMAGE_MODEL);
  checkArguments("manifold", { weights }, OBJECT);
  const batch = blank(model, side * side);
  const anyDraw = draw(purpose("manifold"));
  const { latents } = trace(model.model, batch, anyDraw, model.store);
  const plane = latents.find(
    ({ distribution: { eventAxes } }) => eventAxes.length === 1 && eventAxes[0].size === 2,
  );
  if (plane === undefined) return undefined;
  const coordinates = Array.from({ length: side }, (_, i) => inverseNormal((i + 0.5) / side));
  const points = coordinates.flatMap((_, row) => coordinates.map((x) => [x, -coordinates[row]]));
  const values = tensor(Float32Array.from(points.flat()), [
    batch.image,
    plane.distribution.eventAxes[0],
  ]);
  const fixed: Interpretation = condition({ [plane.name]: values }, anyDraw);
  return run(model, batch, trace(model.model, batch, fixed, model.store), weights, 0);
}

function purpose(name: string): Key {
  return fold(fold(seedKey(), "pictures"), name);
}

/** A batch whose values nobody looks at. */
function blank({ pixels }: ImageModel, count: number): ImageBatch {
  const image = axis("image", count);
  return { x: input("#unseen", [image, pixels]), image, total: count };
}

/** The mean of what the model observes, for each image of the batch. */
function run(
  model: ImageModel,
  { image }: ImageBatch,
  seen: Trace,
  weights: ProgramState,
  seed: number,
): Picture[] {
  const { pixels, units = { low: 0, high: 1 } } = model;
  const [site] = seen.observed.filter(({ distribution }) =>
    distribution.eventAxes.includes(pixels),
  );
  const program = compile({ outputs: { mean: site.distribution.mean() } }, { steps: 1 });
  writeState(program, weights);
  writeSeed(program, seed);
  const { axes, data } = program.run().mean;
  const stride = (of: Axis) => (axes.includes(of) ? sizeOf(axes.slice(axes.indexOf(of) + 1)) : 0);
  const grey = (x: number) => (x - units.low) / (units.high - units.low);
  const [down, across] = [stride(image), stride(pixels)];
  return Array.from({ length: image.size }, (_, i) =>
    Float32Array.from({ length: pixels.size }, (_, p) => grey(data[i * down + p * across])),
  );
}
