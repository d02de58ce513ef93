/** Against ArviZ 0.23.4 (`psislw`, `loo`, `waic`), from the same numbers. */

import { describe, expect, it } from "vitest";
import {
  leaveOneOut,
  paretoK,
  paretoKLimit,
  paretoSmooth,
  waic,
} from "../../../src/inference/index.ts";
import { uniforms } from "../../pseudoRandom.ts";

const paretoWeights = (count: number, seed: number, shape: number) =>
  uniforms(count, seed).map((u) => -shape * Math.log(u));

describe("Pareto smoothing", () => {
  it.each([
    [0.3, 0.17359821341324638, -5.332555996445183, -7.264376336844201],
    [0.55, 0.40480686612570854, -4.136855743813758, -7.678526367878623],
    [0.9, 0.733380851455352, -2.7537517652753922, -8.549212786472443],
    [1.4, 1.2041819384424504, -1.5386703162067483, -10.553831904735494],
  ])("agrees with ArviZ on a tail of shape %f", (shape, k, largest, smallest) => {
    const given = paretoWeights(1000, 7, shape);
    const { logWeights, kHat } = paretoSmooth(given);
    expect(kHat).toBeCloseTo(k, 10);
    expect(paretoK(given)).toBe(kHat);
    expect(Math.max(...logWeights)).toBeCloseTo(largest, 10);
    expect(Math.min(...logWeights)).toBeCloseTo(smallest, 10);
    expect(logWeights.reduce((a, x) => a + Math.exp(x), 0)).toBeCloseTo(1, 12);
  });

  it("takes a longer tail of draws that are worth less", () => {
    const { logWeights, kHat } = paretoSmooth(paretoWeights(400, 3, 0.6), 0.4);
    expect(kHat).toBeCloseTo(0.35044727846054746, 10);
    expect(Math.max(...logWeights)).toBeCloseTo(-3.309981050125411, 10);
  });

  it("knows weights that do not vary, that vanish, and that are none", () => {
    const equal = Float64Array.from({ length: 100 }, (_, i) => -3 + 1e-13 * (i % 7));
    expect(paretoK(equal)).toBe(0);
    expect(paretoSmooth(equal).logWeights[0]).toBeCloseTo(-Math.log(100), 10);
    const halfZero = paretoWeights(1000, 7, 0.3).map((x, i) =>
      i % 2 === 0 ? x : Number.NEGATIVE_INFINITY,
    );
    expect(paretoK(halfZero)).toBeLessThan(0.5);
    expect(paretoK([0, 1, Number.NaN, 2, 3, 4, 5, 6])).toBe(Number.POSITIVE_INFINITY);
    expect(paretoK([0, 1, 2])).toBe(Number.POSITIVE_INFINITY);
  });

  it("asks for a lower k-hat of few draws", () => {
    expect(paretoKLimit(1e6)).toBe(0.7);
    expect(paretoKLimit(100)).toBe(0.5);
  });
});

describe("predictive densities", () => {
  const outcomes = [0.1, -0.4, 0.9, 1.2, -1.1, 0.3, 0.6, -0.2, 0.8, 6.0];
  const u = uniforms(2000, 11);
  const values = Float64Array.from({ length: 10000 }, (_, at) => {
    const s = Math.floor(at / 10);
    const mean = 0.5 + 0.35 * Math.sqrt(-2 * Math.log(u[s])) * Math.cos(2 * Math.PI * u[1000 + s]);
    return -0.5 * Math.log(2 * Math.PI) - 0.5 * (outcomes[at % 10] - mean) ** 2;
  });
  const draws = { values, chains: 2, draws: 500, observations: 10 };

  it("leaves one out as ArviZ does, and names what cannot be left out", () => {
    const found = leaveOneOut(draws, 1);
    expect(found.elpd).toBeCloseTo(-29.82050319365657, 8);
    expect(found.standardError).toBeCloseTo(15.996829429319076, 8);
    expect(found.parameters).toBeCloseTo(4.591330828640928, 8);
    expect(found.kHat[0]).toBeCloseTo(0.2741769670391698, 8);
    expect(found.kHat[9]).toBeCloseTo(0.944586142392166, 8);
    expect(found.pointwise[9]).toBeCloseTo(-18.10376641301493, 8);
    expect(found.warnings[0]).toMatch(/k-hat is above 0.67 for 1 of 10 observations/);
  });

  it("takes from the draws what they are worth", () => {
    // These are independent.
    expect(leaveOneOut(draws).elpd).toBeCloseTo(leaveOneOut(draws, 1).elpd, 1);
  });

  it("knows the widely applicable information criterion as ArviZ does", () => {
    const found = waic(draws);
    expect(found.elpd).toBeCloseTo(-29.77580616385541, 8);
    expect(found.standardError).toBeCloseTo(15.97029831883871, 8);
    expect(found.parameters).toBeCloseTo(4.546633798839769, 8);
    expect(found.pointwiseParameters[9]).toBeGreaterThan(0.4);
    expect(found.warnings[0]).toMatch(/p_waic is above 0.4 for 1 of 10 observations/);
  });

  it("refuses what is no log likelihood", () => {
    expect(() => leaveOneOut({ ...draws, observations: 9 })).toThrow(/are 9000 values, got 10000/);
    const broken = values.slice();
    broken[5013] = Number.NaN;
    expect(() => waic({ ...draws, values: broken })).toThrow(
      "the log likelihood of observation 3 is not a number in draw 1 of chain 1",
    );
  });
});
