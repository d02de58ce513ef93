/** What is run for how much time. */
import type { Budgets } from "../../experiments/index.ts";
import type { TrainingMethodName } from "./methods.ts";

/** The sizes of the experiments. */
export interface Budget {
  /** Users and films of the subsets of MovieLens. */
  readonly subsets: readonly (readonly [users: number, films: number])[];
  /** Numbers of particles of MovieLens, by strategy. */
  readonly particles: { readonly mp: readonly number[]; readonly global: readonly number[] };
  /** Particles of the buses that are global; those of MovieLens unless given. */
  readonly busGlobal?: readonly number[];
  /** Training steps. */
  readonly iterations: { readonly movielens: number; readonly bus: number };
  /** The learning rate at the start. */
  readonly rate: number;
  /** Trainings of each cell. */
  readonly seeds: number;
  /** Sets of particles of each evaluation. */
  readonly sets: number;
  /** Methods of training side by side: users and films, iterations, K, how often predictions are judged, and rates. */
  readonly methods: {
    readonly subset: readonly [users: number, films: number];
    readonly iterations: number;
    readonly particles: number;
    readonly judgements: number;
    readonly rates: Readonly<Record<TrainingMethodName, readonly number[]>>;
  };
  /** Time series: particles of all strategies, and how often each estimate is made. */
  readonly series: {
    readonly particles: readonly number[];
    readonly repetitions: { readonly once: number; readonly often: number };
  };
}

/** Of Adam, and of the averages of QEM, among those of its paper. */
const METHOD_RATES = { rws: [0.01, 0.1], vi: [0.01, 0.1], qem: [0.03, 0.1] };

const UP_TO_1000 = [3, 10, 30, 100, 300, 1000];
const UP_TO_10000 = [...UP_TO_1000, 3000, 10000];

/** The budgets, by name. */
export const BUDGETS: Budgets<Budget> = {
  smoke: {
    about: "a look at everything, in less than a minute",
    subsets: [[50, 5]],
    particles: { mp: [3], global: [3, 10] },
    iterations: { movielens: 1000, bus: 1000 },
    rate: 0.001,
    seeds: 1,
    sets: 10,
    methods: {
      ...{ subset: [50, 5], iterations: 100, particles: 3, judgements: 5 },
      rates: { rws: [0.1], vi: [0.1], qem: [0.1] },
    },
    series: { particles: [3, 10], repetitions: { once: 100, often: 100 } },
  },
  short: {
    about:
      "fewer iterations than the paper, of ten times its learning rate and not to convergence: an hour on " +
      "two cores",
    subsets: [[300, 5]],
    particles: { mp: [3, 10, 30], global: UP_TO_10000 },
    iterations: { movielens: 500, bus: 500 },
    rate: 0.01,
    seeds: 5,
    sets: 100,
    methods: {
      ...{ subset: [300, 5], iterations: 1000, particles: 10, judgements: 10 },
      rates: METHOD_RATES,
    },
    series: { particles: UP_TO_1000, repetitions: { once: 250, often: 100 } },
  },
  full: {
    about: "the settings of the paper: days",
    subsets: [50, 150, 300].flatMap((users) => [5, 10].map((films) => [users, films] as const)),
    particles: { mp: [3, 10, 30], global: UP_TO_10000 },
    busGlobal: [...UP_TO_10000, 30000],
    iterations: { movielens: 25000, bus: 75000 },
    rate: 0.001,
    seeds: 5,
    sets: 100,
    methods: {
      ...{ subset: [300, 5], iterations: 5000, particles: 10, judgements: 50 },
      rates: METHOD_RATES,
    },
    series: { particles: UP_TO_1000, repetitions: { once: 250, often: 100 } },
  },
};
