import { describe, expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import {
  average,
  global,
  local,
  massivelyParallel,
  type Particles,
  posterior,
  single,
  traceModelAndGuide,
} from "../../../src/inference/internal.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, key, SurmiseError, sum, tensor } from "../../../src/tensor/index.ts";
import { FIVE_SIGMA, value, values, valuesOf } from "../../distributions/values.ts";
import { chiSquare, elements, range } from "../elements.ts";
import {
  all as data,
  f64,
  oneMean,
  oneMeanGuide,
  posterior as oneMeanPosterior,
  store,
} from "../gaussians.ts";
import { dependent, group, hierarchy, run } from "../hierarchy.ts";
import { combinations, normalise, small, smallDraws, smallGuide, unit } from "../small.ts";

const K = 3;
const particles = massivelyParallel(K);
const options = {
  model: small,
  guide: smallGuide,
  data: undefined,
  key: key(4),
  parameters: store(),
  particles,
};
const traces = traceModelAndGuide(options, particles);
const drawn = smallDraws(traces);
const all = combinations(drawn);
const { weights } = normalise(all);
const [ofMu, ofPsi, ofZ] = traces.particles.map((particle) => particle.axis);
const found = posterior(options);

/** E[f] over all combinations by their weights. */
const expected = (f: (at: (typeof all)[number]) => number) =>
  all.reduce((sum, combination, i) => sum + weights[i] * f(combination), 0);

describe("source terms give what enumerating all K^n combinations does", () => {
  test("the weights of the particles of one latent", () => {
    const [mu, psi, z] = ["mu", "psi", "z"].map((name) => elements(found.weights(name)));
    for (const k of range(K)) {
      expect(mu([ofMu, k])).toBeCloseTo(
        expected((c) => +(c.mu === k)),
        12,
      );
      expect(psi([ofPsi, k])).toBeCloseTo(
        expected((c) => +(c.psi === k)),
        12,
      );
      for (const u of range(2)) {
        expect(z([ofZ, k], [unit, u])).toBeCloseTo(
          expected((c) => +(c.z[u] === k)),
          12,
        );
      }
    }
  });

  test("of several jointly, also where one stands in a plate", () => {
    const pair = elements(found.weights("mu", "psi"));
    const three = elements(found.weights("psi", "z", "mu"));
    for (const i of range(K)) {
      for (const j of range(K)) {
        const outer = (c: (typeof all)[number]) => c.mu === i && c.psi === j;
        expect(pair([ofMu, i], [ofPsi, j])).toBeCloseTo(
          expected((c) => +outer(c)),
          12,
        );
        for (const k of range(K)) {
          const inner = three([ofMu, i], [ofPsi, j], [ofZ, k], [unit, 1]);
          expect(inner).toBeCloseTo(
            expected((c) => +(outer(c) && c.z[1] === k)),
            12,
          );
        }
      }
    }
  });

  test("moments", () => {
    const mean = expected((c) => drawn.mu[c.mu]);
    expect(value(found.mean("mu"))).toBeCloseTo(mean, 11);
    const variance = expected((c) => (drawn.mu[c.mu] - mean) ** 2);
    expect(value(found.variance("mu"))).toBeCloseTo(variance, 11);
    expect(value(found.mean("psi"))).toBeCloseTo(
      expected((c) => drawn.psi[c.psi]),
      11,
    );
    const [means, products] = [
      found.mean("z"),
      found.expectation((z, mu) => z.mul(mu), "z", "mu"),
    ].map((x) => elements(x));
    for (const u of range(2)) {
      expect(means([unit, u])).toBeCloseTo(
        expected((c) => drawn.z[u][c.z[u]]),
        11,
      );
      const product = expected((c) => drawn.z[u][c.z[u]] * drawn.mu[c.mu]);
      expect(products([unit, u])).toBeCloseTo(product, 11);
    }
  });

  test("effective sample sizes", () => {
    const size = 1 / range(K).reduce((sum, k) => sum + expected((c) => +(c.mu === k)) ** 2, 0);
    expect(value(found.effectiveSampleSize("mu"))).toBeCloseTo(size, 11);
    for (const size of values(found.effectiveSampleSize("z"))) {
      expect(size).toBeGreaterThan(1);
      expect(size).toBeLessThan(K);
    }
  });

  test("joint draws", () => {
    const to = axis("draw", 40_000);
    const draws = found.draws(to, key(9));
    const { mu, psi, z } = run({ mu: draws.mu, psi: draws.psi, z: draws.z });
    // Two programs may differ by an ulp.
    const place = (of: readonly number[], x: number) =>
      of.findIndex((one) => Math.abs(one - x) < 1e-12);
    expect(draws.z.axes).toEqual([to, unit]);
    const counts = new Array(all.length).fill(0);
    for (const s of range(to.size)) {
      const [k, l] = [place(drawn.z[0], z[2 * s]), place(drawn.z[1], z[2 * s + 1])];
      // Particles of psi with equal values cannot be told apart: the first of them counts.
      const [i, j] = [place(drawn.mu, mu[s]), place(drawn.psi, psi[s])];
      counts[((i * K + j) * K + k) * K + l]++;
    }
    const merged = new Array(all.length).fill(0);
    all.forEach((c, n) => {
      const j = place(drawn.psi, drawn.psi[c.psi]);
      merged[((c.mu * K + j) * K + c.z[0]) * K + c.z[1]] += weights[n] * to.size;
    });
    // Rare combinations are counted together, so that the statistic is chi-square.
    const common = range(all.length).filter((n) => merged[n] >= 10);
    const rest = (of: number[]) =>
      of.reduce((a, b) => a + b) - common.reduce((sum, n) => sum + of[n], 0);
    const statistic = chiSquare(
      [...common.map((n) => counts[n]), rest(counts)],
      [...common.map((n) => merged[n]), rest(merged)],
    );
    const freedom = common.length;
    expect(freedom).toBeGreaterThan(15);
    expect(statistic).toBeLessThan(freedom + FIVE_SIGMA * Math.sqrt(2 * freedom));
  });
});

describe("under every strategy", () => {
  const of = (particles: Particles) =>
    posterior({ ...options, model: hierarchy, guide: dependent, particles });

  test.each<[string, () => Particles]>([
    ["global", () => global(4)],
    ["local", () => local(4)],
    ["massively parallel", () => massivelyParallel(4)],
    ["averaged", () => average(3, massivelyParallel(4))],
    ["single", () => single()],
  ])("%s: weights sum to one over the particles", (_, make) => {
    for (const name of ["mu", "a"]) {
      const weights = of(make()).weights(name);
      const particles = weights.axes.filter((a) => a.name.startsWith("particle"));
      const sums = particles.length === 0 ? weights : sum(weights, ...particles);
      for (const one of values(sums)) expect(one).toBeCloseTo(1, 12);
    }
  });

  test("a single draw is its own mean, and all draws are equal to it", () => {
    const one = of(single());
    const to = axis("draw", 2);
    const [mean, drawn] = valuesOf([one.mean("a"), one.draws(to, key(1)).a]);
    expect([...mean]).toEqual([...drawn]);
  });

  test("averages average", () => {
    const found = of(average(3, massivelyParallel(4)));
    const { axes } = found.weights("a");
    const [outer, particle] = ["average", "particle of a"].map((name) =>
      axes.find((a) => a.name === name),
    );
    if (outer === undefined || particle === undefined) throw new Error("an axis is missing");
    const draws = traceModelAndGuide(
      { ...options, model: hierarchy, guide: dependent },
      average(3, massivelyParallel(4)),
    ).guide.latents[1].value;
    const [weight, a, mean] = [found.weights("a"), draws, found.mean("a")].map((x) => elements(x));
    const ofDraws = (name: string) => draws.axes.find((b) => b.name === name) ?? outer;
    for (const g of range(3)) {
      const each = range(3).flatMap((l) =>
        range(4).map((k) => {
          const w = weight([outer, l], [particle, k], [group, g]);
          return (w * a([ofDraws("average"), l], [ofDraws("particle of a"), k], [group, g])) / 3;
        }),
      );
      expect(mean([group, g])).toBeCloseTo(
        each.reduce((x, y) => x + y),
        11,
      );
    }
  });

  test("many particles come to the posterior", () => {
    const found = posterior({
      model: oneMean,
      guide: oneMeanGuide(f64(0.7), 0.6),
      data,
      key: key(1),
      parameters: store(),
      particles: global(5000),
    });
    const [mean, variance, size] = valuesOf([
      found.mean("z"),
      found.variance("z"),
      found.effectiveSampleSize("z"),
    ]).map(([x]) => x);
    const error = oneMeanPosterior.sd / Math.sqrt(size);
    expect(Math.abs(mean - oneMeanPosterior.mean)).toBeLessThan(FIVE_SIGMA * error);
    const spread = oneMeanPosterior.sd ** 2 * Math.sqrt(2 / size);
    expect(Math.abs(variance - oneMeanPosterior.sd ** 2)).toBeLessThan(FIVE_SIGMA * spread);
  });
});

test("weights inside a subsampled plate are those of its elements, not scaled", () => {
  const datum = axis("datum", 2);
  const local: Model = ({ sample, observe, plate }) => {
    plate(
      datum,
      () => {
        const z = sample("z", normal(f64(0), 1));
        observe("x", normal(z, 1), tensor([1, 2], [datum], "float64"));
      },
      { total: 20 },
    );
  };
  const guide: Model = ({ sample, plate }) => plate(datum, () => sample("z", normal(f64(0), 1)));
  const weights = posterior({ ...options, model: local, guide }).weights("z");
  const [particle] = weights.axes.filter((a) => a !== datum);
  for (const one of values(sum(weights, particle))) expect(one).toBeCloseTo(1, 12);
});

test("a latent that is not there is named", () => {
  expect(() => found.mean("nu")).toThrow(
    new SurmiseError("posterior: there is no latent 'nu'; the latents are: 'mu', 'psi', 'z'"),
  );
});
