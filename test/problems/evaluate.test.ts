import { describe, expect, test } from "vitest";
import type { ProgramState } from "../../src/inference/index.ts";
import { imageEvaluator } from "../../src/problems/index.ts";
import { coinImages, gaussianImages, gaussianPrior, imageRow } from "./models.ts";

/** log normal(x; 0, sqrt 2) summed over the pixels of an image, in the mean over all images. */
function evidence(values: readonly number[], width: number): number {
  const logs = values.map((v) => -((v / 255) ** 2) / 4 - Math.log(4 * Math.PI) / 2);
  return (logs.reduce((a, b) => a + b) / values.length) * width;
}

const bytes = (count: number) => Array.from({ length: count }, (_, i) => (i * 89) % 256);

describe("imageEvaluator", () => {
  test.each([
    [1, 401],
    [3, 7],
    [50, 19],
    [120, 8],
  ])("with the exact posterior gives the evidence: %i draws, %i images", async (draws, count) => {
    const values = bytes(2 * count);
    const { score } = imageEvaluator(gaussianImages(2), draws, 5);
    const { elbo, nll, images } = await score(imageRow(2, values), {});
    expect(images).toBe(count);
    expect(elbo).toBeCloseTo(evidence(values, 2), 5);
    expect(nll).toBeCloseTo(-evidence(values, 2), 5);
  });

  test("with the prior as the guide: the bound is looser, by what theory says", async () => {
    const [count, draws] = [400, 20];
    const model = gaussianImages(1);
    const prior = gaussianPrior(model);
    const values = bytes(count);
    const { score } = imageEvaluator({ ...model, guide: prior }, draws, 3);
    const { elbo, nll } = await score(imageRow(1, values), {});
    // E log normal(x; z, 1) = -(x^2 + 1) / 2 - log(2 pi) / 2, with variance 1 / 2 + x^2.
    const squares = values.map((v) => (v / 255) ** 2);
    const square = squares.reduce((a, b) => a + b) / count;
    const error = Math.sqrt((0.5 + square) / (count * draws));
    const expected = -(square + 1) / 2 - Math.log(2 * Math.PI) / 2;
    expect(Math.abs(elbo - expected)).toBeLessThan(4 * error);
    expect(-nll).toBeGreaterThan(elbo);
    expect(-nll).toBeLessThan(evidence(values, 1) + 4 * error);
  });

  test("makes grey images black and white with probability grey / 255", async () => {
    const count = 500;
    const values = bytes(10 * count);
    const logit: ProgramState = {
      logit: { dtype: "float32", shape: [], data: Float32Array.of(3) },
    };
    const { score } = imageEvaluator(coinImages(10), 1, 5);
    const first = await score(imageRow(10, values), logit);
    // elbo = 10 (3 mean(x) - softplus(3))
    const black = (first.elbo / 10 + Math.log1p(Math.exp(3))) / 3;
    const chances = values.map((v) => v / 255);
    const mean = chances.reduce((a, b) => a + b) / chances.length;
    const variance = chances.reduce((a, p) => a + p * (1 - p), 0) / chances.length ** 2;
    expect(Math.abs(black - mean)).toBeLessThan(4 * Math.sqrt(variance));

    expect(await score(imageRow(10, values), logit)).toEqual(first);
    const other = await imageEvaluator(coinImages(10), 1, 6).score(imageRow(10, values), logit);
    expect(other.elbo).not.toBe(first.elbo);
  });

  test("black and white images stay as they are", async () => {
    const logit: ProgramState = {
      logit: { dtype: "float32", shape: [], data: Float32Array.of(1) },
    };
    const { elbo } = await imageEvaluator(coinImages(4), 1, 0).score(
      imageRow(4, [0, 255, 255, 255, 0, 0, 0, 255]),
      logit,
    );
    expect(elbo).toBeCloseTo(4 * (0.5 - Math.log1p(Math.E)), 5);
  });

  test("tells how far it is", async () => {
    const seen: number[] = [];
    const { score } = imageEvaluator(gaussianImages(1), 100, 0);
    await score(imageRow(1, bytes(10)), {}, { onProgress: (done) => seen.push(done) });
    expect(seen).toEqual([4, 8, 9, 10]);
  });

  test("begins no further images when its time is over", async () => {
    const { score } = imageEvaluator(gaussianImages(1), 50, 0);
    const { images, elbo } = await score(imageRow(1, bytes(20)), {}, { maxSeconds: 0 });
    expect(images).toBe(8);
    expect(elbo).toBeCloseTo(evidence(bytes(8), 1), 5);
  });

  test("ends with the reason of the signal", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const { score } = imageEvaluator(gaussianImages(1), 1, 0);
    await expect(score(imageRow(1, [1]), {}, { signal })).rejects.toThrow("enough");
  });
});
