/**
 * Figure 1: a diagonal Gaussian fitted to a Gaussian of 100 dimensions. By the path derivative the parameters come to
 * rest where the two are equal; by the total one they go on moving.
 */
import { normal } from "../../../distributions/index.ts";
import { type BoundRecord, recordBound } from "../../../experiments/index.ts";
import { bound, gradientDiagnostics, parametersIn, training } from "../../../inference/internal.ts";
import { model, paramStore } from "../../../model/index.ts";
import { zeros } from "../../../nn/index.ts";
import { sgd } from "../../../optim/index.ts";
import type { Task } from "../../../runs/index.ts";
import { compile } from "../../../runtime/index.ts";
import {
  axis,
  checkArguments,
  exp,
  fold,
  key,
  log,
  NUMBER,
  objectWith,
  standardNormal,
} from "../../../tensor/internal.ts";
import type { StlConfig, StlResult } from "./settings.ts";

/** A cell of Figure 1. */
export interface GaussianConfig extends StlConfig {
  /** The paper's figure. */
  readonly experiment: "fig1";
  /** Of z. */
  readonly dimensions: number;
  /** Training steps. */
  readonly steps: number;
  /** Of plain gradient steps. */
  readonly rate: number;
}

/** A record: how far the parameters are from the posterior's, in sds of it, and how noisy gradients are there. */
interface GaussianRecord extends BoundRecord {
  /** The root mean square over all parameters. */
  readonly distance: number;
  /** The first of the means. */
  readonly means: readonly number[];
  /** The variance of the gradient: the trace of its covariance over draws. */
  readonly variance: number;
}

/** Points of a curve. */
const RECORDS = 100;
/** Means whose way is told. */
export const TRACES = 3;
/** Gradients that a variance is of. */
const DRAWS = 100;

/** Means and sds of the posterior: the same in all cells. */
function target(dimensions: number) {
  const element = axis("element", dimensions);
  const draw = (name: string) => standardNormal(fold(key(0), name), [element]);
  return { element, centre: draw("mean"), spread: exp(draw("log sd").mul(0.5)) };
}

/** Fits q(z) = normal(mean, exp(logSd)) to p(z), by one draw a step. */
export function gaussianCell(config: GaussianConfig): Task<StlResult, GaussianRecord> {
  checkArguments("gaussianCell", { config }, objectWith({ seed: NUMBER }));
  const { dimensions, estimator: gradient, steps, rate, seed } = config;
  const { element, centre, spread } = target(dimensions);
  const posterior = model(({ sample }) => {
    sample("z", normal(centre, spread).event(element));
  });
  const guide = model(({ sample, param }) => {
    const location = param("mean", [element], { init: zeros });
    const logSd = param("logSd", [element], { init: zeros });
    sample("z", normal(location, exp(logSd)).event(element));
  });
  const parameters = paramStore();
  const pair = { model: posterior, guide, data: undefined, parameters, gradient };
  const algorithm = training({
    objective: (_, stepKey) => bound({ ...pair, key: stepKey }),
    parameters,
    optimiser: sgd(rate),
    seed,
  });
  const right = compile({ outputs: { centre, spread, logSd: log(spread) } }).run();
  return {
    algorithm,
    steps,
    recordEvery: Math.ceil(steps / RECORDS),
    async record(event, state) {
      const values = parametersIn(state(), parameters);
      const off = (name: string, to: ArrayLike<number>, unit?: ArrayLike<number>) =>
        Array.from(values[name].data, (x, i) => (Number(x) - to[i]) / (unit?.[i] ?? 1));
      const means = off("mean", right.centre.data, right.spread.data);
      const all = [...means, ...off("logSd", right.logSd.data)];
      const spreads = Object.values(gradientDiagnostics({ ...pair, values, draws: DRAWS, seed }));
      return {
        ...(await recordBound(event)),
        distance: Math.sqrt(total(all.map((x) => x ** 2)) / dimensions),
        means: means.slice(0, TRACES),
        variance: total(spreads.flatMap(({ variance }) => [...variance])),
      };
    },
    resultNeedsRecords: true,
    finish: async ({ records, secondsPerStep, backend }) => ({
      ...{ secondsPerStep, backend },
      curves: {
        step: records.map(({ step }) => step),
        distance: records.map(({ distance }) => distance),
        variance: records.map(({ variance }) => variance),
        ...Object.fromEntries(
          Array.from({ length: TRACES }, (_, i) => [
            traceName(i),
            records.map(({ means }) => means[i]),
          ]),
        ),
      },
    }),
  };
}

/** The curve of one of the first means. */
export const traceName = (i: number) => `mean ${i + 1}`;

const total = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);
