/** The cells of each experiment. */
import { join } from "node:path";
import { loadBuses, loadMovieLens } from "../../data/index.ts";
import { type BoundRecord, type CellPlan, once, seedsOf } from "../../experiments/index.ts";
import type { Task } from "../../runs/index.ts";
import type { Budget } from "./budgets.ts";
import { estimatesOf } from "./estimates.ts";
import type { TrainingMethodName } from "./methods.ts";
import type { ExactProblem, PlannedPredictive, PlannedProblem, Problem } from "./problem.ts";
import { BUS_FACTS, busProblem } from "./problems/bus.ts";
import { movielensFacts, movielensProblem } from "./problems/movielens.ts";
import { everyThirdObserved, finalObservation } from "./problems/timeseries.ts";
import type { MprwsConfig, MprwsResult, Strategy } from "./strategies.ts";
import { type TrainedConfig, trainingOf } from "./trainings.ts";

type Plan = CellPlan<MprwsConfig, MprwsResult>;

/**
 * What each experiment runs at a budget.
 */
export const EXPERIMENTS = {
  movielens: async (budget: Budget): Promise<Plan[]> => {
    const { iterations, particles } = budget;
    return budget.subsets.flatMap(([users, films]) => {
      const problem = movielens(users, films);
      const name = `movielens-${users}x${films}`;
      return trainings(name, problem, iterations.movielens, particles, budget);
    });
  },
  bus: async (budget: Budget): Promise<Plan[]> => {
    const { iterations, particles, busGlobal } = budget;
    const chosen = { ...particles, global: busGlobal ?? particles.global };
    return trainings("bus", buses, iterations.bus, chosen, budget);
  },
  methods: async (budget: Budget): Promise<Plan[]> => {
    const [users, films] = budget.methods.subset;
    return [
      ...sideBySide(`methods-movielens-${users}x${films}`, movielens(users, films), budget),
      ...sideBySide("methods-bus", buses, budget),
    ];
  },
  timeseries: async ({ series: { particles, repetitions } }: Budget): Promise<Plan[]> => [
    ...repeatedEstimates("series-once", finalObservation(), repetitions.once, particles),
    ...repeatedEstimates("series-often", everyThirdObserved(), repetitions.often, particles),
  ],
};

const ratings = once(loadMovieLens);

const movielens = (users: number, films: number): PlannedPredictive => ({
  ...movielensFacts(users, films),
  load: once(async () => movielensProblem(await ratings(), users, films)),
});

const buses: PlannedPredictive = {
  ...BUS_FACTS,
  load: once(async () => busProblem(await loadBuses())),
};

/** A key of `EXPERIMENTS`. */
export type ExperimentName = keyof typeof EXPERIMENTS;

/** Massively parallel and global particles, with all seeds. */
function trainings(
  name: string,
  problem: PlannedPredictive,
  iterations: number,
  particles: Budget["particles"],
  { seeds, sets, rate }: Budget,
): Plan[] {
  return (["mp", "global"] as const).flatMap((strategy) =>
    particles[strategy].flatMap((k) =>
      seedsOf(seeds).map((seed) => {
        const config = { strategy, particles: k, iterations, rate, seed, sets };
        return trainingPlan(name, problem, config);
      }),
    ),
  );
}

/** All methods of training with the same massively parallel particles, at each of their rates. */
function sideBySide(
  name: string,
  problem: PlannedPredictive,
  { methods: { iterations, particles, judgements, rates }, seeds, sets }: Budget,
): Plan[] {
  return (Object.keys(rates) as TrainingMethodName[]).flatMap((method) =>
    rates[method].flatMap((rate) =>
      seedsOf(seeds).map((seed) => {
        const common = { strategy: "mp", particles, iterations, seed, sets, judgements } as const;
        const config = { ...common, method, rate };
        return trainingPlan(join(name, `${method}-${rate}`), problem, config);
      }),
    ),
  );
}

/** All strategies with the same numbers of particles. */
function repeatedEstimates(
  name: string,
  problem: ExactProblem,
  repetitions: number,
  particles: readonly number[],
): Plan[] {
  const strategies: readonly Strategy[] = ["mp", "global", "tmc"];
  return strategies.flatMap((strategy) =>
    particles.map((k) => {
      const config = { strategy, particles: k, repetitions, seed: 0 };
      const planned = { title: problem.title, load: async () => problem };
      return planOf(name, planned, config, estimatesOf);
    }),
  );
}

/** A step of training takes as long as so many evaluations for each particle: a set of the buses took 16 steps of K = 10. */
const EVALUATIONS_OF_A_STEP = 6;

function trainingPlan(name: string, problem: PlannedPredictive, config: TrainedConfig): Plan {
  const { sets, particles, judgements = 0 } = config;
  const { evaluationsPerSet = problem.drawsPerSet } = problem;
  const perSet = 1 + evaluationsPerSet / (EVALUATIONS_OF_A_STEP * particles);
  const evaluationSteps = (judgements + 1) * sets * perSet;
  return { ...planOf(name, problem, config, trainingOf), evaluationSteps };
}

function planOf<P extends Problem, C extends MprwsConfig>(
  name: string,
  problem: PlannedProblem<P>,
  config: C,
  open: (problem: P, config: C) => Task<MprwsResult, BoundRecord>,
): Plan {
  const { strategy, particles, seed } = config;
  return {
    title: problem.title,
    config,
    folder: join(name, `${strategy}-${particles}-seed${seed}`),
    open: async () => open(await problem.load(), config),
  };
}
