/** Minibatches of the plates of models in `fit`: their bounds are those of all data on average, and fits end there. */
import { describe, expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import { bound, fit, samplePosterior, summarise } from "../../../src/inference/index.ts";
import { model, paramStore, subsampled } from "../../../src/model/internal.ts";
import { adam } from "../../../src/optim/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { axis, key, SurmiseError, tensor } from "../../../src/tensor/index.ts";

const row = axis("row", 600);
const [xs, ys] = [new Float64Array(600), new Float64Array(600)];
for (let i = 0; i < 600; i++) {
  xs[i] = Math.sin(1.7 * i) * 1.4;
  ys[i] = 1.5 - 0.8 * xs[i] + 0.5 * Math.sin(12.9898 * i * i);
}
const [x, y] = [xs, ys].map((each) => tensor([...each], [row]));

const line = model(
  ({ sample, observe, plate }) => {
    const a = sample("a", normal(0, 10));
    const b = sample("b", normal(0, 10));
    plate(row, () => observe("y", normal(a.add(b.mul(x)), 0.5), y));
  },
  { dtype: "float64" },
);

/** Each row has a latent of its own. */
const shifts = model(
  ({ sample, observe, plate }) => {
    const a = sample("a", normal(0, 10));
    plate(row, () => {
      const shift = sample("shift", normal(a, 0.6));
      observe("y", normal(shift, 0.5), y);
    });
  },
  { dtype: "float64" },
);

/** Mean and sd of the weights of `line`. */
function exact() {
  let [n, sx, sxx, sy, sxy] = [600, 0, 0, 0, 0];
  xs.forEach((each, i) => {
    sx += each;
    sxx += each * each;
    sy += ys[i];
    sxy += each * ys[i];
  });
  const [noise, prior] = [0.25, 1 / 100];
  const [p, q, r] = [n / noise + prior, sx / noise, sxx / noise + prior];
  const det = p * r - q * q;
  const [u, v] = [sy / noise, sxy / noise];
  return {
    a: { mean: (r * u - q * v) / det, sd: Math.sqrt(r / det) },
    b: { mean: (p * v - q * u) / det, sd: Math.sqrt(p / det) },
  };
}

describe("the mean over the batches of an epoch is the bound of all data", () => {
  test.each([
    ["with latents for all rows", line],
    ["with latents of each row", shifts],
  ])("%s", (_, whole) => {
    const guide = model(
      ({ sample, param, plate }) => {
        const at = param("at", [], { init: (_k, _a, dtype) => tensor(0.3, [], dtype) });
        sample("a", normal(at, 0.4));
        if (whole === line) sample("b", normal(at.mul(-2), 0.3));
        else plate(row, () => sample("shift", normal(x.mul(at), 0.7)));
      },
      { dtype: "float64" },
    );
    const boundOf = (rows?: Int32Array) => {
      const batch = axis("batch", 150);
      const taken = rows && { axis: batch, rows: tensor(rows, [batch]) };
      const [p, q] = [whole, guide].map((m) => (taken ? subsampled(m, row, taken) : m));
      const store = paramStore();
      const { bound: value } = bound({
        ...{ model: p, guide: q, data: undefined, key: key(5), parameters: store },
      });
      const program = compile({ outputs: { value } }, { dtype: "float64", steps: 1 });
      program.write("at", Float64Array.of(0.3));
      return program.run().value.data[0];
    };
    const all = boundOf();
    const parts = [0, 1, 2, 3].map((k) =>
      boundOf(Int32Array.from({ length: 150 }, (_, i) => (4 * i + k) % 600)),
    );
    const mean = parts.reduce((s, b) => s + b, 0) / 4;
    expect(Math.abs(mean / all - 1)).toBeLessThan(1e-9);
    expect(Math.max(...parts) - Math.min(...parts)).toBeGreaterThan(1);
  });
});

describe("fits on minibatches", () => {
  test("vi ends at the posterior of all data", () => {
    const trained = fit({ model: line, data: undefined, method: "vi", batch: 60, seed: 2 });
    const found = Object.fromEntries(
      summarise(samplePosterior(trained, { draws: 2000 })).map((each) => [each.site, each]),
    );
    for (const [name, { mean, sd }] of Object.entries(exact())) {
      expect(Math.abs(found[name].mean - mean)).toBeLessThan(sd);
      expect(found[name].sd / sd).toBeGreaterThan(0.6);
      expect(found[name].sd / sd).toBeLessThan(1.6);
    }
  });

  test("mixture comes near it too", () => {
    const trained = fit({
      model: line,
      data: undefined,
      method: "mixture",
      batch: 60,
      steps: 800,
      seed: 2,
    });
    const found = Object.fromEntries(
      summarise(samplePosterior(trained, { draws: 1000 })).map((each) => [each.site, each]),
    );
    for (const [name, { mean, sd }] of Object.entries(exact())) {
      expect(Math.abs(found[name].mean - mean)).toBeLessThan(2 * sd);
    }
  });

  test("map ends at the mode of all data", () => {
    const trained = fit({ model: line, data: undefined, method: "map", batch: 100, steps: 1500 });
    const { a, b } = samplePosterior(trained, { draws: 1 }).sites;
    const expected = exact();
    expect(Number(a.data[0])).toBeCloseTo(expected.a.mean, 3);
    expect(Number(b.data[0])).toBeCloseTo(expected.b.mean, 3);
  });

  test("what cannot be is refused", () => {
    const start = (options: object) => () => fit({ model: line, data: undefined, ...options });
    expect(start({ method: "vi", batch: 601 })).toThrow(
      new SurmiseError("fit: batch 601: plate 'row' has only 600 elements: leave batch out"),
    );
    expect(start({ method: "iwae", batch: 10 })).toThrow(
      "fit: batch: method iwae needs all the data at once: choose vi, lowrank, fullcov, structured, flow, mixture or map",
    );
    expect(start({ method: "vi", batch: 1.5 })).toThrow("fit: batch");
    const alone = model(({ sample, observe }) =>
      observe("y", normal(sample("a", normal(0, 1)), 1), tensor(1)),
    );
    expect(() => fit({ model: alone, data: undefined, method: "vi", batch: 2 })).toThrow(
      "nothing is observed in a plate",
    );
  });
});

describe("patience", () => {
  const options = {
    ...({ model: line, data: undefined, method: "vi", optimiser: adam(0.05) } as const),
    ...{ steps: 20_000, records: 200 },
  };

  test("ends a fit that gets no better, at its best", () => {
    const { bounds, bound: last } = fit({ ...options, patience: 5 });
    expect(bounds.length).toBeLessThan(150);
    const best = bounds.reduce((a, b) => (b.bound > a.bound ? b : a));
    expect(last).toBe(best.bound);
    expect(bounds.length - 1 - bounds.indexOf(best)).toBe(5);
  });

  test("by a score of one's own", () => {
    const { bounds } = fit({ ...options, patience: 3, score: ({ step }) => -step });
    expect(bounds).toHaveLength(4);
  });
});
