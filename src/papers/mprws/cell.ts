/** A cell in which the guide is trained, and judged by what it predicts. */
import { setImmediate } from "node:timers/promises";
import { bound, type Particles, posterior, training } from "../../inference/index.ts";
import { type ParamStore, paramStore } from "../../model/index.ts";
import { adam, stepDecay } from "../../optim/index.ts";
import type { Cell, RunOptions } from "../../runs/index.ts";
import { compile, type Program } from "../../runtime/index.ts";
import { axis, fold, input, key } from "../../tensor/index.ts";
import type { JudgedProblem } from "./problem.ts";
import { type CellConfig, type CellResult, STRATEGIES } from "./strategies.ts";

export interface TrainedConfig extends CellConfig {
  readonly iterations: number;
  /** The learning rate at the start; a tenth of it after every 10000 iterations. */
  readonly rate: number;
  /** Sets of particles that the test predictive log likelihood is judged with. */
  readonly sets: number;
}

export interface TrainedResult extends CellResult {
  readonly predictive: number;
}

/** Records of the bound in a cell. */
const RECORDS = 20;

/** Reweighted wake-sleep: the guide moves by its wake phase (Heap, Leech and Aitchison, UAI 2023, section 4). */
export function cellOf(problem: JudgedProblem, config: TrainedConfig): Cell<TrainedResult> {
  const { strategy, particles: k, iterations, rate, seed } = config;
  const { model, guide } = problem;
  const particles = STRATEGIES[strategy].of(k, problem);
  const store = paramStore();
  const pair = { model, guide, data: undefined, parameters: store };
  const step = training({
    objective: (_, stepKey) => bound({ ...pair, key: stepKey, particles, gradient: "wake" }),
    parameters: store,
    optimiser: adam(stepDecay(rate, { every: 10000, factor: 0.1 })),
    seed,
  });
  return {
    algorithm: step,
    steps: iterations,
    recordEvery: Math.ceil(iterations / RECORDS),
    finish: async ({ state, bounds, ...figures }, options) => {
      const program = predictiveProgram(problem, config, particles, store);
      for (const name of program.inputs.keys()) {
        if (name !== SET) program.write(name, state[name].data);
      }
      const judged = await predictive(program, config.sets, options);
      return { predictive: judged, bounds: bounds.slice(-1), ...figures };
    },
  };
}

/** The number of the set of particles, from 0: an input. */
const SET = "#set";

/** Draws `drawsPerSet` times from one set of particles by their weights, and judges them. */
function predictiveProgram(
  problem: JudgedProblem,
  { seed }: TrainedConfig,
  particles: Particles,
  store: ParamStore,
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
