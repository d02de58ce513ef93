/** A cell in which nothing is trained: estimates of a log evidence that is known, made again and again. */
import { type BoundRecord, recordBound } from "../../experiments/index.ts";
import { bound, training } from "../../inference/index.ts";
import { paramStore } from "../../model/index.ts";
import { sgd } from "../../optim/index.ts";
import type { Task } from "../../runs/index.ts";
import type { ExactProblem } from "./problem.ts";
import { type MprwsConfig, type MprwsResult, STRATEGIES } from "./strategies.ts";

/** A cell of estimates of a log evidence, without training. */
export interface EstimatesConfig extends MprwsConfig {
  /** How many independent estimates are made. */
  readonly repetitions: number;
}

/**
 * A repetition is a step of a training without parameters: all are made by one program, each with draws of
 * its own, and each is recorded.
 */
export function estimatesOf(
  problem: ExactProblem,
  config: EstimatesConfig,
): Task<MprwsResult, BoundRecord> {
  const { strategy, particles: k, repetitions, seed } = config;
  const { model, guide, logEvidence } = problem;
  const particles = STRATEGIES[strategy].of(k, problem);
  const none = paramStore();
  const pair = { model, guide, data: undefined, parameters: none };
  return {
    algorithm: training({
      objective: (_, key) => bound({ ...pair, key, particles, gradient: "none" }),
      parameters: none,
      optimiser: sgd(0),
      seed,
    }),
    steps: repetitions,
    recordEvery: 1,
    record: recordBound,
    resultNeedsRecords: true,
    finish: async ({ records, secondsPerStep, backend }) => {
      return {
        bounds: records.map((one) => one.bound),
        exact: logEvidence,
        secondsPerStep,
        backend,
      };
    },
  };
}
