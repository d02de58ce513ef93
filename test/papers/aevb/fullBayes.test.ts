/** Weights as latents: the exact posterior and the exact evidence, where both are known. */
import { expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import { bound, Loop, training } from "../../../src/inference/index.ts";
import { type Model, paramStore } from "../../../src/model/index.ts";
import { zeros } from "../../../src/nn/index.ts";
import { adam, stepDecay } from "../../../src/optim/index.ts";
import { aevb } from "../../../src/papers/index.ts";
import { axis, tensor } from "../../../src/tensor/index.ts";

test("a weight with a normal prior comes to its posterior, and the bound to the evidence", () => {
  const row = axis("row", 4);
  const values = [1.2, 0.3, 2.1, 0.8];
  const model: Model = ({ param, observe, plate }) => {
    const w = param("w", [], { init: zeros, prior: normal(0, 1) });
    plate(row, () => observe("y", normal(w, 1), tensor(values, [row])));
  };
  const { model: full, guide } = aevb.fullBayes({ model, guide: () => {} });
  const parameters = paramStore();
  const algorithm = training({
    objective: (_, key) =>
      bound({ model: full, guide, data: undefined, key, parameters, gradient: "path" }),
    parameters,
    optimiser: adam(stepDecay(0.05, { every: 500, factor: 0.3 })),
    seed: 2,
  });
  const loop = new Loop({ algorithm, steps: 2500, recordEvery: 500 });
  const records = [...loop.calls()].filter(({ kind }) => kind === "record");
  const { "w.mean": mean, "w.logSd": logSd } = loop.state();
  const total = values.reduce((a, b) => a + b);
  const squares = values.reduce((a, b) => a + b * b, 0);
  // Precision 1 + 4; y is normal with the covariance I + 11'.
  expect(mean.data[0]).toBeCloseTo(total / 5, 2);
  expect(logSd.data[0]).toBeCloseTo(-0.5 * Math.log(5), 2);
  const evidence =
    -2 * Math.log(2 * Math.PI) - 0.5 * Math.log(5) - 0.5 * (squares - (total * total) / 5);
  expect(records.at(-1)?.metrics.bound).toBeCloseTo(evidence, 3);
  expect(parameters.list().map(({ name }) => name)).toEqual(["w.mean", "w.logSd"]);
});
