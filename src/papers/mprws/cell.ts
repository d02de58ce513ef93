/** One cell of the experiment: a problem, a particle strategy, a seed. */
import { setImmediate } from "node:timers/promises";
import {
  bound,
  global,
  massivelyParallel,
  type Particles,
  posterior,
  training,
} from "../../inference/index.ts";
import { type Parameters, parameters } from "../../model/index.ts";
import { adam, stepDecay } from "../../optim/index.ts";
import type { Cell, RunOptions } from "../../runs/index.ts";
import { compile, type Program } from "../../runtime/index.ts";
import { axis, fold, input, key } from "../../tensor/index.ts";
import type { Problem } from "./problem.ts";

/** How the particles of the latents stand to each other. */
export const STRATEGIES = {
  mp: { title: "massively parallel", of: (k: number, p: Problem) => massivelyParallel(k, p) },
  global: { title: "global", of: (k: number) => global(k) },
} satisfies Record<string, { title: string; of: (k: number, problem: Problem) => Particles }>;

export type Strategy = keyof typeof STRATEGIES;

export interface CellConfig {
  readonly strategy: Strategy;
  readonly particles: number;
  readonly iterations: number;
  readonly seed: number;
  /** Sets of particles that the test predictive log likelihood is judged with. */
  readonly sets: number;
}

export interface CellResult {
  /** Test predictive log likelihood, nats of all test data. */
  readonly predictive: number;
  /** Estimate of the log evidence of the training data: mean over the last stretch of steps. */
  readonly bound: number;
  readonly secondsPerStep: number;
  readonly backend: string;
}

/** The paper's: 0.001, a tenth of it after every 10000 iterations. */
const optimiser = adam(stepDecay(0.001, { every: 10000, factor: 0.1 }));

/** Records of the bound in a cell. */
const RECORDS = 20;

/** Reweighted wake-sleep: the guide moves by its wake phase (Heap, Leech and Aitchison, UAI 2023, section 4). */
export function cellOf(problem: Problem, config: CellConfig): Cell<CellResult> {
  const { strategy, particles: k, iterations, seed } = config;
  const { model, guide } = problem;
  const particles = STRATEGIES[strategy].of(k, problem);
  const store = parameters();
  const pair = { model, guide, data: undefined, parameters: store };
  const step = training({
    objective: (_, stepKey) => bound({ ...pair, key: stepKey, particles, gradient: "wake" }),
    parameters: store,
    optimiser,
    seed,
  });
  return {
    training: step,
    steps: iterations,
    recordEvery: Math.ceil(iterations / RECORDS),
    finish: async ({ state, ...figures }, options) => {
      const program = predictiveProgram(problem, config, particles, store);
      for (const name of program.inputs.keys()) {
        if (name !== SET) program.write(name, state[name].data);
      }
      return { predictive: await predictive(program, config.sets, options), ...figures };
    },
  };
}

/** The number of the set of particles, from 0: an input. */
const SET = "#set";

/** Draws `drawsPerSet` times from one set of particles by their weights, and judges them. */
function predictiveProgram(
  problem: Problem,
  { seed }: CellConfig,
  particles: Particles,
  store: Parameters,
): Program {
  const { model, guide, drawsPerSet } = problem;
  const along = axis("posterior draw", drawsPerSet);
  const setKey = fold(fold(key(seed), "predictive"), input(SET, [], "int32"));
  const pair = { model, guide, data: undefined, parameters: store };
  const weighted = posterior({ ...pair, key: setKey, particles });
  const draws = weighted.draws(along, fold(setKey, "draws"));
  const logLikelihood = problem.predictive({ draws, along, key: setKey, parameters: store });
  return compile({ outputs: { logLikelihood } });
}

/** log p(test data | training data): the log of the mean likelihood over draws from all sets. */
async function predictive(program: Program, sets: number, { onEvent, signal }: RunOptions) {
  const found: number[] = [];
  for (let set = 0; set < sets; set++) {
    signal?.throwIfAborted();
    program.write(SET, set);
    found.push(program.run().logLikelihood.data[0]);
    onEvent?.({ kind: "score", what: "nll", done: set + 1, total: sets });
    await setImmediate();
  }
  return logMeanExp(found);
}

function logMeanExp(values: readonly number[]): number {
  const most = values.reduce((a, b) => Math.max(a, b));
  const sum = values.reduce((total, value) => total + Math.exp(value - most), 0);
  return most + Math.log(sum / values.length);
}
