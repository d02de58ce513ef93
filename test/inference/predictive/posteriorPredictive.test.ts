/** Predictions and log likelihoods at draws: closed forms, and ArviZ 0.23.4 (`loo`, `waic`, `compare`) on the same draws. */

import { describe, expect, test } from "vitest";
import {
  bernoulli,
  categorical,
  censored,
  halfCauchy,
  masked,
  normal,
  poisson,
  weibull,
} from "../../../src/distributions/index.ts";
import {
  compareElpd,
  leaveOneOut,
  logLikelihood,
  looPit,
  observationsOf,
  type PosteriorDraws,
  pointwise,
  posteriorCheck,
  posteriorPredictive,
  predictions,
  waic,
} from "../../../src/inference/index.ts";
import { type Model, model } from "../../../src/model/index.ts";
import { type Axis, axis, constant, exp, gather, tensor } from "../../../src/tensor/index.ts";
import { EFFECTS, ERRORS } from "../../eightSchools.ts";
import { normals, uniforms } from "../../pseudoRandom.ts";

const S = 1000;
const latent = (data: Float64Array, axes: readonly Axis[] = []) => ({
  kind: "latent" as const,
  axes,
  data,
});

const school = axis("school", 8, ["A", "B", "C", "D", "E", "F", "G", "H"]);
const schools = model(
  ({ sample, observe, plate }) => {
    const mean = sample("mean", normal(0, 5));
    const spread = sample("spread", halfCauchy(5));
    plate(school, () => {
      const theta = sample("theta", normal(mean, spread));
      observe("effect", normal(theta, tensor(ERRORS, [school])), tensor(EFFECTS, [school]));
    });
  },
  { dtype: "float64" },
);
const [mean, spread] = [
  normals(S, 6).map((x) => 4.4 + 3.3 * x),
  normals(S, 7).map((x) => Math.exp(0.9 + 0.9 * x)),
];
const theta = normals(8 * S, 5).map((x, k) => mean[k >> 3] + spread[k >> 3] * x);
const SCHOOLS: PosteriorDraws = {
  draws: S,
  chains: 2,
  sites: { mean: latent(mean), spread: latent(spread), theta: latent(theta, [school]) },
};

const row = axis("row", 12);
const X = Array.from({ length: 12 }, (_, i) => i / 2);
const Y = [1.1, 1.9, 2.2, 3.4, 3.1, 4.6, 4.4, 5.9, 6.1, 6.0, 7.7, 11.5];
const line = model(
  ({ sample, observe, plate }) => {
    const [a, b] = [sample("a", normal(0, 10)), sample("b", normal(0, 10))];
    const sd = sample("sd", halfCauchy(2));
    plate(row, () => observe("y", normal(a.add(b.mul(tensor(X, [row]))), sd), tensor(Y, [row])));
  },
  { dtype: "float64" },
);
const noise = normals(3 * S, 9);
const sds = noise.slice(2 * S).map((x) => Math.exp(0.1 + 0.2 * x));
const LINE: PosteriorDraws = {
  draws: S,
  chains: 2,
  sites: {
    a: latent(noise.slice(0, S).map((x) => 0.7 + 0.5 * x)),
    b: latent(noise.slice(S, 2 * S).map((x) => 1.4 + 0.15 * x)),
    sd: latent(sds),
  },
};

const likelihoodsOf = (of: Model<undefined>, draws: PosteriorDraws) =>
  pointwise(logLikelihood(of, undefined, draws), observationsOf(of, undefined, "float64"));

