import { expect, test } from "vitest";
import {
  exponential,
  gamma,
  halfCauchy,
  lognormal,
  normal,
  uniform,
} from "../../../src/distributions/index.ts";
import {
  type ChainDraws,
  chainWarnings,
  type Summary,
  sample,
  summarise,
} from "../../../src/inference/index.ts";
import { ChainRandom } from "../../../src/inference/mcmc/random.ts";
import { model } from "../../../src/model/index.ts";
import { constant, square, type Tensor } from "../../../src/tensor/index.ts";

const one = model(({ sample: latent }) => {
  latent("z", normal(3, 2));
});

const warningsOf = (draws: ChainDraws, options = {}) =>
  chainWarnings(draws, summarise(draws), options);

test("chains that have mixed have R-hat, ESS and standard errors, and no warnings", async () => {
  const draws = await sample(one, undefined, { chains: 4, warmup: 500, draws: 500, seed: 4 });
  const [z] = summarise(draws);
  expect(z.rhat).toBeLessThan(1.01);
  expect(z.essBulk).toBeGreaterThan(400);
  expect(z.essTail).toBeGreaterThan(400);
  // The error is what it is said to be: 4 of them.
  expect(Math.abs(z.mean - 3)).toBeLessThan(4 * (z.mcseMean ?? 0));
  expect(z.mcseMean).toBeCloseTo(2 / Math.sqrt(z.essBulk ?? 0), 1);
  expect(warningsOf(draws)).toEqual([]);
});

test("each reason to doubt is told, with what to do", async () => {
  const draws = await sample(one, undefined, { chains: 2, warmup: 200, draws: 100, seed: 4 });
  const { statistics, sites } = draws;
  const n = draws.draws;
  const apart = sites.z.data.map((x, d) => (d < n / 2 ? x : x + 10));
  const slow = Float64Array.from({ length: n }, (_, d) => Math.sin(d / 20));
  const bad: ChainDraws = {
    ...draws,
    sites: { z: { ...sites.z, data: apart } },
    statistics: {
      ...statistics,
      diverging: statistics.diverging.map((_, d) => (d < 3 ? 1 : 0)),
      depth: statistics.depth.map((_, d) => (d < 7 ? 5 : 2)),
      energy: slow,
    },
  };
  const found = warningsOf(bad, { maxDepth: 5 });
  expect(found).toHaveLength(5);
  expect(found[0]).toMatch(/^3 of 200 draws ended in a divergence.*targetAccept 0.99/);
  expect(found[1]).toMatch(/^7 of 200 trajectories were stopped at the greatest depth, 5/);
  expect(found[2]).toMatch(/^E-BFMI is 0\.\d+ \(below 0.3\) in chain 1, 2:/);
  expect(found[3]).toMatch(/^R-hat is \d+\.\d+ for z: the chains have not come to one/);
  expect(found[4]).toMatch(/^the effective sample size of z is \d+, less than 100:/);
});

test.each([
  ["whose bound is a latent", (x: Tensor) => [uniform(0, x), constant(2)] as const, "bound"],
  ["made of a latent", (x: Tensor) => [exponential(1), constant(2).sub(x)] as const, "value"],
])("divergences at the edge of data %s name it", async (_, of, what) => {
  const edged = model(({ sample: latent, observe }) => {
    const [family, value] = of(latent("x", lognormal(0, 1)));
    observe("y", family, value);
  });
  const draws = await sample(edged, undefined, { chains: 2, warmup: 200, draws: 200, seed: 4 });
  expect(warningsOf(draws)[0]).toMatch(
    new RegExp(
      `ended in a divergence.*The data of site 'y' are impossible beyond an edge. The ${what} is made of latent 'x': keep`,
    ),
  );
});

test("divergences say nothing of an edge that the prior does not reach", async () => {
  const inside = model(({ sample: latent, observe }) => {
    const scale = latent("scale", halfCauchy(5));
    observe("y", gamma(2, 1), latent("x", lognormal(0, scale)));
  });
  const draws = await sample(inside, undefined, { chains: 2, warmup: 50, draws: 200, seed: 4 });
  expect(draws.statistics.diverging).toContain(1);
  expect(draws.edge).toBeUndefined();
});

