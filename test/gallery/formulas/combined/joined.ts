/** Words that change and join distributions, two and three at a time: each beside its formula, at three latents. */
import {
  axis,
  beta,
  betaBinomial,
  binomial,
  censored,
  constant,
  type Distribution,
  exp,
  gamma,
  geometric,
  gompertz,
  hurdle,
  log,
  masked,
  mixture,
  model,
  negativeBinomial,
  normal,
  type Operand,
  POSITIVE,
  poisson,
  restricted,
  sigmoid,
  skewNormal,
  stack,
  studentT,
  type Tensor,
  tensor,
  transformed,
  truncated,
  UNIT,
  weibull,
  zeroInflated,
  zeroOneInflatedBeta,
} from "../../../../src/index.ts";
import * as plain from "../../../densities.ts";
import { logistic } from "../../simulation.ts";
import type { Formula, Formulas, Values } from "../formula.ts";

const { total, logSumExp } = plain;
const row = axis("row", 6);
const kind = axis("kind", 2);
const x = [-1, 0.5, 0, 1.2, -0.3, 0.8];
const covariate = tensor(x, [row]);

/** A real number, a positive one and a probability. */
interface Latents<Number> {
  readonly a: Number;
  readonly s: Number;
  readonly p: Number;
}

/** Rows of what `make` makes of three latents, and their log density in plain numbers. */
const seen =
  (
    y: readonly number[],
    make: (latents: Latents<Tensor>) => Distribution,
    each: (latents: Latents<number>, y: number, i: number) => number,
  ) =>
  (): Formula => ({
    model: model(({ sample, observe, plate }) => {
      const a = sample("a", normal(0, 1));
      const s = sample("s", gamma(4, 3));
      const p = sample("p", beta(3, 2));
      plate(row, () => observe("y", make({ a, s, p }), tensor(y, [row])));
    }),
    logDensity: ({ a: [a], s: [s], p: [p] }: Values) =>
      plain.normal(a) +
      plain.gamma(s, 4, 3) +
      plain.beta(p, 3, 2) +
      total(row.size, (i) => each({ a, s, p }, y[i], i)),
  });

type LogMass = (k: number) => number;
/** log P(from <= k <= to), by its terms. */
const between = (f: LogMass, from: number, to: number) =>
  logSumExp(Array.from({ length: to - from + 1 }, (_, k) => f(from + k)));
/** log P(k >= from). */
const above = (f: LogMass, from: number) =>
  from === 0 ? 0 : Math.log1p(-Math.exp(between(f, 0, from - 1)));
const inflated = (w: number, f: LogMass) => (k: number) =>
  k === 0 ? Math.log(w + (1 - w) * Math.exp(f(0))) : Math.log1p(-w) + f(k);
const overHurdle = (h: number, f: LogMass) => (k: number) =>
  k === 0 ? Math.log(h) : Math.log1p(-h) + f(k) - Math.log1p(-Math.exp(f(0)));
const cut = (f: LogMass, from: number, to: number) => (k: number) => f(k) - between(f, from, to);
const poissonOf = (rate: number) => (k: number) => plain.poisson(k, rate);
const binomialOf = (n: number, p: number) => (k: number) => plain.binomial(k, n, p);
const geometricOf = (p: number) => (k: number) => Math.log(p) + k * Math.log1p(-p);
const betaBinomialOf = (n: number, mean: number, size: number) => (k: number) =>
  plain.logChoose(n, k) +
  plain.logBeta(k + mean * size, n - k + (1 - mean) * size) -
  plain.logBeta(mean * size, (1 - mean) * size);

/** The log density, and the distribution function. */
type Continuous = readonly [density: (x: number) => number, cdf: (x: number) => number];
const normalOf = (mean: number, sd: number): Continuous => [
  (v) => plain.normal(v, mean, sd),
  (v) => plain.normalCdf((v - mean) / sd),
];
const weibullOf = (shape: number, scale: number): Continuous => [
  (v) => plain.weibull(v, shape, scale),
  (v) => -Math.expm1(-((v / scale) ** shape)),
];
const gompertzOf = (shape: number, rate: number): Continuous => [
  (v) => Math.log(rate) + shape * v - (rate / shape) * Math.expm1(shape * v),
  (v) => -Math.expm1(-(rate / shape) * Math.expm1(shape * v)),
];
/** By Simpson's rule from far below. */
const skewNormalOf = (location: number, scale: number, shape: number): Continuous => {
  const density = (v: number) => {
    const z = (v - location) / scale;
    return Math.LN2 + plain.normal(v, location, scale) + Math.log(plain.normalCdf(shape * z));
  };
  const cdf = (v: number) => {
    const [low, n] = [location - 12 * scale, 4000];
    const h = (v - low) / n;
    const inner = total(n - 1, (i) => (i % 2 === 0 ? 4 : 2) * Math.exp(density(low + (i + 1) * h)));
    return (h / 3) * (Math.exp(density(low)) + inner + Math.exp(density(v)));
  };
  return [density, cdf];
};

