/** The order in which a model states its latents does not matter: what all others may depend on is drawn first. */
import { describe, expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import { fit, type MethodName, samplePosterior, summarise } from "../../../src/inference/index.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, gather, key, standardNormal, tensor } from "../../../src/tensor/internal.ts";
import { numbersOf } from "../../cases/case.ts";

const [GROUPS, ROWS, NOISE] = [5, 60, 0.5];
const [group, row] = [axis("group", GROUPS), axis("row", ROWS)];
// A covariate far from 0, so that the slope and the levels of all groups go together.
const x = Float64Array.from(numbersOf(standardNormal(key(1), [row])), (each) => 5 + each);
const groupOf = Int32Array.from({ length: ROWS }, (_, i) => i % GROUPS);
const noise = numbersOf(standardNormal(key(2), [row]));
const y = x.map((each, i) => 0.3 * each - 1 + 0.4 * groupOf[i] + NOISE * noise[i]);

/** Levels of groups and a slope, stated in this order or the other; all normal. */
const regression =
  (slopeFirst: boolean): Model<undefined, unknown> =>
  ({ sample, observe, plate }) => {
    const slope = () => sample("slope", normal(0, 1));
    const first = slopeFirst ? slope() : undefined;
    const level = plate(group, () => sample("level", normal(0, 10)));
    const b = first ?? slope();
    plate(row, () => {
      const at = gather(level, group, tensor(groupOf, [row])).add(b.mul(tensor([...x], [row])));
      observe("y", normal(at, NOISE), tensor([...y], [row]));
    });
  };

/** Mean and standard deviation of the slope, the levels being summed out group by group. */
function exact() {
  let [precision, weighted] = [1, 0];
  for (let g = 0; g < GROUPS; g++) {
    const rows = [...x.keys()].filter((i) => groupOf[i] === g);
    const total = (f: (i: number) => number) => rows.reduce((sum, i) => sum + f(i), 0) / NOISE ** 2;
    const level = total(() => 1) + 1 / 10 ** 2;
    precision += total((i) => x[i] ** 2) - total((i) => x[i]) ** 2 / level;
    weighted += total((i) => x[i] * y[i]) - (total((i) => x[i]) * total((i) => y[i])) / level;
  }
  return { mean: weighted / precision, sd: 1 / Math.sqrt(precision) };
}

describe.each<MethodName>(["vi", "lowrank", "structured", "iwae"])("%s", (method) => {
  test.each([true, false])("of a slope, stated before the levels of groups: %s", (slopeFirst) => {
    const options = { model: regression(slopeFirst), data: undefined, method } as const;
    const rows = summarise(samplePosterior(fit({ ...options, dtype: "float64" }), { draws: 4000 }));
    const found = rows.find(({ site }) => site === "slope") as { mean: number; sd: number };
    const { mean, sd } = exact();
    expect(Math.abs(found.mean - mean) / sd).toBeLessThan(0.1);
    // Three Monte Carlo errors of the sd of 4000 draws, and a fiftieth.
    expect(Math.abs(found.sd / sd - 1)).toBeLessThan(0.02 + 3 / Math.sqrt(2 * 4000));
  });
});
