import { describe, expect, test } from "vitest";
import { bernoulli, normal } from "../../../src/distributions/index.ts";
import {
  bound,
  type Gradient,
  global,
  massivelyParallel,
  posterior,
  sleep,
  fit as train,
  wakeSleep,
} from "../../../src/inference/internal.ts";
import type { Model } from "../../../src/model/index.ts";
import { constantInit } from "../../../src/nn/index.ts";
import { adam, stepDecay } from "../../../src/optim/index.ts";
import { type Axis, exp, grad, input, key, sum, type Tensor } from "../../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError, value, valuesOf } from "../../distributions/values.ts";
import {
  all,
  type Data,
  f64,
  localMeans,
  oneMean,
  oneMeanGuide,
  posterior as oneMeanPosterior,
  rep,
  repeatedKey,
  S,
  store,
  X,
} from "../gaussians.ts";
import { group, hierarchy, logEvidence, logNormal, run } from "../hierarchy.ts";

/** A parameter of the model, m, and two of the guide, s and t. */
const [m, s, t] = ["m", "s", "t"].map((name) => input(name, [], "float64"));
const inputs = { m: Float64Array.of(0.2), s: Float64Array.of(-0.4), t: Float64Array.of(0.6) };

/** The hierarchy of Gaussians around m, and a guide in which `a` has the parent `mu`. */
const shifted: Model = (sites, data) =>
  hierarchy(
    {
      ...sites,
      sample: (name, distribution) =>
        sites.sample(name, name === "mu" ? normal(m, 1) : distribution),
    },
    data,
  );
const guide: Model = ({ sample, plate }) => {
  const mu = sample("mu", normal(s, 0.9));
  plate(group, () => sample("a", normal(mu.mul(t), 0.8)));
};

const options = { model: shifted, guide, data: undefined, key: key(2), parameters: store() };
const particles = massivelyParallel(4);
const derivatives = (gradient: Gradient) =>
  valuesOf(grad(bound({ ...options, particles, gradient }).bound, [m, s, t]), inputs).map(
    ([x]) => x,
  );

describe("the wake phases are expectations under the weights of all combinations", () => {
  const weighted = posterior({ ...options, particles });
  const expectation = (f: (mu: Tensor) => Tensor) => value(weighted.expectation(f, "mu"), inputs);
  const [byM, byS, byT] = derivatives("wake");

  test("p's: the mean of d log p", () => {
    expect(byM).toBeCloseTo(
      expectation((mu) => mu.sub(m)),
      11,
    );
  });

  test("q's: the mean of d log q", () => {
    expect(byS).toBeCloseTo(
      expectation((mu) => mu.sub(s).div(0.81)),
      11,
    );
  });

  test("q's, of a latent with parents: the mean of d log q of the mixture, at the same draws", () => {
    const traces = bound({ ...options, particles, gradient: "none" });
    const [mu, a] = traces.guideTrace.latents.map((latent) => latent.value);
    const [ofMu] = traces.particles.map((particle) => particle.axis);
    const density = exp(normal(mu.mul(t), 0.8).logProb(a));
    const slope = a.sub(mu.mul(t)).mul(mu).div(0.64);
    const byMixture = sum(density.mul(slope), ofMu).div(sum(density, ofMu));
    const expected = value(sum(weighted.weights("a").mul(byMixture)), inputs);
    expect(byT).toBeCloseTo(expected, 11);
  });

  test("each alone leaves the other's parameters as they are; `none` all; the value stays", () => {
    const expected = { wakeP: [byM, 0, 0], wakeQ: [0, byS, byT], none: [0, 0, 0] };
    for (const [gradient, of] of Object.entries(expected)) {
      derivatives(gradient as Gradient).forEach((x, i) => {
        expect(x).toBeCloseTo(of[i], 12);
      });
    }
    const bounds = (["total", "wake", "wakeP", "wakeQ", "none"] as const).map((gradient) =>
      value(bound({ ...options, particles, gradient }).bound, inputs),
    );
    expect(new Set(bounds).size).toBe(1);
  });

  test("that of p is the derivative of the bound where the draws do not depend on it", () => {
    expect(derivatives("total")[0]).toBeCloseTo(byM, 11);
    expect(derivatives("total")[1]).not.toBeCloseTo(byS, 3);
  });
});