const marks = (list: readonly number[]) => tensor(Uint8Array.from(list), [row]);
const shared = (p: Tensor) => log(along2(p, constant(1).sub(p)));
const along2 = (first: Operand, second: Operand) => stack([first, second], kind);
const mixedOf = (p: number, first: number, second: number) =>
  logSumExp([Math.log(p) + first, Math.log1p(-p) + second]);

/** Of a density and its distribution function cut to an interval, or seen in part. */
const cutTo =
  ([density, cdf]: Continuous, from: number, to: number) =>
  (v: number) =>
    density(v) - Math.log((to === Infinity ? 1 : cdf(to)) - (from === -Infinity ? 0 : cdf(from)));

const counts = [0, 3, 1, 0, 5, 2];
const ended = [0, 0, 1, 1, 0, 1];
const rates = (a: number, s: number) => x.map((v) => Math.exp(a + 0.5 * v) * s);
const rate = ({ a, s }: Latents<Tensor>) => exp(a.add(covariate.mul(0.5))).mul(s);

export const JOINED: Formulas = {
  "zero-inflated negative binomial, censored row by row": seen(
    counts,
    (z) =>
      censored(zeroInflated(negativeBinomial({ mean: rate(z), dispersion: z.s }), { probs: z.p }), {
        right: marks(ended),
      }),
    ({ a, s, p }, y, i) => {
      const f = inflated(p, (k) => plain.negativeBinomial(k, rates(a, s)[i], 1 / s));
      return ended[i] ? above(f, y) : f(y);
    },
  ),
  "hurdle of a beta-binomial by its mean": seen(
    counts,
    ({ a, s, p }) => hurdle(betaBinomial(7, { mean: sigmoid(a), concentration: s }), { probs: p }),
    ({ a, s, p }, y) => overHurdle(p, betaBinomialOf(7, logistic(a), s))(y),
  ),
  "zero-inflated binomial by logits": seen(
    counts,
    ({ a, s, p }) => zeroInflated(binomial(6, { logits: a.add(covariate) }), { logits: s.sub(p) }),
    ({ a, s, p }, y, i) => inflated(logistic(s - p), binomialOf(6, logistic(a + x[i])))(y),
  ),
  "zero-inflated geometric, cut above": seen(
    counts,
    ({ s, p }) =>
      truncated(zeroInflated(geometric({ probs: p }), { probs: exp(s.neg()) }), { upper: 5 }),
    ({ s, p }, y) => cut(inflated(Math.exp(-s), geometricOf(p)), 0, 5)(y),
  ),
  "hurdle of a count cut from both sides": seen(
    counts,
    (z) => hurdle(truncated(poisson(rate(z)), { lower: 0, upper: 6 }), { probs: z.p }),
    ({ a, s, p }, y, i) => overHurdle(p, cut(poissonOf(rates(a, s)[i]), 0, 6))(y),
  ),
  "zero-inflated hurdle": seen(
    counts,
    (z) => zeroInflated(hurdle(poisson(rate(z)), { probs: z.p }), { probs: 0.3 }),
    ({ a, s, p }, y, i) => inflated(0.3, overHurdle(p, poissonOf(rates(a, s)[i])))(y),
  ),
  "hurdle, known between two counts": seen(
    counts,
    (z) =>
      censored(hurdle(poisson({ logRate: z.a.add(covariate) }), { probs: z.p }), {
        to: tensor(
          counts.map((k, i) => k + 3 * ended[i]),
          [row],
        ),
      }),
    ({ a, p }, y, i) => between(overHurdle(p, poissonOf(Math.exp(a + x[i]))), y, y + 3 * ended[i]),
  ),
  "mixture of zero-inflated counts": seen(
    counts,
    ({ a, s, p }) =>
      mixture(
        { logits: shared(p) },
        zeroInflated(poisson(along2(s, s.add(exp(a)))), { probs: 0.2 }),
        kind,
      ),
    ({ a, s, p }, y) =>
      mixedOf(p, inflated(0.2, poissonOf(s))(y), inflated(0.2, poissonOf(s + Math.exp(a)))(y)),
  ),
  "mixture of counts, cut and censored": seen(
    [1, 3, 1, 2, 5, 2],
    ({ a, s, p }) =>
      censored(
        truncated(mixture({ logits: shared(p) }, poisson(along2(s, s.add(exp(a)))), kind), {
          lower: 1,
        }),
        { right: marks(ended) },
      ),
    ({ a, s, p }, y, i) => {
      const f = (k: number) => mixedOf(p, plain.poisson(k, s), plain.poisson(k, s + Math.exp(a)));
      return (ended[i] ? above(f, y) : f(y)) - above(f, 1);
    },
  ),
  "hurdle of a mixture of counts": seen(
    counts,
    ({ a, s, p }) =>
      hurdle(mixture({ logits: shared(p) }, poisson(along2(s, s.add(exp(a)))), kind), { probs: p }),
    ({ a, s, p }, y) =>
      overHurdle(p, (k) => mixedOf(p, plain.poisson(k, s), plain.poisson(k, s + Math.exp(a))))(y),
  ),
  "zero-inflated mixture of counts": seen(
    counts,
    ({ a, s, p }) =>
      zeroInflated(mixture({ logits: shared(p) }, poisson(along2(s, exp(a))), kind), { probs: p }),
    ({ a, s, p }, y) =>
      inflated(p, (k) => mixedOf(p, plain.poisson(k, s), plain.poisson(k, Math.exp(a))))(y),
  ),
  "restricted mixture of normals": seen(
    [0.2, 1.1, 3, 0.7, 2, 0.9],
    ({ a, s, p }) =>
      restricted(mixture({ logits: shared(p) }, normal(along2(a, 2), s), kind), {
        lower: covariate.sub(2),
      }),
    ({ a, s, p }, y) => mixedOf(p, plain.normal(y, a, s), plain.normal(y, 2, s)),
  ),
  "truncated mixture of normals": seen(
    [0.2, 1.1, 3, 0.7, 2, 0.9],
    ({ a, s, p }) =>
      truncated(mixture({ logits: shared(p) }, normal(along2(a, a.add(2)), along2(s, 1)), kind), {
        lower: 0,
        upper: 4,
      }),
    ({ a, s, p }, y) => {
      const [first, second] = [normalOf(a, s), normalOf(a + 2, 1)];
      const f: Continuous = [
        (v) => mixedOf(p, first[0](v), second[0](v)),
        (v) => p * first[1](v) + (1 - p) * second[1](v),
      ];
      return cutTo(f, 0, 4)(y);
    },
  ),
  "mixture of truncated normals": seen(
    [0.2, 1.1, 3, 0.7, 2, 0.9],
    ({ a, s, p }) =>
      mixture(
        { logits: shared(p) },
        truncated(normal(along2(a, 2), s), { lower: covariate.sub(1.5), upper: 4 }),
        kind,
      ),
    ({ a, s, p }, y, i) =>
      mixedOf(p, cutTo(normalOf(a, s), x[i] - 1.5, 4)(y), cutTo(normalOf(2, s), x[i] - 1.5, 4)(y)),
  ),
  "censored mixture of life times": seen(
    [0.2, 1.1, 3, 0.7, 2, 0.9],
    ({ s, p }) =>
      censored(mixture({ logits: shared(p) }, weibull(along2(1.5, 0.8), along2(s, 2)), kind), {
        right: marks(ended),
      }),
    ({ s, p }, y, i) => {
      const [first, second] = [weibullOf(1.5, s), weibullOf(0.8, 2)];
      return ended[i]
        ? Math.log(p * (1 - first[1](y)) + (1 - p) * (1 - second[1](y)))
        : mixedOf(p, first[0](y), second[0](y));
    },
  ),
  "mixture of mixtures": seen(
    [0.2, 1.1, 3, 0.7, 2, 0.9],
    ({ a, s, p }) => {
      const inner = axis("inner", 2);
      const each = normal(along2(a, 2).add(tensor([0, 1], [inner])), s);
      return mixture(
        { logits: shared(p) },
        mixture(tensor([0.3, 0.7], [inner]), each, inner),
        kind,
      );
    },
    ({ a, s, p }, y) => {
      const inner = (m: number) => mixedOf(0.3, plain.normal(y, m, s), plain.normal(y, m + 1, s));
      return mixedOf(p, inner(a), inner(2));
    },
  ),
  "life times seen from an age on, censored (left truncation)": seen(
    [1.2, 1.9, 3, 2.7, 2, 2.4],
    ({ a, s }) =>
      censored(truncated(weibull(s, exp(a)), { lower: covariate.add(1.1) }), {
        right: marks(ended),
      }),
    ({ a, s }, y, i) => {
      const [density, cdf] = weibullOf(s, Math.exp(a));
      const entered = Math.log1p(-cdf(x[i] + 1.1));
      return (ended[i] ? Math.log1p(-cdf(y)) : density(y)) - entered;
    },
  ),
  "ages at death known between two visits (Gompertz)": seen(
    [0.2, 1.1, 0.5, 0.7, 0.3, 0.9],
    ({ s, p }) => censored(gompertz(p, s), { to: tensor(1.5, []).add(covariate) }),
    ({ s, p }, y, i) => {
      const [density, cdf] = gompertzOf(p, s);
      return 1.5 + x[i] > y ? Math.log(cdf(1.5 + x[i]) - cdf(y)) : density(y);
    },
  ),
  "skew normal, cut and censored from below": seen(
    [0.2, 1.1, 1.5, 0.7, 2, 0.9],
    ({ a, s, p }) =>
      censored(truncated(skewNormal(a, s, p.mul(3)), { upper: 3 }), { left: marks(ended) }),
    ({ a, s, p }, y, i) => {
      const [density, cdf] = skewNormalOf(a, s, 3 * p);
      return (ended[i] ? Math.log(cdf(y)) : density(y)) - Math.log(cdf(3));
    },
  ),
  "restricted t, not renormalised, on some rows only": seen(
    [0.2, 1.1, 1.5, 0.7, 2, 0.9],
    ({ a, s }) => masked(restricted(studentT(4, a, s), { lower: 0 }), marks(ended)),
    ({ a, s }, y, i) => (ended[i] ? plain.studentT(y, 4, a, s) : 0),
  ),
  "shares by a bijection, cut and censored": seen(
    [0.2, 0.4, 0.5, 0.7, 0.3, 0.6],
    ({ a, s }) =>
      censored(truncated(transformed(normal(a, s), UNIT), { upper: 0.9 }), { right: marks(ended) }),
    ({ a, s }, y, i) => {
      const logit = (v: number) => Math.log(v / (1 - v));
      const [density, cdf] = normalOf(a, s);
      const seen = density(logit(y)) - Math.log(y * (1 - y));
      const late = Math.log(cdf(logit(0.9)) - cdf(logit(y)));
      return (ended[i] ? late : seen) - Math.log(cdf(logit(0.9)));
    },
  ),
  "amounts by a transformed t, in a mixture": seen(
    [0.2, 1.1, 3, 0.7, 2, 0.9],
    ({ a, s, p }) =>
      mixture({ logits: shared(p) }, transformed(studentT(5, along2(a, 1), s), POSITIVE), kind),
    ({ a, s, p }, y) => {
      const u = Math.log(y);
      return mixedOf(p, plain.studentT(u, 5, a, s), plain.studentT(u, 5, 1, s)) - u;
    },
  ),
  "shares with ends, in a mixture": seen(
    [0.2, 0, 0.5, 1, 0.3, 0.6],
    ({ s, p }) =>
      mixture(
        { logits: shared(p) },
        zeroOneInflatedBeta(s, along2(2, 1), { ends: p, one: along2(0.3, 0.6) }),
        kind,
      ),
    ({ s, p }, y) => {
      const each = (b: number, one: number) =>
        y === 0 || y === 1
          ? Math.log(p * (y === 1 ? one : 1 - one))
          : Math.log1p(-p) + plain.beta(y, s, b);
      return mixedOf(p, each(2, 0.3), each(1, 0.6));
    },
  ),
};
