import { expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import { fit, samplePosterior, summarise } from "../../../src/inference/index.ts";
import { model } from "../../../src/model/index.ts";
import { axis, constant, sum } from "../../../src/tensor/index.ts";

const four = axis("four", 4);

/** The sum of four standard normals is seen as 2 with an error of 1 / 2: given it each is normal(8 / 17, sqrt(13 / 17)). */
const coupled = model(({ sample, observe, plate }) => {
  const x = plate(four, () => sample("x", normal(0, 1)));
  observe("sum", normal(sum(x, four), 0.5), constant(2));
});

// Elements of a plate that a site adds up are weighed together, ten by ten: of weights that are worth a fifth, too few.
test.each(["mp", "mprws", "qem"] as const)(
  "draws by %s are from sets that are worth enough",
  (method) => {
    const trained = fit({ model: coupled, data: undefined, method, dtype: "float64" });
    const rows = summarise(samplePosterior(trained, { draws: 4000 }));
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    expect(rows).toHaveLength(4);
    // Each of 400 sets shows ten of its draws, which are worth some 3 of them.
    expect(Math.abs(mean(rows.map((row) => row.mean)) - 8 / 17)).toBeLessThan(0.05);
    expect(Math.abs(mean(rows.map((row) => row.sd)) / Math.sqrt(13 / 17) - 1)).toBeLessThan(0.05);
  },
);
