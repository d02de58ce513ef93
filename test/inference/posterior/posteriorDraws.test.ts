/** Draws and their summaries on a model whose posterior is known. */
import { describe, expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import {
  automaticGuide,
  drawPosterior,
  global,
  massivelyParallel,
  meanField,
  nameOf,
  type Particles,
  summarise,
} from "../../../src/inference/internal.ts";
import { draw, model, paramStore, trace } from "../../../src/model/index.ts";
import { axis, key, tensor } from "../../../src/tensor/index.ts";

const item = axis("item", 2, ["a", "b"]);

/** z ~ N(0, 1), y ~ N(z, 1), y = (1, -2): the posterior of z is N(y / 2, 1 / 2). */
const p = model(({ sample, observe, plate, deterministic }) => {
  plate(item, () => {
    const z = sample("z", normal(0, 1));
    deterministic("twice", z.mul(2));
    observe("y", normal(z, 1), tensor([1, -2], [item]));
  });
});

/** Draws from the guide N(0, 1), weighted by the model if there are particles. */
function samples(draws: number, particles?: Particles) {
  const store = paramStore();
  const guide = automaticGuide(p, meanField());
  trace(guide, undefined, draw(key(0)), store);
  const values = {
    "z.mean": { data: new Float32Array(2) },
    "z.logSd": { data: new Float32Array(2) },
  };
  const common = { model: p, guide, data: undefined, parameters: store, values, draws, seed: 3 };
  return drawPosterior(particles === undefined ? common : { ...common, particles });
}

describe("draws from a guide", () => {
  test("have the moments of the guide, and what follows from them is the same draw", () => {
    const { draws, sites } = samples(2000);
    expect(draws).toBe(2000);
    expect(sites.z.axes).toEqual([item]);
    expect(sites.z.data.length).toBe(4000);
    sites.z.data.forEach((z, i) => {
      expect(sites.twice.data[i]).toBeCloseTo(2 * z, 5);
    });
    for (const { site, mean, sd, q5, q95, ess } of summarise(samples(2000))) {
      const scale = site === "z" ? 1 : 2;
      expect(Math.abs(mean)).toBeLessThan((4 * scale) / Math.sqrt(2000));
      expect(Math.abs(sd / scale - 1)).toBeLessThan(4 / Math.sqrt(4000));
      expect(Math.abs(q95 - q5 - 2 * 1.645 * scale)).toBeLessThan(0.4 * scale);
      expect(ess).toBeUndefined();
    }
  });

  test("are whole in number, whatever it is", () => {
    const { sites } = samples(137);
    expect(sites.z.data.length).toBe(2 * 137);
    expect(sites.z.data.slice(-2).every((z) => z !== 0)).toBe(true);
  });
});

describe.each([
  ["global", global(300)],
  ["massively parallel", massivelyParallel(300)],
])("weighted draws, %s", (_, particles) => {
  test("have the moments of the posterior, and their worth is told", () => {
    const rows = summarise(samples(1000, particles));
    expect(rows.map(nameOf)).toEqual(["z[a]", "z[b]", "twice[a]", "twice[b]"]);
    [0.5, -1].forEach((expected, i) => {
      const { mean, sd, ess = 0 } = rows[i];
      expect(Math.abs(mean - expected)).toBeLessThan((4 * Math.SQRT1_2) / Math.sqrt(1000) + 0.02);
      expect(Math.abs(sd / Math.SQRT1_2 - 1)).toBeLessThan(4 / Math.sqrt(2000) + 0.02);
      // Ten draws from each set of 300 particles: by the means of 100 sets, to 4 / sqrt(2 * 100) of it.
      expect(ess).toBeGreaterThan(600);
      expect(ess).toBeLessThanOrEqual(1000);
    });
  });
});

test("a summary of known draws", () => {
  const data = Float64Array.of(4, 1, 3, 2, 5);
  const sites = { x: { kind: "latent", axes: [], data } } as const;
  expect(summarise({ draws: 5, sites })).toEqual([
    {
      site: "x",
      element: [],
      mean: 3,
      sd: Math.sqrt(2.5),
      mcseMean: Math.sqrt(2.5 / 5),
      q5: 1.2,
      median: 3,
      q95: 4.8,
    },
  ]);
});

test("draws at the end of the numbers have a mean and a standard deviation", () => {
  const most = Number.MAX_VALUE;
  const data = Float64Array.of(-most, most, most, most);
  const sites = { z: { kind: "latent" as const, axes: [], data } };
  const [{ mean, sd }] = summarise({ draws: 4, sites });
  expect(mean).toBeCloseTo(most / 2, -295);
  expect(sd / most).toBeCloseTo(1, 12);
});
