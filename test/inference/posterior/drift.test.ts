/** Short chains that begin at draws: they leave draws of the posterior as they are, and move others. */
import { expect, test } from "vitest";
import { dirichlet, normal } from "../../../src/distributions/index.ts";
import { LogDensity } from "../../../src/inference/density/logDensity.ts";
import { reliabilityWarnings } from "../../../src/inference/index.ts";
import { driftOf } from "../../../src/inference/posterior/drift.ts";
import { type Model, model } from "../../../src/model/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { axis, key, standardNormal } from "../../../src/tensor/index.ts";

const COUNT = 1000;
const draw = axis("draw", COUNT);
const part = axis("part", 3);

/** A normal and shares whose draws are known: of the shares, uniform ones. */
const plain = model(({ sample }) => {
  sample("x", normal(3, 2));
  sample("shares", dirichlet(1, part));
});
const source = { model: plain as Model<unknown, unknown>, data: undefined, options: {} };

/** Draws of which x has so many right standard deviations, and lies so many of them off. */
function drawsOf(spread: number, shift = 0) {
  const { z, e } = compile(
    {
      outputs: {
        z: standardNormal(key(1), [draw], "float64"),
        e: standardNormal(key(2), [draw, axis("square", 6)], "float64"),
      },
    },
    { steps: 1, dtype: "float64" },
  ).run();
  const x = Float64Array.from(z.data, (each) => 3 + 2 * (shift + spread * Number(each)));
  // Exponential numbers over their sum.
  const exponential = Float64Array.from(
    { length: 3 * COUNT },
    (_, i) => Number(e.data[2 * i]) ** 2 + Number(e.data[2 * i + 1]) ** 2,
  );
  const shares = exponential.map((each, i) => {
    const first = 3 * Math.floor(i / 3);
    return each / (exponential[first] + exponential[first + 1] + exponential[first + 2]);
  });
  return {
    draws: COUNT,
    sites: {
      x: { kind: "latent" as const, axes: [], data: x },
      shares: { kind: "latent" as const, axes: [part], data: shares },
    },
  };
}

test("draws of the posterior stay as they are, and others move where it is", () => {
  const density = new LogDensity(source.model, undefined, {});
  expect(driftOf(density, source, drawsOf(1), 0)).toBeUndefined();
  const narrow = driftOf(density, source, drawsOf(0.4), 0);
  expect(narrow?.name).toBe("x");
  expect(narrow?.ratio).toBeGreaterThan(0.3);
  expect(narrow?.ratio).toBeLessThan(0.7);
  const off = driftOf(density, source, drawsOf(1, 1), 0);
  // Chains come back by about a standard deviation.
  expect(off?.shift).toBeLessThan(-0.4);
});

test("what chains say is told, with what to do", () => {
  const [warning] = reliabilityWarnings({ drifted: { name: "x", shift: 0.7, ratio: 0.9 } });
  expect(warning).toMatch(/^short Markov chains .* the mean of 'x' by 0.7 .* Sample by NUTS/);
});
