/** Automatic guides on models whose posteriors are known. */
import { describe, expect, test } from "vitest";
import {
  bernoulli,
  binomial,
  categorical,
  type Distribution,
  dirichlet,
  lognormal,
  lowRankNormal,
  multinomial,
  normal,
  poisson,
  transformed,
  uniform,
} from "../../../src/distributions/index.ts";
import {
  automaticGuide,
  average,
  bound,
  drawPosterior,
  type GuideFamily,
  global,
  lowRank,
  meanField,
  single,
  summarise,
  fit as train,
} from "../../../src/inference/internal.ts";
import { type Model, model, paramStore } from "../../../src/model/index.ts";
import { adam, stepDecay } from "../../../src/optim/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import {
  type Axis,
  axis,
  constant,
  gather,
  key,
  log,
  sigmoid,
  sum,
  tensor,
} from "../../../src/tensor/index.ts";

const gammaOf = (n: number): number => (n <= 1 ? 1 : (n - 1) * gammaOf(n - 1));
const choose = (n: number, k: number) => gammaOf(n + 1) / gammaOf(k + 1) / gammaOf(n - k + 1);
const settled = { optimiser: adam(stepDecay(0.1, { every: 100, factor: 0.5 })), steps: 1500 };

function trained(p: Model<undefined, unknown>, family: GuideFamily, particles = single()) {
  const guide = automaticGuide(p, family);
  return train({ model: p, guide, data: undefined, particles, ...settled });
}

