/** Guides given by moments, and QEM: what it moves by, and what it comes to. */
import { describe, expect, test } from "vitest";
import {
  bernoulli,
  beta,
  categorical,
  dirichlet,
  gamma,
  normal,
  poisson,
} from "../../../../src/distributions/index.ts";
import {
  dirichletFromLogMeans,
  gammaFromMeans,
} from "../../../../src/inference/guides/moments/logMeans.ts";
import {
  automaticGuide,
  average,
  bound,
  global,
  massivelyParallel,
  momentGuide,
  type Particles,
  posterior,
  fit as train,
} from "../../../../src/inference/internal.ts";
import { draw, type Model, paramStore, trace } from "../../../../src/model/internal.ts";
import { adam, sgd } from "../../../../src/optim/index.ts";
import {
  axis,
  cast,
  constant,
  digamma,
  grad,
  key,
  sizeOf,
  tensor,
} from "../../../../src/tensor/internal.ts";
import { value, values, valuesOf } from "../../../distributions/values.ts";
import { f64 } from "../../gaussians.ts";

const datum = axis("datum", 3);
const kind = axis("kind", 3);
const y = tensor([0.9, -0.3, 2.1], [datum], "float64");

/** Latents of several kinds, in and out of a plate. */
const mixed: Model = ({ sample, observe, plate }) => {
  const mean = sample("mean", normal(f64(0), 2));
  const rate = sample("rate", gamma(f64(2), 1));
  const level = sample("level", categorical(tensor([0.5, 0.3, 0.2], [kind], "float64")));
  plate(datum, () => {
    const up = sample("up", bernoulli({ probs: f64(0.4) }));
    const x = sample("x", normal(mean.add(cast(level, "float64")), rate));
    observe("y", normal(x.add(cast(up, "float64")), 0.5), y);
  });
};

const guide = automaticGuide(mixed, momentGuide());

describe("the derivative of qem is that from the moments of q to those of the weights", () => {
  test.each<[string, Particles]>([
    ["massively parallel", massivelyParallel(4)],
    ["global", global(6)],
    ["averaged", average(2, massivelyParallel(3))],
  ])("%s", (_, particles) => {
    const parameters = paramStore();
    const options = { model: mixed, guide, data: undefined, key: key(3), parameters, particles };
    const found = bound({ ...options, gradient: "qem" });
    const weighted = posterior(options);
    const list = parameters.list();
    expect(list.every(({ isMoment }) => isMoment)).toBe(true);
    const inputs = Object.fromEntries(
      list.map(({ name, init, axes, dtype }) => {
        const start = values(init(key(1), axes, dtype));
        const size = sizeOf(axes);
        return [name, start.length === size ? start : new Float64Array(size).fill(start[0])];
      }),
    );
    const derivatives = grad(
      found.bound,
      list.map((param) => param.value),
    );
    for (const { name, distribution } of found.guideTrace.latents) {
      for (const { expectation, statistic } of distribution.moments ?? []) {
        const at = list.findIndex((param) => param.value === expectation);
        const [moved, estimated, before] = valuesOf(
          [derivatives[at], weighted.expectation(statistic, name), expectation],
          inputs,
        );
        const size = before.length;
        expect(estimated.length, list[at].name).toBe(size);
        for (let i = 0; i < size; i++) expect(moved[i]).toBeCloseTo(estimated[i] - before[i], 10);
      }
    }
    const [wake, qem] = (["wake", "qem"] as const).map((gradient) =>
      value(bound({ ...options, gradient }).bound, inputs),
    );
    expect(qem).toBe(wake);
  });
});

