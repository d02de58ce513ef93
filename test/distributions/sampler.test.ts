import { describe, expect, test } from "vitest";
import {
  bernoulli,
  categorical,
  type Distribution,
  gamma,
  inverseGamma,
  normal,
} from "../../src/distributions/index.ts";
import {
  axis,
  cast,
  constant,
  erf,
  grad,
  input,
  key,
  mean,
  square,
  standardNormal,
  tensor,
} from "../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError, value, values, valuesOf } from "./values.ts";

const N = 20_000;
const many = axis("many", N);
const few = axis("few", 4000);
const level = axis("level", 4);
const f64 = (x: number) => constant(x, "float64");

const families: [string, Distribution][] = [
  ["normal(1.5, 0.4)", normal(f64(1.5), 0.4)],
  ["normal(1.5, 0.4) in float32", normal(1.5, 0.4)],
  ["bernoulli(0.3)", bernoulli({ probs: 0.3 })],
  ["bernoulli at logit 2", bernoulli({ logits: f64(2) })],
  ["categorical", categorical(tensor([0.2, 0.5, 0, 0.3], [level]))],
];

describe.each(families)("draws of a %s", (_, family) => {
  const drawn = family.sample(key(11), [many]);

  test("have the axes asked for, and the family's type", () => {
    expect(drawn.axes).toEqual([many]);
    expect(drawn.dtype).toBe(family.dtype);
  });

  test("have its mean and variance, within five standard errors", () => {
    const draws = values(drawn);
    const [m, v] = [value(family.mean()), value(family.variance())];
    const first = meanAndError(draws);
    expect(Math.abs(first.mean - m)).toBeLessThan(FIVE_SIGMA * first.error);
    const second = meanAndError(draws.map((x) => (x - m) ** 2));
    expect(Math.abs(second.mean - v)).toBeLessThan(FIVE_SIGMA * second.error);
  });
});

test("normal draws pass Kolmogorov-Smirnov against the distribution function", () => {
  const drawn = normal(f64(-1), 2).sample(key(5), [many]);
  const cdf = erf(drawn.add(1).div(2 * Math.SQRT2))
    .mul(0.5)
    .add(0.5);
  const sorted = values(cdf).sort();
  const distance = Math.max(...Array.from(sorted, (p, i) => Math.max(p - i / N, (i + 1) / N - p)));
  // The asymptotic law: exceeded with probability 2 exp(-2 * 2.2^2) = 1.3e-4.
  expect(distance * Math.sqrt(N)).toBeLessThan(2.2);
});

test("categorical draws pass the chi-square test", () => {
  const probability = [0.2, 0.5, 0, 0.3];
  const draws = values(categorical(tensor(probability, [level])).sample(key(3), [many]));
  const counts = [0, 0, 0, 0];
  for (const draw of draws) counts[draw]++;
  expect(counts[2]).toBe(0);
  const terms = [0, 1, 3].map((k) => (counts[k] - N * probability[k]) ** 2 / (N * probability[k]));
  // Two degrees of freedom: exceeded with probability exp(-18 / 2) = 1.2e-4.
  expect(terms.reduce((a, b) => a + b)).toBeLessThan(18);
});

describe("draws over axes", () => {
  const [user, film] = [axis("user", 3), axis("film", 2)];
  const means = tensor([0, 100, 200], [user]);

  test("are numbered in the order given, then parameters, then events", () => {
    const draw = axis("draw", 4);
    const drawn = normal(means, 2).event(film).sample(key(1), [draw]);
    const noise = standardNormal(key(1), [draw, user, film]);
    expect([...values(drawn)]).toEqual([...values(means.add(noise.mul(2)))]);
  });

  test("are independent along event axes that the parameters lack", () => {
    const [a, b] = values(normal(0, 1).event(film).sample(key(1), []));
    expect(a).not.toBe(b);
  });

  test("are a function of the key and the element's number: fewer draws are a prefix", () => {
    const few = values(normal(0, 1).sample(key(9), [axis("few", 10)]));
    const more = values(normal(0, 1).sample(key(9), [many]));
    expect([...few]).toEqual([...more.slice(0, 10)]);
  });
});

test("reparameterised draws carry the derivatives of the moments", () => {
  const [m, s] = [input("m", [], "float64"), input("s", [], "float64")];
  const x = normal(m, s).sample(key(2), [many]);
  const noise = x.sub(m).div(s);
  const [byMean] = grad(mean(x), [m]);
  const [bySd] = grad(mean(square(x)), [s]);
  const inputs = { m: Float64Array.of(0.5), s: Float64Array.of(1.5) };
  expect(value(byMean, inputs)).toBeCloseTo(1, 12);
  // d/ds E[x^2] = 2 s; its draws are 2 x noise.
  const [found, terms] = valuesOf([bySd, x.mul(noise).mul(2)], inputs);
  expect(Math.abs(found[0] - 3)).toBeLessThan(FIVE_SIGMA * meanAndError(terms).error);
});

test("discrete draws carry none", () => {
  const logits = input("l", [], "float32");
  const x = bernoulli({ logits }).sample(key(2), [many]);
  expect(value(grad(mean(cast(x, "float32")), [logits])[0], { l: Float32Array.of(0.3) })).toBe(0);
});

/**
 * P(log y < t) is exp(a t) / Gamma(a + 1) for gamma draws y of a small shape a and rate 1, up to exp(t): most of them are
 * no numbers above 0, but are once they are over a small rate, or a small scale is over them.
 */
test.each([
  ["gamma", gamma, 1e-3, 1e-300, (x: number) => x < 1e-200, "float64"],
  ["inverseGamma", inverseGamma, 1e-3, 1e-300, (x: number) => x > 1e200, "float64"],
  ["gamma", gamma, 0.01, 2 ** -110, (x: number) => x < 2 ** -80, "float32"],
  ["inverseGamma", inverseGamma, 0.01, 2 ** -110, (x: number) => x > 2 ** 80, "float32"],
] as const)("small shapes of a %s reach all numbers", (_, family, shape, by, isIn, dtype) => {
  const draws = values(family(constant(shape, dtype), constant(by, dtype)).sample(key(3), [few]));
  const end = dtype === "float64" ? 500 * Math.LN10 : 190 * Math.LN2;
  const expected = Math.exp(-shape * end + 0.5772156649 * shape);
  const share = draws.filter(isIn).length / few.size;
  const error = Math.sqrt((expected * (1 - expected)) / few.size);
  expect(Math.abs(share - expected)).toBeLessThan(FIVE_SIGMA * error);
  expect(draws.every((x) => x > 0 && x < Number.POSITIVE_INFINITY)).toBe(true);
});
