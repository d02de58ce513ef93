/** Samplers on posteriors that are known, and draws of all kinds. */
import { describe, expect, test } from "vitest";
import {
  bernoulli,
  exponential,
  gamma,
  halfNormal,
  improperUniform,
  lognormal,
  normal,
  poisson,
  REAL,
  uniform,
} from "../../../src/distributions/index.ts";
import {
  essBulk,
  essTail,
  Loop,
  type MetricName,
  rHat,
  SAMPLERS,
  type SampleOptions,
  type SamplerName,
} from "../../../src/inference/index.ts";
import { METRICS } from "../../../src/inference/mcmc/metrics/index.ts";
import { prepareChains } from "../../../src/inference/sampling/sample.ts";
import { axis, constant, exp, logAddExp, square, tensor } from "../../../src/tensor/index.ts";
import { expectMean } from "../mcmc/means.ts";
import { drawn, type Plain } from "./drawn.ts";

const three = axis("count", 3);
const METHODS = Object.keys(SAMPLERS) as SamplerName[];
const KINDS = Object.keys(METRICS) as MetricName[];

/** A normal mean with four observations, conjugate. */
const conjugate: Plain = ({ sample, observe, plate }) => {
  const datum = axis("datum", 4);
  const mean = sample("mean", normal(1, 2));
  plate(datum, () => {
    observe("y", normal(mean, 3), tensor([2.5, -1, 4, 0.5], [datum]));
  });
};

/** 1/4 + 4/9 is the precision. */
const PRECISION = 1 / 4 + 4 / 9;
const MEAN = (1 / 4 + 6 / 9) / PRECISION;

/** Two normals whose sum is observed: means 1.8 / 2.04 each, correlation -1 / 1.04. */
const correlated: Plain = ({ sample, observe }) => {
  const a = sample("a", normal(0, 1));
  const b = sample("b", normal(0, 1));
  observe("y", normal(a.add(b), 0.2), constant(1.8));
};

/** A rate, conjugate: gamma(2 + 7, 3 + 5). */
const rate: Plain = ({ sample, observe }) => {
  const lambda = sample("rate", gamma(2, 3));
  observe("first", exponential(lambda), constant(5));
  const six = axis("six", 6);
  observe("rest", exponential(lambda).event(six), tensor([0, 0, 0, 0, 0, 0], [six]));
};

const MANY = { chains: 16, warmup: 300, draws: 200 };

describe.each(METHODS)("%s", (method) => {
  test.each(KINDS)("has the posterior of a conjugate normal mean (%s)", async (metric) => {
    const draws = method === "nuts" || method === "hmc" ? 200 : 1000;
    const found = await drawn(conjugate, { ...MANY, draws, method, metric });
    const { data } = found.sites.mean;
    expectMean(found, (d) => data[d], MEAN);
    expectMean(found, (d) => (data[d] - MEAN) ** 2, 1 / PRECISION);
    expectMean(found, (d) => (data[d] < MEAN + 0.6745 / Math.sqrt(PRECISION) ? 1 : 0), 0.75);
  });

  test("has that of a conjugate rate", async () => {
    const found = await drawn(rate, { ...MANY, draws: 1000, method });
    const { data } = found.sites.rate;
    expectMean(found, (d) => data[d], 9 / 8);
    expectMean(found, (d) => (data[d] - 9 / 8) ** 2, 9 / 64);
  });
});

test.each(KINDS)("NUTS has the covariance of a correlated normal (%s)", async (metric) => {
  const found = await drawn(correlated, { ...MANY, draws: 400, metric });
  const { a, b } = found.sites;
  const [mean, variance, covariance] = [1.8 / 2.04, 1 - 1 / 2.04, -1 / 2.04];
  for (const { data } of [a, b]) {
    expectMean(found, (d) => data[d], mean);
    expectMean(found, (d) => (data[d] - mean) ** 2, variance);
  }
  expectMean(found, (d) => (a.data[d] - mean) * (b.data[d] - mean), covariance);
});

