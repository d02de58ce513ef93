/** What is run for how much time: the cells of each experiment. */
import { type Buses, loadBuses, loadMovieLens, type MovieLens } from "../../data/index.ts";
import { busProblem } from "./bus.ts";
import type { CellConfig } from "./cell.ts";
import { movielensProblem } from "./movielens.ts";
import type { Problem } from "./problem.ts";

export interface Budget {
  /** For people: what it is, and how long it takes. */
  readonly about: string;
  /** Users and films of the subsets of MovieLens. */
  readonly subsets: readonly (readonly [users: number, films: number])[];
  readonly particles: { readonly mp: readonly number[]; readonly global: readonly number[] };
  /** Particles of the buses that are global; those of MovieLens unless given. */
  readonly busGlobal?: readonly number[];
  readonly iterations: { readonly movielens: number; readonly bus: number };
  readonly seeds: number;
  readonly sets: number;
}

const UP_TO_1000 = [3, 10, 30, 100, 300, 1000];
const UP_TO_10000 = [...UP_TO_1000, 3000, 10000];

export const BUDGETS = {
  smoke: {
    about: "a look at everything, in less than a minute",
    subsets: [[50, 5]],
    particles: { mp: [3], global: [3, 10] },
    iterations: { movielens: 1000, bus: 1000 },
    seeds: 1,
    sets: 10,
  },
  short: {
    about:
      "fewer iterations and seeds than the paper, and fewer particles: an hour or two on two cores",
    subsets: [
      [50, 5],
      [300, 5],
    ],
    particles: { mp: [3, 10, 30], global: UP_TO_1000 },
    iterations: { movielens: 3000, bus: 3000 },
    seeds: 3,
    sets: 100,
  },
  full: {
    about: "the settings of the paper: days",
    subsets: [50, 150, 300].flatMap((users) => [5, 10].map((films) => [users, films] as const)),
    particles: { mp: [3, 10, 30], global: UP_TO_10000 },
    busGlobal: [...UP_TO_10000, 30000],
    iterations: { movielens: 25000, bus: 75000 },
    seeds: 5,
    sets: 100,
  },
} satisfies Record<string, Budget>;

export type BudgetName = keyof typeof BUDGETS;

/** A problem of an experiment, with the name of its folder. */
export interface Named {
  readonly name: string;
  readonly problem: Problem;
  readonly iterations: number;
  readonly particles: Budget["particles"];
}

/** The problems of each experiment at a budget. */
export const EXPERIMENTS = {
  movielens: async ({ subsets, iterations, particles }: Budget): Promise<Named[]> => {
    const data: MovieLens = await loadMovieLens();
    return subsets.map(([users, films]) => ({
      name: `movielens-${users}x${films}`,
      problem: movielensProblem(data, users, films),
      iterations: iterations.movielens,
      particles,
    }));
  },
  bus: async ({ iterations, particles, busGlobal }: Budget): Promise<Named[]> => {
    const data: Buses = await loadBuses();
    return [
      {
        name: "bus",
        problem: busProblem(data),
        iterations: iterations.bus,
        particles: { ...particles, global: busGlobal ?? particles.global },
      },
    ];
  },
};

export type ExperimentName = keyof typeof EXPERIMENTS;

/** The cells of a problem at a budget. */
export function cellsOf({ iterations, particles }: Named, { seeds, sets }: Budget): CellConfig[] {
  return (["mp", "global"] as const).flatMap((strategy) =>
    particles[strategy].flatMap((k) =>
      Array.from({ length: seeds }, (_, seed) => {
        return { strategy, particles: k, iterations, seed, sets };
      }),
    ),
  );
}
