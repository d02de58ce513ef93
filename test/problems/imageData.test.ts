import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { drawDigits } from "../../src/data/index.ts";
import { loadImageData } from "../../src/problems/index.ts";
import { idx, npy, npyHeader } from "../data/fixtures.ts";
import { temporaryFolders } from "../runs/folders.ts";

const newFolder = temporaryFolders();

function file(name: string, bytes: Uint8Array): string {
  const path = join(newFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

/** 20 images of 1 x 2 pixels: image i is (i, 100 + i). */
const twenty = Uint8Array.from({ length: 40 }, (_, k) => (k % 2) * 100 + Math.floor(k / 2));
const numbers = (images: Uint8Array) => [...images].filter((_, k) => k % 2 === 0);

describe("loadImageData", () => {
  test("draws as many digits as are asked for", async () => {
    const wanted = { data: "digits", batch: 5, trainImages: 30, testImages: 20 };
    const { train, test } = await loadImageData(wanted);
    expect([train.count, test.count]).toEqual([30, 20]);
    expect(train.images).toEqual(drawDigits({ train: 30, test: 20 }).train.images);
  });

  test.each([
    ["images.npy", npy(npyHeader("|u1", "(20, 1, 2)"), twenty)],
    ["images.npy.gz", gzipSync(npy(npyHeader("|u1", "(20, 1, 2)"), twenty))],
    ["mine-idx3-ubyte", idx([20, 1, 2], twenty)],
    ["mine-idx3-ubyte.gz", gzipSync(idx([20, 1, 2], twenty))],
  ])("reads %s and sets every tenth image apart", async (name, bytes) => {
    const { train, test } = await loadImageData({ data: file(name, bytes), batch: 5 });
    expect(numbers(test.images)).toEqual([9, 19]);
    expect(numbers(train.images)).toEqual([...Array(20).keys()].filter((i) => i % 10 !== 9));
    expect([train.height, train.width]).toEqual([1, 2]);
  });

  test("takes the first images only, if asked to", async () => {
    const data = file("x.npy", npy(npyHeader("|u1", "(20, 1, 2)"), twenty));
    const { train, test } = await loadImageData({ data, batch: 3, trainImages: 3, testImages: 1 });
    expect(numbers(train.images)).toEqual([0, 1, 2]);
    expect(numbers(test.images)).toEqual([9]);
  });

  test("refuses what is not there, too little, damaged or no images", async () => {
    const load = (data: string, more = {}) => loadImageData({ data, batch: 5, ...more });
    const images = file("images.npy", npy(npyHeader("|u1", "(20, 1, 2)"), twenty));
    const few = file("few.npy", npy(npyHeader("|u1", "(9, 1, 2)"), twenty.subarray(0, 18)));
    const short = file("short-ubyte", idx([21, 1, 2], twenty));
    const flat = file("flat-ubyte", idx([40], twenty));
    const broken = Float32Array.from({ length: 20 }, (_, i) => (i === 7 ? Number.NaN : i));
    const nan = file("nan.npy", npy(npyHeader("<f4", "(10, 1, 2)"), broken));
    const floats = file("floats.npy", npy(npyHeader("<f4", "(10, 1, 2)"), new Float32Array(20)));
    await expect(load("letters")).rejects.toThrow(
      'unknown data set "letters": the known ones are digits, mnist, mnist-static, freyface, omniglot',
    );
    await expect(load("./none.npy")).rejects.toThrow(
      /^cannot read the data '.\/none.npy' \(ENOENT/,
    );
    await expect(load(images, { batch: 19 })).rejects.toThrow(
      "batch is 19, but images.npy train has only 18 images",
    );
    await expect(load(images, { trainImages: 19 })).rejects.toThrow(
      "19 images of images.npy train are asked for, it has 18",
    );
    await expect(load("digits", { trainImages: 4 })).rejects.toThrow(
      "batch is 5, but digits train has only 4 images",
    );
    await expect(load(few)).rejects.toThrow(
      `${few}: 9 images; at least 10 are needed, as every tenth is for testing`,
    );
    await expect(load(short)).rejects.toThrow(
      `${short}: IDX header says 21 x 1 x 2 bytes, so the file has 58 bytes; found 56: it is truncated`,
    );
    await expect(load(flat)).rejects.toThrow(
      `${flat}: axis sizes are (40), expected (image, row, column), none of them 0`,
    );
    await expect(load(nan)).rejects.toThrow(
      `${nan}: value at [3, 0, 1] is NaN, one of 1 that are no finite numbers: remove or replace ` +
        "them before loading",
    );
    await expect(load(floats)).rejects.toThrow(
      `${floats}: the numbers are no uint8 grey values 0..255: take decoder real for real numbers`,
    );
  });

  test("takes real numbers as they are, with greys to look at, also of a table without rows of pixels", async () => {
    const numbers = Float64Array.from({ length: 40 }, (_, k) => k / 10 - 1);
    for (const shape of ["(20, 1, 2)", "(20, 2)"]) {
      const data = file("x.npy", npy(npyHeader("<f8", shape), numbers));
      const { train, test } = await loadImageData({ data, batch: 3, decoder: "real" });
      expect([train.height, train.width]).toEqual([1, 2]);
      const last = numbers.subarray(38);
      expect([...(test.values ?? [])].slice(2)).toEqual([...Float32Array.from(last)]);
      expect([train.images[0], test.images[3]]).toEqual([0, 255]);
    }
    const digits = { data: "digits", batch: 5, decoder: "real", trainImages: 30 } as const;
    const { train } = await loadImageData(digits);
    expect(train.values?.[400]).toBe(Math.fround(train.images[400] / 255));
  });
});
