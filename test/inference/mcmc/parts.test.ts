/** The parts of samplers, each against what is known of it. */
import { describe, expect, test } from "vitest";
import { Chain, type ChainSettings } from "../../../src/inference/mcmc/chain.ts";
import { Stuck } from "../../../src/inference/mcmc/failures.ts";
import { ChainMemory } from "../../../src/inference/mcmc/memory.ts";
import { Covariance } from "../../../src/inference/mcmc/metrics/dense.ts";
import { DiagonalMetric, FisherDiagonal } from "../../../src/inference/mcmc/metrics/diagonal.ts";
import { FisherLowRank } from "../../../src/inference/mcmc/metrics/lowRank.ts";
import type { Metric } from "../../../src/inference/mcmc/metrics/metric.ts";
import { eigenSymmetric } from "../../../src/inference/mcmc/metrics/symmetric.ts";
import { ChainRandom } from "../../../src/inference/mcmc/random.ts";
import { Leapfrog } from "../../../src/inference/mcmc/transitions/leapfrog.ts";
import { newPoint, type Target } from "../../../src/inference/mcmc/transitions/point.ts";
import { cautionAt, countedFrom, rungNeeded } from "../../../src/inference/mcmc/warmup/caution.ts";
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
  /** xoshiro128++ as its authors write it. */
  function* xoshiro(state: readonly number[]) {
    let [a, b, c, d] = state.map((word) => BigInt(word >>> 0));
    const cut = (x: bigint) => x & 0xffffffffn;
    const turn = (x: bigint, k: bigint) => cut(x << k) | (x >> (32n - k));
    for (;;) {
      yield Number(cut(turn(cut(a + d), 7n) + a));
      const t = cut(b << 9n);
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= t;
      d = turn(d, 11n);
    }
  }

  test("are the words of xoshiro128++ from a state by Threefry at the step", () => {
    const known = xoshiro([1, 2, 3, 4]);
    const reference = Array.from({ length: 4 }, () => known.next().value);
    expect(reference).toEqual([641, 1573767, 3222811527, 3517856514]);
    const random = new ChainRandom(7, 3);
    const [k0, k1] = threefry(7, 0, 3, 0x63686e00);
    for (const step of [-1, 0, 5]) {
      random.seek(step);
      const words = xoshiro([0, 1].flatMap((count) => threefry(k0, k1, step, count)));
      for (let i = 0; i < 100; i++) {
        expect(random.uniform()).toBe(((words.next().value ?? 0) + 0.5) * 2 ** -32);
      }
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
    // Shares of a normal beyond 0.5, 1, ... 4, from tables; beyond 3.4426 it is the tail of the ziggurat.
    const shares = { 0.5: 0.617075, 1: 0.317311, 2: 0.0455003, 3: 0.0026998, 3.5: 4.6526e-4 };
    const many = new Float64Array(400_000);
    random.normals(many);
    for (const [bound, share] of Object.entries(shares)) {
      const found = many.filter((x) => Math.abs(x) > Number(bound)).length / many.length;
      const error = Math.sqrt((share * (1 - share)) / many.length);
      expect(Math.abs(found - share), bound).toBeLessThan(4 * error);
    }
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
  const start = newPoint(2);
  start.position.set([0.4, -0.9]);
  start.logDensity = well.evaluate(start.position, start.gradient);
  const leapfrog = new Leapfrog(well, metric);
  const momentum = new Float64Array(2);
  const begin = () => {
    const random = new ChainRandom(1, 0);
    random.seek(0);
    leapfrog.begin(start, momentum, random);
  };

  test("goes back to where it came from", () => {
    begin();
    const first = momentum.slice();
    for (let i = 0; i < 20; i++) leapfrog.step(momentum, momentum, 0.2);
    for (let i = 0; i < 20; i++) leapfrog.step(momentum, momentum, -0.2);
    for (let i = 0; i < 2; i++) {
      expect(leapfrog.position[i]).toBeCloseTo(start.position[i], 11);
      expect(momentum[i]).toBeCloseTo(first[i], 11);
    }
  });

  test("keeps the energy to second order in the step size", () => {
    const error = (e: number) => {
      begin();
      const before = leapfrog.energy;
      for (let i = 0; i < 1 / e; i++) leapfrog.step(momentum, momentum, e);
      return Math.abs(leapfrog.energy - before);
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
        (i) => doublingWindows.after(i - 1, warmup, 0, 2).update,
      );
    expect(ends(1000)).toEqual([100, 150, 250, 450, 950]);
    expect(ends(300)).toEqual([100, 150, 250]);
    expect(ends(100)).toEqual([90]);
    expect(ends(19)).toEqual([]);
    expect(doublingWindows.after(74, 1000, 0, 2).observe).toBe(false);
    expect(doublingWindows.after(75, 1000, 0, 2).observe).toBe(true);
    expect(doublingWindows.after(950, 1000, 0, 2).observe).toBe(false);
  });

  test("overlapping windows grow, and the end adapts the step size alone", () => {
    let count = 0;
    const ends: number[] = [];
    for (let i = 0; i < 1000; i++) {
      const plan = overlappingWindows.after(i, 1000, ++count, 3);
      if (!plan.nextWindow) continue;
      ends.push(i);
      count = 0;
    }
    const early = ends.filter((i) => i < 300);
    expect(early.length).toBe(30);
    // After 80 and 120 draws; another 180 would not leave as many before the last 150.
    expect(ends.filter((i) => i >= 300)).toEqual([379, 499]);
    expect(overlappingWindows.after(849, 1000, 0, 3).observe).toBe(true);
    expect(overlappingWindows.after(850, 1000, 0, 3)).toMatchObject({
      observe: false,
      symmetric: true,
    });
  });
});

/** A normal with covariance A A', as draws with their gradients. */
function normalPoints(a: readonly (readonly number[])[], count: number) {
  const n = a.length;
  const random = new ChainRandom(0, 0);
  const [z, w] = [new Float64Array(n), new Float64Array(n)];
  return Array.from({ length: count }, (_, step) => {
    random.seek(step);
    random.normals(z);
    const point = newPoint(n);
    // q = 3 + A z for a lower triangle A, gradient -A'^-1 z.
    for (let i = n - 1; i >= 0; i--) {
      point.position[i] = a[i].reduce((sum, x, j) => sum + x * z[j], 3);
      const above = a.reduce((sum, row, k) => (k > i ? sum + row[i] * w[k] : sum), 0);
      w[i] = (z[i] - above) / a[i][i];
      point.gradient[i] = -w[i];
    }
    return point;
  });
}

/** L L', column by column. */
function covarianceOf(metric: Metric, n: number): number[][] {
  return Array.from({ length: n }, (_, j) => {
    const [unit, half, out] = [0, 1, 2].map(() => new Float64Array(n));
    unit[j] = 1;
    metric.transposed(unit, half);
    metric.times(half, out);
    return [...out];
  });
}

const FACTOR = [
  [2, 0, 0, 0],
  [9, 0.1, 0, 0],
  [-3, 0.5, 4, 0],
  [50, -20, 7, 30],
];

test("the low-rank metric is exact for a normal as soon as there are more points than dimensions", () => {
  const estimator = new FisherLowRank(slots(), 4);
  const points = normalPoints(FACTOR, 8);
  estimator.begin(points[0]);
  for (const point of points) estimator.observe(point);
  expect(estimator.update()).toBe(true);
  // Exact but for eigenvalues near 1, which are dropped, and the regularisation.
  const found = covarianceOf(estimator.metric, 4);
  const { values } = eigenSymmetric(relative(found), 4);
  for (const value of values) {
    expect(value).toBeGreaterThan(0.45);
    expect(value).toBeLessThan(2.2);
  }
});

test("the low-rank metric has a direction where a variance is a factor of two off the diagonal, and none else", () => {
  const directions = (correlation: number) => {
    const estimator = new FisherLowRank(slots(), 2);
    const points = normalPoints(
      [
        [3, 0],
        [5 * correlation, 5 * Math.sqrt(1 - correlation ** 2)],
      ],
      400,
    );
    estimator.begin(points[0]);
    for (const point of points) estimator.observe(point);
    expect(estimator.update()).toBe(true);
    return estimator.metric.diagonal === undefined;
  };
  // In units of the diagonal metric, sqrt(1 - r^2) times the variances, these are sqrt((1 + r) / (1 - r)) and its inverse.
  const factorOfTwo = 0.6;
  expect(directions(0)).toBe(false);
  expect(directions(factorOfTwo - 0.03)).toBe(false);
  expect(directions(factorOfTwo + 0.03)).toBe(true);
});

/** A^-1 X A'^-1 for the factor A of the true covariance: the identity if X is right. */
function relative(found: number[][]): Float64Array {
  const n = FACTOR.length;
  const solve = (column: readonly number[]) => {
    const x = [...column];
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) x[i] -= FACTOR[i][k] * x[k];
      x[i] /= FACTOR[i][i];
    }
    return x;
  };
  const half = found.map(solve);
  const turned = half[0].map((_, i) => half.map((column) => column[i]));
  return Float64Array.from(turned.flatMap(solve));
}

