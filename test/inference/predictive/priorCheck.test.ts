/** Draws from priors and of data, against the moments that they have. */
import { describe, expect, test } from "vitest";
import {
  censored,
  improperUniform,
  masked,
  normal,
  poisson,
  REAL,
  weibull,
} from "../../../src/distributions/index.ts";
import { observationsOf, priorCheck, priorPredictive } from "../../../src/inference/index.ts";
import { inferGaps, model } from "../../../src/model/index.ts";
import { zeros } from "../../../src/nn/index.ts";
import { axis, constant, exp, key, tensor } from "../../../src/tensor/index.ts";

const row = axis("row", 4);
const seen = tensor([1, 2, 3, 4], [row]);
const marks = (...bits: number[]) => tensor(Uint8Array.from(bits), [row]);

/** mean ~ normal(3, 2), y ~ normal(mean, 1). */
const shifted = model(({ sample, observe, plate }) => {
  const mean = sample("mean", normal(3, 2));
  plate(row, () => observe("y", normal(mean, 1), seen));
});

describe("draws from the priors", () => {
  test("have the moments of the model, and follow from the seed", () => {
    const { sites, predictive } = priorPredictive(shifted, undefined, { draws: 4000, seed: 3 });
    expect(Object.keys(sites)).toEqual(["mean"]);
    const { data, kind, axes } = predictive.y;
    expect([kind, axes]).toEqual(["observed", [row]]);
    const mean = data.reduce((a, x) => a + x, 0) / data.length;
    const sd = Math.sqrt(data.reduce((a, x) => a + (x - mean) ** 2, 0) / data.length);
    // The mean of each draw has the variance 4 + 1/4; the variance of all numbers is 5.
    expect(Math.abs(mean - 3)).toBeLessThan(5 * Math.sqrt(4.25 / 4000));
    expect(Math.abs(sd - Math.sqrt(5))).toBeLessThan(0.15);
    const drawn = data.map((x, i) => x - sites.mean.data[Math.floor(i / 4)]);
    const noise = Math.sqrt(drawn.reduce((a, x) => a + x * x, 0) / drawn.length);
    expect(Math.abs(noise - 1)).toBeLessThan(5 / Math.sqrt(2 * drawn.length));
    const again = priorPredictive(shifted, undefined, { draws: 4000, seed: 3 });
    expect(again.predictive.y.data).toEqual(data);
  });

  test("leave out what cannot be drawn, and say so", () => {
    const flat = model(({ sample, observe, param, factor }) => {
      const slope = sample("slope", improperUniform(REAL));
      const shift = param("shift", [], { init: zeros });
      factor("penalty", slope.mul(-1));
      observe("y", normal(slope.add(shift), 1), constant(1));
    });
    const { sites, predictive, warnings } = priorPredictive(flat, undefined, { draws: 10 });
    expect([...sites.slope.data]).toEqual(Array(10).fill(0));
    expect(Object.keys(predictive)).toEqual(["y"]);
    expect(warnings.join("\n")).toMatch(
      /prior of 'slope' cannot be drawn from.*\n'shift' is a param/,
    );
  });
});

describe("the data of a model", () => {
  test("without gaps that are inferred, masked values, and with those known by their ends", () => {
    const gappy = model(({ sample, observe, plate }) => {
      const height = inferGaps(sample, "height", { value: seen, present: marks(1, 0, 1, 1) });
      plate(row, () => {
        observe("height", normal(0, 1), height);
        observe("masked", masked(normal(0, 1), marks(1, 1, 0, 0)), seen);
        observe("time", censored(weibull(1, 2), { right: marks(0, 1, 0, 0) }), seen);
      });
    });
    const { height, masked: hidden, time } = observationsOf(gappy, undefined, "float64");
    expect([...height.counts]).toEqual([1, 0, 1, 1]);
    expect([height.data[0], height.data[3]]).toEqual([1, 4]);
    expect([...hidden.counts]).toEqual([1, 1, 0, 0]);
    expect([...time.counts]).toEqual([1, 1, 1, 1]);
    expect([...(time.censored ?? [])]).toEqual([0, 1, 0, 0]);
    expect(height.censored).toBeUndefined();
  });
});

describe("the check", () => {
  test("finds nothing where the priors lead to data like these", () => {
    const { warnings, observed, priors } = priorCheck(shifted, undefined);
    expect(warnings).toEqual([]);
    expect(observed[0]).toMatchObject({ site: "y", elements: 4, outside: 0 });
    expect(observed[0].data).toMatchObject({ mean: 2.5, min: 1, median: 2.5, max: 4 });
    expect(priors.map(({ site }) => site)).toEqual(["mean"]);
  });

  test("warns of overflow, of data out of reach and of priors far too wide", () => {
    const bad = model(({ sample, observe, plate }) => {
      const rate = sample("rate", normal(0, 1000));
      const mean = sample("mean", normal(1000, 1));
      const level = sample("level", normal(0, 1e6));
      plate(row, () => {
        observe("counts", poisson(exp(rate)), seen);
        observe("far", normal(mean, 1), seen);
        observe("wide", normal(level, 1), seen);
      });
    });
    const { warnings } = priorCheck(bad, undefined, { draws: 400 });
    const told = warnings.join("\n");
    expect(told).toMatch(/'counts' is infinite, too large or not a number in \d+ % of its draws/);
    expect(told).toMatch(/4 of 4 values of 'far' lie outside of all 400 draws from the priors/);
    expect(told).toMatch(/draws of 'wide' from the priors are \d000000 times as wide as its data/);
    expect(told).not.toMatch(/values of 'wide'/);
  });

  test("takes fewer draws of many data", () => {
    const many = axis("many", 20_000);
    const large = model(({ sample, observe, plate }) => {
      const mean = sample("mean", normal(0, 1));
      plate(many, () => observe("y", normal(mean, 1), zeros(key(0), [many], "float32")));
    });
    expect(priorCheck(large, undefined).draws).toBe(100);
  });
});
