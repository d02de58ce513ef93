/** What each control variate leaves of the variance of the gradient, datum by datum, on the network of the paper. */
import { setImmediate } from "node:timers/promises";
import type { ImageSet } from "../../../data/index.ts";
import { normal } from "../../../distributions/index.ts";
import type { BoundRecord } from "../../../experiments/index.ts";
import {
  broadcast,
  type ProgramState,
  refine,
  VCD,
  writeSeed,
  writeState,
} from "../../../inference/internal.ts";
import { draw, type Model, paramStore, trace } from "../../../model/index.ts";
import type { RunControl, Task } from "../../../runs/index.ts";
import { compile } from "../../../runtime/index.ts";
import {
  axis,
  cast,
  checkArguments,
  fold,
  grad,
  input,
  key,
  NUMBER,
  NUMBERS,
  objectWith,
  seedKey,
  sqrt,
  stopGradient,
  sum,
  TEXT,
  type TypedArray,
} from "../../../tensor/internal.ts";
import { autoencoder, type Images, SIZES } from "../autoencoder.ts";
import { type AutoencoderConfig, autoencoderCell } from "./autoencoders.ts";
import type { VcdResult } from "./settings.ts";

/** A cell whose autoencoder is trained, and then stays as it is while gradients are drawn. */
export interface VarianceConfig extends AutoencoderConfig {
  /** Not one of those that are judged. */
  readonly experiment: "variances";
  /** Training images that are looked at, to choose data of unlike f from. */
  readonly candidates: number;
  /** Draws of the gradient of each datum. */
  readonly repetitions: number;
}

/** Control variates whose constants are known: means over all draws. `code` is of the signal of the authors' code. */
export const KNOWN_CONTROLS = {
  none: "none",
  noneInCode: "none, f as in the code",
  scalar: "scalar",
  scalarInCode: "scalar, f as in the code",
  perDatum: "one for each datum",
} as const;

/** A key of `KNOWN_CONTROLS`. */
export type KnownControl = keyof typeof KNOWN_CONTROLS;

/** One datum. */
export interface DatumVariances {
  /** The mean of f(z_t), in nats. */
  readonly f: number;
  /** The variance of the gradient by mean and sd of q, added up over their elements. */
  readonly variances: Readonly<Record<KnownControl, number>>;
}

/** The result: data in the order of f. */
export interface VarianceResult extends VcdResult {
  /** The data that were chosen. */
  readonly data: readonly DatumVariances[];
}

/** Data side by side, and how many are chosen. */
const CHOSEN = 100;
/** Draws by which candidates are put in order. */
const LOOKS = 3;

/** Trains, chooses data of unlike f, and measures. */
export function varianceCell(
  config: VarianceConfig,
  train: ImageSet,
  test: ImageSet,
): Task<VarianceResult, BoundRecord> {
  checkArguments("varianceCell", { config }, objectWith({ method: TEXT, seed: NUMBER }));
  checkArguments(
    "varianceCell",
    { train, test },
    objectWith({ images: NUMBERS, count: NUMBER, height: NUMBER, width: NUMBER }),
  );
  const { algorithm, steps, recordEvery, record, shown } = autoencoderCell(config, train, test);
  return {
    ...{ algorithm, steps, recordEvery, record, shown: shown as NonNullable<typeof shown> },
    async finish({ state, secondsPerStep, backend }, control) {
      const data = await measured(config, train, state, control);
      return { data, secondsPerStep, backend };
    },
  };
}