test("the dense metric is the covariance of the draws, regularised", () => {
  const estimator = new Covariance(slots(), 4);
  const points = normalPoints(FACTOR, 40);
  for (const point of points) estimator.observe(point);
  expect(estimator.update()).toBe(true);
  const mean = [0, 1, 2, 3].map((i) => points.reduce((s, { position }) => s + position[i], 0) / 40);
  const found = covarianceOf(estimator.metric, 4);
  for (const i of [0, 1, 2, 3]) {
    for (const j of [0, 1, 2, 3]) {
      const sum = points.reduce((s, { position: q }) => s + (q[i] - mean[i]) * (q[j] - mean[j]), 0);
      const expected = (40 / 45) * (sum / 39) + (i === j ? 5e-3 / 45 : 0);
      expect(found[i][j]).toBeCloseTo(expected, 8);
    }
  }
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

describe("caution", () => {
  test("goes up by what part of warm-up diverged, and not where it is too short to tell", () => {
    expect(cautionAt(1000)).toEqual([600, 850]);
    expect(cautionAt(100)).toEqual([]);
    expect(countedFrom(1000)).toEqual([300, 600, 850]);
    // 1.2 of 4 chains of 300 transitions are no reason for doubt.
    const needed = (divergences: number, step: number, rung = 0, nonlinearity = 0.1) =>
      rungNeeded({ divergences, nonlinearity }, { rung, highest: 3 }, 4, step, 1000);
    expect([0, 1, 3, 4].map((n) => needed(n, 600))).toEqual([0, 1, 1, 2]);
    expect([0, 1].map((n) => needed(n, 850))).toEqual([0, 2]);
    expect([0, 1, 2, 3].map((rung) => needed(1, 850, rung))).toEqual([2, 2, 3, 3]);
    // Of a single chain one divergence is more than 0.3 % of 300, and yet no more than one.
    expect(
      [1, 2].map((divergences) =>
        rungNeeded({ divergences, nonlinearity: 0 }, { rung: 0, highest: 3 }, 1, 600, 1000),
      ),
    ).toEqual([1, 2]);
    // Where curvature varies so much, divergences are to come.
    expect(needed(0, 600, 0, 0.3)).toBe(2);
    expect(needed(1, 850, 2, 0.3)).toBe(3);
  });

  test("makes steps for the acceptance that is asked for", () => {
    const averaging = new DualAveraging(slots(), 0.85);
    const settled = () => {
      averaging.restart(1);
      for (let i = 0; i < 2000; i++) averaging.update(1 / (1 + averaging.stepSize));
      return averaging.averaged;
    };
    for (const target of [0.9, 0.95, 0.99]) {
      averaging.target = target;
      expect(settled()).toBeCloseTo(1 / target - 1, 2);
    }
  });
});

describe("a chain that no longer moves", () => {
  const settings: ChainSettings = {
    method: "nuts",
    metric: "diagonal",
    warmup: 100,
    draws: 600,
    targetAccept: 0.8,
    maxDepth: 5,
    seed: 1,
  };
  /** A standard normal, until a wall closes around the chain. */
  const walled = (closesAt: number) => {
    let step = 0;
    const target: Target = {
      dimension: 1,
      evaluate([x], gradient) {
        gradient[0] = -x;
        return step < closesAt ? -0.5 * x * x : Number.NEGATIVE_INFINITY;
      },
    };
    const chain = new Chain(target, settings, slots(), 0);
    const point = newPoint(1);
    point.position[0] = 0.5;
    point.logDensity = target.evaluate(point.position, point.gradient);
    chain.begin(point);
    return () => {
      for (; step < 700; step++) chain.advance(step);
      return chain.divergences;
    };
  };

  test("is refused if it has not moved since the middle of warm-up", () => {
    expect(walled(40)).toThrow(Stuck);
  });

  test("goes on with divergences if it has", () => {
    expect(walled(90)()).toBe(600);
  });
});
