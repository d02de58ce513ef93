import { describe, expect, test } from "vitest";
import { inverseNormal } from "../../src/inference/statistics/inverseNormal.ts";
import { manifold, reconstructions, samples } from "../../src/problems/index.ts";
import { coinImages, gaussianImages, imageRow } from "./models.ts";

test("inverseNormal: quantiles of Python's statistics.NormalDist", () => {
  const known = [
    [0.5, 0],
    [0.6, 0.2533471031357998],
    [0.9, 1.2815515655446008],
    [0.975, 1.9599639845400536],
    [0.001, -3.090232306167813],
    [1e-10, -6.361340902404056],
  ];
  for (const [p, z] of known) expect(Math.abs(inverseNormal(p) - z)).toBeLessThan(1e-6);
});

describe("samples", () => {
  // The mean of a pixel is its latent, so that the pictures are the draws of the prior.
  const model = gaussianImages(50);

  test("come from the prior, by the seed", () => {
    const pictures = samples(model, {}, 40, 7);
    const all = pictures.flatMap((picture) => [...picture]);
    expect(all.length).toBe(2000);
    const mean = all.reduce((a, b) => a + b) / all.length;
    const variance = all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(2000));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / 2000));
    expect(samples(model, {}, 40, 7)).toEqual(pictures);
    expect(samples(model, {}, 40, 8)).not.toEqual(pictures);
  });

  test("are means: the same for all where the mean does not vary", () => {
    const logit = { dtype: "float32", shape: [], data: Float32Array.of(Math.log(3)) } as const;
    const pictures = samples(coinImages(3), { logit }, 2, 0);
    expect(pictures.map((p) => [...p].map((x) => x.toFixed(6)))).toEqual(
      Array(2).fill(Array(3).fill("0.750000")),
    );
  });
});

test("reconstructions go through the guide", () => {
  const set = imageRow(2, [0, 255, 255, 0, 255, 255]);
  const pictures = reconstructions(gaussianImages(2), {}, set, 0);
  expect(pictures.length).toBe(3);
  const many = imageRow(1000, Array(1000).fill(255));
  const [long] = reconstructions(gaussianImages(1000), {}, many, 0);
  const mean = long.reduce((a, b) => a + b) / 1000;
  expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(0.5 / 1000));
});

describe("manifold", () => {
  test("runs over the plane of two latents from left to right and from top to bottom", () => {
    const pictures = manifold(gaussianImages(2), {}, 3) ?? [];
    const far = 0.9674216;
    const expected = [far, 0, -far].flatMap((y) => [-far, 0, far].map((x) => [x, y]));
    expect(pictures.length).toBe(9);
    pictures.forEach((picture, i) => {
      picture.forEach((value, k) => {
        expect(value).toBeCloseTo(expected[i][k], 5);
      });
    });
  });

  test("needs a latent with two elements", () => {
    expect(manifold(gaussianImages(3), {}, 3)).toBeUndefined();
  });
});