describe("leave-one-out as ArviZ has it", () => {
  test("on the eight schools", () => {
    const each = likelihoodsOf(schools, SCHOOLS);
    expect(each.names[6]).toEqual({ site: "effect", element: ["G"] });
    const { elpd, standardError, parameters, pointwise: own, kHat } = leaveOneOut(each, 1);
    expect(elpd).toBeCloseTo(-39.77704365348654, 8);
    expect(standardError).toBeCloseTo(5.333521939448515, 8);
    expect(parameters).toBeCloseTo(9.423701883531045, 8);
    expect(own[6]).toBeCloseTo(-9.727307543953657, 8);
    expect(kHat[4]).toBeCloseTo(1.6745767497501771, 8);
    const found = waic(each);
    expect(found.elpd).toBeCloseTo(-35.29288886185866, 8);
    expect(found.standardError).toBeCloseTo(2.7138415288989437, 8);
    expect(found.parameters).toBeCloseTo(4.939547091903165, 8);
  });

  test("on a regression, and beside a line without slope", () => {
    const each = likelihoodsOf(line, LINE);
    const sloped = leaveOneOut(each, 1);
    expect(sloped.elpd).toBeCloseTo(-36.71486015807652, 8);
    expect(sloped.standardError).toBeCloseTo(17.664899474236375, 8);
    expect(sloped.kHat[11]).toBeCloseTo(3.39887031298858, 8);
    expect(waic(each).elpd).toBeCloseTo(-31.64698677643247, 8);
    const flat = model(
      ({ sample, observe, plate }) => {
        const sd = sample("sd", halfCauchy(2));
        plate(row, () => observe("y", normal(5, sd.mul(3)), tensor(Y, [row])));
      },
      { dtype: "float64" },
    );
    const level = leaveOneOut(likelihoodsOf(flat, LINE), 1);
    const [best, second] = compareElpd({ sloped, level });
    expect([best.name, best.difference, best.differenceError]).toEqual(["level", 0, 0]);
    expect(best.elpd).toBeCloseTo(-30.442001, 5);
    expect(second.difference).toBeCloseTo(-6.272859, 5);
    expect(second.differenceError).toBeCloseTo(15.635373, 5);
    const fewer = { pointwise: level.pointwise.slice(1) };
    expect(() => compareElpd({ sloped, fewer })).toThrow(/'sloped' has 12 .* and 'fewer' 11: only/);
  });
});

