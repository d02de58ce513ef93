/** Elements of a plate that depend on one another given all else: the effects of the categories of a softmax. */
import { expect, test } from "vitest";
import { categorical, normal } from "../../../src/distributions/index.ts";
import { fit, type MethodName, samplePosterior, summarise } from "../../../src/inference/index.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, sum, tensor } from "../../../src/tensor/internal.ts";

const [category, row] = [axis("category", 3), axis("row", 12)];
const seen = tensor(
  Int32Array.from({ length: 12 }, (_, i) => (i * i) % 3),
  [row],
);

/** What all effects have in common is known from the prior alone: their sum has a variance of 3 * 25. */
const softmax: Model<undefined, unknown> = ({ sample, observe, plate, deterministic }) => {
  const effect = plate(category, () => sample("effect", normal(0, 5)));
  deterministic("sum", sum(effect, category));
  plate(row, () => observe("seen", categorical({ logits: effect }, category), seen));
};

test.each<MethodName>(["vi", "iwae", "lowrank"])(
  "%s has their sum as wide as the prior",
  (method) => {
    const trained = fit({ model: softmax, data: undefined, method, dtype: "float64" });
    const rows = summarise(samplePosterior(trained, { draws: 4000 }));
    const { mean, sd } = rows.find(({ site }) => site === "sum") as { mean: number; sd: number };
    const prior = 5 * Math.sqrt(3);
    expect(Math.abs(mean) / prior).toBeLessThan(0.1);
    expect(Math.abs(sd / prior - 1)).toBeLessThan(0.05 + 3 / Math.sqrt(2 * 4000));
  },
);
