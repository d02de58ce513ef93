/** The cells of each experiment. */
import { join } from "node:path";
import { type CellPlan, type PlannedImages, planImages, seedsOf } from "../../experiments/index.ts";
import { ALL_EPOCHS, type Budget, type Trainings } from "./budgets.ts";
import { type AutoencoderConfig, autoencoderCell } from "./cells/autoencoders.ts";
import { hmcChainCell } from "./cells/hmcChain.ts";
import {
  type ControlName,
  METHODS,
  type Method,
  type VcdConfig,
  type VcdResult,
} from "./cells/settings.ts";
import { type ToyConfig, toyCell } from "./cells/toys.ts";
import { type VarianceConfig, varianceCell } from "./cells/variances.ts";
import { RATES } from "./published.ts";
import type { GuideName, ToyName } from "./toys.ts";

type Plan = CellPlan<VcdConfig, VcdResult>;

/** Steps of the toys in the authors' code. */
const TOY_STEPS = { normal: 20_000, mixture: 50_000 };
/** The size of a minibatch in the paper, and the steps after which its rates fall. */
const [BATCH, DECAY_EVERY] = [100, 15_000] as const;

/**
 * What each experiment runs at a budget.
 */
export const EXPERIMENTS = {
  toys: async ({ toys: { seeds } }: Budget): Promise<Plan[]> =>
    seedsOf(seeds).flatMap((seed) =>
      TOY_CELLS.flatMap(([target, guide]) =>
        (["vcd", "elbo"] as const).map((method) => {
          const iterations = TOY_STEPS[guide];
          const experiment = "toys" as const;
          const config: ToyConfig = { experiment, target, guide, method, iterations, seed };
          return {
            title: "Toys: targets of two dimensions",
            config,
            folder: join("toys", `${target}-${guide}-${method}-seed${seed}`),
            open: async () => toyCell(config),
          };
        }),
      ),
    ),
  table: async (budget: Budget): Promise<Plan[]> => {
    const data = planImages("mnist-static", budget.trainImages);
    const methods = Object.keys(METHODS) as Method[];
    return seedsOf(budget.table.seeds).flatMap((seed) =>
      methods.map((method) => {
        const config = configOf("table", method, "twoPhase", budget.table, budget, seed);
        return trainingPlan("Test log likelihood", `${method}-seed${seed}`, config, data);
      }),
    );
  },
  "control-variates": async (budget: Budget): Promise<Plan[]> => {
    const data = planImages("mnist-static", budget.trainImages);
    const trainings = seedsOf(budget.controls.seeds).flatMap((seed) =>
      (["scalar", "twoPhase"] as const).map((control) => {
        const config = configOf("control-variates", "vcd", control, budget.controls, budget, seed);
        return trainingPlan("Control variates", `${control}-seed${seed}`, config, data);
      }),
    );
    return [variancePlan(budget, data), ...trainings];
  },
  "batch-size": async (budget: Budget): Promise<Plan[]> => {
    const data = planImages("mnist-static", budget.trainImages);
    const { sizes, epochs, seeds, points } = budget.batches;
    return seedsOf(seeds).flatMap((seed) =>
      sizes.map((batch) => {
        const epoch = data.counts.train / batch;
        const trainings = { iterations: Math.round(epochs * epoch), seeds, points };
        const decayEvery = Math.max(1, Math.round((307 * epochs * epoch) / ALL_EPOCHS));
        const config = {
          ...configOf("batch-size", "vcd", "scalar", trainings, budget, seed),
          // The article's chains are adapted the faster, the more of them tell of their acceptance.
          ...{ batch, rate: RATES[batch], decayEvery, adaptation: (0.01 * batch) / BATCH },
        };
        return trainingPlan("Batch sizes", `${batch}-seed${seed}`, config, data);
      }),
    );
  },
  speed: async (budget: Budget): Promise<Plan[]> => {
    const data = planImages("mnist-static", budget.trainImages);
    const { training, chain } = budget.speed;
    const trainings = { iterations: training, seeds: 1, points: 0 };
    const config: VcdConfig = { experiment: "speed", method: "vcd", iterations: chain, seed: 0 };
    return [
      {
        title: "Speed: one-dimensional HMC chain",
        config,
        folder: join("speed", "chain"),
        open: async () => hmcChainCell(config),
      },
      ...(["scalar", "twoPhase"] as const).map((control) => {
        const timed = {
          ...configOf("speed", "vcd", control, trainings, budget, 0),
          testImages: 0,
        };
        return trainingPlan("Speed: training", control, timed, data);
      }),
    ];
  },
};

/** A key of `EXPERIMENTS`. */
export type ExperimentName = keyof typeof EXPERIMENTS;

/** The targets and guides of the paper's first figure. */
const TOY_CELLS: readonly (readonly [ToyName, GuideName])[] = [
  ["gaussian", "normal"],
  ["banana", "normal"],
  ["mixture", "normal"],
  ["banana", "mixture"],
  ["mixture", "mixture"],
];

/** The settings of the paper. */
function configOf(
  experiment: VcdConfig["experiment"],
  method: Method,
  control: ControlName,
  { iterations, points }: Trainings,
  { test }: Budget,
  seed: number,
): AutoencoderConfig {
  return {
    ...{ experiment, method, control: method === "vcd" ? control : "none", iterations, seed },
    ...{ batch: BATCH, rate: RATES[BATCH], decayEvery: DECAY_EVERY, points },
    ...{ testImages: test.images, trajectories: test.trajectories, draws: test.draws },
  };
}

function trainingPlan(
  title: string,
  name: string,
  config: AutoencoderConfig,
  data: PlannedImages,
): Plan {
  return {
    title,
    config,
    folder: join(config.experiment, name),
    evaluationSteps: evaluationSteps(config),
    open: async () => {
      const { train, test } = await data.load();
      return autoencoderCell(config, train, test);
    },
  };
}

function variancePlan(budget: Budget, data: PlannedImages): Plan {
  const { iterations, candidates, repetitions } = budget.variances;
  const trainings = { iterations, seeds: 1, points: 0 };
  const config: VarianceConfig = {
    ...configOf("variances", "vcd", "scalar", trainings, budget, 0),
    ...{ experiment: "variances", testImages: 0, candidates, repetitions },
  };
  return {
    title: "Variance of the gradient",
    config,
    folder: "variances",
    evaluationSteps: (3 * candidates) / BATCH + repetitions,
    open: async () => {
      const { train, test } = await data.load();
      return varianceCell(config, train, test);
    },
  };
}

/**
 * What the evaluation of the test images takes, in training steps, by passes through the decoder: five for each trajectory
 * of its chains and one for each draw, where a training step takes 50, and 8 by the ELBO.
 */
function evaluationSteps({ batch, testImages, trajectories, draws, method }: AutoencoderConfig) {
  const chains = 2 * trajectories * 5;
  const ofStep = method === "elbo" ? 8 : 50;
  return (testImages * (chains + draws)) / (batch * ofStep);
}
