/** Increasing numbers, and sets that are images of bijections of one's own. */
import { describe, expect, test } from "vitest";
import {
  type Bijection,
  bijectionTo,
  categorical,
  gamma,
  improperUniform,
  masked,
  mixture,
  normal,
  ordered,
  orderedLogistic,
  REAL,
  restricted,
  transformed,
} from "../../src/distributions/index.ts";
import { logDensity } from "../../src/inference/density/logDensity.ts";
import { type Model, model } from "../../src/model/index.ts";
import {
  axis,
  constant,
  exp,
  key,
  log,
  SurmiseError,
  sum,
  tensor,
} from "../../src/tensor/index.ts";
import { kolmogorovSmirnov } from "./fit.ts";
import { run } from "./run.ts";

const cut = axis("cut", 3);
const grade = axis("grade", 4);
const f64 = { dtype: "float64" } as const;
const zero = constant(0, "float64");

test("increasing numbers of a normal: the density of the sorted, drawn as such", () => {
  const prior = ordered(normal(zero, 2), cut);
  const x = [-1, 0.5, 3];
  const density = run(prior.logProb(tensor(x, [cut], "float64")))[0];
  const each = x.map((v) => -0.5 * (v / 2) ** 2 - Math.log(2) - 0.5 * Math.log(2 * Math.PI));
  expect(density).toBeCloseTo(
    each.reduce((a, b) => a + b, Math.log(6)),
    12,
  );
  expect(run(prior.logProb(tensor([0.5, -1, 3], [cut], "float64")))[0]).toBe(-Infinity);

  const draw = axis("draw", 5000);
  const draws = run(prior.sample(key(3), [draw]), [draw, cut]);
  const part = (k: number) => draws.filter((_, i) => i % 3 === k);
  const [low, middle, high] = [0, 1, 2].map(part);
  low.forEach((v, i) => {
    expect(v < middle[i] && middle[i] < high[i]).toBe(true);
  });
  const below = run(normal(zero, 2).cdf(tensor(middle, [axis("at", middle.length)], "float64")));
  // The median of three uniform numbers is below u with probability u^2 (3 - 2 u).
  expect(kolmogorovSmirnov(below.map((u) => u * u * (3 - 2 * u)))).toBeGreaterThan(1e-4);
});

test.each([
  ["real", () => ordered(normal(zero, 2), cut)],
  ["positive", () => ordered(gamma(constant(2, "float64"), 1), cut)],
] as const)("ordered %s numbers from unconstrained ones, and back", (kind, prior) => {
  const p = model(({ sample }) => void sample("x", prior()), f64);
  const density = logDensity(p, undefined);
  const u = Float64Array.of(-0.4, 0.3, 0.9);
  const { data } = density.constrain(u).x;
  const x = [...data].map(Number);
  expect(x[0] < x[1] && x[1] < x[2] && (kind === "real" || x[0] > 0)).toBe(true);
  [...density.unconstrain({ x })].forEach((v, k) => {
    expect(v).toBeCloseTo(u[k], 10);
  });
  const own = run(prior().logProb(tensor(x, [cut], "float64")))[0];
  const steps = kind === "real" ? u[1] + u[2] : u[0] + u[1] + u[2];
  expect(density.value(u)).toBeCloseTo(own + steps, 10);
});

test("a bijection of one's own makes a set, for priors and for flat densities", () => {
  const map: Bijection = {
    unconstrainedAxes: (axes) => axes,
    forward: (x) => exp(x).add(1),
    inverse: (y) => log(y.sub(1)),
    logJacobian: (x) => x,
  };
  const same = (own: boolean) =>
    model(({ sample, observe }) => {
      const support = own
        ? ({ kind: "image", map } as const)
        : ({ kind: "above", low: constant(1, "float64") } as const);
      const x = sample("x", improperUniform(support, "float64"));
      const y = sample("y", transformed(normal(zero, 1), own ? map : support));
      observe("seen", normal(x.add(y), 1), constant(4, "float64"));
    }, f64);
  const [a, b] = [true, false].map((own) => logDensity(same(own), undefined));
  const at = Float64Array.of(0.3, -0.7);
  expect(a.value(at)).toBeCloseTo(b.value(at), 12);
  expect([...a.gradient(at)]).toEqual([...b.gradient(at)]);
  expect(bijectionTo({ kind: "image", map })).toBe(map);
});

describe("refusals", () => {
  test("cutpoints that come in any order", () => {
    const p: Model = ({ sample, observe }) => {
      const cutpoints = sample("cutpoints", normal(0, 5).event(cut));
      observe("y", orderedLogistic(0, cutpoints, { cut, category: grade }), constant(1, "int32"));
    };
    expect(() => logDensity(p, undefined)).toThrow(
      new SurmiseError(
        "observe 'y': the cutpoints of its orderedLogistic must increase along 'cut', but those of latent " +
          "'cutpoints', a normal, come in any order: write sample(\"cutpoints\", ordered(normal(0, 5), cut))",
      ),
    );
    const mended: Model = ({ sample, observe }) => {
      const cutpoints = sample("cutpoints", ordered(normal(0, 5), cut));
      observe("y", orderedLogistic(0, cutpoints, { cut, category: grade }), constant(1, "int32"));
    };
    expect(Number.isFinite(logDensity(mended, undefined).value(new Float64Array(3)))).toBe(true);
  });

  test("what has no order, and draws of numbers that are not alike", () => {
    expect(() => ordered(categorical(tensor([1, 2], [axis("k", 2)])), cut)).toThrow(
      "ordered: a categorical has the support 'index k: 2'; a distribution of single real or positive numbers is needed",
    );
    const unlike = ordered(normal(tensor([-1, 0, 1], [cut]), 1), cut);
    expect(Number.isFinite(run(sum(unlike.logProb(tensor([-1, 0, 1], [cut]))))[0])).toBe(true);
    expect(() => unlike.sample(key(1), [])).toThrow("ordered: its normal varies along 'cut'");
  });
});

test("what is made of a prior without a finite integral has none either", () => {
  const flat = improperUniform(REAL);
  const part = axis("part", 2);
  const made = [
    restricted(flat, { lower: 0 }),
    masked(flat, constant(1, "uint8")),
    mixture({ logits: tensor([0, 1], [part]) }, flat),
    ordered(flat, part),
    flat.map((x) => x),
  ];
  for (const { improper } of made) expect(improper).toBe(true);
});
