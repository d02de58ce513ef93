/** Modes along ridges, at edges, at infinity, and where there is none. */

import { describe, expect, test } from "vitest";
import {
  bernoulli,
  halfNormal,
  improperUniform,
  normal,
  REAL,
} from "../../../../src/distributions/index.ts";
import { fit, samplePosterior } from "../../../../src/inference/index.ts";
import { type Model, model } from "../../../../src/model/index.ts";
import { axis, sigmoid, tensor } from "../../../../src/tensor/index.ts";
import { effects, errors, school } from "../../../eightSchools.ts";

type Plain = Model<undefined, unknown>;
const modes = (p: Plain, method: "map" | "laplace") =>
  samplePosterior(fit({ model: p, data: undefined, method, seed: 1 }));
const float64 = (f: Plain) => model<undefined, unknown>(f, { dtype: "float64" });

/** Least squares by the normal equations, with the priors of `ridge`. */
const years = Float64Array.from({ length: 70 }, (_, i) => 1950 + i);
const temperatures = years.map((x, i) => 13.5 + 0.012 * (x - 1950) + 0.15 * Math.sin(9 * i));
const year = axis("year", 70);
const ridge = float64(({ sample, observe, plate }) => {
  const intercept = sample("intercept", normal(0, 100));
  const slope = sample("slope", normal(0, 1));
  plate(year, () =>
    observe(
      "y",
      normal(intercept.add(slope.mul(tensor(Array.from(years), [year]))), 0.15),
      tensor(Array.from(temperatures), [year]),
    ),
  );
});
const solution = (() => {
  const w = 1 / 0.15 ** 2;
  const sum = (f: (x: number, y: number) => number) =>
    years.reduce((a, x, i) => a + w * f(x, temperatures[i]), 0);
  const [aa, ab, bb] = [sum(() => 1) + 1e-4, sum((x) => x), sum((x) => x * x) + 1];
  const [ya, yb] = [sum((_, y) => y), sum((x, y) => x * y)];
  const determinant = aa * bb - ab * ab;
  return {
    intercept: (ya * bb - yb * ab) / determinant,
    slope: (yb * aa - ya * ab) / determinant,
    sd: Math.sqrt(bb / determinant),
  };
})();

describe("a ridge", () => {
  test.each(["map", "laplace"] as const)("%s goes along it to the mode", (method) => {
    const { sites, draws } = modes(ridge, method);
    const { data } = sites.intercept;
    const mean = data.reduce((a, x) => a + x, 0) / draws;
    const error = method === "map" ? 0.01 : 4 / Math.sqrt(draws);
    expect(Math.abs(mean - solution.intercept) / solution.sd).toBeLessThan(error);
  });
});

/** Outcomes that a covariate separates. */
const datum = axis("datum", 6);
const logistic = (prior: () => ReturnType<typeof normal>) =>
  float64(({ sample, observe, plate }) => {
    const [a, b] = [sample("a", prior()), sample("b", prior())];
    const x = tensor([-3, -2, -1, 1, 2, 3], [datum]);
    const probs = sigmoid(a.add(b.mul(x)));
    plate(datum, () => observe("y", bernoulli({ probs }), tensor([0, 0, 0, 1, 1, 1], [datum])));
  });

describe("separation", () => {
  test.each(["map", "laplace"] as const)("under flat priors: %s refuses", (method) => {
    expect(() =>
      modes(
        logistic(() => improperUniform(REAL)),
        method,
      ),
    ).toThrow(/does not fall along latent '[ab]'.*improper.*separates|no maximum/);
  });

  test.each(["map", "laplace"] as const)("under proper priors: %s has a mode", (method) => {
    const { sites } = modes(
      logistic(() => normal(0, 2.5)),
      method,
    );
    expect(sites.b.data[0]).toBeGreaterThan(0);
  });
});

test.each(["map", "laplace"] as const)("%s on the centred eight schools: no mode", (method) => {
  const centred = float64(({ sample, observe, plate }) => {
    const mu = sample("mu", normal(0, 5));
    const tau = sample("tau", halfNormal(5));
    plate(school, () => {
      const theta = sample("theta", normal(mu, tau));
      observe("y", normal(theta, errors), effects);
    });
  });
  expect(() => modes(centred, method)).toThrow(/no maximum|does not fall/);
});

test("a scale may be most probable at its edge", () => {
  const nonCentred = float64(({ sample, observe, plate }) => {
    const mu = sample("mu", normal(0, 5));
    const tau = sample("tau", halfNormal(5));
    plate(school, () => {
      const z = sample("z", normal(0, 1));
      observe("y", normal(mu.add(tau.mul(z)), errors), effects);
    });
  });
  const { sites } = modes(nonCentred, "map");
  expect(sites.tau.data[0]).toBeLessThan(0.1);
  // With tau = 0 the weighted mean of the effects, drawn towards 0 by its prior.
  expect(sites.mu.data[0]).toBeCloseTo(4.62, 1);
});

test.each([1e-6, 1, 1e6])("flat priors on data in units of %f have a mode", (unit) => {
  const p = float64(({ sample, observe, plate }) => {
    const mean = sample("mean", improperUniform(REAL));
    plate(datum, () =>
      observe(
        "y",
        normal(mean, unit),
        tensor(
          [1, 2, 3, 4, 5, 6].map((x) => x * unit),
          [datum],
        ),
      ),
    );
  });
  expect(modes(p, "map").sites.mean.data[0] / unit).toBeCloseTo(3.5, 3);
});
