/** What is made of distributions: masks are not lost, and sets are told apart by their ends. */
import { describe, expect, test } from "vitest";
import {
  type Bijection,
  censored,
  type Distribution,
  hurdle,
  kl,
  masked,
  mixture,
  multivariateNormal,
  negativeBinomial,
  normal,
  ordered,
  orderedLogistic,
  POSITIVE,
  pareto,
  poisson,
  restricted,
  type Support,
  transformed,
  truncated,
  UNIT,
  wishartCholesky,
  zeroInflated,
} from "../../src/distributions/index.ts";
import { supportMatches } from "../../src/distributions/internal.ts";
import { draw, type Sites, trace } from "../../src/model/index.ts";
import {
  axis,
  cast,
  concat,
  constant,
  exp,
  key,
  slice,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { run } from "./run.ts";

const row = axis("row", 2);
const column = axis("column", 2);
const any = (x: unknown) => x as never;

describe("masks", () => {
  const mask = tensor(Uint8Array.of(1, 0), [row]);
  const part = masked(normal(0, 1), mask);
  const counts = masked(poisson(2), mask);
  const made: Record<string, () => Distribution> = {
    censored: () => censored(part, { right: mask }),
    restricted: () => restricted(part, { lower: 0 }),
    truncated: () => truncated(part, { lower: 0 }),
    ordered: () => ordered(part, column),
    transformed: () => transformed(part, POSITIVE),
    mixture: () => mixture(tensor([0.5, 0.5], [column]), part),
    zeroInflated: () => zeroInflated(counts, { probs: 0.1 }),
    hurdle: () => hurdle(counts, { probs: 0.1 }),
  };
  test.each(Object.entries(made))("%s of what is masked is refused", (word, make) => {
    expect(make).toThrow(new RegExp(`^${word} of a masked .*: mask the whole: masked\\(${word}`));
  });

  test("the whole may be masked", () => {
    const whole = masked(truncated(normal(0, 1), { lower: 0 }), mask);
    const [one, other] = run(whole.logProb(tensor([1, -1], [row])));
    expect(one).toBeCloseTo(-0.5 - 0.5 * Math.log(2 * Math.PI) + Math.LN2, 5);
    expect(other).toBe(0);
  });

  test("a divergence of the whole is none of what counts in places", () => {
    expect(kl(part, normal(0, 1))).toBeUndefined();
    expect(kl(normal(0, 1), part)).toBeUndefined();
  });
});

describe("of a mixture, without the axis of its components", () => {
  const many = axis("many", 4000);
  const weights = tensor([0.3, 0.7], [column]);
  const real = mixture(weights, normal(tensor([-1, 2], [column]), 1), column);
  const count = mixture(weights, poisson(tensor([1, 4], [column])), column);
  const made: Record<string, [Distribution, at: number]> = {
    truncated: [truncated(real, { lower: 0, upper: 3 }), 1.5],
    restricted: [restricted(real, { lower: -1 }), 1],
    censored: [censored(real, { right: tensor(Uint8Array.of(0, 1), [row]) }), 1],
    zeroInflated: [zeroInflated(count, { probs: 0.2 }), 2],
    hurdle: [hurdle(count, { probs: tensor([0.2, 0.4], [row]) }), 2],
  };
  test.each(Object.entries(made))("%s has draws", (word, [distribution, at]) => {
    expect(distribution.axes).not.toContain(column);
    const below = distribution.sample(key(3), [many, ...distribution.axes]).le(at);
    const cut = word === "restricted" ? truncated(real, { lower: -1 }) : distribution;
    const shares = run(sum(cast(below, "float32"), many)).map((n) => n / many.size);
    const cdf = cut.cdf(tensor(at));
    const expected = run(cdf, cdf.axes);
    // Four standard errors.
    shares.forEach((share, i) => {
      const p = expected[i % expected.length];
      expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / many.size));
    });
  });
});

test("counts with other ends are other sets", () => {
  const upTo = (n: number) => ({ kind: "count", most: constant(n) }) as const;
  const from = (n: number) => ({ kind: "count", least: constant(n) }) as const;
  expect(supportMatches(upTo(3), upTo(3))).toBe(true);
  expect(supportMatches(upTo(3), upTo(4))).toBe(false);
  expect(supportMatches(from(1), from(2))).toBe(false);
});

describe("parameters by other words", () => {
  const matrix = tensor([1, 0, 0, 1], [row, column]);
  test.each([{ cov: matrix }, {}, { factor: matrix, covariance: matrix }, { scale: matrix }])(
    "a covariance as %o is refused",
    (given) => {
      expect(() => multivariateNormal(0, any(given), row, column)).toThrow(
        "multivariateNormal: { factor }, { covariance } or { precision } must be given, not",
      );
    },
  );

  test("a negative binomial by what it does not take is refused", () => {
    expect(() => negativeBinomial(any({ mean: 2, size: 3 }))).toThrow(
      "negativeBinomial: there is no 'size' beside mean: leave it out",
    );
  });

  test("degrees of a Wishart that are a tensor are checked too", () => {
    const degrees = tensor([2, 0.5], [axis("k", 2)]);
    expect(() => wishartCholesky(degrees, matrix, row, column)).toThrow(
      /^wishartCholesky: degrees must be .*0\.5/,
    );
  });
});

