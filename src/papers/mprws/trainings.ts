/** A cell in which the guide is trained, and evaluated by its predictions. */
import { setImmediate } from "node:timers/promises";
import { type BoundRecord, recordBound } from "../../experiments/index.ts";
import {
  bound,
  type LoopEvent,
  type Particles,
  type ProgramState,
  posterior,
  training,
  writeSeed,
  writeState,
} from "../../inference/internal.ts";
import { draw, type ParamStore, paramStore, trace } from "../../model/internal.ts";
import type { RunControl, Task } from "../../runs/index.ts";
import { compile, type Program } from "../../runtime/index.ts";
import { axis, fold, input, key, seedKey } from "../../tensor/internal.ts";
import { type TrainingMethodName, trainingMethod } from "./methods.ts";
import type { ClosedModel, PredictiveProblem } from "./problem.ts";
import { type CurvePoint, type MprwsConfig, type MprwsResult, STRATEGIES } from "./strategies.ts";

/** A cell in which the guide is trained. */
export interface TrainedConfig extends MprwsConfig {
  /** Training steps. */
  readonly iterations: number;
  /** The learning rate at the start; a tenth of it after every 10000 iterations. Of QEM, that of its averages. */
  readonly rate: number;
  /** By what the guide is trained; reweighted wake-sleep unless given. */
  readonly method?: TrainingMethodName;
  /** How often predictions are judged, at equal numbers of iterations; at the end only unless given. */
  readonly judgements?: number;
  /** Sets of particles that the test predictive log likelihood is estimated with. */
  readonly sets: number;
}

/** Its result: with the predictions of the trained guide. */
export interface TrainedResult extends MprwsResult {
  /** Test predictive log likelihood, in nats. */
  readonly predictive: number;
}

/** Records of the bound in a cell that is judged at its end only. */
const RECORDS = 20;

/** A record of a cell. */
interface JudgedRecord extends BoundRecord {
  /** Test predictive log likelihood of the guide by then, in nats. */
  readonly predictive?: number;
}

/**
 * Reweighted wake-sleep: the guide moves by its wake phase (Heap, Leech and Aitchison, UAI 2023, section 4); or another
 * method.
 */
export function trainingOf(
  problem: PredictiveProblem,
  config: TrainedConfig,
): Task<TrainedResult, BoundRecord> {
  const { strategy, particles: k, iterations, rate, seed, sets } = config;
  const { method: name = "rws", judgements } = config;
  const { gradient, optimiser, guide: guideOf, weighed = guideOf } = trainingMethod(name);
  const particles = (of: PredictiveProblem) => STRATEGIES[strategy].of(k, of);
  const store = paramStore();
  const pair = {
    model: problem.model,
    guide: guideOf(problem),
    data: undefined,
    parameters: store,
  };
  const judging = { ...problem, guide: weighed === guideOf ? pair.guide : weighed(problem) };
  const drawn = particles(withLatentsOf(pair.guide, problem));
  const step = training({
    objective: (_, stepKey) => bound({ ...pair, key: stepKey, particles: drawn, gradient }),
    parameters: store,
    optimiser: optimiser(rate),
    seed,
  });
  let program: Program | undefined;
  const judge = (state: ProgramState, control: RunControl) => {
    program ??= predictiveProgram(judging, particles(problem), store);
    writeState(program, state);
    writeSeed(program, seed);
    return predictive(program, sets, control);
  };
  return {
    algorithm: step,
    steps: iterations,
    recordEvery: Math.ceil(iterations / (judgements ?? RECORDS)),
    record: async (event: LoopEvent, state: () => ProgramState): Promise<JudgedRecord> => ({
      ...(await recordBound(event)),
      ...(judgements !== undefined && { predictive: await judge(state(), {}) }),
    }),
    resultNeedsRecords: true,
    finish: async ({ state, records, secondsPerStep, backend }, control) => {
      const judged = await judge(state, control);
      const bounds = records.slice(-1).map(({ bound: last }) => last);
      const curve = (records as readonly JudgedRecord[]).flatMap(curvePoint);
      const points = curve.length > 0 && { curve };
      return { predictive: judged, bounds, secondsPerStep, backend, ...points };
    },
  };
}

/** The problem with the groups of those latents that a guide draws. */
function withLatentsOf(guide: ClosedModel, problem: PredictiveProblem): PredictiveProblem {
  const { latents } = trace(guide, undefined, draw(key(0)));
  const drawn = new Set(latents.map(({ name }) => name));
  const groups = problem.groups.map((group) => group.filter((name) => drawn.has(name)));
  return { ...problem, groups };
}

function curvePoint({ step, seconds, predictive: judged }: JudgedRecord): CurvePoint[] {
  return judged === undefined ? [] : [{ step, seconds, predictive: judged }];
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
