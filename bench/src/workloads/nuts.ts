/**
 * NUTS on the models of `density`. A step of `nuts-...` is one leapfrog step after warm-up, trees, draws and their records
 * included; the transition that is under way when they are all made is finished. A step of `effective-...` is one
 * effective draw (bulk ESS) of the element that has the fewest, warm-up included; of `chains` one draw of many chains,
 * after warm-up; of `first-draws` a chain with its first ten draws, whose build is a call of `sample` from nothing.
 */

import type { LogDensity } from "../../../src/inference/index.ts";
import { essBulk, Loop } from "../../../src/inference/index.ts";
import type { ProgramState } from "../../../src/inference/process/state.ts";
import type { Stepper } from "../../../src/inference/process/stepper.ts";
import type { SamplerOptions } from "../../../src/inference/sampling/options.ts";
import { chainsOf, prepareChains } from "../../../src/inference/sampling/sample.ts";
import type { Program } from "../../../src/runtime/index.ts";
import type { Build, Check, Sizes } from "../protocol.ts";
import { density, densityOf, modelOf } from "./density.ts";
import { densityIn, programOf } from "./logDensity.ts";
import type { Family } from "./workload.ts";

/** Transitions of one chain: those of warm-up, and draws. */
const [WARMUP, DRAWS] = [1000, 1000];

/** Chains at their starts, as `sample` makes and steps them. */
function chainsAt(of: LogDensity, options: SamplerOptions, from?: ProgramState): Stepper {
  const { warmup = WARMUP, draws = DRAWS } = options;
  const all = { chains: 1, ...options, warmup, draws };
  return chainsOf(of, all).begin({ steps: warmup + draws, from });
}

/** Makes `steps` transitions of each chain; returns the leapfrog steps of all of them, on average over the chains. */
function advance(stepper: Stepper, steps: number): number {
  stepper.startStretch();
  const end = stepper.step + steps;
  while (stepper.step < end) stepper.advance(end - stepper.step);
  return steps * stepper.means(steps).leapfrogs;
}

/** Chains that have warmed up, whose draws are made again and again. */
class Warm {
  private readonly again: () => Stepper;
  private readonly draws: number;
  private stepper: Stepper;

  constructor(of: LogDensity, options: SamplerOptions & { warmup: number; draws: number }) {
    this.draws = options.draws;
    this.stepper = chainsAt(of, options);
    advance(this.stepper, options.warmup);
    const warm = this.stepper.state();
    this.again = () => chainsAt(of, options, warm);
  }

  /** Makes all draws once and returns the leapfrog steps of a chain. */
  draw(): Made {
    const steps = advance(this.stepper, this.draws);
    const begun = performance.now();
    this.stepper = this.again();
    return { steps, uncounted: performance.now() - begun };
  }
}

/** The smallest bulk ESS among the elements of the draws of one chain. How long it takes to find it is not counted. */
function effectiveDraws(of: LogDensity, seed: number): Made {
  const stepper = chainsAt(of, { seed });
  advance(stepper, WARMUP + DRAWS);
  const { draws } = stepper.state();
  const drawn = performance.now();
  const { dimension } = of;
  const all = Array.from({ length: dimension }, (_, i) => {
    const values = Float64Array.from({ length: DRAWS }, (_, d) => draws.data[d * dimension + i]);
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

const uncounted = (of: Program) => COUNTED.get(of)?.uncounted ?? 0;

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
    const warm = new Warm(of, { warmup: WARMUP, draws: DRAWS });
    return () => warm.draw();
  }),
  uncounted,
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
  uncounted,
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
    const draws = 100;
    const warm = new Warm(of, { chains: MANY, warmup: 300, draws });
    return () => ({ ...warm.draw(), steps: MANY * draws });
  }),
  uncounted,
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
      advance(chainsAt(of, { ...FEW, seed: ++seed }), FEW.warmup + FEW.draws);
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
