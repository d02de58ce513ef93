/** Monte Carlo EM against the maximum of the likelihood, with all data and with minibatches. */
import { expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import { Loop, minibatchRows, monteCarloEm } from "../../../src/inference/index.ts";
import { model, paramStore } from "../../../src/model/index.ts";
import { constantInit } from "../../../src/nn/index.ts";
import { adam, stepDecay } from "../../../src/optim/index.ts";
import {
  type Axis,
  axis,
  gatherClamped,
  type Tensor,
  tensor,
} from "../../../src/tensor/internal.ts";

const row = axis("row", 200);
/** Normal quantiles about 1.5, of a variance near 5. */
const X = Array.from({ length: row.size }, (_, i) => {
  const u = (i + 0.5) / row.size;
  return 1.5 + 1.25 * Math.log(u / (1 - u));
});
const x = tensor(X, [row]);

/** x = w z + b + noise, so that x is N(b, w^2 + 1). */
const linear = model(
  (
    { sample, observe, param, plate },
    data: { readonly x: Tensor; readonly image: Axis; readonly total: number },
  ) => {
    const w = param("w", [], { init: constantInit(0.5) });
    const b = param("b", [], { init: constantInit(0) });
    const body = () => {
      const z = sample("z", normal(0, 1));
      observe("x", normal(z.mul(w).add(b), 1), data.x);
    };
    plate(data.image, body, { total: data.total });
  },
);

test.each([
  ["all data", 200],
  ["minibatches", 50],
  ["minibatches that straddle two epochs, in which rows come twice", 150],
])("%s: the parameters come to the maximum of the likelihood", (_, size) => {
  const batch = axis("batch", size);
  const algorithm = monteCarloEm({
    model: linear,
    data(step, runKey) {
      if (size === row.size) return { data: { x, image: row, total: row.size } };
      const rows = minibatchRows(row, batch, step, runKey);
      const data = { x: gatherClamped(x, row, rows), image: batch, total: row.size };
      return { data, datum: { batch, row, rows } };
    },
    parameters: paramStore(),
    optimiser: adam(stepDecay(0.02, { every: 1500, factor: 0.4 })),
    scale: 1 / row.size,
    stepSize: 0.1,
    seed: 4,
  });
  const loop = new Loop({ algorithm, steps: 3000, recordEvery: 500 });
  const records = [...loop.calls()].filter(({ kind }) => kind === "record");
  const { w, b, "z#position": positions } = loop.state();
  const mean = X.reduce((a, c) => a + c) / row.size;
  const variance = X.reduce((a, c) => a + (c - mean) ** 2, 0) / row.size;
  expect(Math.abs(b.data[0] - mean)).toBeLessThan(0.1);
  expect(Math.abs(Math.abs(w.data[0]) - Math.sqrt(variance - 1))).toBeLessThan(0.12);
  expect(positions.data.length).toBe(row.size);
  expect(records.at(-1)?.metrics.acceptance).toBeGreaterThan(0.8);
  expect(records.at(-1)?.metrics.acceptance).toBeLessThan(0.97);
});
