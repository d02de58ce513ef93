import { describe, expect, test } from "vitest";
import { imagesFromIdx, imagesFromNpy, selectImages } from "../../src/data/index.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { idx, npy, npyHeader } from "./fixtures.ts";

const names = ["cat", "dog"];
const pixels = Uint8Array.from({ length: 12 }, (_, i) => i);

describe("imagesFromIdx", () => {
  test("joins images and labels", async () => {
    const set = await imagesFromIdx("pets", idx([3, 2, 2], pixels), idx([3], [0, 1, 0]), names);
    expect(set).toEqual({
      name: "pets",
      images: pixels,
      count: 3,
      height: 2,
      width: 2,
      labels: Uint8Array.of(0, 1, 0),
      labelNames: names,
    });
  });

  const refused: [string, number[], number[], number[], string][] = [
    [
      "images without rows",
      [3, 4],
      [3],
      [0, 1, 0],
      "pets images: axis sizes are (3, 4), expected (image, row, column)",
    ],
    ["no images", [0, 2, 2], [0], [], "pets images: axis sizes are (0, 2, 2), expected"],
    [
      "too few labels",
      [3, 2, 2],
      [2],
      [0, 1],
      "pets labels: axis sizes are (2), expected (3), one per image",
    ],
    [
      "labels with two axes",
      [3, 2, 2],
      [3, 1],
      [0, 1, 0],
      "pets labels: axis sizes are (3, 1), expected (3)",
    ],
    [
      "a label without a name",
      [3, 2, 2],
      [3],
      [0, 1, 2],
      "pets labels: label 2 is 2, expected 0 to 1",
    ],
  ];

  test.each(refused)("refuses %s", async (_, imageAxes, labelAxes, labels, message) => {
    const count = imageAxes.reduce((product, size) => product * size, 1);
    const images = idx(imageAxes, pixels.subarray(0, count));
    const reading = imagesFromIdx("pets", images, idx(labelAxes, labels), names);
    await expect(reading).rejects.toThrow(SurmiseError);
    await expect(reading).rejects.toThrow(message);
  });
});

describe("imagesFromNpy", () => {
  test("takes grey values with axes (image, row, column)", async () => {
    const set = await imagesFromNpy("pets", npy(npyHeader("|u1", "(3, 2, 2)"), pixels));
    expect(set).toEqual({ name: "pets", images: pixels, count: 3, height: 2, width: 2 });
  });

  test("refuses other element types and other axes", async () => {
    const floats = npy(npyHeader("<f4", "(1, 1, 1)"), new Float32Array(1));
    await expect(imagesFromNpy("pets", floats)).rejects.toThrow(
      "pets: element type is float32, expected uint8 grey values 0..255",
    );
    const flat = npy(npyHeader("|u1", "(12,)"), pixels);
    await expect(imagesFromNpy("pets", flat)).rejects.toThrow(
      "pets: axis sizes are (12), expected",
    );
  });
});

test("selectImages keeps images with their labels, in order", () => {
  const labels = Uint8Array.of(5, 6, 7);
  const set = { name: "all", images: pixels, count: 3, height: 2, width: 2, labels };
  expect(selectImages(set, "outer", (image) => image !== 1)).toEqual({
    name: "outer",
    images: Uint8Array.of(0, 1, 2, 3, 8, 9, 10, 11),
    count: 2,
    height: 2,
    width: 2,
    labels: Uint8Array.of(5, 7),
  });
  const { labels: _, ...unlabelled } = set;
  expect(selectImages(unlabelled, "none", () => false)).toEqual({
    ...unlabelled,
    name: "none",
    images: new Uint8Array(0),
    count: 0,
  });
});
