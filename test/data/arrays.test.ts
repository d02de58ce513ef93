/** Arrays of files, for models: NPY, IDX, and folders of pictures. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { describe, expect, test } from "vitest";
import { arraysOf, readArray } from "../../src/data/index.ts";
import { temporaryFolders } from "../runs/folders.ts";
import { idx, npy, npyHeader } from "./fixtures.ts";

const newFolder = temporaryFolders();
const six = Uint8Array.of(1, 2, 3, 4, 5, 6);

function folderOf(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = newFolder();
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}
const png = (data: Uint8Array | Uint16Array, width: number, channels = 1, depth: 8 | 16 = 8) =>
  encode({ width, height: data.length / width / channels, data, channels, depth });

describe("readArray", () => {
  test("reads NPY and IDX", async () => {
    const folder = folderOf({
      "x.npy": npy(npyHeader("<f4", "(3, 2)"), Float32Array.of(0.5, 1, 2, 3, 4, 5)),
      "y-ubyte": idx([1, 2, 3], six),
    });
    const x = await readArray(join(folder, "x.npy"));
    expect(x).toEqual({ name: "x.npy", data: Float32Array.of(0.5, 1, 2, 3, 4, 5), shape: [3, 2] });
    expect(await readArray(join(folder, "y-ubyte"))).toMatchObject({ data: six, shape: [1, 2, 3] });
  });

  test("reads pictures of a folder, whose folders are labels", async () => {
    const grey = folderOf({
      "b/1.png": png(six, 3),
      "a/2.PNG": png(
        six.map((x) => x + 10),
        3,
      ),
    });
    expect(await readArray(grey)).toMatchObject({
      shape: [2, 2, 3],
      data: Uint8Array.of(11, 12, 13, 14, 15, 16, 1, 2, 3, 4, 5, 6),
      labels: ["a", "b"],
    });
    const colour = await readArray(folderOf({ "1.png": png(six, 2, 3) }));
    expect(colour).toMatchObject({ shape: [1, 1, 2, 3], data: six });
    expect(colour.labels).toBeUndefined();
    const deep = await readArray(folderOf({ "1.png": png(Uint16Array.of(0, 65535), 2, 1, 16) }));
    expect([...deep.data]).toEqual([0, 65535]);
  });

  test("refuses a picture of which a bit is wrong, wherever it is", async () => {
    const whole = png(six, 3);
    const folder = folderOf({ "1.png": whole });
    for (let at = 0; at < whole.length; at++) {
      const flipped = Uint8Array.from(whole, (byte, i) => (i === at ? byte ^ 1 : byte));
      writeFileSync(join(folder, "1.png"), flipped);
      await expect(readArray(folder), `byte ${at}`).rejects.toThrow("is no whole PNG picture");
    }
  });

  test("refuses pictures of several sizes, what is no picture, and a folder without any", async () => {
    const sizes = folderOf({ "1.png": png(six, 3), "2.png": png(six, 2) });
    await expect(readArray(sizes)).rejects.toThrow(
      /1.png' is 2 x 3 x 1 of 8 bits, .*2.png' is 3 x 2/,
    );
    await expect(readArray(folderOf({ "1.png": six }))).rejects.toThrow("is no whole PNG picture");
    await expect(readArray(newFolder())).rejects.toThrow("there are no PNG pictures in the folder");
  });
});

describe("arraysOf", () => {
  const file = { name: "x", data: six, shape: [3, 2], labels: ["old", "new", "old"] };

  test("gives axes and labels, the same objects at each call", () => {
    const { array, labels } = arraysOf(file);
    const x = array("picture", "pixel");
    expect(x.axes.map(({ name, size }) => [name, size])).toEqual([
      ["picture", 3],
      ["pixel", 2],
    ]);
    expect(array("picture", "pixel")).toBe(x);
    const { axis, positions } = labels("kind");
    expect(axis.labels).toEqual(["new", "old"]);
    expect(positions.axes).toEqual([x.axes[0]]);
    expect(labels("kind")).toBe(labels("kind"));
  });

  test.each([
    ["too few names", (x: ReturnType<typeof arraysOf>) => x.array("picture"), /axes of sizes 3, 2/],
    [
      "a name twice",
      (x: ReturnType<typeof arraysOf>) => x.array("a", "a"),
      /two axes of the name 'a'/,
    ],
    [
      "labels first",
      (x: ReturnType<typeof arraysOf>) => x.labels("kind"),
      /call array before labels/,
    ],
    [
      "other names",
      (x: ReturnType<typeof arraysOf>) => [x.array("a", "b"), x.array("b", "a")],
      /has the axes a, b already/,
    ],
  ])("refuses %s", (_, call, message) => {
    expect(() => call(arraysOf(file))).toThrow(message);
  });

  test("refuses labels where there are none", () => {
    const arrays = arraysOf({ name: "x", data: six, shape: [6] });
    arrays.array("a");
    expect(() => arrays.labels("kind")).toThrow("x: there are no labels");
  });
});
