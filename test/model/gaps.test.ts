/** Gaps in what was observed: left out, or inferred. */
import { describe, expect, test } from "vitest";
import { improperUniform, masked, normal, POSITIVE } from "../../src/distributions/index.ts";
import {
  automaticGuide,
  average,
  logDensity,
  meanField,
  fit as train,
} from "../../src/inference/internal.ts";
import { draw, inferGaps, type Model, model, trace } from "../../src/model/index.ts";
import { adam, stepDecay } from "../../src/optim/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { axis, constant, input, key, type Tensor, tensor } from "../../src/tensor/index.ts";

const row = axis("row", 3, ["a", "b", "c"]);
const present = tensor(Uint8Array.of(1, 0, 1), [row]);
const numbers = (x: Tensor) => [...compile({ outputs: { x } }, { steps: 1 }).run().x.data];

function trained(p: Model<undefined, unknown>) {
  return train({
    model: p,
    guide: automaticGuide(p, meanField()),
    data: undefined,
    particles: average(10),
    optimiser: adam(stepDecay(0.1, { every: 100, factor: 0.6 })),
    steps: 1500,
  });
}

describe("gaps that are left out", () => {
  test("count nothing, whatever stands there", () => {
    const value = tensor([1.5, 99, -0.5], [row]);
    const [a, , c] = numbers(normal(0.5, 2).logProb(value));
    const part = masked(normal(0.5, 2), present);
    expect(numbers(part.logProb(value))).toEqual([a, 0, c]);
    expect(part.entropy()).toBeUndefined();
  });

  test("are whole draws", () => {
    const apart = () => masked(normal(0, 1).event(row), present);
    expect(apart).toThrow(/masked: the mask varies along 'row', an event axis of the normal/);
  });
});

describe("gaps that are inferred", () => {
  test("are refused inside a plate that they lie along: each element would have all gaps", () => {
    const inside: Model<undefined> = ({ sample, plate }) => {
      plate(row, () => inferGaps(sample, "x", { value: tensor([1, 0, 2], [row]), present }));
    };
    expect(() => logDensity(inside, undefined)).toThrow(
      "gaps of 'x': inferGaps is called inside plate 'row', which the gaps lie along: call it before that",
    );
  });

  test("have one axis for each name, also where tensors are made at each run of the model", () => {
    const axes = ["x", "y", "x", "y"].map((name) => {
      const gappy = {
        value: tensor([1, 0, 2], [row]),
        present: tensor(Uint8Array.of(1, 0, 1), [row]),
      };
      let own: (typeof row)[] = [];
      inferGaps(
        (_, { eventAxes }) => {
          own = [...eventAxes];
          return tensor([0], own);
        },
        name,
        gappy,
      );
      return own[0];
    });
    expect(axes.map(({ name }) => name)).toEqual(["x gap", "y gap", "x gap", "y gap"]);
    expect([axes[2] === axes[0], axes[3] === axes[1]]).toEqual([true, true]);
  });

  test("have the posterior that the rest of the model gives them", () => {
    // x ~ N(0, 1), y | x ~ N(x, 1), x of row b unknown: x_b | y ~ N(y / 2, 1 / 2).
    const x = { value: tensor([0.3, 0, -1], [row]), present };
    const p = model(({ sample, observe, plate }) => {
      const all = inferGaps(sample, "x", x);
      plate(row, () => {
        observe("x", normal(0, 1), all);
        observe("y", normal(all, 1), tensor([1, 3, -1], [row]));
      });
    });
    const { parameters, bounds } = trained(p);
    const [axisOfGaps] = parameters["x.missing.mean"].axes;
    expect(axisOfGaps.name).toBe("x gap");
    expect(axisOfGaps.labels).toEqual(["b"]);
    // Over seeds, what training ends at varies by 0.008 and 0.006: four times that.
    expect(Math.abs(parameters["x.missing.mean"].data[0] - 1.5)).toBeLessThan(0.032);
    const sd = Math.exp(parameters["x.missing.logSd"].data[0]);
    expect(Math.abs(sd - Math.SQRT1_2)).toBeLessThan(0.024);
    const logNormal = (z: number, variance: number) =>
      -0.5 * Math.log(2 * Math.PI * variance) - (z * z) / (2 * variance);
    const evidence =
      logNormal(0.3, 1) + logNormal(-1, 1) + logNormal(0.7, 1) + logNormal(0, 1) + logNormal(3, 2);
    expect(bounds.at(-1)?.bound).toBeCloseTo(evidence, 2);
  });

  test("are looked for first where the other values are", () => {
    const height = { value: tensor([1690, 0, 1810], [row]), present };
    const p = model(({ sample, observe, plate }) => {
      const mean = sample("mean", normal(1500, 500));
      const all = inferGaps(sample, "height", height);
      plate(row, () => observe("height", normal(mean, 60), all));
    });
    const { parameters } = trained(p);
    // The mean of the two, all but for the prior.
    expect(Math.abs(parameters["height.missing.mean"].data[0] - 1750)).toBeLessThan(10);
  });

  test("are no latent where there are none", () => {
    const whole = { value: constant(2), present: tensor(Uint8Array.of(1, 1, 1), [row]) };
    const p = model(({ sample }) => inferGaps(sample, "x", whole));
    const { latents, result } = trace(p, undefined, draw(key(0)));
    expect(latents).toEqual([]);
    expect(result).toBe(whole.value);
  });

  test("need to be known, and have no draws of their own", () => {
    const gappy = { value: constant(2), present: input("present", [row], "uint8") };
    const p = model(({ sample }) => inferGaps(sample, "x", gappy));
    expect(() => trace(p, undefined, draw(key(0)))).toThrow(/gaps of 'x': `present` must be/);
    expect(() => improperUniform(POSITIVE).sample(key(0), [])).toThrow(
      /improperUniform: there are no draws from it/,
    );
  });
});
