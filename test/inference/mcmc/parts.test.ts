/** The parts of samplers, each against what is known of it. */
import { describe, expect, test } from "vitest";
import { ChainMemory } from "../../../src/inference/mcmc/memory.ts";
import { DiagonalMetric, FisherDiagonal } from "../../../src/inference/mcmc/metrics/diagonal.ts";
import { ChainRandom } from "../../../src/inference/mcmc/random.ts";
import { Leapfrog } from "../../../src/inference/mcmc/transitions/leapfrog.ts";
import { newPhase, newPoint, type Target } from "../../../src/inference/mcmc/transitions/phase.ts";
import { DualAveraging } from "../../../src/inference/mcmc/warmup/dualAveraging.ts";
import {
  doublingWindows,
  overlappingWindows,
} from "../../../src/inference/mcmc/warmup/schedule.ts";
import { threefry } from "../../../src/tensor/internal.ts";

const slots = () => new ChainMemory(1).of(0);

/** A quartic well in two dimensions: log p = -(x^4 + x^2 y^2 + y^2) / 2. */
const well: Target = {
  dimension: 2,
  evaluate([x, y], gradient) {
    gradient[0] = -(2 * x ** 3 + x * y ** 2);
    gradient[1] = -(x ** 2 * y + y);
    return -(x ** 4 + x ** 2 * y ** 2 + y ** 2) / 2;
  },
};

describe("random numbers of chains", () => {
  test("are the words of Threefry at (step, count)", () => {
    const random = new ChainRandom(7, 3);
    const [k0, k1] = threefry(7, 0, 3, 0x63686e00);
    for (const step of [-1, 0, 5]) {
      random.seek(step);
      const found = [0, 1, 2, 3].map(() => random.uniform());
      const words = [0, 1].flatMap((count) => threefry(k0, k1, step, count));
      expect(found).toEqual(words.map((word) => ((word >>> 0) + 0.5) * 2 ** -32));
    }
  });

  test("are uniform, and normal", () => {
    const random = new ChainRandom(1, 0);
    random.seek(0);
    const n = 40_000;
    const u = Float64Array.from({ length: n }, () => random.uniform());
    const z = new Float64Array(n + 1);
    random.normals(z);
    const moment = (x: Float64Array, k: number) => x.reduce((a, b) => a + b ** k, 0) / x.length;
    expect(Math.abs(moment(u, 1) - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(moment(z, 1))).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(moment(z, 2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(moment(z, 4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
  });

  test("differ between chains and seeds", () => {
    const first = (seed: number, chain: number) => {
      const random = new ChainRandom(seed, chain);
      random.seek(0);
      return random.uniform();
    };
    const all = [first(0, 0), first(0, 1), first(1, 0), first(2 ** 32, 0)];
    expect(new Set(all).size).toBe(4);
  });
});

describe("leapfrog", () => {
  const metric = new DiagonalMetric(slots(), 2);
  metric.scale.set([0.7, 1.6]);
  const start = () => {
    const phase = newPhase(2);
    phase.position.set([0.4, -0.9]);
    phase.momentum.set([1.1, 0.3]);
    phase.logDensity = well.evaluate(phase.position, phase.gradient);
    return phase;
  };
  const leapfrog = new Leapfrog(well, metric);

  test("goes back to where it came from", () => {
    const phase = start();
    leapfrog.begin(phase);
    for (let i = 0; i < 20; i++) leapfrog.step(phase, 0.2);
    for (let i = 0; i < 20; i++) leapfrog.step(phase, -0.2);
    const { position, momentum } = start();
    for (let i = 0; i < 2; i++) {
      expect(phase.position[i]).toBeCloseTo(position[i], 11);
      expect(phase.momentum[i]).toBeCloseTo(momentum[i], 11);
    }
  });

  test("keeps the energy to second order in the step size", () => {
    const error = (e: number) => {
      const phase = start();
      leapfrog.begin(phase);
      const energy = () => phase.kinetic - phase.logDensity;
      const before = energy();
      for (let i = 0; i < 1 / e; i++) leapfrog.step(phase, e);
      return Math.abs(energy() - before);
    };
    const ratio = error(0.02) / error(0.01);
    expect(ratio).toBeGreaterThan(3.8);
    expect(ratio).toBeLessThan(4.2);
  });
});

test("dual averaging finds the step size of its target", () => {
  const averaging = new DualAveraging(slots(), 0.8);
  averaging.restart(1);
  // An acceptance that falls with the step size, and is 0.8 at 0.25.
  for (let i = 0; i < 2000; i++) averaging.update(1 / (1 + averaging.stepSize));
  expect(averaging.averaged).toBeCloseTo(0.25, 2);
  for (let i = 0; i < 2000; i++) averaging.update(1);
  expect(averaging.stepSize).toBeCloseTo(Math.PI, 10);
});

describe("schedules of warm-up", () => {
  test("Stan's windows end where Stan's do", () => {
    const ends = (warmup: number) =>
      Array.from({ length: warmup }, (_, i) => i + 1).filter(
        (i) => doublingWindows.after(i - 1, warmup, 0).update,
      );
    expect(ends(1000)).toEqual([100, 150, 250, 450, 950]);
    expect(ends(300)).toEqual([100, 150, 250]);
    expect(ends(100)).toEqual([90]);
    expect(ends(19)).toEqual([]);
    expect(doublingWindows.after(74, 1000, 0).observe).toBe(false);
    expect(doublingWindows.after(75, 1000, 0).observe).toBe(true);
    expect(doublingWindows.after(950, 1000, 0).observe).toBe(false);
  });

  test("overlapping windows grow, and the end adapts the step size alone", () => {
    let count = 0;
    const ends: number[] = [];
    for (let i = 0; i < 1000; i++) {
      const plan = overlappingWindows.after(i, 1000, ++count);
      if (!plan.nextWindow) continue;
      ends.push(i);
      count = 0;
    }
    const early = ends.filter((i) => i < 300);
    expect(early.length).toBe(30);
    // After 80 and 120 draws; another 180 would not leave as many before the last 150.
    expect(ends.filter((i) => i >= 300)).toEqual([379, 499]);
    expect(overlappingWindows.after(849, 1000, 0).observe).toBe(true);
    expect(overlappingWindows.after(850, 1000, 0)).toMatchObject({
      observe: false,
      symmetric: true,
    });
  });
});

test("the diagonal metric of draws and gradients is exact for an uncorrelated normal", () => {
  const sds = [0.01, 1, 300];
  const estimator = new FisherDiagonal(slots(), 3);
  const random = new ChainRandom(0, 0);
  const z = new Float64Array(3);
  const point = newPoint(3);
  for (let i = 0; i < 5; i++) {
    random.seek(i);
    random.normals(z);
    z.forEach((x, k) => {
      point.position[k] = 4 + sds[k] * x;
      point.gradient[k] = -x / sds[k];
    });
    estimator.observe(point);
  }
  expect(estimator.update()).toBe(true);
  sds.forEach((sd, k) => {
    expect(estimator.metric.scale[k] / sd).toBeCloseTo(1, 10);
  });
});
