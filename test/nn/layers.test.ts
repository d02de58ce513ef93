import { describe, expect, test } from "vitest";
import { normal } from "../../src/distributions/index.ts";
import { draw, type Initialiser, paramStore, type Sites, trace } from "../../src/model/index.ts";
import {
  constantInit,
  dense,
  normalInit,
  xavierNormal,
  xavierUniform,
  zeros,
} from "../../src/nn/index.ts";
import { axis, key, SurmiseError, tensor } from "../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError, values } from "../distributions/values.ts";

const image = axis("image", 2);
const pixel = axis("pixel", 3);
const unit = axis("unit", 2);

const build = <T>(body: (param: Sites["param"]) => T) =>
  trace(({ param }) => body(param), undefined, draw(key(1)), paramStore());

describe("dense", () => {
  test("is x W + b", () => {
    const layer = build((param) => dense(param, "layer", pixel, unit)).result;
    const y = layer(tensor([1, 2, 3, -1, 0, 1], [image, pixel]));
    const inputs = {
      "layer.weight": Float32Array.of(1, 10, 2, 20, 3, 30),
      "layer.bias": Float32Array.of(0.5, 0.25),
    };
    expect(new Set(y.axes)).toEqual(new Set([image, unit]));
    expect([...values(y, inputs)]).toEqual([14.5, 140.25, 2.5, 20.25]);
  });

  test("stores weights over [from, to] and biases over [to], with the prior on both", () => {
    const prior = normal(0, 1);
    const { params } = build((param) => dense(param, "layer", pixel, unit, { prior }));
    expect(params.map(({ name, axes, prior }) => ({ name, axes, prior }))).toEqual([
      { name: "layer.weight", axes: [pixel, unit], prior },
      { name: "layer.bias", axes: [unit], prior },
    ]);
    expect(params[1].init).toBe(zeros);
  });

  test("refuses an input without its axis, and one axis on both sides", () => {
    const layer = build((param) => dense(param, "layer", pixel, unit)).result;
    expect(() => layer(tensor([1, 2], [image]))).toThrow(
      new SurmiseError("dense 'layer': the input has axes {image: 2} and lacks 'pixel'"),
    );
    expect(() => build((param) => dense(param, "layer", unit, unit))).toThrow(
      new SurmiseError(
        "dense 'layer': it maps axis 'unit' to an axis of the same name; give each layer of units " +
          "an axis with a name of its own",
      ),
    );
  });
});

describe("initialisers", () => {
  const [from, to] = [axis("from", 200), axis("to", 100)];
  const run = (init: Initialiser) => values(init(key(4), [from, to], "float32"));

  test.each<[string, Initialiser, number]>([
    ["normalInit(0.1)", normalInit(0.1), 0.01],
    ["xavierNormal", xavierNormal(from, to), 2 / 300],
    ["xavierUniform", xavierUniform(from, to), 2 / 300],
  ])("%s has mean zero and its variance", (_, init, variance) => {
    const draws = run(init);
    const first = meanAndError(draws);
    expect(Math.abs(first.mean)).toBeLessThan(FIVE_SIGMA * first.error);
    const second = meanAndError(draws.map((x) => x * x));
    expect(Math.abs(second.mean - variance)).toBeLessThan(FIVE_SIGMA * second.error);
  });

  test("xavierUniform keeps within sqrt(6 / (fanIn + fanOut)), and comes close", () => {
    const largest = Math.max(...run(xavierUniform(from, to)).map(Math.abs));
    const bound = Math.sqrt(6 / 300);
    expect(largest).toBeLessThanOrEqual(bound);
    // Exceeded by none of 20000 draws with probability (1 - 0.001)^20000 = 2e-9.
    expect(largest).toBeGreaterThan(bound * 0.999);
  });

  test("zeros and constantInit are constant", () => {
    expect([...run(zeros)]).toEqual([0]);
    expect([...run(constantInit(-3))]).toEqual([-3]);
  });
});
