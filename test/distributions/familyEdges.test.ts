/** Every family at edges of its parameters and of its values: log densities and derivatives in closed form. */
import { describe, expect, test } from "vitest";
import {
  bernoulli,
  bijectionTo,
  isDiscrete,
  kl as klDivergence,
  normal,
  poisson,
  truncated,
} from "../../src/distributions/internal.ts";
import { REGISTRY } from "../../src/distributions/registry.ts";
import { type Backend, compile } from "../../src/runtime/index.ts";
import {
  axis,
  constant,
  grad,
  index,
  input,
  key,
  select,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/internal.ts";
import { build } from "./build.ts";
import { EDGES, H, INF, LN2, PI } from "./familyEdges.ts";

const BACKENDS: readonly Backend[] = ["wasm", "oracle"];

test("every family has edges", () => {
  expect(Object.keys(EDGES).sort()).toEqual(Object.keys(REGISTRY).sort());
});

const all = Object.entries(EDGES).flatMap(([family, edges]) =>
  edges.map((edge) => [family, JSON.stringify(edge.slice(0, 2)), edge] as const),
);

describe.each(["float32", "float64"] as const)("in %s", (dtype) => {
  test.each(all)("%s %s", (family, _, [parameters, x, logProb, slopes]) => {
    const inputs: Record<string, number | readonly number[]> = {};
    const tensors: Record<string, Tensor> = {};
    const given = Object.entries(parameters).map(([name, value]) => {
      if (typeof value !== "number" || name === "size") return [name, value] as const;
      inputs[name] = value;
      tensors[name] = input(name, [], dtype);
      return [name, tensors[name]] as const;
    });
    const member = build(family, Object.fromEntries(given), dtype);
    if (isDiscrete(member.support)) {
      const known =
        typeof x === "number"
          ? constant(x, member.dtype)
          : tensor(x, member.dimensions, member.dtype);
      tensors.x = known;
    } else {
      tensors.x = input("x", member.dimensions, dtype);
      inputs.x = x;
    }
    const names = Object.keys(slopes);
    const y = member.logProb(tensors.x);
    const found = grad(
      y,
      names.map((name) => tensors[name]),
    );
    const outputs = { y, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, found[i]])) };
    for (const backend of BACKENDS) {
      const program = compile({ outputs }, { backend });
      const needed = Object.entries(inputs).filter(([name]) => program.inputs.has(name));
      const results = program.run({ inputs: Object.fromEntries(needed) });
      const near = (got: number, expected: number, what: string) => {
        const close =
          Math.abs(got - expected) <=
          2e-5 * Math.max(Math.abs(expected), Math.min(1, Math.abs(logProb)));
        expect(
          got === expected || close || Math.abs(got - expected) < 1e-6,
          `${what} on ${backend}: ${got}, not ${expected}`,
        ).toBe(true);
      };
      near(results.y.data[0], logProb, "log density");
      for (const name of names)
        for (const d of results[`d ${name}`].data) near(d, slopes[name], `d/d${name}`);
    }
  });
});

test("of coins that are sure, entropy and divergence are limits", () => {
  const [a, b] = [input("a"), input("b")];
  const [one, other] = [a, b].map((logits) => bernoulli({ logits }));
  const outputs = { entropy: one.entropy() as Tensor, kl: klDivergence(one, other) as Tensor };
  const rows = [
    [INF, 2, 0, Math.log1p(Math.exp(-2))],
    [-INF, 2, 0, Math.log1p(Math.exp(2))],
    [INF, INF, 0, 0],
    [INF, -INF, 0, INF],
    [0, INF, LN2, INF],
    [1, 1, 0.5822032, 0],
  ];
  for (const backend of BACKENDS) {
    const program = compile({ outputs }, { backend });
    for (const [l, m, entropy, kl] of rows) {
      const found = program.run({ inputs: { a: [l], b: [m] } });
      expect(found.entropy.data[0]).toBeCloseTo(entropy, 6);
      expect(found.kl.data[0]).toBeCloseTo(kl, 6);
    }
  }
});

test("counts that are cut below 1 are right as their rate falls to 0", () => {
  const rate = input("rate", [], "float64");
  const counts = truncated(poisson(rate), { lower: 1 });
  const [one, two] = [1, 2].map((x) => counts.logProb(constant(x, "float64")));
  const outputs = { one, two, slope: grad(one, [rate])[0] };
  for (const backend of BACKENDS) {
    const program = compile({ outputs }, { backend });
    for (const r of [0, 1e-300, 1e-9, 1, 30]) {
      const found = program.run({ inputs: { rate: [r] } });
      const log1 = r === 0 ? 0 : Math.log(r / Math.expm1(r));
      expect(found.one.data[0]).toBeCloseTo(log1, 9);
      expect(found.two.data[0]).toBeCloseTo(log1 + Math.log(r / 2), 9);
      const slope = r < 1e-3 ? -0.5 + r / 12 : 1 / r - 1 / -Math.expm1(-r);
      expect(found.slope.data[0]).toBeCloseTo(slope, 9);
    }
  }
});

