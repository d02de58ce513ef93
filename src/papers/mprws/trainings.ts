/** A cell in which the guide is trained, and evaluated by its predictions. */
import { setImmediate } from "node:timers/promises";
import { type BoundRecord, recordBound } from "../../experiments/index.ts";
import {
  bound,
  type Particles,
  posterior,
  training,
  writeSeed,
  writeState,
} from "../../inference/internal.ts";
import { type ParamStore, paramStore } from "../../model/index.ts";
import { adam, stepDecay } from "../../optim/index.ts";
import type { RunControl, Task } from "../../runs/index.ts";
import { compile, type Program } from "../../runtime/index.ts";
import { axis, fold, input, seedKey } from "../../tensor/internal.ts";
import type { PredictiveProblem } from "./problem.ts";
import { type MprwsConfig, type MprwsResult, STRATEGIES } from "./strategies.ts";

/** A cell in which the guide is trained. */
export interface TrainedConfig extends MprwsConfig {
  /** Training steps. */
  readonly iterations: number;
  /** The learning rate at the start; a tenth of it after every 10000 iterations. */
  readonly rate: number;
  /** Sets of particles that the test predictive log likelihood is estimated with. */
  readonly sets: number;
}

/** Its result: with the predictions of the trained guide. */
export interface TrainedResult extends MprwsResult {
  /** Test predictive log likelihood, in nats. */
  readonly predictive: number;
}

/** Records of the bound in a cell. */
const RECORDS = 20;

/** Reweighted wake-sleep: the guide moves by its wake phase (Heap, Leech and Aitchison, UAI 2023, section 4). */
export function trainingOf(
  problem: PredictiveProblem,
  config: TrainedConfig,
): Task<TrainedResult, BoundRecord> {
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
    record: recordBound,
    resultNeedsRecords: true,
    finish: async ({ state, records, secondsPerStep, backend }, control) => {
      const program = predictiveProgram(problem, particles, store);
      writeState(program, state);
      writeSeed(program, seed);
      const judged = await predictive(program, config.sets, control);
      const bounds = records.slice(-1).map(({ bound: last }) => last);
      return { predictive: judged, bounds, secondsPerStep, backend };
    },
  };
}

/** The number of the set of particles, from 0: an input. */
const SET = "#set";

/** Draws `drawsPerSet` times from one set of particles by their weights, and evaluates them. */
function predictiveProgram(
  problem: PredictiveProblem,
  particles: Particles,
  store: ParamStore,
): Program {
  const { model, guide, drawsPerSet } = problem;
  const along = axis("posterior draw", drawsPerSet);
  const set = input(SET, [], "int32");
  const setKey = fold(fold(seedKey(), "predictive"), set);
  const pair = { model, guide, data: undefined, parameters: store };
  const weighted = posterior({ ...pair, key: setKey, particles });
  const draws = weighted.draws(along, fold(setKey, "draws"));
  const logLikelihood = problem.predictive({ draws, along, key: setKey, parameters: store });
  return compile({ outputs: { logLikelihood }, varying: [set] });
}

/** log p(test data | training data): the log of the mean likelihood over draws from all sets. */
async function predictive(program: Program, sets: number, { onEvent, signal }: RunControl) {
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