describe("mean field", () => {
  test("is the posterior where it is a normal in the free space: the bound is the evidence", () => {
    // log z ~ N(0, 1), y ~ N(log z, 0.5): the posterior of log z is N(0.8 y, 0.2).
    const p = model(({ sample, observe }) => {
      const z = sample("z", lognormal(0, 1));
      observe("y", normal(log(z), 0.5), constant(1.5));
    });
    const { parameters, bounds } = trained(p, meanField(), average(8));
    expect(parameters["z.mean"].data[0]).toBeCloseTo(1.2, 2);
    expect(Math.exp(parameters["z.logSd"].data[0])).toBeCloseTo(Math.sqrt(0.2), 2);
    const evidence = -0.5 * Math.log(2 * Math.PI * 1.25) - 1.5 ** 2 / 2.5;
    expect(bounds.at(-1)?.bound).toBeCloseTo(evidence, 2);
  });

  test("has a probability for each state of a discrete latent", () => {
    const state = axis("state", 3, ["low", "middle", "high"]);
    const item = axis("item", 2);
    const level = tensor([-1, 0, 1], [state]);
    const p = model(({ sample, observe, plate }) => {
      plate(item, () => {
        const s = sample("s", categorical(tensor([0.2, 0.5, 0.3], [state])));
        const coin = sample("coin", bernoulli({ probs: 0.3 }));
        observe("y", normal(gather(level, state, s).add(coin), 1), tensor([1, -2], [item]));
      });
    });
    const guide = automaticGuide(p, meanField());
    const { parameters } = train({
      model: p,
      guide,
      data: undefined,
      particles: global(100),
      gradient: "wake",
      ...settled,
    });
    expect(parameters["s.logits"].axes).toEqual([item, state]);
    // With K particles the wake phase leads near the marginals of the exact posterior.
    [1, -2].forEach((y, i) => {
      const joint = [0, 1].map((c) =>
        [0.2, 0.5, 0.3].map(
          (prior, s) => prior * (c ? 0.3 : 0.7) * Math.exp(-0.5 * (y - (s - 1) - c) ** 2),
        ),
      );
      const all = joint.flat().reduce((a, b) => a + b);
      const logits = [...parameters["s.logits"].data].slice(3 * i, 3 * i + 3).map(Math.exp);
      const total = logits.reduce((a, b) => a + b);
      logits.forEach((x, s) => {
        expect(Math.abs(x / total - (joint[0][s] + joint[1][s]) / all)).toBeLessThan(0.03);
      });
      const one = joint[1].reduce((a, b) => a + b) / all;
      const found = 1 / (1 + Math.exp(-parameters["coin.logits"].data[i]));
      expect(Math.abs(found - one)).toBeLessThan(0.03);
    });
  });

  describe.each([
    ["poisson", poisson(10), (n: number) => 10 ** n / gammaOf(n + 1)],
    ["binomial", binomial(25, { probs: 0.4 }), (n: number) => choose(25, n) * (2 / 3) ** n],
  ])("of a %s count", (_, prior, weight) => {
    test("comes near its posterior", () => {
      // Of n, y were found, each with probability 0.3.
      const [y, chance] = [2, 0.3];
      const p = model(({ sample, observe }) => {
        const n = sample("n", prior);
        observe("y", binomial(n, { probs: chance }), constant(y));
      });
      const posterior = Array.from({ length: 60 }, (_, n) =>
        n < y ? 0 : weight(n) * choose(n, y) * (1 - chance) ** (n - y),
      );
      const total = posterior.reduce((a, b) => a + b);
      const mean = posterior.reduce((sum, w, n) => sum + (w * n) / total, 0);
      const square = posterior.reduce((sum, w, n) => sum + (w * n * n) / total, 0);
      const guide = automaticGuide(p, meanField());
      const options = { model: p, guide, data: undefined, particles: global(100) };
      const { parameters: q } = train({ ...options, gradient: "wake", ...settled });
      const values = Object.fromEntries(
        Object.entries(q).map(([name, { data }]) => [name, { data }]),
      );
      const store = paramStore();
      const samples = drawPosterior({
        ...{ model: p, guide, data: undefined, parameters: store, values, particles: global(100) },
        ...{ draws: 2000, seed: 1 },
      });
      const [n] = summarise(samples);
      const sd = Math.sqrt(square - mean ** 2);
      // Ten draws from each set of 100 particles.
      expect(Math.abs(n.mean - mean)).toBeLessThan((5 * sd) / Math.sqrt(200));
      expect(Math.abs(n.sd / sd - 1)).toBeLessThan(0.15);
      expect(n.ess).toBeGreaterThan(400);
      expect(n.ess).toBeLessThanOrEqual(2000);
    });
  });

  test("follows a support that depends on another latent, and keeps axes and labels", () => {
    const part = axis("part", 3, ["a", "b", "c"]);
    const p = model(({ sample, observe }) => {
      const top = sample("top", lognormal(0, 0.1));
      const z = sample("z", uniform(constant(0), top));
      sample("shares", dirichlet(tensor([1, 2, 3], [part]), part));
      observe("y", normal(z, 1), constant(0.2));
    });
    const { parameters, bounds } = trained(p, meanField(), average(4));
    expect(parameters["shares.mean"].axes.map(String)).toEqual(["part (unconstrained): 2"]);
    expect(parameters["z.mean"].axes).toEqual([]);
    expect(Number.isFinite(bounds.at(-1)?.bound)).toBe(true);
  });
});

describe("low rank", () => {
  const feature = axis("feature", 2);
  const row = axis("row", 3);
  const x = tensor([1, 0, 1, 1, 1, 2], [row, feature]);

  test("is the posterior of a regression on two features: the bound is the evidence", () => {
    const p = model(({ sample, observe, plate }) => {
      const w = sample("w", normal(0, 2).event(feature));
      plate(row, () => observe("y", normal(sum(w.mul(x), feature), 1), tensor([1, 3, 4], [row])));
    });
    const { parameters, bounds } = trained(p, lowRank({ rank: 1 }), average(20));
    // Precision X'X + I / 4 = [[3.25, 3], [3, 5.25]], mean of it to X'y = [8, 11].
    const det = 3.25 * 5.25 - 9;
    const mean = [(5.25 * 8 - 3 * 11) / det, (3.25 * 11 - 3 * 8) / det];
    const evidence =
      -1.5 * Math.log(2 * Math.PI) -
      2 * Math.log(2) -
      0.5 * Math.log(det) -
      0.5 * (26 - mean[0] * 8 - mean[1] * 11);
    expect(parameters["w.mean"].data[0]).toBeCloseTo(mean[0], 1);
    expect(parameters["w.mean"].data[1]).toBeCloseTo(mean[1], 1);
    const [u, v] = parameters["w.factor"].data;
    expect(u * v).toBeCloseTo(-3 / det, 1);
    expect(bounds.at(-1)?.bound).toBeCloseTo(evidence, 2);
  });

  test("goes through bijections, of each element and of the whole", () => {
    const part = axis("part", 3);
    const p = model(({ sample, plate }) => {
      plate(row, () => {
        sample("scale", lognormal(0, 1).event(feature));
        sample("shares", dirichlet(2, part));
      });
    });
    const { bounds } = trained(p, lowRank(), average(20));
    // Nothing is observed: the evidence is 1, and the prior of scale is in the family.
    expect(bounds.at(-1)?.bound).toBeLessThan(0.01);
    expect(bounds.at(-1)?.bound).toBeGreaterThan(-0.5);
  });
});

