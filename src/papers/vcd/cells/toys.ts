/** The two-dimensional toys: a guide fitted to a target, and both as densities on a grid. */
import { type BoundRecord, recordBound } from "../../../experiments/index.ts";
import {
  bound,
  controls,
  type LoopEvent,
  type ProgramState,
  particles,
  training,
  vcd,
} from "../../../inference/index.ts";
import { writeState } from "../../../inference/internal.ts";
import { draw, paramStore, trace } from "../../../model/index.ts";
import { stepDecay } from "../../../optim/index.ts";
import type { Task } from "../../../runs/index.ts";
import { compile } from "../../../runtime/index.ts";
import {
  axis,
  checkArguments,
  gather,
  key,
  NUMBER,
  objectWith,
  TEXT,
  tensor,
} from "../../../tensor/internal.ts";
import { rmsprop } from "../rmsprop.ts";
import {
  coordinate,
  type GuideName,
  TOYS,
  type Toy,
  type ToyName,
  toyGuide,
  toyModel,
} from "../toys.ts";
import type { VcdConfig, VcdResult } from "./settings.ts";

/** A cell of the toys. */
export interface ToyConfig extends VcdConfig {
  /** The paper's first figure. */
  readonly experiment: "toys";
  /** The target. */
  readonly target: ToyName;
  /** q. */
  readonly guide: GuideName;
}

/** The result: how far q is from p, and the densities as they are drawn. */
export interface ToyResult extends VcdResult {
  /** KL(q || p), in nats, by quadrature. */
  readonly ofGuide: number;
  /** KL(p || q), in nats, by quadrature: large where q leaves out what p covers. */
  readonly ofTarget: number;
  /** q on the grid, row by row from the top. */
  readonly density: readonly number[];
}

/** Points of the grid along each axis. */
export const SIDE = 90;
/** Records in a cell. */
const RECORDS = 100;
/** Three trajectories, of which two adapt the step size. */
const CHAINS = { iterations: 3, adapting: 2, targetAccept: 0.7, stepSize: 0.25 };
const RATES: Readonly<Record<string, number>> = { mean: 0.01, sd: 0.005, logits: 0.001 };

/** Fits q to the target. */
export function toyCell(config: ToyConfig): Task<ToyResult, BoundRecord> {
  checkArguments("toyCell", { config }, objectWith({ method: TEXT, seed: NUMBER }));
  const { method, iterations, seed } = config;
  const target: Toy = TOYS[config.target];
  const parameters = paramStore();
  const pair = { model: toyModel(target), guide: toyGuide(config.guide), data: undefined };
  const algorithm = training({
    objective: (_, stepKey) => {
      const given = { ...pair, parameters, key: stepKey };
      return method === "elbo"
        ? bound({ ...given, particles: particles.stratified() })
        : vcd({ ...given, ...CHAINS, control: controls.scalar });
    },
    parameters,
    optimiser: (name) => rmsprop(stepDecay(RATES[name], { every: 2000, factor: 0.9 })),
    seed,
  });
  return {
    algorithm,
    steps: iterations,
    recordEvery: Math.ceil(iterations / RECORDS),
    record: (event: LoopEvent) => recordBound(event),
    async finish({ state, secondsPerStep, backend }) {
      return { ...densities(target, config.guide, state), secondsPerStep, backend };
    },
  };
}

/** Points of the grid, row by row from the top. */
export function gridOf({ x, y }: Toy): readonly (readonly [number, number])[] {
  const at = ([low, high]: readonly [number, number], i: number) =>
    low + ((high - low) * (i + 0.5)) / SIDE;
  return Array.from({ length: SIDE ** 2 }, (_, i) => [
    at(x, i % SIDE),
    at(y, SIDE - 1 - Math.floor(i / SIDE)),
  ]);
}

/** The log densities of the target at the grid. */
export function targetOnGrid(toy: Toy): Float32Array {
  const point = axis("point", SIDE ** 2);
  const z = tensor(gridOf(toy).flat(), [point, coordinate]);
  const logDensity = toy.logDensity([0, 1].map((i) => gather(z, coordinate, i)));
  const program = compile({ outputs: { logDensity } }, { steps: 1 });
  return program.run().logDensity.data as Float32Array;
}

function densities(toy: Toy, guide: GuideName, state: ProgramState) {
  const { x, y } = toy;
  const point = axis("point", SIDE ** 2);
  const z = tensor(gridOf(toy).flat(), [point, coordinate]);
  const { latents } = trace(toyGuide(guide), undefined, draw(key(0)));
  const program = compile({ outputs: { q: latents[0].distribution.logProb(z) } }, { steps: 1 });
  writeState(program, state);
  const [p, q] = [targetOnGrid(toy), program.run().q.data as Float32Array];
  const cell = ((x[1] - x[0]) * (y[1] - y[0])) / SIDE ** 2;
  const divergence = (of: Float32Array, from: Float32Array) =>
    of.reduce((sum, value, i) => sum + cell * Math.exp(value) * (value - from[i]), 0);
  const density = Array.from(q, (value) => Number(Math.exp(value).toPrecision(4)));
  return { ofGuide: divergence(q, p), ofTarget: divergence(p, q), density };
}