test("large counts are right in float32, by rates and by their logarithms, whole and cut", () => {
  // By mpmath: rate, lower end, value; log p, log p given the lower end, its derivative, log P(> value).
  const rows = [
    [
      1e7, 10001581, 10003162, -9.47800395961, -8.30227758749656, -4.46123952966e-5,
      -0.665402502235,
    ],
    [
      1e8, 100005000, 100010000, -10.6293122377, -9.4534432650979, -1.41059847386e-5,
      -0.66522892828,
    ],
    [
      1e9, 1000015808, 1000031616, -11.7803677205, -10.6045917481, -4.46538960128e-6,
      -0.66494297736,
    ],
  ] as const;
  const rate = input("rate");
  const logRate = input("logRate");
  for (const [r, lower, x, whole, cut, slope, above] of rows) {
    const at = constant(x);
    const upward = truncated(poisson(rate), { lower });
    const byLog = poisson({ logRate }).logProb(at);
    const outputs = {
      whole: poisson(rate).logProb(at),
      byLog,
      slopeByLog: grad(byLog, [logRate])[0],
      cut: upward.logProb(at),
      slope: grad(upward.logProb(at), [rate])[0],
      above: upward.logSurvival(at),
    };
    const l = Math.fround(Math.log(r));
    const exact = x * (l - Math.log(x)) - (Math.exp(l) - x) - Math.log(2 * PI * x) / 2;
    const right = { whole, byLog: exact, slopeByLog: x - Math.exp(l), cut, slope, above };
    for (const backend of BACKENDS) {
      const found = compile({ outputs }, { backend }).run({ inputs: { rate: r, logRate: [l] } });
      for (const [name, value] of Object.entries(right)) {
        const got = found[name as keyof typeof right].data[0];
        expect(Math.abs(got / value - 1), `${name} at ${r} on ${backend}: ${got}`).toBeLessThan(
          1e-5,
        );
      }
    }
  }
});

test("draws of a normal between tensors move with it as those between numbers do", () => {
  const [i, many] = [axis("i", 2), axis("many", 50)];
  const [m, s] = [input("m"), input("s")];
  const [lower, upper] = [tensor([-1, -INF], [i]), tensor([INF, INF], [i])];
  const draws = truncated(normal(m, s), { lower, upper }).sample(key(3), [i, many]);
  const right = truncated(normal(m, s), { lower: -1, upper: 1e3 }).sample(key(3), [i, many]);
  const first = index(i).eq(0);
  const outputs = [draws, right].flatMap((x) => grad(sum(select(first, x, 0)), [m, s]));
  const named = Object.fromEntries(outputs.map((x, at) => [`d${at}`, x]));
  const [byMean, bySd] = grad(sum(draws), [m, s]);
  for (const backend of BACKENDS) {
    const program = compile({ outputs: { ...named, byMean, bySd } }, { backend });
    const found = program.run({ inputs: { m: [0.5], s: [2] } });
    const [dm, ds, rightM, rightS] = outputs.map((_, at) => found[`d${at}`].data[0]);
    expect(dm).toBeCloseTo(rightM, 3);
    expect(ds).toBeCloseTo(rightS, 3);
    // Without a bound a draw is m + s z.
    expect(found.byMean.data[0] - dm).toBeCloseTo(many.size, 3);
    expect(found.bySd.data[0]).not.toBeNaN();
  }
});

test("what has no bound in some elements has a density and draws, but no map", () => {
  const i = axis("i", 2);
  const half = truncated(normal(0, 1), { lower: tensor([-INF, 0], [i]) });
  const found = compile({ outputs: { y: half.logProb(tensor([0, 0], [i])) } }, { steps: 1 }).run();
  expect(found.y.data[0]).toBeCloseTo(-H, 6);
  expect(found.y.data[1]).toBeCloseTo(LN2 - H, 6);
  const words = /the lower bound of element 0 .* is no finite number: .* a site of their own/;
  expect(() => bijectionTo(half.support)).toThrow(words);
  const many = axis("many", 400);
  const { x } = compile({ outputs: { x: half.sample(key(1), [i, many]) } }, { steps: 1 }).run();
  const [whole, cut] = [x.data.slice(0, many.size), x.data.slice(many.size)];
  // Of 400 normals, half are below 0, to 5 standard errors; of those that are cut, none.
  expect(Math.abs(whole.filter((each) => each < 0).length - 200)).toBeLessThan(50);
  expect(cut.filter((each) => each < 0).length).toBe(0);
});
