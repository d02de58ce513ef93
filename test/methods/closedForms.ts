/** Models whose posterior means and standard deviations are closed forms, or sums over a grid. */
import {
  bernoulli,
  beta,
  binomial,
  categorical,
  cauchy,
  dirichlet,
  exponential,
  gamma,
  inverseGamma,
  lognormal,
  mixture,
  multivariateNormal,
  normal,
  poisson,
  studentT,
  uniform,
} from "../../src/distributions/index.ts";
import { axis, constant, exp, select, sqrt, square, tensor } from "../../src/tensor/index.ts";
import { kalman, type Series } from "../inference/series.ts";
import { type KnownModel, plain } from "./known.ts";
import { type Moments, moments, momentsOf } from "./quadrature.ts";

const ofBeta = (a: number, b: number): Moments => [
  a / (a + b),
  Math.sqrt((a * b) / ((a + b) ** 2 * (a + b + 1))),
];

const datum = axis("datum", 4);
const Y = [0.9, -0.3, 2.1, 1.4];
const y = tensor(Y, [datum]);

const logNormal = (x: number, mean: number, sd: number) => -0.5 * ((x - mean) / sd) ** 2;
const log1pExp = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Normal means of groups around a mean, of so many groups with one observation each. */
function groups(count: number): KnownModel {
  const group = axis("group", count);
  const seen = Array.from({ length: count }, (_, i) => 2 * Math.sin(3 * i) + 1);
  // Given mu, y_i ~ normal(mu, sqrt 2); given mu and y_i, a_i ~ normal((mu + y_i) / 2, sqrt(1 / 2)).
  const precision = 1 + count / 2;
  const mean = seen.reduce((a, b) => a + b) / 2 / precision;
  const sd = Math.sqrt(1 / 2 + 1 / precision / 4);
  return plain(
    ({ sample, observe, plate }) => {
      const mu = sample("mu", normal(0, 1));
      plate(group, () =>
        observe("y", normal(sample("a", normal(mu, 1)), 1), tensor(seen, [group])),
      );
    },
    {
      mu: [mean, Math.sqrt(1 / precision)],
      ...Object.fromEntries(seen.map((yi, i) => [`a[${i}]`, [(mean + yi) / 2, sd] as const])),
    },
  );
}

/** z ~ normal(mean, sd), of which z^2 is seen as 16 with an error of 2. */
function square16(mean: number, sd: number): KnownModel {
  return plain(
    ({ sample, observe }) => {
      const z = sample("z", normal(mean, sd));
      observe("square", normal(square(z), 2), constant(16));
    },
    {
      z: moments((z) => logNormal(z, mean, sd) + logNormal(16, z * z, 2), [-8, 8]),
    },
  );
}

const wide = axis("number", 100);
const other = axis("other", 100);
const decaying = Float64Array.from({ length: 100 * 100 }, (_, at) => {
  return 0.95 ** Math.abs(Math.floor(at / 100) - (at % 100));
});

const dim = axis("dim", 9);

const three = axis("kind", 3);
const trial = axis("trial", 8);
const seenKinds = tensor(Int32Array.of(0, 0, 1, 0, 1, 0, 1, 0), [trial]);

const pair = axis("cluster", 2);
const points = axis("point", 8);
const CLUSTERED = [-2.1, -1.8, -2.4, -1.6, 2.2, 1.9, 2.3, 1.7];
const clusters = momentsOf(
  ([a, b]) =>
    logNormal(a, 0, 3) +
    logNormal(b, 0, 3) +
    CLUSTERED.reduce((sum, x) => {
      return sum + Math.log(Math.exp(logNormal(x, a, 1)) + Math.exp(logNormal(x, b, 1)));
    }, 0),
  [
    [-8, 8],
    [-8, 8],
  ],
  [([a]) => a, ([, b]) => b],
);

