/**
 * Figure 3: a mixture of five Gaussians on its way to a posterior that is one too. Nothing is trained: on a straight
 * line to the posterior's parameters, the norms of the two parts of the gradient, that along the path of the draws and
 * the score function, are measured by many draws.
 */
import { mixture, normal } from "../../../distributions/index.ts";
import type { BoundRecord } from "../../../experiments/index.ts";
import { bound, type LoopEvent, particles, training } from "../../../inference/index.ts";
import { model, paramStore } from "../../../model/index.ts";
import { sgd } from "../../../optim/index.ts";
import type { Task } from "../../../runs/index.ts";
import {
  axis,
  cast,
  checkArguments,
  exp,
  floor,
  grad,
  minimum,
  NUMBER,
  objectWith,
  sqrt,
  square,
  sum,
  type Tensor,
  tensor,
} from "../../../tensor/internal.ts";
import type { StlConfig, StlResult } from "./settings.ts";

/** A cell of Figure 3. */
export interface MixtureConfig extends StlConfig {
  /** The paper's figure. */
  readonly experiment: "fig3";
  /** Places on the way, both ends among them. */
  readonly places: number;
  /** Draws at each place. */
  readonly draws: number;
}

/** A record: the means of the norms at one place. */
interface MixtureRecord extends BoundRecord {
  readonly path: number;
  readonly score: number;
}

const component = axis("component", 5);
const numbers = (...values: number[]) => tensor(values, [component], "float64");

/** Logits of the weights, means and log sds: of the posterior, and where the guide begins. */
const POSTERIOR = [
  numbers(0, 0.3, -0.2, 0.1, -0.4),
  numbers(-4, -1.5, 0, 2, 4.5),
  numbers(-0.4, -0.7, -0.3, -0.6, -0.2),
];
const BEGIN = [
  numbers(0, 0, 0, 0, 0),
  numbers(-5, -3, 1, 3, 3.5),
  numbers(0.3, 0.3, 0.3, 0.3, 0.3),
];

const mixtureOf = ([logits, means, logSds]: readonly Tensor[]) =>
  mixture({ logits }, normal(means, exp(logSds)));

/** Measures the two parts of the gradient by the parameters of the guide. */
export function mixtureCell(config: MixtureConfig): Task<StlResult, MixtureRecord> {
  checkArguments("mixtureCell", { config }, objectWith({ seed: NUMBER }));
  const { places, draws, seed } = config;
  const parameters = paramStore();
  const posterior = model(({ sample }) => {
    sample("z", mixtureOf(POSTERIOR));
  });
  const algorithm = training({
    objective(step, stepKey) {
      const place = minimum(floor(cast(step, "float64").div(draws)), places - 1).div(places - 1);
      const at = BEGIN.map((from, i) => from.add(POSTERIOR[i].sub(from).mul(place)));
      const guide = model(({ sample }) => {
        sample("z", mixtureOf(at));
      });
      const [path, whole] = (["path", "total"] as const).map((gradient) => {
        const pair = { model: posterior, guide, data: undefined, parameters, gradient };
        return bound({ ...pair, key: stepKey, particles: particles.stratified() });
      });
      const [alongPath, all] = [path, whole].map((elbo) => grad(elbo.bound, at));
      const score = all.map((x, i) => x.sub(alongPath[i]));
      return { ...whole, metrics: { path: norm(alongPath), score: norm(score) } };
    },
    parameters,
    optimiser: sgd(0),
    seed,
  });
  return {
    algorithm,
    steps: places * draws,
    recordEvery: draws,
    record: async ({ step, metrics, seconds }: LoopEvent) => {
      const { bound: value, path, score } = metrics;
      return { step, bound: value, seconds, path, score };
    },
    resultNeedsRecords: true,
    finish: async ({ records, secondsPerStep, backend }) => ({
      ...{ secondsPerStep, backend },
      curves: {
        place: records.map((_, i) => i / (places - 1)),
        path: records.map(({ path }) => path),
        score: records.map(({ score }) => score),
      },
    }),
  };
}

function norm(xs: readonly Tensor[]): Tensor {
  return sqrt(xs.map((x) => sum(square(x))).reduce((a, b) => a.add(b)));
}
