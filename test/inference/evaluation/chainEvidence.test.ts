/** The estimator of AEVB's appendix D against the exact evidence of a linear-Gaussian decoder. */
import { expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import { chainEvidence } from "../../../src/inference/index.ts";
import { type Model, paramStore } from "../../../src/model/index.ts";
import { axis, input, sum, type Tensor, tensor } from "../../../src/tensor/index.ts";

const [image, pixel, code] = [axis("image", 100), axis("pixel", 2), axis("code", 2)];
/** Columns of W, from code to pixel; noise of sd 1. */
const W = [
  [0.8, 0.3],
  [-0.4, 1.1],
];
const X = Array.from({ length: image.size }, (_, i) => [
  2 * Math.sin(1.3 * i),
  2 * Math.cos(0.7 * i),
]);

const prior: Model = ({ sample, plate }) => {
  plate(image, () => sample("z", normal(0, 1).event(code)));
};
const decoder: Model<Tensor> = ({ sample, observe, plate }, x) => {
  plate(image, () => {
    const z = sample("z", normal(0, 1).event(code));
    const mean = sum(z.mul(tensor(W, [code, pixel])), code);
    observe("x", normal(mean, 1).event(pixel), x);
  });
};

test("it agrees within three standard errors", () => {
  const found = chainEvidence({
    ...{ model: decoder, guide: prior, data: tensor(X, [image, pixel]), parameters: paramStore() },
    ...{ seed: 1, samples: 200, thin: 4 },
  })({});
  const covariance = (i: number, j: number) =>
    W[0][i] * W[0][j] + W[1][i] * W[1][j] + (i === j ? 1 : 0);
  const [a, b, c] = [covariance(0, 0), covariance(0, 1), covariance(1, 1)];
  const determinant = a * c - b * b;
  const errors = X.map(([x, y], i) => {
    const form = (c * x * x - 2 * b * x * y + a * y * y) / determinant;
    return found[i] + 0.5 * form + 0.5 * Math.log(determinant) + Math.log(2 * Math.PI);
  });
  const mean = errors.reduce((s, e) => s + e) / errors.length;
  const squares = errors.reduce((s, e) => s + (e - mean) ** 2, 0);
  const error = Math.sqrt(squares / (errors.length - 1) / errors.length);
  expect(error).toBeLessThan(0.02);
  expect(Math.abs(mean)).toBeLessThan(3 * error);
});

test("data that are inputs: called again, it begins anew", () => {
  const logEvidence = chainEvidence({
    ...{ model: decoder, guide: prior, data: input("x", [image, pixel]), parameters: paramStore() },
    ...{ seed: 1, samples: 10, warmup: 50 },
  });
  const x = Float32Array.from(X.flat());
  const first = logEvidence({}, { x });
  expect(logEvidence({}, { x: x.map((each) => each + 1) })).not.toEqual(first);
  expect(logEvidence({}, { x })).toEqual(first);
});

test("five dimensions are refused", () => {
  const wide = axis("code", 5);
  const five: Model = ({ sample, plate }) => {
    plate(image, () => sample("z", normal(0, 1).event(wide)));
  };
  const options = { data: undefined, parameters: paramStore(), seed: 1 };
  expect(() => chainEvidence({ ...options, model: five, guide: five })).toThrow(/5 dimensions/);
});
