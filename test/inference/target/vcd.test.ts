/** The variational contrastive divergence against brute force, its equilibrium, and what it refuses. */
import { describe, expect, test } from "vitest";
import {
  bernoulli,
  gamma,
  logistic,
  lognormal,
  mixture,
  normal,
  truncated,
} from "../../../src/distributions/index.ts";
import {
  controls,
  hoffman,
  Loop,
  type Training,
  training,
  vcd,
} from "../../../src/inference/index.ts";
import { type Model, model, paramStore } from "../../../src/model/index.ts";
import { constantInit } from "../../../src/nn/index.ts";
import { adam, sgd, stepDecay } from "../../../src/optim/index.ts";
import { ofSignalInCode } from "../../../src/papers/vcd/index.ts";
import { axis, constant, exp, index, key, select, sum, tensor } from "../../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError } from "../../distributions/values.ts";

/** The metrics of each of `count` steps, those of `more` among them, and the state at the end. */
function trained(made: Training, count: number, more: Training["metrics"] | object = {}) {
  const algorithm = { ...made, metrics: { ...made.metrics, ...more } };
  const loop = new Loop({ algorithm, steps: count, recordEvery: 1 });
  const found = [...loop.calls()].filter(({ kind }) => kind === "record");
  return { found: found.map(({ metrics }) => metrics), state: loop.state() };
}

const f64 = (x: number) => constant(x, "float64");
const chain = axis("chain", 2000);
const START = { mean: 0.8, logSd: 0.4 };
const STEP = 0.9;

/** p(z) = N(0, 1) of each chain, without data; q(z) = N(mean, exp(logSd)). */
const standard: Model = ({ sample, plate }) => {
  plate(chain, () => sample("z", normal(f64(0), 1)));
};
const guide: Model = ({ sample, param, plate }) => {
  const [mean, logSd] = Object.entries(START).map(([name, value]) =>
    param(name, [], { init: constantInit(value), dtype: "float64" }),
  );
  plate(chain, () => sample("z", normal(mean.add(0), exp(logSd))));
};

type Components = readonly {
  readonly weight: number;
  readonly mean: number;
  readonly sd: number;
}[];

/** L by quadrature: one trajectory of one leapfrog step, so that z_t is z' = z + eps r - eps^2 z / 2 or z itself. */
function divergence(components: Components): number {
  const density = (z: number) =>
    components.reduce(
      (sum, { weight, mean, sd }) => sum + (weight / sd) * Math.exp(-0.5 * ((z - mean) / sd) ** 2),
      0,
    );
  const f = (z: number) => -0.5 * z * z - Math.log(density(z));
  const phi = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  const h = 0.05;
  let sum = 0;
  for (const { weight, mean, sd } of components) {
    for (let e = -7; e <= 7; e += h) {
      const z = mean + sd * e;
      for (let r = -7; r <= 7; r += h) {
        const half = r - (STEP / 2) * z;
        const there = z + STEP * half;
        const end = half - (STEP / 2) * there;
        const accept = Math.min(1, Math.exp(0.5 * (z * z + r * r - there * there - end * end)));
        sum += weight * h * h * phi(e) * phi(r) * accept * (f(there) - f(z));
      }
    }
  }
  return sum;
}

const one = { iterations: 1, leapfrogs: 1, adaptation: 0, stepSize: STEP };

describe("one trajectory of a Gaussian", () => {
  const h = 1e-4;
  const { mean, logSd } = START;
  const at = (m: number, s: number) => divergence([{ weight: 1, mean: m, sd: Math.exp(s) }]);
  const byMean = (at(mean + h, logSd) - at(mean - h, logSd)) / (2 * h);
  const byLogSd = (at(mean, logSd + h) - at(mean, logSd - h)) / (2 * h);

  test.each(
    Object.entries({
      none: controls.none,
      scalar: controls.scalar,
      each: controls.perDatum(),
      "of the signal in the authors' code": ofSignalInCode(controls.scalar),
    }),
  )("control %s: the gradient is that of the divergence in expectation", (_, control) => {
    const parameters = paramStore();
    const made = training({
      objective: (_step, stepKey) =>
        vcd({ ...one, model: standard, guide, data: undefined, key: stepKey, parameters, control }),
      parameters,
      optimiser: sgd(1e-300),
      scale: 1 / chain.size,
      seed: 5,
    });
    const { found } = trained(made, 40, made.gradients);
    const expected = {
      mean: byMean,
      logSd: byLogSd,
      divergence: chain.size * at(mean, logSd),
    };
    for (const [name, value] of Object.entries(expected)) {
      const { mean: average, error } = meanAndError(found.map((step) => step[name]));
      expect(Math.abs(average - value)).toBeLessThan(FIVE_SIGMA * error + 1e-4 * Math.abs(value));
    }
  });
});