describe("parameters of exponential families from the expectations of their statistics", () => {
  test.each([
    [0.05, 2],
    [1, 0.1],
    [40, 7],
    [1e5, 3],
  ])("gamma of shape %d and rate %d", (shape, rate) => {
    const found = gammaFromMeans(f64(shape / rate), digamma(f64(shape)).sub(Math.log(rate)));
    expect(value(found.shape) / shape).toBeCloseTo(1, 6);
    expect(value(found.rate) / rate).toBeCloseTo(1, 6);
  });

  test.each([[[0.05, 0.3]], [[2, 2]], [[1, 300]], [[0.01, 0.02, 5]], [[4000, 100, 7]]])(
    "dirichlet and beta %j",
    (concentrations) => {
      const total = concentrations.reduce((a, b) => a + b);
      const logs = concentrations.map((a) => digamma(f64(a)).sub(digamma(f64(total))));
      dirichletFromLogMeans(logs).forEach((a, k) => {
        expect(value(a) / concentrations[k]).toBeCloseTo(1, 6);
      });
      const part = axis("part", concentrations.length);
      const a = tensor(concentrations, [part], "float64");
      const [along] = dirichletFromLogMeans([digamma(a).sub(digamma(f64(total)))], part);
      values(along).forEach((x, k) => {
        expect(x / concentrations[k]).toBeCloseTo(1, 6);
      });
    },
  );
});

const trained = (model: Model, options: object = {}) =>
  train({ model, data: undefined, method: "qem", seed: 1, ...options });

describe("with a conjugate prior the guide becomes the posterior", () => {
  const counts = tensor([3, 5, 4], [datum], "int32");
  const hits = tensor([1, 0, 1], [datum], "float64");
  const chosen = tensor([0, 1, 0], [datum], "int32");
  const share = axis("share", 3);
  const cases: Readonly<Record<string, [Model, Readonly<Record<string, readonly number[]>>]>> = {
    gamma: [
      ({ sample, observe, plate }) => {
        const rate = sample("z", gamma(f64(2), 1));
        plate(datum, () => observe("n", poisson(rate), counts));
      },
      { shape: [14], rate: [4] },
    ],
    beta: [
      ({ sample, observe, plate }) => {
        const p = sample("z", beta(f64(1), 2));
        plate(datum, () => observe("n", bernoulli({ probs: p }), hits));
      },
      { alpha: [3], beta: [3] },
    ],
    dirichlet: [
      ({ sample, observe, plate }) => {
        const p = sample("z", dirichlet(f64(1), share));
        plate(datum, () => observe("n", categorical(p, share), chosen));
      },
      { concentration: [3, 2, 1] },
    ],
  };

  test.each(Object.entries(cases))("%s", (_, [model, answer]) => {
    const fitted = trained(model, { particles: 30, steps: 2000 });
    if (!("guide" in fitted)) throw new Error("qem has a guide");
    const { latents } = trace(fitted.guide, undefined, draw(key(1)), fitted.store);
    const inputs = Object.fromEntries(
      Object.entries(fitted.parameters).map(([name, { data }]) => [name, data]),
    );
    for (const [name, expected] of Object.entries(answer)) {
      const [found] = valuesOf([latents[0].distribution.parameters[name]], inputs);
      // Of the 30 draws of about 100 steps: an error of a few percent.
      expected.forEach((x, k) => {
        expect(found[k] / x, `${name} ${found}`).toBeGreaterThan(0.85);
        expect(found[k] / x, `${name} ${found}`).toBeLessThan(1.18);
      });
    }
  });
});

describe("method qem", () => {
  test("refuses a rule that does not average, and a guide that has no moments", () => {
    expect(() => trained(mixed, { optimiser: adam(0.1) })).toThrow(/averages moments.*take sgd/);
    const own: Model = ({ sample }) => {
      sample("mean", normal(0, 1));
    };
    expect(() =>
      train({ model: own, guide: own, data: undefined, gradient: "qem", optimiser: sgd(0.1) }),
    ).toThrow(/latent 'mean'.*momentGuide/);
  });

  test("trains parameters of the model beside the moments", () => {
    const model: Model = ({ sample, observe, plate, param }) => {
      const m = param("m", [], { init: () => constant(0, "float64"), dtype: "float64" });
      plate(datum, () => {
        observe("y", normal(sample("z", normal(m, 1)), 1), y);
      });
    };
    const { parameters } = trained(model, { particles: 30, steps: 1000 });
    // The maximum of the evidence: the mean of the data.
    expect(parameters.m.data[0]).toBeCloseTo(0.9, 1);
  });
});
