/** What is true of every family, and what each refuses. */
import { describe, expect, test } from "vitest";
import {
  binomial,
  type Distribution,
  delta,
  dirichlet,
  gamma,
  mixture,
  negativeBinomial,
  normal,
  orderedLogistic,
  POSITIVE,
  poisson,
  REAL,
  type Support,
  supportMatches,
  truncatedNormal,
  uniform,
  zeroInflated,
} from "../../src/distributions/internal.ts";
import { REGISTRY } from "../../src/distributions/registry.ts";
import {
  axis,
  cast,
  constant,
  grad,
  index,
  isFloat,
  key,
  SurmiseError,
  sameAxes,
  sum,
  tensor,
} from "../../src/tensor/internal.ts";
import { run } from "./run.ts";

const draw = axis("draw", 500);
const site = axis("site", 4);
const members = Object.entries(REGISTRY).flatMap(([name, { example }]) =>
  (["float32", "float64"] as const).map((type) => [name, type, example(type)] as const),
);

describe.each(members)("%s in %s", (name, type, member) => {
  const x = member.sample(key(7), [draw]);

  test("names itself, its parameters and where they lie", () => {
    expect(member.name).toBe(name);
    expect(Object.keys(member.constraints).sort()).toEqual(Object.keys(member.parameters).sort());
    for (const parameter of Object.values(member.parameters)) expect(parameter.dtype).toBe(type);
  });

  test("draws what its density knows: the axes asked for, its type, finite densities", () => {
    expect(sameAxes(x.axes, [draw, ...member.dimensions])).toBe(true);
    expect(x.dtype).toBe(member.dtype);
    const density = member.logProb(x);
    expect(density.axes).toEqual([draw]);
    expect([...run(density)].every(Number.isFinite)).toBe(true);
  });

  test("has finite derivatives of its density", () => {
    const given = isFloat(x.dtype) ? [x] : [];
    const slopes = grad(sum(member.logProb(x)), [...given, ...Object.values(member.parameters)]);
    for (const slope of slopes) expect([...run(slope)].every(Number.isFinite)).toBe(true);
  });

  test("adds up over event axes, and draws independently along them", () => {
    const event = member.event(site);
    expect(event.eventAxes).toEqual([...member.dimensions, site]);
    const drawn = event.sample(key(8), [draw]);
    expect(drawn.has(site)).toBe(true);
    const [joint, each] = [event.logProb(drawn), member.logProb(drawn)];
    const [a, b] = [run(joint), run(sum(each, site))];
    a.forEach((value, k) => {
      expect(value).toBeCloseTo(b[k], type === "float64" ? 10 : 3);
    });
    const rows = run(drawn, [draw, ...member.dimensions, site]);
    const varies = rows.some((one, i) => i % site.size === 0 && one !== rows[i + 1]);
    expect(varies).toBe(name !== "delta");
  });
});

/** A value outside each kind of support, for a member of the kind. */
const OUTSIDE: Readonly<Partial<Record<Support["kind"], readonly number[]>>> = {
  positive: [-1],
  unit: [-0.1, 1.1],
  above: [0],
  interval: [-10, 10],
  index: [-1, 99],
  count: [-1, 0.5],
};

describe("outside the support", () => {
  const cases = members.filter(([, , { support }]) => support.kind in OUTSIDE);
  test.each(cases)("the density of %s in %s is zero, with derivatives", (_name, _type, member) => {
    const values = (OUTSIDE[member.support.kind] as number[]).filter(
      (x) => isFloat(member.dtype) || Number.isInteger(x),
    );
    const at = tensor(values, [axis("at", values.length)], member.dtype);
    const density = member.logProb(at);
    expect([...run(density)]).toEqual(values.map(() => -Infinity));
    const slopes = grad(sum(density), Object.values(member.parameters));
    for (const slope of slopes) expect([...run(slope)].every(Number.isFinite)).toBe(true);
  });
});

const part = axis("part", 3);
const weights = tensor([1, 2, 3], [part]);
const cut = axis("cut", 2);

