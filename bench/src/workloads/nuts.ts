/**
 * NUTS on the models of `density`. A step of `nuts-...` is one leapfrog step after warm-up, trees, draws and their records
 * included; the transition that is under way when they are all made is finished. A step of `effective-...` is one
 * effective draw (bulk ESS) of the element that has the fewest, warm-up included; of `chains` one draw of many chains,
 * after warm-up; of `first-draws` a chain with its first ten draws, whose build is a call of `sample` from nothing.
 */

import type { LogDensity } from "../../../src/inference/index.ts";
import { essBulk, Loop } from "../../../src/inference/index.ts";
import { Chain, type ChainSettings } from "../../../src/inference/mcmc/chain.ts";
import { ChainMemory } from "../../../src/inference/mcmc/memory.ts";
import { defaultMetric } from "../../../src/inference/mcmc/metrics/index.ts";
import { prepareChains } from "../../../src/inference/mcmc/sample.ts";
import { startingPoint } from "../../../src/inference/mcmc/start.ts";
import type { Program } from "../../../src/runtime/index.ts";
import type { Build, Check, Sizes } from "../protocol.ts";
import { density, densityOf, modelOf } from "./density.ts";
import { densityIn, programOf } from "./logDensity.ts";
import type { Family } from "./workload.ts";

const settings = ({ dimension }: LogDensity, seed: number): ChainSettings => ({
  ...{ method: "nuts", metric: defaultMetric(dimension), warmup: 1000, draws: 1000 },
  ...{ targetAccept: 0.85, maxDepth: 10, seed },
});

/** A chain at its start, with its draws and the sums of what it has done. */
function chainOf(of: LogDensity, seed: number) {
  const slots = new ChainMemory(1).of(0);
  const chain = new Chain(of, settings(of, seed), slots, 0);
  chain.begin(startingPoint(of, 2, seed, 0));
  return { chain, draws: slots("draws", 1000 * of.dimension), sums: slots("sums", 5) };
}

/** A chain that has warmed up. */
class Warm {
  private readonly made: ReturnType<typeof chainOf>;
  private draw = 0;

  constructor(of: LogDensity) {
    this.made = chainOf(of, 1);
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

/** The smallest bulk ESS among the elements of the draws of one chain. How long it takes to find it is not counted. */
function effectiveDraws(of: LogDensity, seed: number): Made {
  const { chain, draws } = chainOf(of, seed);
  for (let step = 0; step < 2000; step++) chain.advance(step);
  const drawn = performance.now();
  const { dimension } = of;
  const all = Array.from({ length: dimension }, (_, i) => {
    const values = Float64Array.from({ length: 1000 }, (_, d) => draws[d * dimension + i]);
    return essBulk({ values, chains: 1 });
  });
  return { steps: Math.min(...all), uncounted: performance.now() - drawn };
}

/** Others sample the same density: chains themselves differ. */
function check(sizes: Sizes): Check {
  const { gradientNorm } = density.check(sizes);
  return { gradientNorm };
}

/** How what makes several steps at once makes them. */
const COUNTED = new WeakMap<Program, Counted>();

/** What work has made: steps, and milliseconds beside them that do not count. */
interface Made {
  readonly steps: number;
  readonly uncounted: number;
}

/** Work that makes several steps at once: those too many are kept for the next run. */
class Counted {
  /** Milliseconds that do not count. */
  uncounted = 0;
  private ahead = 0;
  private readonly work: () => number | Made;

  constructor(work: () => number | Made) {
    this.work = work;
  }

  run(steps: number): void {
    this.ahead -= steps;
    while (this.ahead < 0) {
      const made = this.work();
      this.ahead += typeof made === "number" ? made : made.steps;
      if (typeof made !== "number") this.uncounted += made.uncounted;
    }
  }
}

/** Runs what `work` makes of the density of a program. */
const counted = (work: (of: LogDensity) => () => number | Made) => (of: Program, steps: number) => {
  let own = COUNTED.get(of);
  if (own === undefined) {
    own = new Counted(work(densityIn(of)));
    COUNTED.set(of, own);
  }
  own.run(steps);
};

const program = (sizes: Sizes) => programOf(densityOf(sizes, { layout: "flat" }));

export const nuts: Family = {
  name: "nuts",
  members: [
    { name: "nuts-schools", sizes: {} },
    { name: "nuts-logistic", sizes: { rows: 1000, features: 20 } },
  ],
  check,
  program,
  run: counted((of) => {
    const warm = new Warm(of);
    return () => warm.advance();
  }),
};

export const effective: Family = {
  name: "effective",
  group: "nuts",
  members: [
    { name: "effective-schools", sizes: {} },
    { name: "effective-logistic", sizes: { rows: 1000, features: 20 } },
    { name: "effective-hierarchical", sizes: { groups: 1000 } },
    { name: "effective-process", sizes: { places: 200 } },
  ],
  check,
  program,
  run: counted((of) => {
    let seed = 0;
    return () => effectiveDraws(of, ++seed);
  }),
  uncounted: (of) => COUNTED.get(of)?.uncounted ?? 0,
};

/** Chains of `chains`. */
const MANY = 1000;

export const chains: Family = {
  name: "chains",
  group: "nuts",
  members: [{ name: `chains ${MANY}`, sizes: { chains: MANY } }],
  check,
  program,
  run: counted((of) => {
    const memory = new ChainMemory(MANY);
    const short = { ...settings(of, 1), warmup: 300, draws: 100 };
    const all = Array.from({ length: MANY }, (_, c) => {
      const chain = new Chain(of, short, memory.of(c), c);
      chain.begin(startingPoint(of, 2, 1, c));
      for (let step = 0; step < 300; step++) chain.advance(step);
      return chain;
    });
    let draw = 0;
    return () => {
      const step = 300 + (draw++ % 100);
      for (const chain of all) chain.advance(step);
      return MANY;
    };
  }),
};

/** As few as tell that there are some. */
const FEW = { chains: 1, warmup: 1000, draws: 10, seed: 0 };

/** Milliseconds that something took, and what it gave. */
function timed<T>(work: () => T): [number, T] {
  const start = performance.now();
  const made = work();
  return [performance.now() - start, made];
}

export const firstDraws: Family = {
  name: "first-draws",
  group: "nuts",
  members: [
    { name: "first-draws-schools", sizes: {} },
    { name: "first-draws-logistic", sizes: { rows: 1000, features: 20 } },
  ],
  check,
  program,
  run: counted((of) => {
    let seed = 0;
    return () => {
      const { chain } = chainOf(of, ++seed);
      for (let step = 0; step < FEW.warmup + FEW.draws; step++) chain.advance(step);
      return 1;
    };
  }),
  /** The parts of `sample`, as it does them: the density; the chains at their starts; warm-up and draws. */
  async timeBuild(sizes): Promise<Build> {
    const [trace, { algorithm, steps, drawn }] = timed(() =>
      prepareChains(modelOf(sizes), undefined, FEW),
    );
    const [compile, loop] = timed(() => new Loop({ algorithm, steps, recordEvery: steps }));
    const start = performance.now();
    for await (const _ of loop.run());
    drawn(loop.state());
    return { trace, compile, firstStep: performance.now() - start };
  },
};