test("cutpoints that come in any order are refused behind a change of type, too", () => {
  const cut = axis("cut", 2);
  const category = axis("category", 3);
  const body = ({ sample, observe }: Sites) => {
    const cuts = sample("cuts", normal(0, 1).event(cut));
    const wide: Tensor = cast(cuts, "float64");
    observe(
      "y",
      orderedLogistic(constant(0, "float64"), wide, { cut, category }),
      constant(1, "int32"),
    );
  };
  expect(() => trace(body, undefined, draw(key(1)))).toThrow(/must increase along 'cut'/);
});

test("the distribution function of a Pareto holds where x / scale is no number", () => {
  const [p] = run(pareto(1e-3, 1e-30).cdf(constant(1e30)));
  expect(p).toBeCloseTo(-Math.expm1(-1e-3 * 60 * Math.LN10), 5);
});

describe("event axes of what is transformed", () => {
  test("are those of the whole, as if they were added afterwards", () => {
    const values = tensor([1, 2], [row]);
    const before = transformed(normal(0, 1).event(row), POSITIVE);
    expect(before.eventAxes).toEqual([row]);
    const [one, ...more] = run(before.logProb(values));
    const [other] = run(transformed(normal(0, 1), POSITIVE).event(row).logProb(values));
    expect([one, more]).toEqual([other, []]);
  });

  // z1 ~ normal(0, 1), z2 ~ normal(3 z1, exp(0.5 z1)): a coupling layer.
  const [first, second] = [axis("first", 1), axis("second", 1)];
  const halves = (x: Tensor) => [slice(x, row, 0, first), slice(x, row, 1, second)] as const;
  const of = (x: Tensor) => sum(x, first);
  const join = (a: Tensor, b: Tensor) => concat(a, b, [first, second], row);
  const coupling: Bijection = {
    axes: [row],
    onto: "real",
    unconstrainedAxes: (axes) => axes,
    forward(u) {
      const [a, b] = halves(u);
      return join(a, b.mul(exp(of(a).mul(0.5))).add(of(a).mul(3)));
    },
    inverse(z) {
      const [a, b] = halves(z);
      return join(a, b.sub(of(a).mul(3)).mul(exp(of(a).mul(-0.5))));
    },
    logJacobian: (u) => of(halves(u)[0]).mul(0.5),
  };
  const layer = transformed(normal(0, 1), coupling);

  test("a map of several elements together has one determinant", () => {
    const [found] = run(layer.logProb(tensor([0.4, 2], [row])));
    const [a] = run(normal(0, 1).logProb(constant(0.4)));
    const [b] = run(normal(1.2, Math.exp(0.2)).logProb(constant(2)));
    expect(found).toBeCloseTo(a + b, 5);
    const again = transformed(normal(0, 1).event(row), coupling);
    expect([...run(again.logProb(tensor([0.4, 2], [row])))]).toEqual([found]);
  });

  test("a map of the real line onto itself may be drawn where a normal is", () => {
    expect(supportMatches(layer.support, normal(0, 1).support)).toBe(true);
    const many = axis("many", 4000);
    const [a, b] = halves(layer.sample(key(1), [many]));
    // E[z1 z2] = 3; of 4000 draws.
    const product = run(of(a).mul(sum(b, second)));
    const mean = product.reduce((a, b) => a + b) / 4000;
    const sd = Math.sqrt(product.reduce((a, x) => a + (x - mean) ** 2, 0) / 4000);
    expect(Math.abs(mean - 3)).toBeLessThan((4 * sd) / Math.sqrt(4000));
  });
});

describe("transformed to sets of numbers", () => {
  const to = (kind: "above" | "below" | "interval") =>
    ({ kind, low: constant(1, "float64"), high: constant(3, "float64") }) as Support;
  const u = normal(constant(0.3, "float64"), 0.8);
  const logit = (x: number) => Math.log(x / (1 - x));
  const cases: [string, Support, number, number][] = [
    ["positive", POSITIVE, 2, Math.log(2)],
    ["unit", UNIT, 0.7, logit(0.7)],
    ["above", to("above"), 1.5, Math.log(0.5)],
    ["interval", to("interval"), 1.5, logit(0.25)],
    ["below", to("below"), 1.5, Math.log(1.5)],
  ];
  const worth = (x: Tensor) => run(x)[0];
  test.each(cases)(
    "%s: probabilities are those of the unconstrained numbers",
    (kind, set, z, x) => {
      const of = transformed(u, set);
      const [value, at] = [constant(z, "float64"), constant(x, "float64")];
      const [low, high] = kind === "below" ? [u.logSurvival, u.logCdf] : [u.logCdf, u.logSurvival];
      expect(worth(of.logCdf(value))).toBeCloseTo(worth(low(at)), 12);
      expect(worth(of.logSurvival(value))).toBeCloseTo(worth(high(at)), 12);
      expect(worth(of.cdf(value))).toBeCloseTo(Math.exp(worth(low(at))), 12);
      expect(worth(censored(of, { right: constant(1, "uint8") }).logProb(value))).toBeCloseTo(
        worth(high(at)),
        12,
      );
      const cut = truncated(of, { lower: z - 0.01 });
      const mass = worth(of.logSurvival(constant(z - 0.01, "float64")));
      expect(worth(cut.logProb(value))).toBeCloseTo(worth(of.logProb(value)) - mass, 10);
    },
  );
  test("outside of the set", () => {
    const of = transformed(u, POSITIVE);
    expect(worth(of.cdf(constant(-1, "float64")))).toBe(0);
    expect(worth(of.logCdf(constant(-1, "float64")))).toBe(Number.NEGATIVE_INFINITY);
    expect(worth(of.logSurvival(constant(-1, "float64")))).toBe(0);
    const share = transformed(u, UNIT);
    expect(worth(share.cdf(constant(2, "float64")))).toBe(1);
  });
});
