import { describe, expect, test } from "vitest";
import { bernoulli, normal } from "../../../src/distributions/index.ts";
import {
  average,
  type BoundOptions,
  bound,
  global,
  single,
} from "../../../src/inference/internal.ts";
import { type Model, model } from "../../../src/model/index.ts";
import {
  axis,
  constant,
  exp,
  fold,
  grad,
  index,
  input,
  key,
  mean,
  sum,
  type Tensor,
  tensor,
} from "../../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError, value, values, valuesOf } from "../../distributions/values.ts";
import {
  all,
  type Data,
  datum,
  divergence,
  elbo,
  f64,
  localEvidence,
  localGuide,
  localMeans,
  localPosterior,
  logEvidence,
  oneMean,
  oneMeanGuide,
  posterior,
  rep,
  repeatedKey,
  S,
  store,
  X,
  x,
} from "../gaussians.ts";

type Choices = Partial<BoundOptions<Data>>;

const boundOf = (
  p: Model<Data, unknown>,
  q: Model<Data, unknown>,
  { data = all, key: k = key(1), ...choices }: Choices = {},
) => bound({ model: p, guide: q, data, key: k, parameters: store(), ...choices });

/** A guide for the one mean that is not the posterior. */
const [M, SD] = [0.7, 0.6];
const rough = oneMeanGuide(f64(M), SD);

describe("where the guide is the posterior, the bound is the log evidence at every draw", () => {
  const exact = oneMeanGuide(f64(posterior.mean), posterior.sd);
  const localTotal = localEvidence.reduce((a, b) => a + b);

  test.each([
    ["single", single()],
    ["average", average(3)],
    ["importance", global(3)],
  ])("%s", (_, particles) => {
    for (const seed of [1, 2, 3]) {
      const one = boundOf(oneMean, exact, { particles, key: key(seed) });
      expect(value(one.bound)).toBeCloseTo(logEvidence, 11);
      const local = boundOf(localMeans, localPosterior, { particles, key: key(seed) });
      expect(value(local.bound)).toBeCloseTo(localTotal, 11);
      const each = values(local.perElement(datum));
      localEvidence.forEach((expected, i) => {
        expect(each[i]).toBeCloseTo(expected, 11);
      });
    }
  });

  test("closed: in expectation only", () => {
    const { bound: b } = boundOf(oneMean, exact, { kl: "closed", key: repeatedKey(3) });
    const { mean, error } = meanAndError(values(b));
    expect(Math.abs(mean - logEvidence)).toBeLessThan(FIVE_SIGMA * error);
    expect(error).toBeGreaterThan(1e-3);
  });
});

describe("the bound under another guide", () => {
  const draws = (choices: Choices) =>
    values(boundOf(oneMean, rough, { key: repeatedKey(1), ...choices }).bound);

  test.each<[string, Choices]>([
    ["estimator A", {}],
    ["estimator B", { kl: "closed" }],
    ["the entropy in closed form", { kl: "entropy" }],
    ["estimator A, averaged", { particles: average(3) }],
    ["estimator B, averaged", { particles: average(3), kl: "closed" }],
  ])("%s has the closed-form ELBO as its expectation", (_, choices) => {
    const { mean, error } = meanAndError(draws(choices));
    expect(Math.abs(mean - elbo(M, SD))).toBeLessThan(FIVE_SIGMA * error);
  });

  test("averaging L draws divides the variance by L", () => {
    const [one, five] = [draws({}), draws({ particles: average(5) })].map(
      (found) => meanAndError(found).error ** 2,
    );
    // The ratio of two sample variances of n = 4000: relative sd about sqrt(2 * 5 / n) = 0.05.
    expect(one / five).toBeGreaterThan(5 * 0.75);
    expect(one / five).toBeLessThan(5 * 1.25);
  });

  test("the importance weights estimate the evidence without bias", () => {
    const ratios = draws({ particles: global(3) }).map((b) => Math.exp(b - logEvidence));
    const { mean, error } = meanAndError(ratios);
    expect(Math.abs(mean - 1)).toBeLessThan(FIVE_SIGMA * error);
  });

  test("more importance particles come closer from below", () => {
    const [one, five, fifty] = [1, 5, 50].map((k) => meanAndError(draws({ particles: global(k) })));
    expect(five.mean - one.mean).toBeGreaterThan(FIVE_SIGMA * Math.hypot(one.error, five.error));
    expect(fifty.mean - five.mean).toBeGreaterThan(
      FIVE_SIGMA * Math.hypot(five.error, fifty.error),
    );
    expect(fifty.mean).toBeLessThan(logEvidence + FIVE_SIGMA * fifty.error);
    expect(one.mean).toBeCloseTo(meanAndError(draws({})).mean, 10);
  });

  test("estimator B takes the exact divergence, and A agrees in expectation", () => {
    const a = boundOf(oneMean, rough, { key: repeatedKey(2) });
    const b = boundOf(oneMean, rough, { key: repeatedKey(2), kl: "closed" });
    expect(value(b.sites.z)).toBeCloseTo(-divergence(M, SD), 12);
    const { mean, error } = meanAndError(values(a.sites.z));
    expect(Math.abs(mean + divergence(M, SD))).toBeLessThan(FIVE_SIGMA * error);
    expect([...values(a.sites.x)]).toEqual([...values(b.sites.x)]);
  });
});

