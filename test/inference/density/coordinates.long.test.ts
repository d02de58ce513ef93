/** Where guides begin: at the posterior, however far from it an ascent may run. */
import { expect, test, vi } from "vitest";
import { gamma, halfNormal, negativeBinomial, normal } from "../../../src/distributions/index.ts";
import { posteriorCoordinates } from "../../../src/inference/density/coordinates.ts";
import { LogDensity } from "../../../src/inference/density/logDensity.ts";
import { type Model, model } from "../../../src/model/index.ts";
import { axis, gather, log, tensor } from "../../../src/tensor/index.ts";

test("of groups whose levels and slopes differ, at the spreads of the data, not at spreads of 0", () => {
  // Counts by a covariate far from 0: exp(level + slope x), levels -4 +- 0.4 and slopes 0.05 +- 0.02.
  const [groups, each] = [8, 20];
  const row = axis("row", groups * each);
  const group = axis("group", groups);
  const along = <T>(f: (g: number, k: number) => T) =>
    Array.from({ length: row.size }, (_, i) => f(Math.floor(i / each), i % each));
  const x = along((_, k) => 5 + (25 * k) / (each - 1));
  const levels = [-4.6, -4.3, -4.1, -4, -3.9, -3.8, -3.6, -3.3];
  const slopes = [0.06, 0.03, 0.07, 0.05, 0.02, 0.08, 0.04, 0.05];
  const exposure = along((g, k) => 100 + ((g * 7 + k * 13) % 10) * 90);
  const counts = along((g, k) => {
    const i = g * each + k;
    const factor = [0.3, 2.1, 0.9, 1.4, 0.1, 1.2, 0.6][(3 * g + 5 * k) % 7];
    return Math.round(factor * exposure[i] * Math.exp(levels[g] + slopes[g] * x[i]));
  });
  const of = tensor(
    along((g) => g),
    [row],
    "int32",
  );
  const grouped = model(
    ({ sample, observe, plate }) => {
      const [meanLevel, meanSlope] = [
        sample("meanLevel", normal(0, 10)),
        sample("meanSlope", normal(0, 1)),
      ];
      const spreadOfLevels = sample("spreadOfLevels", halfNormal(2));
      const spreadOfSlopes = sample("spreadOfSlopes", halfNormal(0.2));
      const dispersion = sample("dispersion", gamma(2, 0.5));
      const level = plate(group, () => sample("level", normal(meanLevel, spreadOfLevels)));
      const slope = plate(group, () => sample("slope", normal(meanSlope, spreadOfSlopes)));
      const logMean = gather(level, group, of).add(gather(slope, group, of).mul(tensor(x, [row])));
      plate(row, () =>
        observe(
          "count",
          negativeBinomial({ logMean: logMean.add(log(tensor(exposure, [row]))), dispersion }),
          tensor(counts, [row]),
        ),
      );
    },
    { dtype: "float64" },
  );
  const found = posteriorCoordinates(grouped, undefined);
  const spreadAt = (name: string) => {
    const offset = found?.sites.find((site) => site.name === name)?.offset;
    return Math.exp(found?.location[offset ?? Number.NaN] ?? Number.NaN);
  };
  // The first ascent goes to 0.04, on its way to 0.
  expect(spreadAt("spreadOfLevels")).toBeGreaterThan(0.15);
  expect(spreadAt("spreadOfLevels")).toBeLessThan(1);
  expect(spreadAt("spreadOfSlopes")).toBeGreaterThan(0.01);
  expect(spreadAt("spreadOfSlopes")).toBeLessThan(0.05);
});

test("of many data few evaluations are made, and the normal is the same", () => {
  const [groups, rows] = [5, 150_000];
  const group = axis("group", groups);
  const row = axis("row", rows);
  const effects = [-1.2, -0.4, 0.1, 0.7, 1.3];
  // Of each group half lie 1 above its effect, half 1 below.
  const of = Int32Array.from({ length: rows }, (_, i) => i % groups);
  const data = Float32Array.from(of, (g, i) => effects[g] + (Math.floor(i / groups) % 2 ? 1 : -1));
  const grouped: Model<undefined> = ({ sample, observe, plate }) => {
    const spread = sample("spread", halfNormal(1));
    const effect = plate(group, () => sample("effect", normal(0, spread)));
    const location = gather(effect, group, tensor(of, [row]));
    plate(row, () => observe("y", normal(location, 1), tensor(data, [row])));
  };
  const evaluate = vi.spyOn(LogDensity.prototype, "evaluate");
  const found = posteriorCoordinates(grouped, undefined);
  const evaluations = evaluate.mock.calls.length;
  evaluate.mockRestore();
  expect(found?.origin).toBe("mode");
  const { offset = Number.NaN } = found?.sites.find(({ name }) => name === "effect") ?? {};
  const sd = 1 / Math.sqrt(rows / groups);
  effects.forEach((effect, g) => {
    // The prior moves an effect by 1e-4 of itself.
    expect(Math.abs((found?.location[offset + g] ?? Number.NaN) - effect)).toBeLessThan(0.1 * sd);
    expect((found?.scales[offset + g] ?? Number.NaN) / sd).toBeCloseTo(1, 2);
  });
  // Of a third of the rows, which is not costly, they are 7793.
  expect(evaluations).toBeLessThan(4000);
});