test.each(["permuted", "independent"] as const)(
  "massively parallel VI: the bound's derivative through the draws, by differences, parents %s",
  (parents) => {
    const at = massivelyParallel(4, { parents });
    const { bound: b } = bound({ ...options, particles: at });
    const found = valuesOf(grad(b, [m, s, t]), inputs).map(([x]) => x);
    const names = ["m", "s", "t"] as const;
    names.forEach((name, i) => {
      const moved = (by: number) =>
        value(b, { ...inputs, [name]: Float64Array.of(inputs[name][0] + by) });
      const h = 1e-5;
      expect(found[i]).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 7);
    });
  },
);

test("with many particles q's wake phase moves towards the posterior", () => {
  const rough = oneMeanGuide(s, 0.9);
  const { bound: b } = bound({
    model: oneMean,
    guide: rough,
    data: all,
    key: repeatedKey(1),
    parameters: store(),
    particles: global(50),
    gradient: "wakeQ",
  });
  const found = run({ byS: grad(sum(b), [s])[0] }, { s: inputs.s }).byS[0] / rep.size;
  const expected = (oneMeanPosterior.mean - inputs.s[0]) / 0.81;
  // Weights that are divided by their sum are biased by a few times 1 / K.
  expect(Math.abs(found / expected - 1)).toBeLessThan(0.1);
});

describe("the sleep phase", () => {
  /** q(z | x) = normal(slope x, sd), amortised. */
  const [slope, sd] = [input("slope", [], "float64"), input("sd", [], "float64")];
  const amortised: Model<Data> = ({ sample, plate }, data) => {
    plate(data.datum, () => sample("z", normal(data.x.mul(slope), sd)));
  };
  const dreamt = (data: Data, drawn: Readonly<Record<string, Tensor>>): Data => ({
    ...data,
    x: drawn.x,
  });
  const shared = { model: localMeans, guide: amortised, data: all, dreamt, parameters: store() };
  const at = { slope: Float64Array.of(0.4), sd: Float64Array.of(0.7) };

  test("has the derivatives of E[log q(z | x)] under the model", () => {
    const groups = Array.from({ length: 20 }, (_, i) => {
      const { bound: b } = sleep({ ...shared, key: key(10 + i), dreams: 1000 });
      return valuesOf(grad(b, [slope, sd]), at).map(([x]) => x);
    });
    // With z, e standard normal and x = z + S e: E[(z - slope x) x] / sd^2, and so on, for each datum.
    const variance = (1 - 0.4) ** 2 + (0.4 * S) ** 2;
    const expected = [
      (X.length * (1 - 0.4 * (1 + S * S))) / 0.49,
      X.length * (variance / 0.7 ** 3 - 1 / 0.7),
    ];
    expected.forEach((g, i) => {
      const { mean, error } = meanAndError(groups.map((group) => group[i]));
      expect(Math.abs(mean - g)).toBeLessThan(FIVE_SIGMA * error);
      expect(error).toBeLessThan(0.1 * Math.abs(g));
    });
  });

  test("does not look at the data", () => {
    const other = { ...all, x: all.x.mul(3) };
    const [a, b] = valuesOf(
      [all, other].map((data) => sleep({ ...shared, data, key: key(1), dreams: 3 }).bound),
      at,
    );
    expect(a).toEqual(b);
  });

  test("counts subsampled plates for all they stand for", () => {
    const [part, whole] = valuesOf(
      [{ ...all, total: 40 }, all].map((data) => sleep({ ...shared, data, key: key(1) }).bound),
      at,
    );
    expect(part[0]).toBeCloseTo(10 * whole[0], 9);
  });

  test("with the wake phase of p it is wake-sleep: the bound, the derivatives of both", () => {
    const { bound: both, sites } = wakeSleep({ ...shared, key: key(3), particles: global(3) });
    const { dreamt: _, ...plain } = shared;
    const wake = bound({ ...plain, key: key(3), particles: global(3), gradient: "wakeP" });
    const asleep = sleep({ ...shared, key: key(3) });
    const [[value], [expected], [byBoth], [bySleep]] = valuesOf(
      [both, wake.bound, grad(both, [slope])[0], grad(asleep.bound, [slope])[0]],
      at,
    );
    expect(value).toBe(expected);
    expect(byBoth).toBeCloseTo(bySleep, 12);
    expect(Object.keys(sites)).toEqual(["z", "x"]);
  });
});

