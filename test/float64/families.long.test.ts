/** Families made for float32 and computed in float64 are what those made for float64 are, to the ends of the numbers. */
import { describe, expect, test } from "vitest";
import {
  bernoulli,
  beta,
  categorical,
  type Distribution,
  gamma,
  lognormal,
  weibull,
} from "../../src/distributions/index.ts";
import { REGISTRY } from "../../src/distributions/registry.ts";
import { compile } from "../../src/runtime/index.ts";
import { axis, constant, input, key, type Tensor, tensor } from "../../src/tensor/index.ts";

const draw = axis("draw", 2000);

const valuesOf = (y: Tensor): number[] => [
  ...compile({ outputs: { y } }, { steps: 1, backend: "wasm", dtype: "float64" }).run().y.data,
];
const drawsOf = (family: Distribution) =>
  valuesOf(family.sample(key(1), [draw])).sort((a, b) => a - b);

describe("draws in float64", () => {
  test.each([200, -200])("of a lognormal around exp(%d)", (mean) => {
    const x = drawsOf(lognormal(mean, 1)).map((each) => Math.log(each) - mean);
    expect(Math.abs(x[1000])).toBeLessThan(0.1);
    expect(new Set(x).size).toBe(2000);
  });

  test("of a gamma and a Weibull of small shape: powers of uniform numbers", () => {
    // log x is about log(u) / shape.
    const [g, w] = [gamma(0.01, 1), weibull(0.01, 1)].map(drawsOf);
    for (const x of [g, w]) {
      expect(new Set(x).size).toBeGreaterThan(1900);
      const share = x.filter((each) => Math.log(each) < -200).length / 2000;
      // Of the Weibull, 1 - exp(-exp(-2)).
      expect(Math.abs(share - 0.13)).toBeLessThan(0.03);
    }
  });

  test("of a beta are as near to 1 as to 0", () => {
    const x = drawsOf(beta(0.01, 0.01));
    const below = x.filter((each) => each < 1e-12).length;
    const above = x.filter((each) => 1 - each < 1e-12).length;
    expect(Math.abs(below - above)).toBeLessThan(4 * Math.sqrt(2000 / 4) * 2);
  });

  test("of a category whose share is below the steps of float32", () => {
    const kind = axis("kind", 2);
    const many = axis("many", 4_000_000);
    const drawn = categorical({ logits: tensor([0, -14], [kind]) }).sample(key(2), [many]);
    const count = valuesOf(drawn).reduce((sum, x) => sum + x, 0);
    const right = many.size * Math.exp(-14);
    expect(Math.abs(count - right)).toBeLessThan(5 * Math.sqrt(right));
  });
});

test("a logit of 1e100 is a number in float64", () => {
  const logits = input("logits", []);
  const y = bernoulli({ logits }).logProb(constant(0));
  const program = compile({ outputs: { y } }, { steps: 1, backend: "wasm", dtype: "float64" });
  expect(program.run({ inputs: { logits: [1e100] } }).y.data[0]).toBe(-1e100);
});

/** Their examples are of shares that are float32 numbers. */
const ROUNDED = ["mixture", "multinomial"];

test.each(Object.entries(REGISTRY))("%s: functions of values", (name, { example }) => {
  const within = ROUNDED.includes(name) ? 1e-7 : 1e-10;
  const [narrow, wide] = [example("float32"), example("float64")];
  if (narrow.dtype !== "float32") return;
  const x = wide.sample(key(3), []);
  const parts: readonly ((d: Distribution) => Tensor)[] = [
    (d) => d.logProb(x),
    (d) => d.mean(),
    (d) => d.variance(),
    (d) => d.cdf(x),
    (d) => d.logCdf(x),
    (d) => d.logSurvival(x),
  ];
  for (const part of parts) {
    const pair = known(() => [part(narrow), part(wide)]);
    if (pair === undefined) continue;
    const [a, b] = pair.map(valuesOf);
    for (const [i, right] of b.entries()) {
      if (Number.isFinite(right)) {
        expect(Math.abs(a[i] - right)).toBeLessThan(within * (1 + Math.abs(right)));
      } else expect(a[i]).toBe(right);
    }
  }
});

/** What `f` makes; undefined of what a family has not. */
function known<T>(f: () => T): T | undefined {
  try {
    return f();
  } catch {
    return undefined;
  }
}
