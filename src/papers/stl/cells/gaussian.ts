/**
 * Figure 1: a diagonal Gaussian fitted to a Gaussian of 100 dimensions. By the path derivative the parameters come to
 * rest where the two are equal; by the total one they go on moving.
 */
import { normal } from "../../../distributions/index.ts";
import type { BoundRecord } from "../../../experiments/index.ts";
import { bound, type LoopEvent, training } from "../../../inference/index.ts";
import { model, paramStore } from "../../../model/index.ts";
import { zeros } from "../../../nn/index.ts";
import { sgd } from "../../../optim/index.ts";
import type { Task } from "../../../runs/index.ts";
import {
  axis,
  cast,
  checkArguments,
  exp,
  fold,
  grad,
  key,
  log,
  mean,
  NUMBER,
  objectWith,
  sqrt,
  square,
  standardNormal,
  sum,
  type Tensor,
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

/** A record: also how far the parameters are from the posterior's, and how large gradients are. */
interface GaussianRecord extends BoundRecord {
  readonly distance: number;
  readonly norm: number;
}

/** Points of a curve. */
const RECORDS = 200;

/** Means and log sds of the posterior: the same in all cells. */
function target(dimensions: number) {
  const element = axis("element", dimensions);
  const draw = (name: string) => standardNormal(fold(key(0), name), [element]);
  return { element, centre: draw("mean"), spread: exp(draw("log sd").mul(0.5)) };
}

/** Fits q(z) = normal(mean, exp(logSd)) to p(z), by one draw a step. */
export function gaussianCell(config: GaussianConfig): Task<StlResult, GaussianRecord> {
  checkArguments("gaussianCell", { config }, objectWith({ seed: NUMBER }));
  const { dimensions, estimator, steps, rate, seed } = config;
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
  const algorithm = training({
    objective(_, stepKey) {
      const pair = { model: posterior, guide, data: undefined, parameters };
      const elbo = bound({ ...pair, key: stepKey, gradient: estimator });
      const values = parameters.list().map(({ value }) => value);
      const norm = sqrt(total(grad(elbo.bound, values).map((g) => sum(square(g)))));
      const off = [values[0].sub(centre).div(spread), values[1].sub(log(spread))];
      const distance = sqrt(total(off.map((x) => mean(square(x)))));
      return { ...elbo, metrics: { distance: float64(distance), norm: float64(norm) } };
    },
    parameters,
    optimiser: sgd(rate),
    seed,
  });
  return {
    algorithm,
    steps,
    recordEvery: Math.ceil(steps / RECORDS),
    record: async ({ step, metrics, seconds }: LoopEvent) => {
      const { bound: value, distance, norm } = metrics;
      return { step, bound: value, seconds, distance, norm };
    },
    resultNeedsRecords: true,
    finish: async ({ records, secondsPerStep, backend }) => ({
      ...{ secondsPerStep, backend },
      curves: {
        step: records.map(({ step }) => step),
        distance: records.map(({ distance }) => distance),
        norm: records.map(({ norm }) => norm),
      },
    }),
  };
}

const float64 = (x: Tensor) => cast(x, "float64");
const total = (xs: readonly Tensor[]) => xs.reduce((a, b) => a.add(b));