describe("the Renyi bound", () => {
  /** The log weights of two particles: more particles leave the earlier ones as they were. */
  const of = (k: number, alpha = 0) =>
    value(boundOf(oneMean, rough, { particles: global(k), alpha }).bound);
  const first = of(1);
  const second = Math.log(2 * Math.exp(of(2)) - Math.exp(first));

  test.each([0.5, -1, 2])("of order %d is a power mean of the weights", (alpha) => {
    const mean = (Math.exp((1 - alpha) * first) + Math.exp((1 - alpha) * second)) / 2;
    expect(of(2, alpha)).toBeCloseTo(Math.log(mean) / (1 - alpha), 10);
  });

  test("orders that have no such form are refused", () => {
    expect(() => of(2, 1)).toThrow(/alpha 1 is the ELBO/);
    const doubly = { particles: global(2), alpha: 0.5, gradient: "doublyReparameterised" } as const;
    expect(() => boundOf(oneMean, rough, doubly)).toThrow(/is for alpha 0/);
  });
});

describe("the particle axis is eliminated where the latents that share it stand", () => {
  const particles = global(4);
  const [{ axis: k }] = particles.axesOf({ name: "z", plates: [], distribution: normal(0, 1) });
  const logMeanExp = (ws: number[]) =>
    Math.log(ws.map(Math.exp).reduce((a, b) => a + b) / ws.length);
  /** log p(z_i) + log p(x_i | z_i) - log q(z_i) of each particle and datum. */
  const weights = (z: Tensor, q: Tensor, over: (density: Tensor) => Tensor) => {
    const prior = normal(f64(0), 1).logProb(z);
    const likelihood = normal(z, S).logProb(x);
    const found = over(prior.sub(q)).add(likelihood);
    const at = found.axes[0] === k;
    const flat = values(found);
    return X.map((_, i) =>
      Array.from({ length: k.size }, (_, j) => flat[at ? j * X.length + i : i * k.size + j]),
    );
  };

  test("inside the plate for local latents: the importance-weighted autoencoder", () => {
    const guide = localGuide(f64(0.3), 0.9);
    const found = boundOf(localMeans, guide, { particles });
    const { value: z, logProb } = found.guideTrace.latents[0];
    const w = weights(z, logProb(), (d) => d);
    const each = values(found.perElement(datum));
    w.forEach((row, i) => {
      expect(each[i]).toBeCloseTo(logMeanExp(row), 11);
    });
    expect(value(found.bound)).toBeCloseTo(
      w.map(logMeanExp).reduce((a, b) => a + b),
      11,
    );
  });

  test("outside it for a global one", () => {
    const found = boundOf(oneMean, rough, { particles });
    const { value: z, logProb } = found.guideTrace.latents[0];
    const w = weights(z, logProb(), (d) => d.mul(1 / X.length));
    const joint = Array.from({ length: k.size }, (_, j) =>
      w.map((row) => row[j]).reduce((a, b) => a + b),
    );
    expect(value(found.bound)).toBeCloseTo(logMeanExp(joint), 11);
  });

  test("outside it for a local one whose elements meet in a site outside the plate", () => {
    const coupled = model(({ sample, observe, plate }, data: Data) => {
      const z = plate(data.datum, () => {
        const z = sample("z", normal(f64(0), 1));
        observe("x", normal(z, S), data.x);
        return z;
      });
      observe("total", normal(sum(z, data.datum), 1), f64(2));
    });
    const found = boundOf(coupled, localGuide(f64(0.3), 0.9), { particles });
    const { value: z, logProb } = found.guideTrace.latents[0];
    const w = weights(z, logProb(), (d) => d);
    const totals = values(normal(sum(z, datum), 1).logProb(f64(2)));
    const joint = Array.from(totals, (t, j) => t + w.map((row) => row[j]).reduce((a, b) => a + b));
    expect(value(found.bound)).toBeCloseTo(logMeanExp(joint), 11);
  });

  test("by the mean, wherever it stands, for average", () => {
    const averaged = average(4);
    const found = boundOf(localMeans, localGuide(f64(0.3), 0.9), { particles: averaged });
    const { value: z, logProb } = found.guideTrace.latents[0];
    const term = normal(f64(0), 1).logProb(z).add(normal(z, S).logProb(x)).sub(logProb());
    const [{ axis: draw }] = found.particles;
    const [b, expected] = valuesOf([found.bound, mean(sum(term, datum), draw)]);
    expect(b[0]).toBeCloseTo(expected[0], 11);
  });
});

