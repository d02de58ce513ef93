/** The cells of each experiment. */
import { join } from "node:path";
import { type CellPlan, type PlannedImages, planImages, seedsOf } from "../../experiments/index.ts";
import type { Budget, TableCells } from "./budgets.ts";
import {
  type AutoencoderConfig,
  autoencoderCell,
  evaluationSteps,
  folderName,
} from "./cells/autoencoders.ts";
import { gaussianCell } from "./cells/gaussian.ts";
import { mixtureCell } from "./cells/mixture.ts";
import type { Estimator, StlConfig, StlResult } from "./cells/settings.ts";

type Plan = CellPlan<StlConfig, StlResult>;

/** Whose settings: what the paper says, or what its authors' code does where it differs. */
export const VARIANTS = ["paper", "code"] as const;

/** One of `VARIANTS`. */
export type Variant = (typeof VARIANTS)[number];

/** Of the training images, those that the authors' code trains on; the others it holds out. */
const HELD_TO = { mnist: 59_600, omniglot: 23_000 };

/**
 * What each experiment runs at a budget.
 */
export const EXPERIMENTS = {
  fig1: async ({ gaussian: { steps, seeds } }: Budget): Promise<Plan[]> =>
    (["total", "path"] as const).flatMap((estimator) =>
      seedsOf(seeds).map((seed) => {
        const experiment = "fig1" as const;
        const config = { experiment, estimator, dimensions: 100, rate: 0.02, steps, seed };
        return {
          title: "Figure 1: a Gaussian of 100 dimensions",
          config,
          folder: join("fig1", `${estimator}-seed${seed}`),
          open: async () => gaussianCell(config),
        };
      }),
    ),
  fig3: async ({ mixture }: Budget): Promise<Plan[]> => {
    const config = { experiment: "fig3", estimator: "path", seed: 0, ...mixture } as const;
    const open = async () => mixtureCell(config);
    return [{ title: "Figure 3: a mixture of five Gaussians", config, folder: "fig3", open }];
  },
  table2: async (budget: Budget, as: Variant): Promise<Plan[]> => {
    const planned = { mnist: imagesOf("mnist", budget), omniglot: imagesOf("omniglot", budget) };
    return budget.cells.flatMap((cells) => tableCells(cells, planned[cells.data], budget, as));
  },
};

/** A key of `EXPERIMENTS`. */
export type ExperimentName = keyof typeof EXPERIMENTS;

const imagesOf = (name: TableCells["data"], { trainImages }: Budget) =>
  planImages(name, trainImages);

/** All estimators of both bounds and depths, with the same seeds. */
function tableCells(
  { data: name, k, seeds }: TableCells,
  data: PlannedImages,
  { epochs, nllImages, nllDraws, curveImages = 0 }: Budget,
  as: Variant,
): Plan[] {
  const bounds = k === 1 ? (["vae"] as const) : (["vae", "iwae"] as const);
  return seedsOf(seeds).flatMap((seed) =>
    ([1, 2] as const).flatMap((layers) =>
      bounds.flatMap((bound) =>
        estimatorsOf(layers, bound).map((estimator) => {
          const config: AutoencoderConfig = {
            ...{ experiment: "table2", data: name, layers, bound, k, estimator, seed, epochs, as },
            ...{ nllImages: Math.min(nllImages, data.counts.test), nllDraws, curveImages },
            ...(as === "code" && { heldTo: Math.min(HELD_TO[name], data.counts.train) }),
          };
          return {
            title: `Table 2: ${name}`,
            config,
            folder: join("table2", as, name, `${folderName(config)}-seed${seed}`),
            evaluationSteps: evaluationSteps(config),
            open: async () => autoencoderCell(config, await data.load()),
          };
        }),
      ),
    ),
  );
}

function estimatorsOf(layers: 1 | 2, bound: "vae" | "iwae"): readonly Estimator[] {
  return [
    "total",
    "path",
    ...(layers === 2 ? (["pathBlocked"] as const) : []),
    ...(bound === "iwae" ? (["doublyReparameterised"] as const) : []),
  ];
}