test("of a guide that is a mixture weights and components move as the divergence does", () => {
  const component = axis("component", 2);
  const start = { logit: 0.6, mean: [-0.7, 1.1], logSd: [-0.3, 0.2] };
  const mixed: Model = ({ sample, param, plate }) => {
    const options = (values: number[]) => ({
      init: () => tensor(values, [component], "float64"),
      dtype: "float64" as const,
    });
    const logits = param("logits", [component], options([start.logit, 0]));
    const mean = param("mean", [component], options(start.mean));
    const logSd = param("logSd", [component], options(start.logSd));
    plate(chain, () => sample("z", mixture({ logits }, normal(mean, exp(logSd)))));
  };
  const parameters = paramStore();
  const made = training({
    objective: (_step, stepKey) =>
      vcd({ ...one, model: standard, guide: mixed, data: undefined, key: stepKey, parameters }),
    parameters,
    optimiser: sgd(1e-300),
    scale: 1 / chain.size,
    seed: 9,
  });
  const first = (of: string) =>
    sum(select(index(component).eq(0), made.gradients[of], 0), component);
  const names = ["logits", "mean", "logSd"];
  const { found } = trained(made, 60, Object.fromEntries(names.map((name) => [name, first(name)])));
  const h = 1e-4;
  const at = (logit: number, mean: number, logSd: number) => {
    const weight = 1 / (1 + Math.exp(-logit));
    return divergence([
      { weight, mean, sd: Math.exp(logSd) },
      { weight: 1 - weight, mean: start.mean[1], sd: Math.exp(start.logSd[1]) },
    ]);
  };
  const here = [start.logit, start.mean[0], start.logSd[0]] as const;
  const expected = names.map((_, i) => {
    const [up, down] = [h, -h].map((by) => here.map((x, j) => (j === i ? x + by : x)));
    return (at(up[0], up[1], up[2]) - at(down[0], down[1], down[2])) / (2 * h);
  });
  names.forEach((name, i) => {
    const { mean: average, error } = meanAndError(found.map((step) => step[name]));
    expect(Math.abs(average - expected[i])).toBeLessThan(FIVE_SIGMA * error + 1e-4);
    expect(error).toBeLessThan(0.01);
  });
});

describe("what is trained", () => {
  /** A positive latent for each datum, of which a count's rate is seen: the posterior is gamma(3 + y, 2 + 1). */
  const datum = axis("datum", 40);
  const rates = model(({ sample, plate }) => {
    plate(datum, () => sample("rate", gamma(f64(3), 2)));
  });
  const guideOfRates = model(({ sample, param, plate }) => {
    const options = { init: constantInit(0), dtype: "float64" } as const;
    const [m, s] = [param("m", [], options), param("s", [], options)];
    plate(datum, () => sample("rate", lognormal(m.add(0), exp(s))));
  });

  test.each([
    ["vcd", vcd],
    ["hoffman", hoffman],
  ] as const)(
    "%s fits a guide on a constrained support, and its chains accept as they should",
    (_, target) => {
      const parameters = paramStore();
      const made = training({
        objective: (_step, stepKey) =>
          target({
            model: rates,
            guide: guideOfRates,
            data: undefined,
            key: stepKey,
            parameters,
            stepSize: 0.5,
          }),
        parameters,
        optimiser: adam(stepDecay(0.05, { every: 100, factor: 0.5 })),
        scale: 1 / datum.size,
        seed: 2,
      });
      const { found, state } = trained(made, 500);
      const [m, s] = ["m", "s"].map((name) => state[name].data[0]);
      if (target === hoffman) {
        // The ELBO of a log-normal q = exp(N(m, s)) of a gamma(3, 2): E[3 u - 2 e^u] + log s, largest at s^2 = 1/3.
        expect(Math.exp(2 * s)).toBeCloseTo(1 / 3, 1);
        expect(m).toBeCloseTo(Math.log(1.5) - 1 / 6, 1);
      } else {
        // Wider than the ELBO's: it covers the posterior, whose log has a variance of trigamma(3).
        expect(Math.exp(2 * s)).toBeGreaterThan(0.33);
        expect(Math.exp(2 * s)).toBeLessThan(0.5);
      }
      const last = found.slice(-100);
      const acceptance = last.reduce((sum, { acceptance: a }) => sum + a, 0) / last.length;
      expect(acceptance).toBeGreaterThan(0.8);
      expect(acceptance).toBeLessThan(0.97);
      expect(last.every(({ stepSize }) => stepSize > 0)).toBe(true);
    },
  );
});

describe("what is refused", () => {
  const options = { data: undefined, key: key(0), parameters: paramStore() };

  test("a discrete latent of the guide", () => {
    const coin: Model = ({ sample }) => {
      sample("up", bernoulli({ probs: 0.5 }));
    };
    expect(() => vcd({ ...options, model: coin, guide: coin })).toThrow(/no smooth map leads/);
  });

  test("a guide whose draws have no derivative, and a latent that it has not", () => {
    const cut: Model = ({ sample }) => {
      sample("z", truncated(logistic(0, 1), { lower: -1 }));
    };
    for (const target of [vcd, hoffman]) {
      expect(() => target({ ...options, model: cut, guide: cut })).toThrow(
        /'z': draws of a truncated.* have no derivative/,
      );
    }
    const more: Model = ({ sample, observe }) => {
      const z = sample("z", normal(sample("centre", normal(0, 1)), 1));
      observe("y", normal(z, 1), constant(1));
    };
    const one: Model = ({ sample }) => {
      sample("z", normal(0, 1));
    };
    expect(() => vcd({ ...options, model: more, guide: one })).toThrow(
      /'centre' of the model is missing in the guide/,
    );
  });
});