describe("a subsampled plate", () => {
  const half = axis("datum", 2);
  const part = (of: number[]) => ({ x: tensor(of, [half], "float64"), datum: half, total: 4 });
  const halves = [part([X[0], X[1]]), part([X[2], X[3]])];

  test("gives the bound of all data on average over the parts, for the same draw", () => {
    const [first, second, whole] = valuesOf([
      ...halves.map((data) => boundOf(oneMean, rough, { data }).bound),
      boundOf(oneMean, rough).bound,
    ]);
    expect((first[0] + second[0]) / 2).toBeCloseTo(whole[0], 11);
  });

  test("scales local terms, but not what belongs to each element", () => {
    const found = boundOf(localMeans, localPosterior, { data: halves[0] });
    expect(value(found.bound)).toBeCloseTo(2 * (localEvidence[0] + localEvidence[1]), 11);
    expect(values(found.perElement(half))[1]).toBeCloseTo(localEvidence[1], 11);
  });

  test("may stand around an importance axis, or inside an average", () => {
    const local = boundOf(localMeans, localPosterior, {
      data: halves[0],
      particles: global(3),
    });
    expect(value(local.bound)).toBeCloseTo(2 * (localEvidence[0] + localEvidence[1]), 11);
    const draws = values(
      boundOf(oneMean, rough, {
        data: halves[0],
        particles: average(2),
        key: repeatedKey(6),
      }).bound.add(
        boundOf(oneMean, rough, {
          data: halves[1],
          particles: average(2),
          key: repeatedKey(7),
        }).bound,
      ),
    );
    const { mean, error } = meanAndError(draws);
    expect(Math.abs(mean / 2 - elbo(M, SD))).toBeLessThan(FIVE_SIGMA * error);
  });
});

describe("gradients", () => {
  const [m, s] = [input("m", [], "float64"), input("s", [], "float64")];
  const inputs = { m: Float64Array.of(M), s: Float64Array.of(SD) };
  const guide = oneMeanGuide(m, s);
  /** d/dm and d/ds of the ELBO. */
  const expected = [
    X.map((xi) => (xi - M) / (S * S)).reduce((a, b) => a + b) - M,
    (-X.length * SD) / (S * S) - (SD - 1 / SD),
  ];

  test.each<[string, Choices]>([
    ["estimator A", {}],
    ["estimator B", { kl: "closed" }],
    ["the entropy in closed form", { kl: "entropy" }],
    ["an average", { particles: average(2) }],
  ])(
    "of %s have the closed-form gradient as their expectation",
    (_, choices) => {
      const groups = Array.from({ length: 20 }, (_, i) => {
        const { bound: b } = boundOf(oneMean, guide, { ...choices, key: repeatedKey(100 + i) });
        return valuesOf(grad(mean(b, rep), [m, s]), inputs).map(([g]) => g);
      });
      expected.forEach((g, i) => {
        const { mean, error } = meanAndError(groups.map((group) => group[i]));
        expect(Math.abs(mean - g)).toBeLessThan(FIVE_SIGMA * error);
      });
    },
    60_000,
  );

  test("of the importance-weighted bound are those of the mean weight, by differences", () => {
    const { bound: b } = boundOf(oneMean, guide, { particles: global(5) });
    const at = (ms: number, ss: number) =>
      value(b, { m: Float64Array.of(ms), s: Float64Array.of(ss) });
    const [byM, byS] = valuesOf(grad(b, [m, s]), inputs).map(([g]) => g);
    const h = 1e-5;
    expect(byM).toBeCloseTo((at(M + h, SD) - at(M - h, SD)) / (2 * h), 7);
    expect(byS).toBeCloseTo((at(M, SD + h) - at(M, SD - h)) / (2 * h), 7);
  });
});

