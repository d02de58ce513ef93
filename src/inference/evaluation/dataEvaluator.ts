/** How good a trained model is on new data, datum by datum, in bounded memory. */
import { compile } from "../../runtime/index.ts";
import {
  ANYTHING,
  AXIS,
  type Axis,
  checkArguments,
  FUNCTION,
  fold,
  input,
  objectWith,
  optionsWith,
  seedInputs,
  seedKey,
  type TypedArray,
  wholeNumber,
} from "../../tensor/internal.ts";
import { writeSeed } from "../process/state.ts";
import { type Trained, writeTrained } from "../process/trained.ts";
import { MODEL_AND_GUIDE, type ModelAndGuide } from "../proposal/traces.ts";
import { evaluation } from "./evaluate.ts";

/** A model and a guide of some of the data at a time. */
export interface DataEvaluatorOptions<Data> extends Omit<ModelAndGuide<Data>, "key"> {
  /** Made of inputs over the axis `plate`, whose values the sets of data give; its total is the size of the axis. */
  readonly data: Data;
  /** The plate of the data, as many as are done at a time: all latents stand inside it and inside no other. */
  readonly plate: Axis;
  /** Draws for each datum; 5000 unless given. */
  readonly draws?: number;
  /** At a time, of these draws, at most; a divisor of `draws` is taken; 50 unless given. */
  readonly chunk?: number;
  /** The draws follow from it and the place of the datum; 0 unless given. */
  readonly seed?: number;
}

/** What the options must be: the key is made here; numbers are checked where they are used. */
const { key: _, ...PAIR } = MODEL_AND_GUIDE;
const OPTIONS = optionsWith<DataEvaluatorOptions<unknown>>({
  ...PAIR,
  plate: AXIS,
  draws: ANYTHING,
  chunk: ANYTHING,
  seed: ANYTHING,
});

/** Data to be scored. */
export interface DataSet {
  /** How many there are. */
  readonly count: number;
  /**
   * The values of the inputs for as many data as the plate has elements, from `first` on, row-major with the plate first; those
   * after the last datum may be anything.
   */
  rows(first: number): Readonly<Record<string, TypedArray>>;
}

/** How an evaluation is watched, stopped and limited in time. */
export interface ScoreControl {
  /** Called with the data done so far, parts of data included. */
  readonly onProgress?: ((data: number) => void) | undefined;
  /** Ends the work with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** After so many seconds no further data are begun. */
  readonly maxSeconds?: number | undefined;
}

/** Means over data, in nats per datum. */
export interface DataScore {
  /** The bound: the mean log weight of the draws. */
  readonly elbo: number;
  /** Minus the log of the mean weight of the draws. */
  readonly nll: number;
  /** The standard error of `nll`, over data; not a number of a single one. */
  readonly nllError: number;
  /** How many data these are the means of. */
  readonly count: number;
}

/** Scores data under any parameters of one model. Compiled once. */
export interface DataEvaluator {
  /**
   * The mean bound and negative log likelihood of the data.
   *
   * @throws SurmiseError if the parameters are not those of the model; what ends `signal`.
   */
  score(set: DataSet, values: Trained, control?: ScoreControl): Promise<DataScore>;
}

/** Gives way to other work of the process or page, if it has not for a while. */
function givingWay(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < TURN) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    last = performance.now();
  };
}

/** In milliseconds. */
const TURN = 50;

/**
 * Minus the log likelihood of new data by importance weighting, -log (1/K) sum_k p(x, z_k) / q(z_k given x) (Burda, Grosse and
 * Salakhutdinov, ICLR 2016, equation 8), which is too large by what K draws leave out. Memory is that of `plate` times
 * `chunk` draws, however many data and draws there are.
 *
 * @throws SurmiseError if model and guide do not fit together, latents stand outside of the plate, or a number is not of its
 * range.
 *
 * @example
 * const x = cast(input("x", [image, pixel], "uint8"), "float32");
 * const judge = dataEvaluator({ model, guide, data: { x, image, total: 100 }, plate: image, parameters: fitted.store });
 * const size = 100 * 784;
 * const rows = (first: number) => ({ x: test.images.subarray(first * 784, first * 784 + size) });
 * const { nll, nllError } = await judge.score({ count: 10_000, rows }, fitted.parameters);
 */
export function dataEvaluator<Data>(options: DataEvaluatorOptions<Data>): DataEvaluator {
  checkArguments("dataEvaluator", { options }, OPTIONS);
  const { plate, draws = 5000, chunk: most = 50, seed = 0, parameters, ...pair } = options;
  wholeNumber("dataEvaluator: draws", draws, { least: 1, most: 2 ** 31 - 1 });
  wholeNumber("dataEvaluator: chunk", most, { least: 1, most: 2 ** 31 - 1 });
  seedInputs(seed); // Refuses what is none.
  const chunk = largestDivisor(draws, most);
  const batch = input(BATCH, [], "int32");
  const key = fold(fold(seedKey(), "evaluation"), batch);
  const weighed = evaluation({ ...pair, parameters, plate, chunk, key });
  const program = compile({ outputs: weighed.outputs, updates: weighed.updates });

  return {
    async score(set, values, control = {}) {
      checkArguments("score", { set }, objectWith({ count: ANYTHING, rows: FUNCTION }));
      wholeNumber("score: count", set.count, { least: 1, most: 2 ** 31 - 1 });
      const { onProgress, signal, maxSeconds = Number.POSITIVE_INFINITY } = control;
      const end = performance.now() + 1000 * maxSeconds;
      writeTrained(program, parameters, values);
      writeSeed(program, seed);
      const pause = givingWay();
      let elbo = 0;
      const nlls: number[] = [];
      while (nlls.length < set.count && (nlls.length === 0 || performance.now() < end)) {
        const first = nlls.length;
        const here = Math.min(plate.size, set.count - first);
        weighed.restart(program);
        program.write(BATCH, first / plate.size);
        for (const [name, rows] of Object.entries(set.rows(first))) program.write(name, rows);
        for (let done = chunk; done <= draws; done += chunk) {
          const found = program.run();
          onProgress?.(first + (here * done) / draws);
          if (done === draws) {
            for (let i = 0; i < here; i++) {
              elbo += found.elbo.data[i];
              nlls.push(-found.logLikelihood.data[i]);
            }
          }
          await pause();
          signal?.throwIfAborted();
        }
      }
      const count = nlls.length;
      const nll = nlls.reduce((sum, each) => sum + each, 0) / count;
      const squares = nlls.reduce((sum, each) => sum + (each - nll) ** 2, 0);
      const nllError = Math.sqrt(squares / (count - 1) / count);
      return { elbo: elbo / count, nll, nllError, count };
    },
  };
}

/** The number of the batch. */
const BATCH = "#batch";

/** The largest divisor of `n` that is at most `most`. */
function largestDivisor(n: number, most: number): number {
  let divisor = Math.min(n, most);
  while (n % divisor !== 0) divisor--;
  return divisor;
}
