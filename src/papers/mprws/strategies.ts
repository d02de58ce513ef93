/** What the cells of all experiments have in common: what is compared, and what comes of it. */
import type { CellConfig, CellResult } from "../../experiments/index.ts";
import { global, massivelyParallel, type Particles } from "../../inference/internal.ts";
import type { TrainingMethodName } from "./methods.ts";
import type { Problem } from "./problem.ts";

/** How the particles of the latents stand to each other. */
export const STRATEGIES = {
  mp: {
    title: "massively parallel",
    of: (k: number, { groups }: Problem) => massivelyParallel(k, { groups }),
  },
  global: { title: "global", of: (k: number) => global(k) },
  tmc: {
    title: "tensor Monte Carlo",
    of: (k: number, { groups }: Problem) =>
      massivelyParallel(k, { groups, parents: "independent" }),
  },
} satisfies Record<string, { title: string; of: (k: number, problem: Problem) => Particles }>;

/** A key of `STRATEGIES`. */
export type Strategy = keyof typeof STRATEGIES;

/** What the settings of every cell of the paper hold. */
export interface MprwsConfig extends CellConfig {
  /** The particle strategy. */
  readonly strategy: Strategy;
  /** K. */
  readonly particles: number;
  /** Of a training, by what, if not by reweighted wake-sleep, and at which rate. */
  readonly method?: TrainingMethodName;
  /** The rate of that training. */
  readonly rate?: number;
}

/** How good predictions are, some way into a training. */
export interface CurvePoint {
  /** Iterations done. */
  readonly step: number;
  /** Time that they took, without the judging. */
  readonly seconds: number;
  /** Test predictive log likelihood, nats of all test data. */
  readonly predictive: number;
}

/** The result of a cell. */
export interface MprwsResult extends CellResult {
  /** Estimates of the log evidence of the data that the particles are weighed with. */
  readonly bounds: readonly number[];
  /** The log evidence itself, where it is known. */
  readonly exact?: number;
  /** Test predictive log likelihood, nats of all test data, where there are any. */
  readonly predictive?: number;
  /** Predictions on the way there, where they were judged. */
  readonly curve?: readonly CurvePoint[];
}
