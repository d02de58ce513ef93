import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { listDatasets, loadImages } from "../../src/data/index.ts";
import { imageCounts, loadFiles } from "../../src/data/load.ts";
import { fileDatasets } from "../../src/data/sets/datasets.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { idx, npy, npyHeader, sha256, temporaryFolders } from "./fixtures.ts";

const newFolder = temporaryFolders();

/** The known data set `name` with other files, as if those were the published ones. */
function withFiles(name: string, files: Record<string, Uint8Array>) {
  const dataFolder = newFolder();
  mkdirSync(join(dataFolder, name));
  for (const [file, bytes] of Object.entries(files)) {
    writeFileSync(join(dataFolder, name, `${file}.gz`), gzipSync(bytes));
  }
  const known = fileDatasets.find((each) => each.name === name)!;
  const dataset = {
    ...known,
    files: Object.entries(files).map(([file, bytes]) => ({
      name: file,
      bytes: bytes.length,
      sha256: sha256(bytes),
      addresses: [],
    })),
  };
  return { dataset, options: { dataFolder, cacheFolder: newFolder() } };
}

describe("data sets by name", () => {
  test("are listed, with what is here", async () => {
    const nothing = { dataFolder: newFolder(), cacheFolder: newFolder() };
    const list = await listDatasets(nothing);
    expect(list.map(({ name, bytes, here }) => [name, bytes, here])).toEqual([
      ["digits", 0, true],
      ["mnist", 54950048, false],
      ["mnist-static", 5880256, false],
      ["freyface", 1100528, false],
      ["omniglot", 25413616, false],
    ]);
    for (const { description, source } of list) expect(description && source).toBeTruthy();
  });

  test("have as many images as their files have room for", () => {
    const pixels = { mnist: 784, "mnist-static": 784 / 8, freyface: 560, omniglot: 784 };
    for (const { name, files } of fileDatasets) {
      const { train, test } = imageCounts(name);
      const images = files.filter((file) => !file.name.includes("labels"));
      const headers = images.length * (name === "mnist" ? 16 : 128);
      const bytes = images.reduce((sum, file) => sum + file.bytes, 0) - headers;
      expect((train + test) * pixels[name as keyof typeof pixels], name).toBe(bytes);
    }
  });

  test("with an unknown name are refused, naming the known ones", async () => {
    const loading = loadImages("mnits");
    await expect(loading).rejects.toThrow(SurmiseError);
    await expect(loading).rejects.toThrow(
      'unknown data set "mnits": the known ones are digits, mnist, mnist-static, freyface, omniglot',
    );
  });

  test("MNIST's files become training and test images with labels", async () => {
    const { dataset, options } = withFiles("mnist", {
      "train-images-idx3-ubyte": idx([3, 1, 2], [1, 2, 3, 4, 5, 6]),
      "train-labels-idx1-ubyte": idx([3], [9, 0, 4]),
      "t10k-images-idx3-ubyte": idx([1, 1, 2], [7, 8]),
      "t10k-labels-idx1-ubyte": idx([1], [5]),
    });
    const { name, train, test: held } = await loadFiles(dataset, options);
    expect([name, train.name, held.name]).toEqual(["mnist", "mnist train", "mnist test"]);
    expect(train.images).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
    expect(train.labels).toEqual(Uint8Array.of(9, 0, 4));
    expect([held.count, held.height, held.width]).toEqual([1, 1, 2]);
    expect(held.labels).toEqual(Uint8Array.of(5));
  });

  test("of the Frey video every tenth block of 15 frames is for testing", async () => {
    const frames = Int32Array.from({ length: 400 }, (_, frame) => frame % 256);
    const file = npy(npyHeader("|u1", "(400, 1, 1)"), Uint8Array.from(frames));
    const { dataset, options } = withFiles("freyface", { "freyface.npy": file });
    const { train, test: held } = await loadFiles(dataset, options);
    const isTest = (frame: number) =>
      (frame >= 135 && frame < 150) || (frame >= 285 && frame < 300);
    const kept = (keep: (frame: number) => boolean) =>
      Uint8Array.from(frames.filter((_, frame) => keep(frame)));
    expect(held.images).toEqual(kept(isTest));
    expect(train.images).toEqual(kept((frame) => !isTest(frame)));
  });

  test("Frey faces that are nowhere come with the way to make the file", async () => {
    const nothing = { dataFolder: newFolder(), cacheFolder: newFolder() };
    await expect(loadImages("freyface", nothing)).rejects.toThrow(/frey_rawface\.mat/);
  });
});

const dataFolder = process.env.SURMISE_DATA;
const real = dataFolder
  ? "the published files"
  : "the published files (skipped: SURMISE_DATA not set)";

describe.skipIf(!dataFolder)(real, () => {
  const mean = (bytes: Uint8Array) => bytes.reduce((sum, value) => sum + value, 0) / bytes.length;

  test("MNIST has its known counts per class and mean pixel", async () => {
    const { train, test: held } = await loadImages("mnist", { download: false });
    const counts = (labels: Uint8Array) =>
      Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
    expect([train.count, train.height, train.width, held.count]).toEqual([60000, 28, 28, 10000]);
    expect(counts(train.labels!)).toEqual([
      5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]);
    expect(counts(held.labels!)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    expect(mean(train.images)).toBeCloseTo(33.3184, 4);
    expect(mean(held.images)).toBeCloseTo(33.7912, 4);
  });

  test("MNIST made black and white once is black and white", async () => {
    const { train, test: held } = await loadImages("mnist-static", { download: false });
    expect([train.count, held.count, train.height, train.width]).toEqual([50000, 10000, 28, 28]);
    expect(train.images.every((grey) => grey === 0 || grey === 255)).toBe(true);
    expect(mean(train.images) / 255).toBeCloseTo(0.13098, 5);
    expect(mean(held.images) / 255).toBeCloseTo(0.1325, 4);
  });

  test("Omniglot has as many characters as the literature's split", async () => {
    const { train, test: held } = await loadImages("omniglot", { download: false });
    expect([train.count, held.count, train.height, train.width]).toEqual([24345, 8070, 28, 28]);
    expect(mean(train.images) / 255).toBeCloseTo(0.0806, 3);
  });

  test("the Frey faces are 1965 frames of 28x20", async () => {
    const { train, test: held } = await loadImages("freyface", { download: false });
    expect([train.count, held.count, train.height, train.width]).toEqual([1770, 195, 28, 20]);
    const all = [...train.images, ...held.images];
    expect(all.reduce((a, b) => Math.min(a, b))).toBe(8);
    expect(all.reduce((a, b) => Math.max(a, b))).toBe(238);
  });
});
