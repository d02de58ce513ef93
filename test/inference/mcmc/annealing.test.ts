/** Annealed importance sampling against evidences and posteriors that have closed forms. */
import { describe, expect, test } from "vitest";
import {
  bernoulli,
  exponential,
  gamma,
  normal,
  poisson,
} from "../../../src/distributions/index.ts";
import { type AnnealOptions, anneal, summarise } from "../../../src/inference/index.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, constant, tensor } from "../../../src/tensor/index.ts";

type Plain = Model<undefined, unknown>;

const annealed = (model: Plain, options: AnnealOptions = {}) =>
  anneal(model, undefined, { backend: "wasm", particles: 400, temperatures: 100, ...options });

const datum = axis("datum", 4);
const Y = [2.5, -1, 4, 0.5];

/** mean ~ normal(1, 2), y_i ~ normal(mean, 3). */
const conjugate: Plain = ({ sample, observe, plate }) => {
  const mean = sample("mean", normal(1, 2));
  plate(datum, () => observe("y", normal(mean, 3), tensor(Y, [datum])));
};

/** The evidence as prior times likelihood over posterior, at 0. */
function conjugateEvidence(): { evidence: number; mean: number; sd: number } {
  const precision = 1 / 4 + Y.length / 9;
  const mean = (1 / 4 + Y.reduce((a, b) => a + b) / 9) / precision;
  const sd = Math.sqrt(1 / precision);
  const log = (x: number, m: number, s: number) =>
    -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
  const likelihood = Y.reduce((sum, y) => sum + log(y, 0, 3), 0);
  return { evidence: log(0, 1, 2) + likelihood - log(0, mean, sd), mean, sd };
}

describe("annealed importance sampling", () => {
  test("has the evidence and the posterior of a conjugate normal", async () => {
    const { evidence, mean, sd } = conjugateEvidence();
    const found = await annealed(conjugate);
    const { value, standardError, isBound } = found.reliability?.evidence ?? {};
    expect(isBound).toBe(false);
    expect(Math.abs((value as number) - evidence)).toBeLessThan(5 * (standardError as number));
    expect(standardError).toBeLessThan(0.05);
    const { data } = found.sites.mean;
    const average = data.reduce((a, b) => a + b) / data.length;
    expect(Math.abs(average - mean)).toBeLessThan((5 * sd) / Math.sqrt(200));
  });

  test("has that of a rate, with its log-Jacobian", async () => {
    // gamma(2, 3) prior, seven exponential observations of sum 5: 3^2 / G(2) * G(9) / 8^9.
    const six = axis("six", 6);
    const found = await annealed(({ sample, observe }) => {
      const rate = sample("rate", gamma(2, 3));
      observe("first", exponential(rate), constant(5));
      observe("rest", exponential(rate).event(six), tensor([0, 0, 0, 0, 0, 0], [six]));
    });
    const expected = 2 * Math.log(3) + Math.log(40320) - 9 * Math.log(8);
    const { evidence } = found.reliability ?? {};
    expect(Math.abs((evidence?.value as number) - expected)).toBeLessThan(
      5 * (evidence?.standardError as number),
    );
  });

  test("finds two modes far apart, and sums discrete latents out", async () => {
    // x is near 6 or -6, 0.2 : 0.8 by a coin.
    const found = await annealed(({ sample, observe }) => {
      const up = sample("up", bernoulli({ probs: 0.2 }));
      const x = sample("x", normal(0, 6));
      observe("y", normal(x.sub(up.mul(12)).add(6), 0.5), constant(0));
    });
    const variance = 36 + 0.25;
    const expected = -0.5 * (36 / variance) - 0.5 * Math.log(2 * Math.PI * variance);
    const { evidence } = found.reliability ?? {};
    expect(Math.abs((evidence?.value as number) - expected)).toBeLessThan(
      5 * (evidence?.standardError as number),
    );
    const { x, up } = found.sites;
    const share = x.data.filter((value) => value > 0).length / found.draws;
    expect(Math.abs(share - 0.2)).toBeLessThan(5 * Math.sqrt(0.16 / 100));
    for (let d = 0; d < found.draws; d++) expect(up.data[d]).toBe(x.data[d] > 0 ? 1 : 0);
  });

  test.each([1, 5, 12])(
    "has the evidence with %i leapfrog steps at a temperature",
    async (leapfrogs) => {
      const found = await annealed(conjugate, { leapfrogs });
      const { value, standardError } = found.reliability?.evidence ?? {};
      expect(Math.abs((value as number) - conjugateEvidence().evidence)).toBeLessThan(
        5 * (standardError as number),
      );
      expect(found.worth).toBeGreaterThan(100);
      expect(found.worth).toBeLessThanOrEqual(400);
      const [{ ess, mcseMean, sd }] = summarise(found);
      expect(ess).toBeCloseTo(found.worth as number, 10);
      expect(mcseMean).toBeCloseTo(sd / Math.sqrt(found.worth as number), 10);
    },
  );

  test("is a function of its seed", async () => {
    const few = { particles: 20, temperatures: 10 };
    const first = await annealed(conjugate, { ...few, seed: 1 });
    expect((await annealed(conjugate, { ...few, seed: 1 })).sites.mean.data).toEqual(
      first.sites.mean.data,
    );
    expect((await annealed(conjugate, { ...few, seed: 2 })).sites.mean.data).not.toEqual(
      first.sites.mean.data,
    );
  });

  test("refuses what it cannot do by name", async () => {
    await expect(annealed(conjugate, { particles: 1 })).rejects.toThrow(/particles/);
    await expect(
      annealed(({ sample, observe }) => {
        observe("y", normal(sample("z", poisson(3)), 1), constant(0));
      }),
    ).rejects.toThrow(/latent 'z'.*discrete/s);
    await expect(
      annealed(({ sample, param }) => {
        sample("x", normal(param("p", [], { init: () => constant(0) }), 1));
      }),
    ).rejects.toThrow(/'p' is a parameter.*values/s);
  });
});
