/** Posteriors with several modes, which single normals do not reach and mixtures do. */
import { describe, expect, test } from "vitest";
import {
  cauchy,
  gamma,
  halfNormal,
  lognormal,
  mixture,
  normal,
  uniform,
  vonMises,
} from "../../../../src/distributions/index.ts";
import { posteriorCoordinates } from "../../../../src/inference/density/coordinates.ts";
import { type MethodName, reliabilityWarnings } from "../../../../src/inference/index.ts";
import type { Model } from "../../../../src/model/index.ts";
import {
  axis,
  constant,
  exp,
  sin,
  square,
  type Tensor,
  tensor,
} from "../../../../src/tensor/index.ts";
import { moments, momentsOf } from "../../../methods/quadrature.ts";
import { fitted, kinds, product } from "./twoModes.ts";

const logNormal = (x: number, mean: number, sd: number) => -0.5 * ((x - mean) / sd) ** 2;

test.each<[string, Model<undefined>, MethodName]>([
  ["a product", product, "vi"],
  ["a product", product, "laplace"],
  ["kinds", kinds, "vi"],
  ["kinds", kinds, "iwae"],
])("the other mode of %s is told", (_, model, method) => {
  const { missed } = fitted(model, method).reliability;
  expect(missed?.share).toBeCloseTo(0.5, 1);
});

const ELSEWHERE: readonly MethodName[] = ["vi", "mixture", "laplace"];

test.each(ELSEWHERE)("%s leaves the mode where it began for one that holds the posterior", (by) => {
  // Cycles in a time of an unknown frequency: the ascent from the mean of the prior, 2, ends at 2.3, e^-60 of the posterior.
  const time = axis("time", 15);
  const at = Array.from({ length: 15 }, (_, i) => 0.7 * i);
  const seen = at.map((t, i) => Math.sin(1.3 * t) + 0.2 * Math.cos(7 * i));
  const cycles: Model<undefined> = ({ sample, observe, plate }) => {
    const frequency = sample("frequency", gamma(2, 1));
    const wave = sin(frequency.mul(tensor(at, [time])));
    plate(time, () => observe("y", normal(wave, 0.3), tensor(seen, [time])));
  };
  const waveAt = (w: number) =>
    at.reduce((total, t, i) => total + logNormal(seen[i], Math.sin(w * t), 0.3), 0);
  const [mean, sd] = moments((w) => Math.log(w) - w + waveAt(w), [1, 2]);
  const { frequency } = fitted(cycles, by).rows;
  expect(Math.abs(frequency.mean - mean) / sd).toBeLessThan(0.3);
  expect(Math.abs(Math.log(frequency.sd / sd))).toBeLessThan(0.3);
});

test("the aliases of a frequency are met, with the same share", () => {
  // Seen once a second, a frequency w cannot be told from 2 pi k - w and 2 pi k + w: six lie below 20, each with a
  // hundredth of the ascents.
  const time = axis("time", 30);
  const at = Array.from({ length: 30 }, (_, i) => i);
  const seen = at.map((t) => Math.sin(2.1 * t) + 0.3 * Math.cos(5 * t * t));
  const sampled: Model<undefined> = ({ sample, observe, plate }) => {
    const frequency = sample("frequency", uniform(0, 20));
    const [height, noise] = [sample("height", normal(0, 2)), sample("noise", halfNormal(1))];
    const wave = height.mul(sin(frequency.mul(tensor(at, [time]))));
    plate(time, () => observe("y", normal(wave, noise), tensor(seen, [time])));
  };
  const modes = posteriorCoordinates(sampled, undefined)?.modes ?? [];
  const turn = 2 * Math.PI;
  const aliases = [0, 1, 2].flatMap((k) => [k * turn + 2.1, (k + 1) * turn - 2.1]);
  const met = modes.filter(({ isMinor }) => !isMinor);
  // Ascents are drawn: one of six may be without any.
  expect(met.length).toBeGreaterThanOrEqual(5);
  for (const { values, share } of met) {
    const [found] = values.frequency.data;
    expect(Math.min(...aliases.map((w) => Math.abs(w - Number(found))))).toBeLessThan(0.02);
    // By bounds from 25 draws.
    expect(share * met.length).toBeCloseTo(1, 1);
  }
  expect(fitted(sampled, "vi").reliability.missed?.name).toBe("frequency");
});

test("the modes of one of 81 numbers are met", () => {
  const number = axis("number", 80);
  const many: Model<undefined> = ({ sample, observe }) => {
    sample("others", normal(0, 1).event(number));
    observe("y", normal(square(sample("x", normal(0, 3))), 2), constant(9));
  };
  const { modes = [] } = posteriorCoordinates(many, undefined) ?? {};
  expect(modes.map(({ share }) => share)).toEqual([0.5, 0.5].map((x) => expect.closeTo(x, 1)));
});

