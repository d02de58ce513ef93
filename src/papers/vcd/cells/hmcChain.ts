/** One step of Hamiltonian Monte Carlo on a one-dimensional chain: what a single short operation costs. */
import { type BoundRecord, recordBound } from "../../../experiments/index.ts";
import type { Algorithm } from "../../../inference/index.ts";
import { moveByHmc } from "../../../inference/internal.ts";
import type { Task } from "../../../runs/index.ts";
import { cast, constant, fold, input, seedKey, square } from "../../../tensor/internal.ts";
import type { VcdConfig, VcdResult } from "./settings.ts";

/** Steps between two records. */
const RECORD_EVERY = 100_000;

/** A chain on a normal distribution: each step is a trajectory of five leapfrog steps, and its decision. */
export function hmcChainCell({ iterations, seed }: VcdConfig): Task<VcdResult, BoundRecord> {
  const [z, step] = [input("z"), input("#step", [], "int32")];
  const [stepSize, chains] = [constant(0.3), { iterations: 1, leapfrogs: 5, adapting: 0 }];
  const start = { position: [z], stepSize, elements: [] };
  const logDensity = (position: readonly (typeof z)[]) =>
    cast(square(position[0].sub(0.5).div(2)).mul(-0.5), "float64");
  const moved = moveByHmc(start, logDensity, fold(seedKey(), step), chains);
  const algorithm: Algorithm = {
    initial: { z: constant(0), "#step": constant(0, "int32") },
    updates: [
      [z, moved.position[0]],
      [step, step.add(1)],
    ],
    metrics: { bound: logDensity([z]) },
    seed,
  };
  return {
    algorithm,
    steps: iterations,
    recordEvery: Math.min(iterations, RECORD_EVERY),
    record: recordBound,
    finish: async ({ secondsPerStep, backend }) => ({ secondsPerStep, backend }),
  };
}