describe("draws", () => {
  const school = axis("school", 3);
  const schools: Plain = ({ sample, observe, plate, deterministic }) => {
    const mu = sample("mu", normal(0, 5));
    const tau = sample("tau", halfNormal(5));
    plate(school, () => {
      const theta = deterministic("theta", mu.add(tau.mul(sample("z", normal(0, 1)))));
      observe("y", normal(theta, 10), tensor([28, 8, -3], [school]));
    });
  };

  test("are by site, with deterministic ones, chain after chain, and statistics", async () => {
    const found = await drawn(schools, { chains: 3, warmup: 50, draws: 30 });
    expect(found).toMatchObject({ chains: 3, draws: 90 });
    const { mu, tau, z, theta } = found.sites;
    expect(theta.axes).toEqual([school]);
    for (const d of [0, 31, 89]) {
      for (const s of [0, 2]) {
        const value = mu.data[d] + tau.data[d] * z.data[3 * d + s];
        expect(theta.data[3 * d + s]).toBeCloseTo(value, 10);
      }
    }
    const { leapfrogs, depth, stepSize, acceptance, energy, logDensity } = found.statistics;
    for (let d = 0; d < 90; d++) {
      expect(leapfrogs[d]).toBeLessThan(2 ** (depth[d] + 1));
      expect(leapfrogs[d]).toBeGreaterThanOrEqual(2 ** depth[d] - 1);
      expect(energy[d]).toBeGreaterThan(-logDensity[d]);
      expect(acceptance[d]).toBeLessThanOrEqual(1);
      expect(stepSize[d]).toBeGreaterThan(0);
    }
  });

  test("go on from a state to the same bits", () => {
    const { algorithm, steps, drawn } = prepareChains(schools, undefined, {
      ...{ chains: 2, warmup: 40, draws: 20, backend: "wasm" },
    });
    const options = { algorithm, steps, recordEvery: 7 };
    const run = (loop: Loop) => [...loop.calls()].filter(({ kind }) => kind === "record");
    const whole = new Loop(options);
    const records = run(whole);
    for (const stop of [1, 13, 47]) {
      const first = new Loop(options);
      for (const { step } of first.calls()) if (step >= stop) break;
      const second = new Loop({ ...options, from: first.state() });
      expect(second.step).toBe(first.step);
      const rest = run(second);
      expect(second.state()).toEqual(whole.state());
      const told = ({ step, metrics, chains }: (typeof records)[number]) => {
        return { step, metrics, chains };
      };
      if (rest.length > 0) {
        expect(rest.map(told)).toEqual(records.slice(-rest.length).map(told));
      }
    }
    expect(drawn(whole.state()).draws).toBe(40);
  });

  test("climb out of where a rate overflows", async () => {
    // Of a slope per unit of 500, half of all starts have rates of exp(500) and more.
    const row = axis("row", 20);
    const x = tensor(
      Array.from({ length: 20 }, (_, i) => 400 + 10 * i),
      [row],
    );
    const sold: Plain = ({ sample, observe, plate }) => {
      const [a, b] = [sample("a", normal(0, 10)), sample("b", normal(0, 1))];
      plate(row, () => observe("sold", poisson({ logRate: a.add(b.mul(x)) }), constant(7)));
    };
    const { sites, statistics } = await drawn(sold, { chains: 4, warmup: 300, draws: 100 });
    for (const size of statistics.stepSize) expect(size).toBeGreaterThan(0.1);
    // The rate is 7 everywhere: b is 0, with a standard deviation below 0.001.
    for (const b of sites.b.data) expect(Math.abs(b)).toBeLessThan(0.01);
  });

  test("are made by smaller steps once trajectories of warm-up diverge", async () => {
    // The log of a rate of which three counts of 0 are seen: a wall on one side, nothing on the other.
    const model: Plain = ({ sample, observe, plate }) => {
      const logRate = sample("logRate", normal(0, 5));
      plate(three, () => observe("y", poisson(exp(logRate)), tensor([0, 0, 0], [three])));
    };
    const { statistics, sites } = await drawn(model);
    const mean = (values: Float64Array) => values.reduce((a, b) => a + b) / values.length;
    expect(mean(statistics.acceptance)).toBeGreaterThan(0.9);
    expect(mean(statistics.diverging)).toBeLessThanOrEqual(0.001);
    // By a sum over a grid, with a standard deviation of 2.89; at least 400 effective draws.
    expect(Math.abs(mean(sites.logRate.data as Float64Array) + 4.923)).toBeLessThan(
      (4 * 2.891) / 20,
    );
  });

  test("end once there are enough, or there are as many as allowed", async () => {
    const goal = { rhat: 1.05, ess: 300 };
    const found = await drawn(conjugate, { chains: 4, warmup: 200, until: goal });
    const { data } = found.sites.mean;
    const values = { values: Float64Array.from(data), chains: 4 };
    expect(Math.min(essBulk(values), essTail(values))).toBeGreaterThan(300);
    expect(rHat(values)).toBeLessThan(1.05);
    expect([100, 150, 225, 338]).toContain(found.draws / 4);
    expect(found.isEnough).toBe(true);
    const never = { chains: 2, warmup: 100, draws: 130, until: { ess: 1e6 } };
    const most = await drawn(conjugate, never);
    expect(most.draws).toBe(260);
    expect(most.isEnough).toBe(false);
  });

  test("that end by themselves are the same after an interruption", () => {
    const options = { chains: 2, warmup: 60, until: { ess: 200 }, backend: "wasm" } as const;
    const { algorithm, steps } = prepareChains(schools, undefined, options);
    const whole = new Loop({ algorithm, steps, recordEvery: 50 });
    for (const _ of whole.calls());
    expect(whole.finished).toBe(true);
    expect(whole.step).toBeLessThan(steps);
    const first = new Loop({ algorithm, steps, recordEvery: 50 });
    for (const { step } of first.calls()) if (step >= 90) break;
    const second = new Loop({ algorithm, steps, recordEvery: 50, from: first.state() });
    for (const _ of second.calls());
    expect(second.state()).toEqual(whole.state());
    const over = new Loop({ algorithm, steps, recordEvery: 50, from: whole.state() });
    expect(over.finished).toBe(true);
  });

  test("begin where Pathfinder finds the posterior", async () => {
    const far: Plain = ({ sample, observe }) => {
      const x = sample("x", normal(0, 1e6));
      observe("y", normal(x, 0.01), constant(1234));
    };
    const options = { chains: 4, warmup: 0, draws: 1, method: "rwm", init: "pathfinder" } as const;
    const found = await drawn(far, options);
    // One step of Metropolis at a scale that is not adapted moves hardly.
    for (const x of found.sites.x.data) expect(Math.abs(x - 1234)).toBeLessThan(1);
    await expect(drawn(far, { init: "mode" as "pathfinder" })).rejects.toThrow(
      /init 'mode' is none of ascent, pathfinder, prior/,
    );
  });

  test("begin at draws from the prior, or of a guide that is trained", async () => {
    const far: Plain = ({ sample, observe, plate }) => {
      const scale = sample("scale", gamma(50, 1));
      plate(school, () =>
        observe("y", normal(sample("x", normal(1000, 10)), scale), constant(900)),
      );
    };
    const options = { chains: 8, warmup: 0, draws: 1, method: "rwm" } as const;
    const prior = (await drawn(far, { ...options, init: "prior" })).sites;
    for (const x of prior.x.data) expect(Math.abs(x - 1000)).toBeLessThan(60);
    for (const x of prior.scale.data) expect(Math.abs(x - 50)).toBeLessThan(40);
    const guide = (await drawn(far, { ...options, init: "vi" })).sites;
    // The posterior of x is normal(1000 - 100 * 100 / (100 + scale^2), 10 scale / sqrt(100 + scale^2)).
    for (const x of guide.x.data) expect(Math.abs(x - 990)).toBeLessThan(60);
    const flat: Plain = ({ sample }) => void sample("x", improperUniform(REAL));
    await expect(drawn(flat, { ...options, init: "prior" })).rejects.toThrow(
      /latent 'x' has no draws from its prior.*proper prior/,
    );
  });

  test("begin at draws from the prior where data leave nothing near 0", async () => {
    // Of eight tanks the largest number is 60 (the German tank problem): by a prior flat in log n, n is Pareto(60, 8).
    const tank = axis("tank", 8);
    const seen = tensor([19, 40, 42, 60, 14, 8, 3, 31], [tank]);
    const tanks: Plain = ({ sample, observe, plate }) => {
      const n = sample("n", lognormal(4, 10));
      plate(tank, () => observe("y", uniform(0, n), seen));
    };
    const found = await drawn(tanks, { chains: 16, draws: 500, seed: 1 });
    const n = found.sites.n.data;
    expect(Math.min(...n)).toBeGreaterThan(60);
    expectMean(found, (draw) => n[draw], (60 * 8) / 7);
  });

  describe("of two modes apart", () => {
    // At -1.5 and 1.5, where the first has a share of exp(-far).
    const twoModes =
      (far: number): Plain =>
      ({ sample, factor }) => {
        const x = sample("x", uniform(-3, 3));
        const peak = (at: number) => square(x.sub(at).div(0.1)).mul(-0.5);
        factor("modes", logAddExp(peak(-1.5).sub(far), peak(1.5)));
      };
    const negatives = async (far: number, init: SampleOptions["init"] = "ascent") => {
      const found = await drawn(twoModes(far), { chains: 8, warmup: 400, draws: 50, init });
      return [...found.sites.x.data].filter((x) => x < 0).length / 50;
    };

    test("leave one that has next to nothing of the posterior", async () => {
      expect(await negatives(60)).toBe(0);
      // Told apart in the middle of warm-up, once chains have come to rest.
      expect(await negatives(16)).toBe(0);
    });

    test("stay where there is a share of it, or where they were put", async () => {
      const some = await negatives(5);
      expect([1, 2, 3, 4, 5, 6, 7]).toContain(some);
      // One chain in nine crosses in the first steps of warm-up, by itself; all would if they were compared.
      expect(await negatives(60, { x: -1.5 })).toBeGreaterThan(2);
    });
  });

  test("of discrete latents are given those of the others, which do not see them", async () => {
    // log odds of z given x: log(0.3 / 0.7) + 2 x - 2; alone x is a mixture of normals at 0 and 2.
    const mixture: Plain = ({ sample }) => {
      const z = sample("z", bernoulli({ probs: 0.3 }));
      sample("x", normal(z.mul(2), 1));
    };
    const found = await drawn(mixture, { ...MANY, draws: 500 });
    const { x, z } = found.sites;
    expectMean(found, (d) => x.data[d], 0.6);
    expectMean(found, (d) => z.data[d], 0.3);
    expectMean(found, (d) => x.data[d] * z.data[d], 0.6);
  });

  test("of a model without continuous latents are exact", async () => {
    const coin: Plain = ({ sample, observe }) => {
      observe("y", normal(sample("z", bernoulli({ probs: 0.5 })), 1), constant(1));
    };
    const found = await drawn(coin, { ...MANY, draws: 500 });
    expectMean(found, (d) => found.sites.z.data[d], 1 / (1 + Math.exp(-0.5)));
  });

  test("are those made by the time of a signal", async () => {
    const stop = new AbortController();
    const found = await drawn(schools, {
      ...{ chains: 2, warmup: 10, draws: 1_000_000, signal: stop.signal },
      onProgress: ({ step }) => step > 10 && stop.abort(),
    }).catch((error) => error);
    expect(found.draws).toBeGreaterThan(0);
    expect(found.draws).toBeLessThan(2_000_000);
    expect(found.sites.mu.data.length).toBe(found.draws);
  });

  test("stopped before there are some are refused, whatever it is that goes on then", async () => {
    const stopped = { chains: 2, warmup: 10, draws: 10, signal: AbortSignal.abort() };
    for (const init of ["ascent", "vi"] as const) {
      await expect(drawn(schools, { ...stopped, init })).rejects.toThrow(
        /^sample: stopped before the first draw$/,
      );
    }
  });

  test("leave others a turn, and tell of progress no more often than they did", async () => {
    let [turns, events, isDone] = [0, 0, false];
    const other = () => {
      turns++;
      if (!isDone) setImmediate(other);
    };
    setImmediate(other);
    const most = { chains: 4, warmup: 1000, draws: 100_000, until: { ess: 2000 }, cores: 1 };
    let seconds = 0;
    await drawn(schools, {
      ...most,
      onProgress: (event) => {
        events += event.kind === "progress" ? 1 : 0;
        seconds = event.seconds;
      },
    });
    isDone = true;
    expect(events).toBeLessThan(5 * seconds + 3);
    expect(turns).toBeGreaterThan(events);
  });

  test("begin at given values, which are those of the model", async () => {
    const init = { mu: 3, tau: 2, z: [1, 0, -1] };
    const found = await drawn(schools, { chains: 1, warmup: 0, draws: 1, init, method: "rwm" });
    expect(found.sites.mu.data[0]).toBeCloseTo(3, -1);
  });
});
