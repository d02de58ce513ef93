import { expect, test } from "vitest";
import { normal } from "../../src/distributions/index.ts";
import {
  block,
  type Deterministic,
  draw,
  model,
  type Trace,
  trace,
} from "../../src/model/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { axis, constant, key } from "../../src/tensor/index.ts";

test("hidden sites leave nothing in the trace; their draws are those of the key", () => {
  const row = axis("row", 3);
  const p = model(({ sample, observe, plate, deterministic }) => {
    const mean = sample("mean", normal(0, 1));
    plate(row, () => {
      const z = sample("z", normal(mean, 1));
      deterministic("double", z.mul(2));
      deterministic("z itself", z);
      observe("y", normal(z, 1), constant(2));
      observe("x", normal(z, 1), constant(1));
    });
  });
  const whole = trace(p, undefined, draw(key(1)));
  const part = trace(block(p, ["z", "double", "y"], key(1)), undefined, draw(key(1)));
  expect([...part.sites.keys()]).toEqual(["mean", "z itself", "x"]);
  const value = ({ sites }: Trace) => (sites.get("z itself") as Deterministic).value;
  const outputs = { a: value(whole), b: value(part) };
  const { a, b } = compile({ outputs }, { steps: 1 }).run();
  expect(b.axes).toEqual([row]);
  expect(b.data).toEqual(a.data);
});

test("what a chain samples is not hidden, what it observes may be", () => {
  const time = axis("time", 3);
  const p = model(({ chain, sample, observe }) => {
    chain(time, constant(0), (previous) => {
      const x = sample("x", normal(previous, 1));
      observe("y", normal(x, 1), constant(2));
      return x;
    });
  });
  expect([...trace(block(p, ["y"], key(1)), undefined, draw(key(1))).sites.keys()]).toEqual(["x"]);
  expect(() => trace(block(p, ["x"], key(1)), undefined, draw(key(1)))).toThrow(
    "block: 'x' is sampled in chain 'time', where the next step may need it",
  );
});
