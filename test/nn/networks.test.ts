/** Activations, layers, weight decay and rates: known values, in both types. */
import { describe, expect, test } from "vitest";
import { draw, paramStore, type Sites, trace } from "../../src/model/index.ts";
import {
  dropout,
  elu,
  embedding,
  gelu,
  layerNorm,
  leakyRelu,
  relu,
  silu,
  softmax,
} from "../../src/nn/index.ts";
import { adam, adamW, cosineRate } from "../../src/optim/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { axis, constant, key, type Tensor, tensor } from "../../src/tensor/index.ts";
import { values } from "../distributions/values.ts";

const unit = axis("unit", 3);
const x = tensor([-1, 0, 2], [unit]);

describe.each([
  ["float32", 1e-6],
  ["float64", 1e-14],
] as const)("activations in %s", (dtype, within) => {
  // P(N(0, 1) <= 2) = 0.97724986805182079, P(N(0, 1) <= -1) = 0.15865525393145705.
  const [a, b, c] = [Math.exp(-1), 1, Math.exp(2)];
  test.each<[string, Tensor, readonly number[]]>([
    ["relu", relu(x), [0, 0, 2]],
    ["leakyRelu", leakyRelu(x, 0.1), [-0.1, 0, 2]],
    ["elu", elu(x), [Math.expm1(-1), 0, 2]],
    ["gelu", gelu(x), [-0.15865525393145705, 0, 2 * 0.9772498680518208]],
    ["silu", silu(x), [-1 / (1 + Math.E), 0, 2 / (1 + Math.exp(-2))]],
    ["softmax", softmax(x, unit), [a, b, c].map((e) => e / (a + b + c))],
  ])("%s", (_, y, expected) => {
    const { data } = compile({ outputs: { y } }, { backend: "wasm", dtype, steps: 1 }).run().y;
    expected.forEach((value, i) => {
      expect(Math.abs(data[i] - value)).toBeLessThan(within);
    });
  });
});

const build = <T>(body: (param: Sites["param"]) => T) =>
  trace(({ param }) => body(param), undefined, draw(key(1)), paramStore()).result;

test("layerNorm has mean 0 and variance 1 along its axis, scaled and shifted", () => {
  const inputs = {
    "norm.scale": Float32Array.of(1, 2, 1),
    "norm.shift": Float32Array.of(0, 0, 10),
  };
  const found = values(
    build((param) => layerNorm(param, "norm", unit, { epsilon: 1e-9 }))(x),
    inputs,
  );
  // Mean 1 / 3, variance 14 / 9.
  const sd = Math.sqrt(14) / 3;
  [-4 / 3 / sd, (2 * (-1 / 3)) / sd, 5 / 3 / sd + 10].forEach((value, i) => {
    expect(found[i]).toBeCloseTo(value, 5);
  });
});

test("an embedding is the row of its weight", () => {
  const [word, place] = [axis("word", 2), axis("place", 2)];
  const at = tensor(Int32Array.of(1, 0), [place]);
  const taken = build((param) => embedding(param, "word", word, unit))(at);
  const inputs = { "word.weight": Float32Array.of(1, 2, 3, 4, 5, 6) };
  expect([...values(taken, inputs)].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(new Set(taken.axes)).toEqual(new Set([place, unit]));
});

test("adamW is adam and a decay that does not depend on the gradient", () => {
  const [param, gradient, step] = [constant(3), constant(0.5), constant(1)];
  const after = (rule: ReturnType<typeof adam>) =>
    values(rule.update(param, gradient, rule.init(param), step).param)[0];
  expect(after(adamW(0.1, { decay: 0.2 }))).toBeCloseTo(after(adam(0.1)) - 0.1 * 0.2 * 3, 6);
});

test("a rate that warms up and falls along half a cosine", () => {
  const rate = cosineRate(0.8, { updates: 12, warmUp: 4, end: 0.2 });
  const at = (step: number) => values(rate(constant(step)))[0];
  [
    [1, 0.2],
    [4, 0.8],
    [8, 0.5],
    [12, 0.2],
    [99, 0.2],
  ].forEach(([step, expected]) => {
    expect(at(step)).toBeCloseTo(expected, 6);
  });
});

describe("dropout", () => {
  const [row, many] = [axis("row", 200), axis("many", 100)];
  const ones = tensor(new Float32Array(20_000).fill(1), [row, many]);

  test("takes elements away at its rate, and leaves the mean", () => {
    const found = values(dropout(ones, 0.25, key(3)));
    const kept = found.filter((y) => y !== 0);
    // Five standard deviations of a binomial: sqrt(20000 0.25 0.75) = 61.
    expect(Math.abs(kept.length - 15_000)).toBeLessThan(5 * 61.3);
    for (const y of kept) expect(y).toBeCloseTo(4 / 3, 6);
    expect(values(dropout(ones, 0.25, key(3)))).toEqual(found);
    expect(values(dropout(ones, 0.25, key(4)))).not.toEqual(found);
  });

  test("is off without a key, and refuses to take all", () => {
    expect(dropout(ones, 0.5)).toBe(ones);
    expect(() => dropout(ones, 1, key(1))).toThrow("dropout: the rate");
  });
});