const X = [-3, -2, -1, 1, 2, 3];
const OUTCOMES = [0, 0, 0, 1, 1, 1];
const row = axis("row", 6);
const separated = momentsOf(
  ([a, b]) =>
    logNormal(a, 0, 5) +
    logNormal(b, 0, 5) +
    X.reduce((sum, x, i) => sum - log1pExp((OUTCOMES[i] === 1 ? -1 : 1) * (a + b * x)), 0),
  [
    [-25, 25],
    [-5, 30],
  ],
  [([a]) => a, ([, b]) => b],
);

const CAUCHY = [-3, 0.2, 5];
const few = axis("few", 3);

const time = axis("time", 4);
const series: Series = { seen: Y, keep: 0.8, step: 0.6, start: 0.6 };

/** up ~ bernoulli(1 / 2), z ~ normal(0, 1), y_i ~ normal(z + 2 up, 1): z has two modes. */
const shifted: Moments = moments(
  (z) =>
    logNormal(z, 0, 1) +
    Math.log(
      [0, 2].reduce((sum, up) => {
        return sum + Math.exp(Y.reduce((total, yi) => total + logNormal(yi, z + up, 1), 0));
      }, 0),
    ),
  [-6, 6],
);

/** By name. */
export const CLOSED_FORMS: Readonly<Record<string, KnownModel>> = {
  "normal mean": plain(
    ({ sample, observe, plate }) => {
      const z = sample("z", normal(0, 1));
      plate(datum, () => observe("y", normal(z, 1), y));
    },
    { z: [Y.reduce((a, b) => a + b) / 5, Math.sqrt(1 / 5)] },
  ),
  "normal groups": groups(6),
  "200 normal groups": groups(200),
  "share of 10": plain(
    ({ sample, observe }) => {
      observe("heads", binomial(10, { probs: sample("p", beta(2, 3)) }), constant(7));
    },
    { p: ofBeta(9, 6) },
  ),
  "rate of counts": plain(
    ({ sample, observe, plate }) => {
      const rate = sample("rate", gamma(2, 1));
      plate(datum, () => observe("count", poisson(rate), tensor([3, 5, 4, 1], [datum])));
    },
    { rate: [15 / 5, Math.sqrt(15) / 5] },
  ),
  "shares of three": plain(
    ({ sample, observe, plate }) => {
      const share = sample("share", dirichlet(1, three));
      plate(trial, () => observe("kind", categorical(share, three), seenKinds));
    },
    { "share[0]": ofBeta(6, 5), "share[1]": ofBeta(4, 7), "share[2]": ofBeta(1, 10) },
  ),
  variance: plain(
    ({ sample, observe, plate }) => {
      const variance = sample("variance", inverseGamma(4, 2));
      plate(datum, () => observe("y", normal(0, sqrt(variance)), y));
    },
    (() => {
      const [a, b] = [4 + 2, 2 + Y.reduce((sum, yi) => sum + yi * yi, 0) / 2];
      return { variance: [b / (a - 1), b / (a - 1) / Math.sqrt(a - 2)] as const };
    })(),
  ),
  "near 0": plain(({ sample }) => void sample("z", gamma(0.5, 1)), { z: [0.5, Math.SQRT1_2] }),
  "at an edge": plain(
    ({ sample, observe }) => {
      observe("y", normal(sample("x", uniform(0, 1)), 0.2), constant(1.1));
    },
    { x: moments((x) => logNormal(1.1, x, 0.2), [0, 1]) },
  ),
  "heavy tails": plain(({ sample }) => void sample("z", studentT(5, 0, 1)), {
    z: [0, Math.sqrt(5 / 3)],
  }),
  "large units": plain(
    ({ sample, observe }) => {
      const z = sample("z", lognormal(14, 0.5));
      observe("y", normal(z, 3e5), constant(1.5e6));
    },
    {
      z: moments(
        (z) => logNormal(Math.log(z), 14, 0.5) - Math.log(z) + logNormal(1.5e6, z, 3e5),
        [1e4, 4e6],
      ),
    },
  ),
  banana: plain(
    ({ sample }) => {
      const x = sample("x", normal(0, 1));
      sample("y", normal(square(x), 0.3));
    },
    { x: [0, 1], y: [1, Math.sqrt(2 + 0.09)] },
  ),
  funnel: plain(
    ({ sample, plate }) => {
      const v = sample("v", normal(0, 3));
      plate(dim, () => sample("x", normal(0, exp(v.mul(0.5)))));
    },
    { v: [0, 3] },
  ),
  "two equal modes": square16(0, 5),
  "two unequal modes": square16(1, 3),
  "100 correlated numbers": plain(
    ({ sample }) => {
      const covariance = tensor(decaying, [wide, other]);
      sample("z", multivariateNormal(0, { covariance }, wide, other));
    },
    Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`z[${i}]`, [0, 1] as const])),
  ),
  "sum of two": plain(
    ({ sample, observe }) => {
      const [a, b] = [sample("a", normal(0, 1000)), sample("b", normal(0, 1000))];
      observe("sum", normal(a.add(b), 0.41), constant(3.5));
    },
    (() => {
      const gain = 1e6 / (2e6 + 0.41 ** 2);
      const each: Moments = [3.5 * gain, Math.sqrt(1e6 * (1 - gain))];
      return { a: each, b: each };
    })(),
  ),
  "hidden switch": plain(
    ({ sample, observe, plate }) => {
      const up = sample("up", bernoulli({ probs: 0.5 }));
      const z = sample("z", normal(0, 1));
      plate(datum, () => observe("y", normal(z.add(select(up.eq(1), 2, 0)), 1), y));
    },
    { z: shifted },
  ),
  "exchangeable clusters": plain(
    ({ sample, observe, plate }) => {
      const centre = sample("centre", normal(0, 3).event(pair));
      plate(points, () => {
        const half = tensor([0.5, 0.5], [pair]);
        observe("x", mixture(half, normal(centre, 1), pair), tensor(CLUSTERED, [points]));
      });
    },
    { "centre[0]": clusters[0], "centre[1]": clusters[1] },
  ),
  "separated outcomes": plain(
    ({ sample, observe, plate }) => {
      const [a, b] = [sample("a", normal(0, 5)), sample("b", normal(0, 5))];
      plate(row, () => {
        const logits = a.add(b.mul(tensor(X, [row])));
        observe("y", bernoulli({ logits }), tensor(OUTCOMES, [row]));
      });
    },
    { a: separated[0], b: separated[1] },
  ),
  outliers: plain(
    ({ sample, observe, plate }) => {
      const z = sample("z", normal(0, 5));
      plate(few, () => observe("y", cauchy(z, 0.5), tensor(CAUCHY, [few])));
    },
    {
      z: moments(
        (z) =>
          logNormal(z, 0, 5) -
          CAUCHY.reduce((sum, yi) => sum + Math.log1p(((yi - z) / 0.5) ** 2), 0),
        [-15, 15],
      ),
    },
  ),
  "counts of 0": plain(
    ({ sample, observe, plate }) => {
      const logRate = sample("logRate", normal(0, 5));
      plate(few, () => observe("y", poisson(exp(logRate)), tensor([0, 0, 0], [few])));
    },
    { logRate: moments((z) => logNormal(z, 0, 5) - 3 * Math.exp(z), [-30, 5]) },
  ),
  "waiting times": plain(
    ({ sample, observe, plate }) => {
      const rate = sample("rate", gamma(1, 1000));
      plate(few, () => observe("y", exponential(rate), tensor([900, 2100, 1500], [few])));
    },
    { rate: [4 / 5500, 2 / 5500] },
  ),
  chain: plain(
    ({ sample, observe, chain }) => {
      chain(time, constant(0), (previous, { at }) => {
        const x = sample("x", normal(previous.mul(series.keep), series.step));
        observe("y", normal(x, 1), at(tensor(Y, [time])));
        return x;
      });
    },
    Object.fromEntries(
      kalman(series).smoothed.map(({ mean, variance }, i) => {
        return [`x[${i}]`, [mean, Math.sqrt(variance)] as const];
      }),
    ),
  ),
};