test("massively parallel VI brings the bound close to the evidence", () => {
  const { bounds } = train({
    model: hierarchy,
    guide: ({ sample, param, plate }) => {
      const q = (name: string, axes: Axis[] = []) => {
        const of = (what: string) =>
          param(`${name}.${what}`, axes, { init: constantInit(0), dtype: "float64" });
        return normal(of("mean"), exp(of("logSd")));
      };
      sample("mu", q("mu"));
      plate(group, () => sample("a", q("a", [group])));
    },
    data: undefined,
    particles: massivelyParallel(10),
    optimiser: adam(stepDecay(0.03, { every: 400, factor: 0.1 })),
    steps: 1000,
    records: 10,
  });
  const last = bounds[9].bound;
  expect(last).toBeGreaterThan(logEvidence - 0.1);
  expect(last).toBeLessThan(logEvidence + 0.02);
});

describe("training by reweighted wake-sleep", () => {
  const dtype = "float64";
  const optimiser = adam(stepDecay(0.03, { every: 600, factor: 0.1 }));

  test("finds the posterior of discrete latents", () => {
    const shift = 2;
    const lifted: Model<Data> = ({ sample, observe, plate }, { x, datum }) => {
      const up = sample("up", bernoulli({ probs: f64(0.5) }));
      const mu = sample("mu", normal(f64(0), 1));
      plate(datum, () => observe("x", normal(mu.add(up.mul(shift)), S), x));
    };
    const { parameters: trained } = train<Data>({
      model: lifted,
      guide: ({ sample, param }) => {
        const q = (name: string) => param(name, [], { init: constantInit(0), dtype });
        sample("up", bernoulli({ logits: q("logit") }));
        sample("mu", normal(q("mean"), exp(q("logSd"))));
      },
      data: all,
      particles: massivelyParallel(30),
      gradient: "wake",
      optimiser,
      steps: 1500,
    });
    const covariance = X.map((_, i) => X.map((_, j) => 1 + (i === j ? S * S : 0)));
    const [down, up] = [0, shift].map((by) =>
      Math.exp(
        logNormal(
          X.map((xi) => xi - by),
          covariance,
        ),
      ),
    );
    const probability = 1 / (1 + Math.exp(-trained.logit.data[0]));
    expect(up / (up + down)).toBeGreaterThan(0.2);
    expect(up / (up + down)).toBeLessThan(0.8);
    // What 30 particles leave of the bias, and the noise of the last steps.
    expect(Math.abs(probability - up / (up + down))).toBeLessThan(0.03);
  });

  test("trains the model with the guide", () => {
    const { parameters: trained } = train<Data>({
      model: ({ sample, observe, plate, param }, { x, datum }) => {
        const centre = param("centre", [], { init: constantInit(0), dtype });
        const mu = sample("mu", normal(centre, 1));
        plate(datum, () => observe("x", normal(mu, S), x));
      },
      guide: ({ sample, param }) => {
        const q = (name: string) => param(name, [], { init: constantInit(0), dtype });
        sample("mu", normal(q("mean"), exp(q("logSd"))));
      },
      data: all,
      particles: global(20),
      gradient: "wake",
      optimiser,
      steps: 1500,
    });
    const best = X.reduce((a, b) => a + b) / X.length;
    expect(Math.abs(trained.centre.data[0] - best)).toBeLessThan(0.03);
    expect(Math.abs(trained.mean.data[0] - best)).toBeLessThan(0.03);
    expect(Math.abs(Math.exp(trained.logSd.data[0]) - oneMeanPosterior.sd)).toBeLessThan(0.03);
  });

  test("and by wake-sleep, as another target of fit", () => {
    const { parameters: trained } = train<Data>({
      target: (options) =>
        wakeSleep({ ...options, dreams: 20, dreamt: (d, { x }) => ({ ...d, x }) }),
      model: localMeans,
      guide: ({ sample, param, plate }, { x, datum }) => {
        const slope = param("slope", [], { init: constantInit(0), dtype });
        const logSd = param("logSd", [], { init: constantInit(0), dtype });
        plate(datum, () => sample("z", normal(x.mul(slope), exp(logSd))));
      },
      data: all,
      optimiser,
      steps: 1500,
    });
    expect(Math.abs(trained.slope.data[0] - 1 / (1 + S * S))).toBeLessThan(0.03);
    const sd = S / Math.sqrt(1 + S * S);
    expect(Math.abs(Math.exp(trained.logSd.data[0]) - sd)).toBeLessThan(0.03);
  });
});
