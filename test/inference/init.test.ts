/** Where searches, guides and chains of draws begin, as the model says. */
import { describe, expect, test } from "vitest";
import { halfNormal, normal, ordered } from "../../src/distributions/index.ts";
import { initialisations } from "../../src/inference/density/initialisation.ts";
import { logDensity } from "../../src/inference/density/logDensity.ts";
import { fit, sample } from "../../src/inference/index.ts";
import { model } from "../../src/model/index.ts";
import { axis, constant, SurmiseError, tensor } from "../../src/tensor/index.ts";
import { run } from "../distributions/run.ts";

const row = axis("row", 3);
const cut = axis("cut", 2);
const time = axis("time", 4);
const f64 = { dtype: "float64" } as const;
const starts = tensor([1, 2, 3], [row], "float64");

const p = model(({ sample, plate, chain, observe }) => {
  const spread = sample("spread", halfNormal(constant(1, "float64")), { init: 0.5 });
  sample("cuts", ordered(normal(constant(0, "float64"), 1), cut), {
    init: tensor([-1, 1], [cut], "float64"),
  });
  plate(row, () => sample("x", normal(constant(0, "float64"), spread), { init: starts }));
  chain(time, constant(0, "float64"), (previous, { at }) => {
    const level = sample("level", normal(previous, spread), { init: 7 });
    observe("y", normal(level, 1), at(tensor([1, 2, 3, 4], [time], "float64")));
    return level;
  });
}, f64);

test("locations are those of the values, in unconstrained space", () => {
  const found = initialisations(p, undefined);
  const at = (name: string) => [...run(found.get(name)?.location as never)];
  expect(at("spread")[0]).toBeCloseTo(Math.log(0.5), 12);
  expect(at("cuts").map((x) => x.toFixed(6))).toEqual(["-1.000000", Math.LN2.toFixed(6)]);
  expect(at("x")).toEqual([1, 2, 3]);
  expect(at("level").every((x) => x === 7)).toBe(true);
});

test("a search begins there, and so do chains of draws", async () => {
  const still = fit({ model: p, data: undefined, method: "map", steps: 1, seed: 3 });
  expect(Math.abs(Number(still.parameters["x.mode"].data[2]) - 3)).toBeLessThan(0.2);
  const density = logDensity(p, undefined);
  const position = new Float64Array(density.dimension).fill(0.1);
  density.startFrom(position);
  const found = density.constrain(position);
  expect([...found.x.data]).toEqual([1, 2, 3]);
  expect([...found.level.data]).toEqual([7, 7, 7, 7]);
  expect(Number(found.spread.data[0])).toBeCloseTo(0.5, 12);
  const drawn = await sample(p, undefined, { chains: 1, warmup: 20, draws: 5, seed: 1 });
  expect(drawn.draws).toBe(5);
});

describe("refusals", () => {
  test("a start outside the support", async () => {
    const wrong = model(({ sample, observe }) => {
      const spread = sample("spread", halfNormal(1), { init: -2 });
      observe("y", normal(0, spread), constant(1));
    });
    await expect(sample(wrong, undefined, { chains: 1, warmup: 5, draws: 5 })).rejects.toThrow(
      new SurmiseError(
        "sample 'spread': init is not inside the support of its halfNormal: it must be at least 0 and finite, and not " +
          "at an end of it",
      ),
    );
  });
});