test("the density of a normal of low rank is that of its covariance, written out", () => {
  const [along, rank] = [axis("along", 2), axis("rank", 2)];
  const t = (values: number[], axes: Axis[]) => tensor(values, axes, "float64");
  const q = lowRankNormal(
    {
      mean: t([1, -1], [along]),
      sd: t([0.5, 2], [along]),
      factor: t([1, 0.5, -0.3, 0.8], [rank, along]),
      rank,
    },
    along,
  );
  const [a, b, c] = [0.25 + 1 + 0.09, 0.5 - 0.24, 4 + 0.25 + 0.64];
  const det = a * c - b * b;
  const [u, v] = [0.7 - 1, 0.4 + 1];
  const expected =
    -Math.log(2 * Math.PI) -
    0.5 * Math.log(det) -
    (c * u * u - 2 * b * u * v + a * v * v) / (2 * det);
  const outputs = { density: q.logProb(t([0.7, 0.4], [along])), variance: q.variance() };
  const found = compile({ outputs }, { steps: 1 }).run();
  expect(found.density.data[0]).toBeCloseTo(expected, 12);
  expect([...found.variance.data]).toEqual([expect.closeTo(a, 12), expect.closeTo(c, 12)]);
});

test("a transformed normal is the lognormal, and the logit-normal", () => {
  const value = (x: Distribution, at: number) =>
    compile({ outputs: { y: x.logProb(constant(at, "float64")) } }, { steps: 1 }).run().y.data[0];
  const free = normal(constant(0.3, "float64"), 0.7);
  const positive = transformed(free, { kind: "positive", closed: false });
  expect(value(positive, 1.7)).toBeCloseTo(
    value(lognormal(constant(0.3, "float64"), 0.7), 1.7),
    12,
  );
  const unit = transformed(free, { kind: "unit", closed: false });
  const logit = Math.log(0.2 / 0.8);
  expect(value(unit, 0.2)).toBeCloseTo(value(free, logit) - Math.log(0.2 * 0.8), 12);
  expect(value(unit, 1.2)).toBe(Number.NEGATIVE_INFINITY);
});

describe("what has no automatic guide is refused by name", () => {
  const traced = (p: Model<undefined, unknown>, family: GuideFamily) => () =>
    bound({
      model: p,
      guide: automaticGuide(p, family),
      data: undefined,
      key: key(0),
      parameters: paramStore(),
    });

  test("counts that sum to a total", () => {
    const part = axis("part", 2);
    const p = model(({ sample }) => void sample("n", multinomial(3, tensor([1, 2], [part]))));
    expect(traced(p, meanField())).toThrow(
      /latent 'n' has the support 'counts part: 2': no automatic guide/,
    );
  });

  test("a latent in a subsampled plate", () => {
    const some = axis("image", 5);
    const p = model(({ sample, plate }) => {
      plate(some, () => sample("code", normal(0, 1)), { total: 50 });
    });
    expect(traced(p, meanField())).toThrow(/latent 'code': plate 'image' holds 5 of 50 elements/);
  });

  test("a discrete latent under a reparameterised gradient", () => {
    const p = model(({ sample, observe }) => {
      const c = sample("c", bernoulli({ logits: 0 }));
      observe("y", normal(sigmoid(c), 1), constant(0));
    });
    expect(traced(p, meanField())).toThrow(/latent 'c': draws of a bernoulli have no derivative/);
  });
});
