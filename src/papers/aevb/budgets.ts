/** What is run for how much time. */
import type { Budgets } from "../../experiments/index.ts";
import type { DataName } from "./cells/settings.ts";

/** The sizes of trainings. */
export interface Trainings {
  /** Training images seen by each. */
  readonly samples: number;
  /** Trainings of each cell. */
  readonly seeds: number;
  /** Points of a curve. */
  readonly points: number;
}

/** Trainings that share step sizes: codes of 10 numbers, of 200, faces, the small networks of the third figure. */
export type Kind = "mnist" | "wide" | "frey" | "small";

/** The sizes of the experiments. */
export interface Budget {
  /** Step sizes, tried for trainings of these kinds. */
  readonly rates: Trainings & { readonly kinds: readonly Kind[] };
  /** Lower bounds, for codes of these sizes. */
  readonly fig2: Trainings & { readonly latents: Readonly<Record<DataName, readonly number[]>> };
  /** Marginal likelihoods: training images of the small and of the large set, and how many images are judged. */
  readonly fig3: Trainings & {
    readonly small: number;
    readonly large: number;
    readonly judged: number;
  };
  /** Planes of two latents. */
  readonly manifolds: Trainings;
  /** A posterior over the weights. */
  readonly fullVb: Trainings & { readonly hidden: number };
  /** Training and test images that lower bounds are of. */
  readonly judged: number;
}

/** Codes of the paper's second figure. */
const LATENTS = { mnist: [3, 5, 10, 20, 200], frey: [2, 5, 10, 20] };

const look = { samples: 2000, seeds: 1, points: 2 };
const rates: Budget["rates"] = {
  ...{ samples: 50_000, seeds: 1, points: 1 },
  kinds: ["mnist", "wide", "frey", "small"],
};
const million = { samples: 1_000_000, seeds: 1, points: 20 };

/** The budgets, by name. */
export const BUDGETS: Budgets<Budget> = {
  smoke: {
    about: "a look at everything, each experiment in less than half a minute",
    rates: { ...look, kinds: ["small"] },
    fig2: { ...look, latents: { mnist: [3], frey: [2] } },
    fig3: { ...look, points: 1, small: 1000, large: 2000, judged: 50 },
    manifolds: look,
    fullVb: { ...look, hidden: 100 },
    judged: 100,
  },
  short: {
    about:
      "a million training images for each curve, where the paper's begin to part; one seed; hours",
    rates,
    fig2: { ...million, latents: LATENTS },
    fig3: { ...million, points: 10, small: 1000, large: 50_000, judged: 250 },
    manifolds: { ...million, points: 10 },
    fullVb: { ...million, hidden: 500 },
    judged: 1000,
  },
  full: {
    about: "the axes of the paper, 10^8 and 6 * 10^7 training images for each curve: weeks",
    rates,
    fig2: { samples: 100_000_000, seeds: 3, points: 100, latents: LATENTS },
    fig3: {
      ...{ samples: 60_000_000, seeds: 3, points: 60 },
      ...{ small: 1000, large: 50_000, judged: 1000 },
    },
    manifolds: { samples: 100_000_000, seeds: 1, points: 20 },
    fullVb: { samples: 100_000_000, seeds: 3, points: 100, hidden: 500 },
    judged: 1000,
  },
};
