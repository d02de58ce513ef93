/** What is run for how much time. */
import type { Budgets } from "../../experiments/index.ts";

/** Cells of Table 2 for one number of draws. */
export interface TableCells {
  /** The data set. */
  readonly data: "mnist" | "omniglot";
  /** k. */
  readonly k: number;
  /** Trainings of each cell. */
  readonly seeds: number;
}

/** The sizes of the experiments. */
export interface Budget {
  /** Figure 1: training steps and seeds. */
  readonly gaussian: { readonly steps: number; readonly seeds: number };
  /** Figure 3: places on the way, and draws at each. */
  readonly mixture: { readonly places: number; readonly draws: number };
  /** Table 2: cells, and the uses of each image. */
  readonly cells: readonly TableCells[];
  /** How often each training image is used; the schedule of the paper's 3280 epochs is compressed to it. */
  readonly epochs: number;
  /** Training images; all unless given. */
  readonly trainImages?: number;
  /** Test images of the NLL; all unless given. */
  readonly nllImages: number;
  /** Draws of the NLL for each image. */
  readonly nllDraws: number;
  /** Test images whose NLL is also told while a cell is trained; none unless given. */
  readonly curveImages?: number;
}

const everyK = (data: TableCells["data"], seeds: number): readonly TableCells[] =>
  [1, 5, 50].map((k) => ({ data, k, seeds }));

/** The budgets, by name. */
export const BUDGETS: Budgets<Budget> = {
  smoke: {
    about: "a look at everything, in a minute or two",
    gaussian: { steps: 2000, seeds: 1 },
    mixture: { places: 11, draws: 200 },
    cells: [{ data: "mnist", k: 1, seeds: 1 }],
    epochs: 1,
    trainImages: 2000,
    nllImages: 20,
    nllDraws: 100,
  },
  short: {
    about:
      "Table 2 with 40 epochs for the paper's 3280, its schedule compressed; k of 1 and 5 with three seeds, 50 on " +
      "MNIST with one; hours",
    gaussian: { steps: 10_000, seeds: 3 },
    mixture: { places: 41, draws: 1000 },
    cells: [
      { data: "mnist", k: 1, seeds: 3 },
      { data: "mnist", k: 5, seeds: 3 },
      { data: "omniglot", k: 1, seeds: 3 },
      { data: "omniglot", k: 5, seeds: 3 },
      { data: "mnist", k: 50, seeds: 1 },
    ],
    epochs: 40,
    nllImages: 1000,
    nllDraws: 5000,
  },
  full: {
    about: "the settings of the paper; weeks",
    gaussian: { steps: 10_000, seeds: 3 },
    mixture: { places: 41, draws: 1000 },
    cells: [...everyK("mnist", 1), ...everyK("omniglot", 1)],
    epochs: 3280,
    nllImages: 10_000,
    nllDraws: 5000,
    curveImages: 1000,
  },
};