/** Draws of f and of the parts of the gradient, by mean and sd of q, of `CHOSEN` images. */
function gradientProgram(train: ImageSet, seed: number, state: ProgramState) {
  const pixel = axis("pixel", train.height * train.width);
  const image = axis("image", CHOSEN);
  const pair = autoencoder(pixel);
  const parameters = paramStore();
  const x = cast(input("#pixels", [image, pixel], "uint8"), "float32").mul(1 / 255);
  const data = { x, image };
  const { latents } = trace(pair.guide, data, draw(key(0)), parameters);
  const { distribution } = latents[0];
  const [code] = distribution.eventAxes;
  const encoder = compile({
    outputs: { mean: distribution.mean(), sd: sqrt(distribution.variance()) },
  });
  const heads = ["#mean", "#sd"].map((name) => input(name, [image, code]));
  const guide: Model<Images> = ({ sample, plate }) => {
    plate(image, () => sample("z", normal(heads[0], heads[1]).event(code)));
  };
  const count = input("#draw", [], "int32");
  const drawKey = fold(fold(seedKey(), "variances"), count);
  const chains = { stepSize: 0.5 / SIZES.latents, adaptation: 0 };
  const refined = refine({ ...pair, guide, data, key: drawKey, parameters, ...chains }, VCD);
  const { draws, improved, fixedLogJoint, logJoint, logGuide } = refined;
  const elbo = fixedLogJoint(draws).sub(logGuide(draws));
  const rest = grad(sum(elbo.add(logGuide(improved))), heads);
  const score = grad(sum(logGuide(draws.map(stopGradient))), heads);
  const program = compile({
    outputs: {
      f: logJoint(improved).sub(logGuide(improved)),
      ...Object.fromEntries([...rest, ...score].map((part, i) => [`part ${i}`, part])),
    },
  });
  for (const made of [encoder, program]) {
    writeState(made, state);
    writeSeed(made, seed);
  }
  const size = pixel.size;
  let made = 0;
  return {
    elements: code.size,
    /** Puts images into the program; gives the logs of the product of their sds. */
    show(rows: readonly number[]): readonly number[] {
      const pixels = new Uint8Array(CHOSEN * size);
      rows.forEach((row, i) => {
        pixels.set(train.images.subarray(row * size, (row + 1) * size), i * size);
      });
      for (const one of [encoder, program]) one.write("#pixels", pixels);
      const found = encoder.run();
      const [mean, sd] = [found.mean, found.sd].map((values) => broadcast(values, [image, code]));
      program.write("#mean", mean);
      program.write("#sd", sd);
      const logSd = Array.from(sd, Math.log);
      return rows.map((_, i) =>
        logSd.slice(i * code.size, (i + 1) * code.size).reduce((a, b) => a + b),
      );
    },
    /** The next draw: f, and the four parts row-major over (image, element). */
    draw() {
      const found = program.run({ inputs: { "#draw": made++ } });
      const parts = [0, 1, 2, 3].map((i) => broadcast(found[`part ${i}`], [image, code]));
      return { f: found.f.data as Float64Array, parts };
    },
  };
}

async function measured(
  { candidates, repetitions, seed }: VarianceConfig,
  train: ImageSet,
  state: ProgramState,
  { onEvent, signal }: RunControl,
): Promise<DatumVariances[]> {
  const program = gradientProgram(train, seed, state);
  const looked: { readonly row: number; readonly f: number }[] = [];
  for (let from = 0; from < candidates; from += CHOSEN) {
    const rows = Array.from({ length: CHOSEN }, (_, i) => (from + i) % train.count);
    program.show(rows);
    const draws = Array.from({ length: LOOKS }, () => Float64Array.from(program.draw().f));
    rows.forEach((row, i) => {
      looked.push({ row, f: draws.reduce((total, f) => total + f[i], 0) / LOOKS });
    });
  }
  looked.sort((a, b) => a.f - b.f);
  const spread = Array.from(
    { length: CHOSEN },
    (_, i) => looked[Math.round((i * (looked.length - 1)) / (CHOSEN - 1))].row,
  );
  const logSds = program.show(spread);
  const fs: Float64Array[] = [];
  const parts: TypedArray[][] = [];
  for (let i = 0; i < repetitions; i++) {
    const found = program.draw();
    fs.push(Float64Array.from(found.f));
    parts.push(found.parts.map((part) => part.slice()));
    onEvent?.({ kind: "score", what: "draws", done: i + 1, total: repetitions });
    await setImmediate();
    signal?.throwIfAborted();
  }
  const means = spread.map((_, i) => average(fs.map((f) => f[i])));
  const constants: Readonly<Record<KnownControl, (datum: number) => number>> = {
    none: () => 0,
    noneInCode: (i) => logSds[i],
    scalar: () => average(means),
    scalarInCode: (i) => average(means.map((mean, j) => mean - logSds[j])) + logSds[i],
    perDatum: (i) => means[i],
  };
  return spread.map((_, i) => ({
    f: means[i],
    variances: Object.fromEntries(
      Object.entries(constants).map(([name, constantOf]) => {
        const c = constantOf(i);
        return [
          name,
          totalVariance(
            i,
            program.elements,
            (r, part, at) => parts[r][part][at] - (fs[r][i] - c) * parts[r][part + 2][at],
            repetitions,
          ),
        ];
      }),
    ) as Record<KnownControl, number>,
  }));
}

/** The variances over repetitions of the gradients by mean and sd of datum `i`, added up over elements. */
function totalVariance(
  i: number,
  elements: number,
  gradient: (repetition: number, part: number, at: number) => number,
  repetitions: number,
): number {
  let total = 0;
  for (const part of [0, 1]) {
    for (let at = i * elements; at < (i + 1) * elements; at++) {
      const values = Array.from({ length: repetitions }, (_, r) => gradient(r, part, at));
      const mean = average(values);
      total += values.reduce((all, value) => all + (value - mean) ** 2, 0) / (repetitions - 1);
    }
  }
  return total;
}

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