test("chains that stand still at different values have an infinite R-hat; draws that did not come to `until` are told", async () => {
  const draws = await sample(one, undefined, { chains: 2, warmup: 200, draws: 100, seed: 4 });
  const still = draws.sites.z.data.map((_, d) => (d < 100 ? 1 : 2));
  const sites = { z: { ...draws.sites.z, data: still } };
  const found = warningsOf({ ...draws, sites, isEnough: false });
  expect(found[0]).toMatch(/^R-hat is infinite for z: the chains have not come to one/);
  expect(found.at(-1)).toMatch(/^the chains ended after 100 draws each, before .*\(until\)/);
  expect(warningsOf({ ...draws, isEnough: true })).toEqual(warningsOf(draws));
  const short = await sample(one, undefined, { chains: 2, warmup: 50, draws: 3, seed: 4 });
  expect(warningsOf(short)).toEqual([
    expect.stringMatching(/^3 draws of each chain are too few for R-hat.*Draw more \(draws\)$/),
  ]);
});

test("a divergence among thousands of good draws is no reason to doubt, several are", async () => {
  const draws = await sample(one, undefined, { chains: 4, warmup: 500, draws: 500, seed: 4 });
  const { statistics } = draws;
  const diverged = (count: number): ChainDraws => ({
    ...draws,
    statistics: { ...statistics, diverging: statistics.diverging.map((_, d) => Number(d < count)) },
  });
  expect(warningsOf(diverged(2))).toEqual([]);
  expect(warningsOf(diverged(3))).toHaveLength(1);
});

/** The summary of four autoregressive chains of one distribution, each moved by a multiple of `apart` standard deviations. */
function slowChains(seed: number, apart: number): Summary[] {
  const [chains, each, keep] = [4, 1000, 0.85];
  const random = new ChainRandom(seed, 0);
  random.seek(0);
  const noise = new Float64Array(chains * each);
  random.normals(noise);
  const data = new Float64Array(noise.length);
  let x = 0;
  for (let d = 0; d < data.length; d++) {
    x = d % each === 0 ? noise[d] : keep * x + Math.sqrt(1 - keep ** 2) * noise[d];
    data[d] = x + apart * Math.floor(d / each);
  }
  const [row] = summarise({
    ...{ draws: data.length, chains },
    sites: { z: { kind: "latent", axes: [], dtype: "float64", data } },
  } as unknown as ChainDraws);
  return [row];
}

test("an R-hat that chance makes of few effective draws is no reason to doubt, chains that stay apart are", async () => {
  const draws = await sample(one, undefined, { chains: 4, warmup: 500, draws: 500, seed: 4 });
  const seeds = Array.from({ length: 20 }, (_, seed) => seed);
  const rows = (apart: number) => seeds.map((seed) => slowChains(seed, apart));
  const mixed = rows(0);
  expect(mixed.filter(([{ rhat = 1 }]) => rhat > 1.01).length).toBeGreaterThan(3);
  const warned = (all: Summary[][]) => all.filter((row) => chainWarnings(draws, row).length > 0);
  expect(warned(mixed).length).toBeLessThanOrEqual(2);
  expect(warned(rows(0.5))).toHaveLength(20);
});

test("energies that are explored slowly, by chains that are long enough for it, are no reason to doubt", async () => {
  const draws = await sample(one, undefined, { chains: 4, warmup: 500, draws: 1000, seed: 4 });
  /** Autoregressive energies: E-BFMI is 2 (1 - keep), and they are worth (1 - keep) / (1 + keep) of the draws. */
  const withEnergies = (keep: number): ChainDraws => {
    const random = new ChainRandom(7, 0);
    random.seek(0);
    const energy = new Float64Array(draws.draws);
    random.normals(energy);
    for (let d = 1; d < energy.length; d++) {
      energy[d] = keep * energy[d - 1] + Math.sqrt(1 - keep ** 2) * energy[d];
    }
    return { ...draws, statistics: { ...draws.statistics, energy } };
  };
  expect(warningsOf(withEnergies(0.87))).toEqual([]);
  expect(warningsOf(withEnergies(0.96))).toHaveLength(1);
});

test("a mode that no chain reaches is told, and one that they share is not", async () => {
  // Of z^2 = 16 with an error of 2 there are two modes, with three quarters at 4 under this prior.
  const squared = model(({ sample: latent, observe }) => {
    observe("square", normal(square(latent("z", normal(1, 5))), 2), constant(16));
  });
  const near = (z: number[]) =>
    sample(squared, undefined, { seed: 1, init: z.map((x) => ({ z: x })) });
  const found = warningsOf(await near([4, 4, 4, 4]));
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(
    /^the posterior has another mode, where 'z' is near -3.9\d, with about \d\d% of it/,
  );
  const shared = warningsOf(await near([4, 4, -4, -4])).join("\n");
  expect(shared).toMatch(/R-hat/);
  expect(shared).not.toMatch(/another mode/);
});
