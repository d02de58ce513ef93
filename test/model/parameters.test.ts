import { expect, test } from "vitest";
import { normal } from "../../src/distributions/index.ts";
import { draw, type Initialiser, model, paramStore, trace } from "../../src/model/index.ts";
import { axis, constant, key } from "../../src/tensor/index.ts";

const unit = axis("unit", 3);
const zeros: Initialiser = (_key, _axes, dtype) => constant(0, dtype);

test("a parameter is an input of its name, the same node in every trace with its store", () => {
  const layer = model(({ param }) => param("w", [unit], { init: zeros }));
  const store = paramStore();
  const first = trace(layer, undefined, draw(key(1)), store);
  const second = trace(layer, undefined, draw(key(2)), store);
  expect(first.result.operation).toEqual({ op: "input", name: "w", order: [unit] });
  expect(second.result).toBe(first.result);
  expect(store.list().map(({ name }) => name)).toEqual(["w"]);
  const elsewhere = trace(layer, undefined, draw(key(1)), paramStore());
  expect(elsewhere.result).not.toBe(first.result);
});

test("a trace lists its parameters with all that is needed to start them", () => {
  const prior = normal(constant(0, "float64"), 1);
  const layer = model(({ param }) => {
    param("w", [unit], { init: zeros, prior, dtype: "float64" });
  });
  const { params } = trace(layer, undefined, draw(key(1)));
  const { name, axes, dtype, init, prior: kept } = params[0];
  expect({ name, axes, dtype, init, kept }).toEqual({
    name: "w",
    axes: [unit],
    dtype: "float64",
    init: zeros,
    kept: prior,
  });
});

test("a prior named at a later mention is kept", () => {
  const store = paramStore();
  store.declare("w", [unit], { init: zeros });
  const prior = normal(0, 1);
  store.declare("w", [unit], { init: zeros, prior });
  store.declare("w", [unit], { init: zeros });
  expect(store.list()[0].prior).toBe(prior);
});