describe("predictions", () => {
  test("have the moments of the likelihood at each draw, and follow from the seed", () => {
    const { predictive } = predictions(schools, undefined, SCHOOLS, { seed: 4 });
    const { sites, draws, chains, thin } = predictive;
    expect([draws, chains, thin, sites.effect.axes]).toEqual([S, 2, 1, [school]]);
    const z = sites.effect.data.map((y, k) => (y - theta[k]) / ERRORS[k & 7]);
    const average = z.reduce((a, x) => a + x, 0) / z.length;
    const square = z.reduce((a, x) => a + x * x, 0) / z.length;
    expect(Math.abs(average)).toBeLessThan(5 / Math.sqrt(z.length));
    expect(Math.abs(square - 1)).toBeLessThan(5 * Math.sqrt(2 / z.length));
    const alone = posteriorPredictive(schools, undefined, SCHOOLS, { seed: 4 });
    expect(alone.sites.effect.data).toEqual(sites.effect.data);
  });

  test("at every third draw of each chain", () => {
    const { draws, sites } = logLikelihood(schools, undefined, SCHOOLS, { thin: 3 });
    const all = logLikelihood(schools, undefined, SCHOOLS).sites.effect.data;
    expect(draws).toBe(2 * 167);
    expect(sites.effect.data.subarray(167 * 8, 168 * 8)).toEqual(all.subarray(500 * 8, 501 * 8));
    expect(sites.effect.data.subarray(8, 16)).toEqual(all.subarray(24, 32));
  });

  test.each([
    [{ thinn: 2 }, /^posteriorPredictive.* has no entry 'thinn'/],
    [{ missing: "priors" }, /^posteriorPredictive.*missing/],
  ])("refuse %o", (options, complaint) => {
    const call = () => posteriorPredictive(schools, undefined, SCHOOLS, options as never);
    expect(call).toThrow(complaint);
  });

  test("of other schools are drawn from the model, if that is asked for", () => {
    const some = axis("school", 2, ["C", "new"]);
    const others = model(
      ({ sample, observe, plate }) => {
        const [m, s] = [sample("mean", normal(0, 5)), sample("spread", halfCauchy(5))];
        plate(some, () => {
          const own = sample("theta", normal(m, s));
          observe("effect", normal(own, 1e-9), tensor([0, 0], [some]));
        });
      },
      { dtype: "float64" },
    );
    expect(() => posteriorPredictive(others, undefined, SCHOOLS)).toThrow(/no draws of 'new'/);
    const { data } = posteriorPredictive(others, undefined, SCHOOLS, { missing: "prior" }).sites
      .effect;
    for (let d = 0; d < S; d++) expect(data[2 * d]).toBeCloseTo(theta[8 * d + 2], 6);
    const z = Float64Array.from({ length: S }, (_, d) => (data[2 * d + 1] - mean[d]) / spread[d]);
    expect(Math.abs(z.reduce((a, x) => a + x, 0) / S)).toBeLessThan(5 / Math.sqrt(S));
  });

  test("sum discrete latents out where they belong to one observation", () => {
    const kind = axis("kind", 2);
    const mixed = model(
      ({ sample, observe, plate }) => {
        const centre = sample("centre", normal(0, 5).event(kind));
        plate(row, () => {
          const z = sample("z", categorical(tensor([0.3, 0.7], [kind]), kind));
          observe("y", normal(gather(centre, kind, z), 1), tensor(Y, [row]));
        });
      },
      { dtype: "float64" },
    );
    const centres = Float64Array.from([1, 5, 2, 7]);
    const draws: PosteriorDraws = {
      draws: 2,
      sites: { centre: latent(centres, [kind]), z: latent(new Float64Array(24), [row]) },
    };
    const { data } = logLikelihood(mixed, undefined, draws).sites.y;
    const phi = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    data.forEach((nats, k) => {
      const [y, d] = [Y[k % 12], Math.floor(k / 12)];
      const density = 0.3 * phi(y - centres[2 * d]) + 0.7 * phi(y - centres[2 * d + 1]);
      expect(nats).toBeCloseTo(Math.log(density), 10);
    });
  });

  test("in a chain are given the states that were drawn", () => {
    const day = axis("day", 12);
    const walk = model(
      ({ sample, observe, chain }) => {
        chain(day, tensor(0), (before, { at }) => {
          const level = sample("level", normal(before, 1));
          observe("y", normal(level, 0.5), at(tensor(Y, [day])));
          return level;
        });
      },
      { dtype: "float64" },
    );
    const levels = normals(12 * S, 3);
    const draws = { draws: S, sites: { level: latent(levels, [day]) } };
    const { predictive, logLikelihood: nats } = predictions(walk, undefined, draws);
    nats.sites.y.data.forEach((x, k) => {
      const z = (Y[k % 12] - levels[k]) / 0.5;
      expect(x).toBeCloseTo(-0.5 * z * z - Math.log(0.5) - 0.5 * Math.log(2 * Math.PI), 9);
    });
    const z = predictive.sites.y.data.map((y, k) => (y - levels[k]) / 0.5);
    const square = z.reduce((a, x) => a + x * x, 0) / z.length;
    expect(Math.abs(square - 1)).toBeLessThan(5 * Math.sqrt(2 / z.length));
  });
});

function poissonQuantile(p: number, rate: number): number {
  let [k, mass, below] = [0, Math.exp(-rate), 0];
  while (below + mass < p) {
    below += mass;
    k += 1;
    mass *= rate / k;
  }
  return k;
}

