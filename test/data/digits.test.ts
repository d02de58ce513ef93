import { describe, expect, test } from "vitest";
import { drawDigits, type ImageSet, loadImages } from "../../src/data/index.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { sha256 } from "./fixtures.ts";

const { train, test: held } = drawDigits({ train: 5000, test: 1000, seed: 1 });
const size = 28 * 28;

function imageOf(set: ImageSet, image: number): Uint8Array {
  return set.images.subarray(image * size, (image + 1) * size);
}

function mean(values: Uint8Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean image of each class. */
function centroids(set: ImageSet): Float64Array[] {
  const sums = Array.from({ length: 10 }, () => new Float64Array(size));
  const counts = new Array<number>(10).fill(0);
  set.labels!.forEach((label, image) => {
    counts[label]++;
    for (let p = 0; p < size; p++) sums[label][p] += set.images[image * size + p];
  });
  return sums.map((sum, label) => sum.map((value) => value / counts[label]));
}

function nearest(image: Uint8Array, centres: readonly Float64Array[]): number {
  const distances = centres.map((centre) =>
    centre.reduce((sum, value, p) => sum + (value - image[p]) ** 2, 0),
  );
  return distances.indexOf(Math.min(...distances));
}

describe("drawDigits", () => {
  test("has the sizes asked for, and by default 20000 and 2000", async () => {
    expect([train.count, train.height, train.width]).toEqual([5000, 28, 28]);
    expect(train.images.length).toBe(5000 * size);
    const all = await loadImages("digits");
    expect([all.name, all.train.count, all.test.count]).toEqual(["digits", 20000, 2000]);
  });

  test("draws the same pixels from the same seed, on every platform", () => {
    expect(sha256(train.images)).toBe(
      "144a1143e8848f417302660a807ec98853d66bec94b72116c0f9cd1e919dd1b2",
    );
    expect(sha256(held.labels!)).toBe(
      "9a22b2ee7b4295126d845caf928e702fc24f44f01acfcaa100bded35881ddb5c",
    );
  });

  test("draws other pixels from another seed, and for testing", () => {
    const other = drawDigits({ train: 100, test: 1, seed: 2 }).train;
    expect(other.images).not.toEqual(train.images.slice(0, 100 * size));
    expect(held.images.slice(0, 100 * size)).not.toEqual(train.images.slice(0, 100 * size));
  });

  test("draws a picture alike in a small set and in a large one", () => {
    const small = drawDigits({ train: 37, test: 1, seed: 1 }).train;
    expect(small.images).toEqual(train.images.slice(0, 37 * size));
    expect(small.labels).toEqual(train.labels!.slice(0, 37));
  });

  test("never draws a picture twice", () => {
    const seen = new Set<string>();
    for (const set of [train, held]) {
      for (let i = 0; i < set.count; i++) seen.add(sha256(imageOf(set, i)));
    }
    expect(seen.size).toBe(train.count + held.count);
  });

  test("holds each digit once in every ten pictures, in changing order", () => {
    const orders = new Set<string>();
    for (let i = 0; i < train.count; i += 10) {
      const ten = [...train.labels!.slice(i, i + 10)];
      orders.add(ten.join(""));
      expect(ten.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    expect(orders.size).toBe(500);
    expect(train.labelNames).toHaveLength(10);
  });

  test("uses as much ink as MNIST, whose mean pixel is 33.3, in full range", () => {
    expect(mean(train.images)).toBeGreaterThan(31);
    expect(mean(train.images)).toBeLessThan(36);
    expect(train.images.reduce((a, b) => Math.max(a, b))).toBe(255);
  });

  test("reaches the outermost pixels as seldom as MNIST, in one picture of 70", () => {
    const isBorder = (p: number) => p < 28 || p >= size - 28 || p % 28 === 0 || p % 28 === 27;
    let touching = 0;
    for (let i = 0; i < train.count; i++) {
      if (imageOf(train, i).some((value, p) => value > 0 && isBorder(p))) touching++;
    }
    expect(touching / train.count).toBeLessThan(0.025);
  });

  test("draws ten distinct digits in several hands", () => {
    const centres = centroids(train);
    let right = 0;
    for (let i = 0; i < held.count; i++) {
      if (nearest(imageOf(held, i), centres) === held.labels![i]) right++;
    }
    // Guessing gives 0.1, one fixed picture per digit would give 1; MNIST gives 0.82.
    expect(right / held.count).toBeGreaterThan(0.75);
    expect(right / held.count).toBeLessThan(0.97);
  });

  test.each([
    [{ train: 0 }, "drawDigits: train must be a whole number from 1 to 10000000, not 0"],
    [{ test: 2.5 }, "drawDigits: test must be a whole number from 1 to 10000000, not 2.5"],
    [{ seed: -1 }, "drawDigits: seed must be a whole number from 0 to 4294967295, not -1"],
    [{ seed: Number.NaN }, "drawDigits: seed must be a whole number from 0 to 4294967295, not NaN"],
  ])("refuses %o", (options, message) => {
    expect(() => drawDigits(options)).toThrow(SurmiseError);
    expect(() => drawDigits(options)).toThrow(message);
  });
});