describe("refusals", () => {
  const refused: [string, () => Distribution][] = [
    ["gamma: shape must be greater than 0 and finite, not 0", () => gamma(0, 1)],
    ["gamma: rate must be greater than 0 and finite, not -1", () => gamma(tensor([2]), -1)],
    [
      "gamma: rate must be greater than 0 and finite, not -3",
      () => gamma(1, tensor([2, -3, 4], [part])),
    ],
    [
      "normal: mean of int32 {part: 3}: values up to 20000000 beside float32, which holds whole numbers up to 16777216: " +
        "subtract an offset first, or use cast(x, 'float32') to round them",
      () => normal(index(part).mul(1e7), 1),
    ],
    [
      "gamma: shape is float32 and rate is float64; cast one of them",
      () => gamma(constant(1), constant(1, "float64")),
    ],
    [
      "binomial: total must be a whole number of at least 0, not 2.5",
      () => binomial(2.5, { probs: 0.5 }),
    ],
    [
      "binomial: probs must be between 0 and 1, both excluded, not 1",
      () => binomial(2, { probs: 1 }),
    ],
    [
      "negativeBinomial: dispersion must be greater than 0 and finite, not 0",
      () => negativeBinomial({ mean: 1, dispersion: 0 }),
    ],
    ["uniform: low must be less than high, not 2 and 2", () => uniform(2, 2)],
    [
      "truncatedNormal: lower must be less than upper, not 3 and 1",
      () => truncatedNormal(0, 1, { lower: 3, upper: 1 }),
    ],
    [
      "truncatedNormal: neither lower nor upper is given; use normal(mean, sd)",
      () => truncatedNormal(0, 1, {}),
    ],
    ["dirichlet: axis one: 1 must have at least two elements", () => dirichlet(1, axis("one", 1))],
    [
      "orderedLogistic: cutpoints must be increasing along 'cut', not 1, 0",
      () => orderedLogistic(0, tensor([1, 0], [cut]), { cut, category: part }),
    ],
    [
      "orderedLogistic: cut: 2 cutpoints make 3 categories, but category has site: 4",
      () => orderedLogistic(0, tensor([0, 1], [cut]), { cut, category: site }),
    ],
    [
      "orderedLogistic: the cutpoints have axes {part: 3}, not 'cut'",
      () => orderedLogistic(0, weights, { cut, category: part }),
    ],
    [
      "zeroInflated: a normal has no counts as draws; use poisson, negativeBinomial, ...",
      () => zeroInflated(normal(0, 1), { probs: 0.5 }),
    ],
    [
      "zeroInflated: its poisson has event axes {part: 3}: write .event(...) after zeroInflated(...)",
      () => zeroInflated(poisson(1).event(part), { probs: 0.5 }),
    ],
    [
      "mixture: 'part' is an event axis of its normal: the axis of the components must not be one " +
        "of a draw",
      () => mixture(weights, normal(0, 1).event(part)),
    ],
    [
      "mixture: the support of its uniform varies along 'part': all components must have the same",
      () => mixture(weights, uniform(0, weights)),
    ],
    [
      "mixture: the weights have axes {part: 3}, not 'site'",
      () => mixture(weights, normal(0, 1), site),
    ],
  ];
  test.each(refused)("%s", (message, make) => {
    expect(make).toThrow(new SurmiseError(message));
  });

  test("what a family has not", () => {
    const vector = dirichlet(1, part);
    expect(() => vector.cdf(weights)).toThrow(
      new SurmiseError("dirichlet: there is no expression for the distribution function"),
    );
    expect(vector.entropy()).toBeDefined();
    expect(poisson(3).entropy()).toBeUndefined();
  });
});

describe("values", () => {
  test("of counts may be integers, and totals too", () => {
    const seen = tensor([0, 2, 5], [part], "int32");
    const [a, b] = [poisson(3).logProb(seen), poisson(3).logProb(cast(seen, "float32"))];
    expect([...run(a)]).toEqual([...run(b)]);
    expect(binomial(tensor([3, 4, 5], [part], "int32"), { probs: 0.5 }).dtype).toBe("float32");
  });

  test("of parts that the parameters of a mixture lack come from the same components", () => {
    const feature = axis("feature", 2);
    const means = tensor([-50, 0, 50], [part]);
    const together = mixture(weights, normal(means, 1).event(feature));
    expect(together.dimensions).toEqual([feature]);
    const drawn = run(together.sample(key(1), [draw]), [draw, feature]);
    for (let i = 0; i < drawn.length; i += 2) {
      expect(Math.abs(drawn[i] - drawn[i + 1])).toBeLessThan(20);
    }
    const apart = mixture(weights, normal(means, 1)).event(feature);
    const mixed = run(apart.sample(key(1), [draw]), [draw, feature]);
    expect(mixed.some((x, i) => i % 2 === 0 && Math.abs(x - mixed[i + 1]) > 20)).toBe(true);
  });
});

test("supports fit where draws of one may stand for draws of the other", () => {
  const [a, b] = [axis("a", 3), axis("a", 3)];
  const interval = (high: number): Support => ({
    kind: "interval",
    low: constant(0),
    high: constant(high),
  });
  expect(supportMatches(gamma(1, 1).support, POSITIVE)).toBe(true);
  expect(supportMatches(POSITIVE, REAL)).toBe(false);
  expect(supportMatches({ kind: "index", axis: a }, { kind: "index", axis: a })).toBe(true);
  expect(supportMatches({ kind: "index", axis: a }, { kind: "index", axis: b })).toBe(false);
  expect(supportMatches(interval(2), interval(2))).toBe(true);
  expect(supportMatches(interval(2), interval(3))).toBe(false);
  expect(supportMatches(delta(2).support, POSITIVE)).toBe(true);
  expect(supportMatches(uniform(0, 1).support, REGISTRY.beta.example("float32").support)).toBe(
    true,
  );
});