test("the modes of two parts that may be exchanged, where the priors of one order are likelier, are met", () => {
  const time = axis("time", 20);
  const at = Array.from({ length: 20 }, (_, i) => 0.4 * i);
  const seen = at.map(
    (t, i) => 3 * Math.exp(-1.5 * t) + 2 * Math.exp(-0.2 * t) + 0.1 * Math.cos(9 * i),
  );
  const decays: Model<undefined> = ({ sample, observe, plate }) => {
    const [a, b] = [sample("a", lognormal(0, 1)), sample("b", lognormal(0, 1))];
    const [fast, slow] = [sample("fast", lognormal(0, 1)), sample("slow", lognormal(-1, 1))];
    const decay = (rate: Tensor) => exp(rate.mul(tensor(at, [time])).neg());
    const mean = a.mul(decay(fast)).add(b.mul(decay(slow)));
    plate(time, () => observe("y", normal(mean, 0.1), tensor(seen, [time])));
  };
  const { modes = [] } = posteriorCoordinates(decays, undefined) ?? {};
  const [, { share }] = modes;
  // At the logarithms of 1.5 and 0.2, by the priors alone: exp(-2) to 1.
  expect(share).toBeGreaterThan(0.06);
  expect(share).toBeLessThan(0.25);
});

test("a mode of a small share is told where it makes the variance what it is", () => {
  const place = axis("place", 7);
  const seen = [-5.1, -4.9, -5, 4.8, 5.2, 5.1, 5];
  const two: Model<undefined> = ({ sample, observe, plate }) => {
    const x = sample("x", normal(0, 10));
    plate(place, () => observe("y", cauchy(x, 0.5), tensor(seen, [place])));
  };
  const { reliability } = fitted(two, "vi");
  expect(reliability.missed?.share).toBeLessThan(0.02);
  expect(reliabilityWarnings(reliability).join()).toMatch(/another mode.*near -4.9.*about 0\.\d%/);
});

test("draws that find more of the posterior are taken, whatever their weights are worth", () => {
  // Near the ends of the circle, where it is cut: a twelfth of the posterior is at the other end.
  const place = axis("place", 4);
  const seen = [2.6, 2.9, -3, 2.2];
  const angle: Model<undefined> = ({ sample, observe, plate }) => {
    const x = sample("x", vonMises(0, 0.1));
    plate(place, () => observe("y", vonMises(x, 2), tensor(seen, [place])));
  };
  const angleAt = (x: number) =>
    seen.reduce((total, y) => total + 2 * Math.cos(y - x), 0.1 * Math.cos(x));
  const [mean, sd] = moments(angleAt, [-Math.PI, Math.PI]);
  const { x } = fitted(angle, "vi").rows;
  const noise = 4 / Math.sqrt(x.ess ?? 0);
  expect(Math.abs(x.mean - mean) / sd).toBeLessThan(noise);
  expect(Math.abs(x.sd / sd - 1)).toBeLessThan(noise);
});

describe("a mixture begins at the modes", () => {
  const third = axis("third", 3);
  const centres = tensor([-6, 0, 6], [third]);
  const three: Model<undefined> = ({ sample }) =>
    void sample("x", mixture(tensor([0.2, 0.5, 0.3], [third]), normal(centres, 0.7), third));
  const kindsAt = (x: number) =>
    Math.log(Math.exp(logNormal(x, 8, 1)) + Math.exp(logNormal(x, -8, 1)));
  const productAt = ([x, y]: readonly number[]) =>
    logNormal(x, 0, 2) + logNormal(y, 0, 2) + logNormal(2, x * y, 0.3);
  const box = [
    [-8, 8],
    [-8, 8],
  ] as const;
  test.each([
    ["three", three, [0.6, Math.sqrt(0.49 + 36 * 0.5 - 0.36)]],
    ["kinds", kinds, moments((x) => kindsAt(x) + logNormal(60, x * x, 30), [-14, 14])],
    ["a product", product, momentsOf(productAt, box, [([x]) => x])[0]],
  ] as const)("of %s", (_, model, [mean, sd]) => {
    const {
      rows: { x },
      reliability,
    } = fitted(model, "mixture");
    const noise = 4 / Math.sqrt(x.ess ?? 0);
    expect(Math.abs(x.mean - mean) / sd).toBeLessThan(noise);
    expect(Math.abs(x.sd / sd - 1)).toBeLessThan(noise);
    expect(reliabilityWarnings(reliability)).toEqual([]);
  });
});
