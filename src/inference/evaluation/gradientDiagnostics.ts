/** How an estimator's gradients spread over draws, at given parameters. */

import { compile } from "../../runtime/index.ts";
import { broadcast } from "../../runtime/internal.ts";
import {
  ANYTHING,
  checkArguments,
  fold,
  grad,
  input,
  OBJECT,
  optional,
  optionsWith,
  PRECISION,
  type Precision,
  seedKey,
  sizeOf,
  type TypedArray,
  wholeNumber,
} from "../../tensor/internal.ts";
import { ELIMINATION_OPTIONS } from "../elimination/eliminate.ts";
import { writeSeed } from "../process/state.ts";
import { type Trained, writeTrained } from "../process/trained.ts";
import { MODEL_AND_GUIDE } from "../proposal/traces.ts";
import { dot } from "../statistics/linear.ts";
import { RunningMoments } from "../statistics/runningMoments.ts";
import { type BoundOptions, bound } from "../target/bound.ts";

/** What gradients are taken of, where, and how many. */
export interface GradientDiagnosticsOptions<Data> extends Omit<BoundOptions<Data>, "key"> {
  /** The parameters by name, such as those of a fit. */
  readonly values: Trained;
  /** Gradients, each of new draws of the guide: at least 2; 1000 unless given. */
  readonly draws?: number;
  /** 0 unless given. */
  readonly seed?: number;
  /** What everything is computed in, as in the fit; float32 unless given. */
  readonly dtype?: Precision;
}

/** The gradients of one parameter; of its elements row-major over its axes. */
export interface GradientDiagnostics {
  /** The mean of each element, in nats per unit of it. */
  readonly mean: Float64Array;
  /** The variance of each element over draws. */
  readonly variance: Float64Array;
  /** The mean over draws of the Euclidean norm of the gradient. */
  readonly norm: number;
  /** The mean cosine of the angle between the gradients of two draws: 1 where there is no noise, 0 where all is noise. */
  readonly cosine: number;
}

/**
 * Mean, variance, norm and direction of the gradients of a bound over repeated draws, by parameter, for any model,
 * particles and gradient estimator. Variances of estimators are to be compared with the same particles and values; the
 * draws are the same for the same seed.
 *
 * @throws SurmiseError as `bound`, if `values` lacks a parameter, or `draws` is not a whole number of at least 2.
 *
 * @example
 * const { store: parameters, parameters: values } = fitted;
 * gradientDiagnostics({ model, guide, data, parameters, values, gradient: "path" })["z.mean"].variance;
 */
export function gradientDiagnostics<Data>(
  options: GradientDiagnosticsOptions<Data>,
): Readonly<Record<string, GradientDiagnostics>> {
  checkArguments("gradientDiagnostics", { options }, GIVEN);
  const { values, draws = 1000, seed = 0, dtype, parameters, ...rest } = options;
  wholeNumber("gradientDiagnostics: draws", draws, { least: 2, most: 2 ** 31 - 1 });
  const at = input(DRAW, [], "int32");
  const key = fold(fold(seedKey(), "gradient"), at);
  const { bound: estimate } = bound({ ...rest, parameters, key });
  const params = parameters.list();
  const gradients = grad(
    estimate,
    params.map(({ value }) => value),
  );
  const outputs = Object.fromEntries(params.map(({ name }, i) => [outputOf(name), gradients[i]]));
  const program = compile({ outputs, varying: [at] }, { steps: draws, ...(dtype && { dtype }) });
  writeSeed(program, seed);
  writeTrained(program, parameters, values);
  const found = new Map(params.map(({ name, axes }) => [name, new Spread(sizeOf(axes))]));
  for (let draw = 0; draw < draws; draw++) {
    if (program.inputs.has(DRAW)) program.write(DRAW, draw);
    const results = program.run();
    for (const { name, axes } of params)
      found.get(name)?.add(broadcast(results[outputOf(name)], axes));
  }
  return Object.fromEntries([...found].map(([name, spread]) => [name, spread.summary()]));
}

/** What the entries of the options must be: the key is made here. */
const { key: _, ...PAIR } = MODEL_AND_GUIDE;
const GIVEN = optionsWith<GradientDiagnosticsOptions<unknown>>({
  ...PAIR,
  ...ELIMINATION_OPTIONS,
  values: OBJECT,
  draws: ANYTHING,
  seed: ANYTHING,
  dtype: optional(PRECISION),
  particles: ANYTHING,
  kl: ANYTHING,
  gradient: ANYTHING,
  alpha: ANYTHING,
  beta: ANYTHING,
});

/** The gradient of a parameter among the outputs. */
const outputOf = (param: string) => `#gradient ${param}`;

/** The number of the draw. */
const DRAW = "#draw";

/** Running moments of vectors, their norms, and the angles from one to the next. */
class Spread {
  private readonly moments: RunningMoments;
  private norms = 0;
  private cosines = 0;
  private last: Float64Array | undefined;

  constructor(dimension: number) {
    this.moments = RunningMoments.of(dimension);
  }

  /** One more vector. */
  add(values: TypedArray): void {
    const x = Float64Array.from(values);
    this.moments.add(x);
    const norm = Math.sqrt(dot(x, x));
    this.norms += norm;
    if (this.last !== undefined) {
      const both = norm * Math.sqrt(dot(this.last, this.last));
      this.cosines += both === 0 ? 0 : dot(x, this.last) / both;
    }
    this.last = x;
  }

  /** Of all of them. */
  summary(): GradientDiagnostics {
    const { norms, cosines } = this;
    const { count, mean, squares } = this.moments;
    const variance = squares.map((x) => x / (count - 1));
    return { mean, variance, norm: norms / count, cosine: cosines / (count - 1) };
  }
}
