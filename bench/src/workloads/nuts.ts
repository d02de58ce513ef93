/**
 * NUTS on the models of `density`. A step of `nuts-...` is one leapfrog step after warm-up, trees, draws and their records
 * included; the transition that is under way when they are all made is finished. A step of `effective-...` is one
 * effective draw (bulk ESS) of the element that has the fewest, warm-up included.
 */

import type { LogDensity } from "../../../src/inference/index.ts";
import { essBulk } from "../../../src/inference/index.ts";
import { Chain, type ChainSettings } from "../../../src/inference/mcmc/chain.ts";
import { ChainMemory } from "../../../src/inference/mcmc/memory.ts";
import { startingPoint } from "../../../src/inference/mcmc/start.ts";
import type { Program } from "../../../src/runtime/index.ts";
import type { Check, Sizes } from "../protocol.ts";
import { densityOf } from "./density.ts";
import type { Family } from "./workload.ts";

const settings = (seed: number): ChainSettings => ({
  ...{ method: "nuts", metric: "lowrank", warmup: 1000, draws: 1000 },
  ...{ targetAccept: 0.85, maxDepth: 10, seed },
});

/** A chain at its start, with its draws and the sums of what it has done. */
function chainOf(density: LogDensity, seed: number) {
  const slots = new ChainMemory(1).of(0);
  const chain = new Chain(density, settings(seed), slots, 0);
  chain.begin(startingPoint(density, 2, seed, 0));
  return { chain, draws: slots("draws", 1000 * density.dimension), sums: slots("sums", 5) };
}

/** A chain that has warmed up. */
class Warm {
  private readonly made: ReturnType<typeof chainOf>;
  private draw = 0;

  constructor(density: LogDensity) {
    this.made = chainOf(density, 1);
    for (let step = 0; step < 1000; step++) this.made.chain.advance(step);
  }

  /** Makes a transition, whose draw takes the place of one before, and returns its leapfrog steps. */
  advance(): number {
    const { chain, sums } = this.made;
    const before = sums[3];
    chain.advance(1000 + (this.draw++ % 1000));
    return sums[3] - before;
  }
}

/** The smallest bulk ESS among the elements of the draws of one chain. */
function effectiveDraws(density: LogDensity, seed: number): number {
  const { chain, draws } = chainOf(density, seed);
  for (let step = 0; step < 2000; step++) chain.advance(step);
  const { dimension } = density;
  const all = Array.from({ length: dimension }, (_, i) => {
    const values = Float64Array.from({ length: 1000 }, (_, d) => draws[d * dimension + i]);
    return essBulk({ values, chains: 1 });
  });
  return Math.min(...all);
}

/** The mean and standard deviation of the first element over a long chain: others sample the same. */
function check(sizes: Sizes): Check {
  const density = densityOf(sizes);
  const { chain, draws } = chainOf(density, 0);
  for (let step = 0; step < 2000; step++) chain.advance(step);
  const first = Float64Array.from({ length: 1000 }, (_, d) => draws[d * density.dimension]);
  return { mean: first.reduce((a, b) => a + b, 0) / 1000 };
}

/** What belongs to each program. */
const DENSITIES = new WeakMap<Program, LogDensity>();
const CHAINS = new WeakMap<Program, Warm>();
const SEEDS = new WeakMap<Program, number>();

function program(sizes: Sizes): Program {
  const density = densityOf(sizes);
  DENSITIES.set(density.program, density);
  return density.program;
}

const densityFor = (of: Program) => DENSITIES.get(of) as LogDensity;

export const nuts: Family = {
  name: "nuts",
  members: [
    { name: "nuts-schools", sizes: {} },
    { name: "nuts-logistic", sizes: { rows: 1000, features: 20 } },
  ],
  check,
  program,
  run(of, steps) {
    const warm = CHAINS.get(of) ?? new Warm(densityFor(of));
    CHAINS.set(of, warm);
    for (let made = 0; made < steps; ) made += warm.advance();
  },
};

export const effective: Family = {
  name: "effective",
  members: [
    { name: "effective-schools", sizes: {} },
    { name: "effective-logistic", sizes: { rows: 1000, features: 20 } },
  ],
  check,
  program,
  run(of, steps) {
    for (let made = 0; made < steps; ) {
      const seed = SEEDS.get(of) ?? 1;
      SEEDS.set(of, seed + 1);
      made += effectiveDraws(densityFor(of), seed);
    }
  },
};
