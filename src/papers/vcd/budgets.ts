/** What is run for how much time. */
import type { Budgets } from "../../experiments/index.ts";

/** Trainings of an autoencoder, and how they are judged. */
export interface Trainings {
  /** Training steps of the paper's 400000; rates fall as they do in the paper. */
  readonly iterations: number;
  /** Trainings of each cell. */
  readonly seeds: number;
  /** Points of the curve of the test log likelihood. */
  readonly points: number;
}

/** The sizes of the experiments. */
export interface Budget {
  /** The two-dimensional toys: trainings of each cell. */
  readonly toys: { readonly seeds: number };
  /** VCD, the ELBO and Hoffman's method. */
  readonly table: Trainings;
  /** The scalar control variate against that of the paper. */
  readonly controls: Trainings;
  /** Variances of gradients: after so many training steps, of so many draws. */
  readonly variances: {
    readonly iterations: number;
    readonly candidates: number;
    readonly repetitions: number;
  };
  /** Sizes of minibatches; the images that each training sees are those of `epochs`. */
  readonly batches: {
    readonly sizes: readonly (16 | 128 | 512 | 1024)[];
    readonly epochs: number;
    readonly seeds: number;
    readonly points: number;
  };
  /** Steps that are timed: of training, and of the one-dimensional chain. */
  readonly speed: { readonly training: number; readonly chain: number };
  /** Of the judging of test images. */
  readonly test: {
    readonly images: number;
    readonly trajectories: number;
    readonly draws: number;
  };
  /** Training images; all unless given. */
  readonly trainImages?: number;
}

/** Of the paper. */
export const ALL_ITERATIONS = 400_000;
/** Of the article's study of batch sizes. */
export const ALL_EPOCHS = 8200;

const once = { seeds: 1, points: 0 };

/** The budgets, by name. */
export const BUDGETS: Budgets<Budget> = {
  smoke: {
    about: "a look at everything, each experiment in less than half a minute",
    toys: { seeds: 1 },
    table: { iterations: 30, ...once },
    controls: { iterations: 30, ...once },
    variances: { iterations: 30, candidates: 200, repetitions: 10 },
    batches: { sizes: [16, 128], epochs: 1, ...once },
    speed: { training: 20, chain: 200_000 },
    test: { images: 20, trajectories: 10, draws: 50 },
    trainImages: 2000,
  },
  short: {
    about:
      "an eighth of the iterations of the paper, one seed; two and a half hours on two cores for the table, less for " +
      "the others",
    toys: { seeds: 3 },
    table: { iterations: 50_000, seeds: 1, points: 25 },
    controls: { iterations: 50_000, seeds: 1, points: 25 },
    variances: { iterations: 10_000, candidates: 2000, repetitions: 300 },
    batches: { sizes: [16, 128, 512, 1024], epochs: 20, seeds: 1, points: 10 },
    speed: { training: 400, chain: 5_000_000 },
    test: { images: 1000, trajectories: 300, draws: 20_000 },
  },
  full: {
    about: "the settings of the paper and the article: weeks",
    toys: { seeds: 16 },
    table: { iterations: ALL_ITERATIONS, seeds: 16, points: 80 },
    controls: { iterations: ALL_ITERATIONS, seeds: 16, points: 80 },
    variances: { iterations: 100_000, candidates: 10_000, repetitions: 1000 },
    batches: { sizes: [16, 128, 512, 1024], epochs: ALL_EPOCHS, seeds: 15, points: 80 },
    speed: { training: 2000, chain: 20_000_000 },
    test: { images: 10_000, trajectories: 300, draws: 20_000 },
  },
};