describe("checks", () => {
  const rates = uniforms(S, 2).map((u) => Math.log(4 + 0.5 * u));
  const many = axis("many", 200);
  const counts = Array.from(uniforms(200, 8), (u) => poissonQuantile(u, 4.25));
  const countsOf = (values: readonly number[]) =>
    model(
      ({ sample, observe, plate }) => {
        const rate = sample("rate", normal(0, 1));
        plate(many, () =>
          observe("n", poisson(exp(rate)), tensor(Int32Array.from(values), [many])),
        );
      },
      { dtype: "float64" },
    );
  const checked = (values: readonly number[]) => {
    const of = countsOf(values);
    const draws = { draws: S, sites: { rate: latent(rates) } };
    const { predictive, logLikelihood: nats } = predictions(of, undefined, draws);
    const observations = observationsOf(of, undefined, "float64");
    return {
      ...posteriorCheck(predictive, observations),
      pit: looPit(predictive, nats, observations),
    };
  };

  test("find nothing in data such as the model makes", () => {
    const { statistics, coverage, warnings, pit } = checked(counts);
    expect(statistics.map(({ statistic }) => statistic)).toEqual(["mean", "sd", "min", "max"]);
    expect(warnings).toEqual([]);
    expect(coverage[0].elements).toBe(200);
    expect(pit[0].distance).toBeLessThan(1);
    // Half of the draws that are equal count: the least of two hundred counts is nearly always 0.
    const least = statistics[2];
    expect([least.data, least.q5, least.median]).toEqual([0, 0, 0]);
    expect(least.pValue).toBeLessThan(0.6);
    expect(least.pValue).toBeGreaterThan(0.4);
  });

  test("find what it does not make", () => {
    const { warnings, pit } = checked(counts.map((n) => n * n));
    expect(warnings.join("\n")).toMatch(
      /standard deviation of 'n' is [\d.]+, above those of nearly/,
    );
    expect(warnings.join("\n")).toMatch(/largest value of 'n' is \d+, above/);
    expect(pit[0].distance).toBeGreaterThan(1);
  });

  test("leave out what is masked, and sites with censoring", () => {
    const marks = (of: (i: number) => boolean) =>
      tensor(
        Uint8Array.from({ length: 12 }, (_, i) => Number(of(i))),
        [row],
      );
    const partly = model(
      ({ sample, observe, plate }) => {
        const a = sample("a", normal(0, 1));
        plate(row, () => {
          observe(
            "y",
            masked(
              normal(a, 1),
              marks((i) => i < 4),
            ),
            tensor(Y, [row]),
          );
          const seen = weibull(1.5, 8);
          observe("time", censored(seen, { right: marks((i) => i === 3) }), tensor(Y, [row]));
          observe(
            "died",
            bernoulli({ probs: 0.5 }),
            marks((i) => i !== 3),
          );
        });
      },
      { dtype: "float64" },
    );
    const observations = observationsOf(partly, undefined, "float64");
    const draws = { draws: S, sites: { a: latent(normals(S, 4)) } };
    const { predictive, logLikelihood: nats } = predictions(partly, undefined, draws);
    const { statistics, warnings } = posteriorCheck(predictive, observations);
    expect(statistics[0].data).toBeCloseTo((1.1 + 1.9 + 2.2 + 3.4) / 4, 12);
    expect(warnings.join()).toMatch(/'time' is seen with censoring, its draws without/);
    const { names, observations: count } = pointwise(nats, observations);
    expect(count).toBe(4 + 12 + 12);
    expect(names.filter(({ site }) => site === "y").map(({ element }) => element[0])).toEqual([
      ...["0", "1", "2", "3"],
    ]);
    expect(looPit(predictive, nats, observations).map(({ site }) => site)).toEqual(["y", "died"]);
  });
});

describe("a chain that goes on", () => {
  const walk = (labels: readonly string[]) =>
    model(({ sample, observe, chain }) => {
      const day = axis("day", labels.length, labels);
      chain(day, constant(0), (before) => {
        const level = sample("level", normal(before, 2));
        observe("y", normal(level, 1), constant(0));
        return level;
      });
    });
  const day = axis("day", 2, ["mon", "tue"]);
  const draws: PosteriorDraws = {
    draws: S,
    sites: {
      level: latent(
        Float64Array.from({ length: 2 * S }, (_, i) => [5, 9][i % 2]),
        [day],
      ),
    },
  };

  test("is drawn from the last state that is known", () => {
    const later = walk(["mon", "tue", "wed", "thu"]);
    const { y } = posteriorPredictive(later, undefined, draws, { missing: "prior" }).sites;
    const right = [
      [5, 1],
      [9, 1],
      [9, 5],
      [9, 9],
    ];
    for (const [i, [mean, variance]] of right.entries()) {
      const each = y.data.filter((_, at) => at % 4 === i);
      const found = each.reduce((a, b) => a + b) / S;
      const spread = each.reduce((a, b) => a + (b - found) ** 2, 0) / (S - 1);
      expect(Math.abs(found - mean)).toBeLessThan(4 * Math.sqrt(variance / S));
      expect(Math.abs(spread / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / S));
    }
  });

  test("is refused where a step lies before known ones", () => {
    const between = walk(["mon", "noon", "tue"]);
    expect(() => posteriorPredictive(between, undefined, draws, { missing: "prior" })).toThrow(
      /'noon' on 'day' of latent 'level' lies before others of which there are draws/,
    );
  });
});
