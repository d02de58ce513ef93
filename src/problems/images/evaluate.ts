/** How good a trained model is on given images: the bound, and the likelihood by importance weighting. */
import { setImmediate } from "node:timers/promises";
import type { ImageSet } from "../../data/index.ts";
import {
  binarise,
  evaluation,
  type ProgramState,
  writeSeed,
  writeState,
} from "../../inference/internal.ts";
import { compile, type Program } from "../../runtime/index.ts";
import {
  axis,
  cast,
  checkArguments,
  fold,
  input,
  seedInputs,
  seedKey,
  sizeOf,
  wholeNumber,
} from "../../tensor/internal.ts";
import { IMAGE_MODEL, type ImageModel } from "./model.ts";

/** Means over images, in nats per image. */
export interface Score {
  /** The bound: the mean log weight of the draws. */
  readonly elbo: number;
  /** Minus the log of the mean weight of the draws. */
  readonly nll: number;
  /** The standard error of `nll`, over images. */
  readonly nllError: number;
  /** How many images these are the means of. */
  readonly images: number;
}

/** How an evaluation is watched, stopped and limited in time. */
export interface EvaluateOptions {
  /** Called with the images done so far, parts of images included. */
  readonly onProgress?: ((images: number) => void) | undefined;
  /** Ends the work with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** After so many seconds no further images are begun. */
  readonly maxSeconds?: number | undefined;
}

/** Scores images under any weights of one model. Compiled once. */
export interface Evaluator {
  /** The mean ELBO and negative log likelihood of the images of `set`, in nats per image. */
  score(set: ImageSet, weights: ProgramState, options?: EvaluateOptions): Promise<Score>;
}

/**
 * An evaluator of `model` with `draws` draws per image. The draws follow from the seed and the place
 * of the image, and so does the one binarisation of grey images: two scores with one seed differ by
 * the weights alone.
 */
export function evaluator(model: ImageModel, draws: number, seed: number): Evaluator {
  checkArguments("evaluator", { model }, IMAGE_MODEL);
  wholeNumber("evaluator: draws", draws, { least: 1, most: 2 ** 31 - 1 });
  seedInputs(seed); // Refuses what is none.
  const { pixels, binary } = model;
  const chunk = largestDivisor(draws, MOST_DRAWS_PER_CALL);
  const image = axis("image", Math.ceil(PASSES_PER_CALL / chunk));
  const batch = input("#batch", [], "int32");
  const values = input("#images", [image, pixels], "uint8");
  const x = cast(values, "float32").mul(binary ? 1 : 1 / 255);
  const { outputs, updates, initial } = evaluation({
    model: model.model,
    guide: model.guide,
    data: { x, image, total: image.size },
    key: fold(fold(seedKey(), "evaluation"), batch),
    parameters: model.store,
    plate: image,
    chunk,
  });
  const program = compile({ outputs, updates });
  const start = compile({ outputs: initial }, { steps: 1 }).run();
  const restart = () => {
    for (const [name, { data }] of Object.entries(start)) fill(program, name, data[0]);
  };

  return {
    async score(set, weights, options = {}) {
      const { onProgress, signal, maxSeconds = Number.POSITIVE_INFINITY } = options;
      const end = performance.now() + 1000 * maxSeconds;
      const images = binary ? blackAndWhite(set, seed) : set.images;
      writeState(program, weights);
      writeSeed(program, seed);
      let [elbo, scored] = [0, 0];
      const nlls: number[] = [];
      while (scored < set.count && (scored === 0 || performance.now() < end)) {
        const first = scored;
        const here = Math.min(image.size, set.count - first);
        restart();
        program.write("#batch", first / image.size);
        program.write("#images", part(images, first * pixels.size, image.size * pixels.size));
        for (let done = chunk; done <= draws; done += chunk) {
          const found = program.run();
          onProgress?.(first + (here * done) / draws);
          if (done === draws) {
            elbo += sumOf(found.elbo.data, here);
            for (let i = 0; i < here; i++) nlls.push(-found.logLikelihood.data[i]);
          }
          await setImmediate();
          signal?.throwIfAborted();
        }
        scored += here;
      }
      const nll = sumOf(nlls, scored) / scored;
      const squares = nlls.reduce((sum, each) => sum + (each - nll) ** 2, 0);
      const nllError = Math.sqrt(squares / (scored - 1) / scored);
      return { elbo: elbo / scored, nll, nllError, images: scored };
    },
  };
}

/** Draws per call, and draws times images: enough to keep the matrix products busy. */
const MOST_DRAWS_PER_CALL = 50;
const PASSES_PER_CALL = 400;

/** Images per block of the binarisation; its draws are those of the block and the place in it. */
const BLOCK = 100;

/** The images of `set` as 0 and 1, by one draw for each pixel. */
function blackAndWhite({ images, height, width, count }: ImageSet, seed: number): Uint8Array {
  const [image, pixel] = [axis("image", BLOCK), axis("pixel", height * width)];
  const grey = input("#grey", [image, pixel], "uint8");
  const drawn = fold(fold(seedKey(), "binarisation"), input("#block", [], "int32"));
  const black = cast(binarise(grey, drawn), "uint8");
  const program = compile({ outputs: { black } }, { steps: 1 });
  writeSeed(program, seed);
  const size = BLOCK * pixel.size;
  const result = new Uint8Array(images.length);
  for (let block = 0; block * BLOCK < count; block++) {
    const { data } = program.run({
      inputs: { "#block": block, "#grey": part(images, block * size, size) },
    }).black;
    result.set(data.subarray(0, images.length - block * size), block * size);
  }
  return result;
}

/** `length` bytes from `start`, with zeros behind the end. */
function part(bytes: Uint8Array, start: number, length: number): Uint8Array {
  const there = bytes.subarray(start, start + length);
  if (there.length === length) return there;
  const padded = new Uint8Array(length);
  padded.set(there);
  return padded;
}

function fill(program: Program, name: string, value: number): void {
  const axes = program.inputs.get(name)?.axes ?? [];
  program.write(name, new Float64Array(sizeOf(axes)).fill(value));
}

function sumOf(data: ArrayLike<number>, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += data[i];
  return sum;
}

/** The largest divisor of `n` that is at most `most`. */
function largestDivisor(n: number, most: number): number {
  let divisor = Math.min(n, most);
  while (n % divisor !== 0) divisor--;
  return divisor;
}
