/** Bounds of models whose discrete latents the guide has not, against the same models with a mixture. */
import { describe, expect, test } from "vitest";
import { categorical, mixture, normal } from "../../../src/distributions/index.ts";
import {
  automaticGuide,
  fit,
  meanField,
  samplePosterior,
  summarise,
} from "../../../src/inference/index.ts";
import {
  average,
  bound,
  global,
  massivelyParallel,
  type Particles,
  single,
} from "../../../src/inference/internal.ts";
import { type Model, model, paramStore } from "../../../src/model/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { axis, constant, gather, grad, key, tensor } from "../../../src/tensor/index.ts";

const row = axis("row", 6);
const kind = axis("kind", 2, ["left", "right"]);
const y = tensor([-2.1, 1.8, 2.3, -1.9, 0.3, 2.2], [row], "float64");
const weights = tensor([0.4, 0.6], [kind], "float64");
const f64 = { dtype: "float64" } as const;

const prior = normal(tensor([-1, 1], [kind], "float64"), 1).event(kind);
const drawn = model(({ sample, observe, plate }) => {
  const centre = sample("centre", prior);
  const shift = sample("shift", normal(constant(0, "float64"), 0.3));
  plate(row, () => {
    const z = sample("z", categorical(weights));
    observe("y", normal(gather(centre, kind, z).add(shift), 0.8), y);
  });
}, f64);
const mixed = model(({ sample, observe, plate }) => {
  const centre = sample("centre", prior);
  const shift = sample("shift", normal(constant(0, "float64"), 0.3));
  plate(row, () => observe("y", mixture(weights, normal(centre.add(shift), 0.8), kind), y));
}, f64);

const strategies: [string, () => Particles][] = [
  ["single", single],
  ["average", () => average(3)],
  ["global", () => global(4)],
  ["massively parallel", () => massivelyParallel(3)],
];

describe.each(strategies)("%s particles", (_, particles) => {
  const boundOf = (p: Model) => {
    const guide = automaticGuide(p, meanField(), { sumsOut: true });
    const parameters = paramStore();
    const found = bound({
      ...{ model: p, guide, data: undefined, key: key(3), parameters },
      particles: particles(),
    });
    const params = parameters.list();
    const slopes = grad(
      found.bound,
      params.map(({ value }) => value),
    );
    const outputs = {
      bound: found.bound,
      ...Object.fromEntries(slopes.map((slope, i) => [`slope ${params[i].name}`, slope])),
    };
    const inputs = Object.fromEntries(
      params.map(({ name, axes }, i) => [
        name,
        Float64Array.from({ length: axes.reduce((n, a) => n * a.size, 1) }, (_, k) =>
          name.endsWith("logSd") ? -1 : Math.sin(3 * i + k),
        ),
      ]),
    );
    return compile({ outputs }, { dtype: "float64" }).run({ inputs });
  };

  test("give the bound and the gradient of the mixture", () => {
    const [a, b] = [drawn, mixed].map(boundOf);
    expect(Object.keys(a)).toEqual(Object.keys(b));
    for (const [name, { data }] of Object.entries(a)) {
      data.forEach((x: number, i: number) => {
        expect(Math.abs(x - Number(b[name].data[i]))).toBeLessThan(
          1e-10 * Math.max(1, Math.abs(x)),
        );
      });
    }
  });
});

test.each(["vi", "iwae", "mp", "laplace", "map"] as const)(
  "%s fits it, and tells the kinds by label and probability",
  (method) => {
    const fitted = fit({ model: drawn, data: undefined, method, steps: 400, seed: 2 });
    const rows = summarise(samplePosterior(fitted, { draws: 400, seed: 1 }));
    const z = rows.filter(({ site }) => site === "z");
    expect(z).toHaveLength(6);
    const isLeft = z.map(({ probabilities }) => probabilities?.left ?? Number.NaN);
    [true, false, false, true, undefined, false].forEach((left, i) => {
      if (left !== undefined) expect(isLeft[i] > 0.9, `row ${i}: ${isLeft[i]}`).toBe(left);
    });
    for (const { probabilities = {} } of z) {
      expect(Object.keys(probabilities)).toEqual(["left", "right"]);
      expect(Object.values(probabilities).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    }
  },
);