describe("what comes with the bound", () => {
  const prior = normal(f64(0), 2);
  const init = () => f64(0);
  const withParams: Model<Data, unknown> = ({ param, observe, plate }, data) => {
    const shift = param("shift", [], { init, prior, dtype: "float64" });
    const scale = param("scale", [], { init, dtype: "float64" });
    plate(data.datum, () => observe("x", normal(shift, exp(scale)), data.x), { total: 40 });
  };
  const inputs = { shift: Float64Array.of(1), scale: Float64Array.of(0) };

  test("priors of parameters count once, whatever the plates", () => {
    const found = boundOf(withParams, () => {});
    const density = X.map((xi) => -0.5 * (xi - 1) ** 2 - 0.5 * Math.log(2 * Math.PI));
    const logPrior = -0.125 - Math.log(2) - 0.5 * Math.log(2 * Math.PI);
    const likelihood = 10 * density.reduce((a, b) => a + b);
    expect(value(found.bound, inputs)).toBeCloseTo(likelihood + logPrior, 11);
    expect(value(found.sites.shift, inputs)).toBeCloseTo(logPrior, 12);
    expect(Object.keys(found.sites)).toEqual(["x", "shift"]);
  });

  test("parameters of others in the same store do not count", () => {
    const shared = store();
    shared.declare("elsewhere", [], { init, prior, dtype: "float64" });
    const found = boundOf(withParams, () => {}, { parameters: shared });
    expect(Object.keys(found.sites)).toEqual(["x", "shift"]);
  });

  test("the contributions of the sites add up to the bound", () => {
    for (const particles of [single(), average(3)]) {
      const { bound: b, sites } = boundOf(localMeans, localGuide(f64(0.3), 0.9), { particles });
      const [total, ...parts] = valuesOf([b, ...Object.values(sites)]).map(([v]) => v);
      expect(parts.length).toBe(2);
      expect(parts.reduce((a, b) => a + b)).toBeCloseTo(total, 11);
    }
  });

  test("everything is combined in float64, from float32 models too", () => {
    const narrow = model(({ sample, observe }) => {
      observe("x", normal(sample("z", normal(0, 1)), 1), constant(1));
    });
    const guide = model(({ sample }) => sample("z", normal(0, 1)));
    const options = { data: undefined, key: key(1), parameters: store() };
    const found = bound({ model: narrow, guide, ...options, particles: global(2) });
    expect(found.bound.dtype).toBe("float64");
    expect(found.sites.z.dtype).toBe("float64");
  });

  test("discrete latents may be looked at without a gradient", () => {
    const coin = model(({ sample, observe }) => {
      const z = sample("z", bernoulli({ probs: f64(0.5) }));
      observe("x", normal(z, 1), f64(1));
    });
    const guide = model(({ sample }) => sample("z", bernoulli({ probs: f64(0.7) })));
    const options = { model: coin, guide, data: undefined, parameters: store() };
    const found = bound({ ...options, key: fold(key(3), index(rep)), gradient: "none" });
    const { mean, error } = meanAndError(values(found.bound).map(Math.exp));
    const evidence = (1 + Math.exp(-0.5)) / 2 / Math.sqrt(2 * Math.PI);
    expect(Math.abs(mean - evidence)).toBeLessThan(FIVE_SIGMA * error);
  });
});
