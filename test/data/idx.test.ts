import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readIdx } from "../../src/data/index.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { idx } from "./fixtures.ts";

describe("readIdx", () => {
  test("reads the sizes and the values", async () => {
    const { data, shape } = await readIdx(idx([2, 1, 3], [1, 2, 3, 4, 5, 255]), "f");
    expect(shape).toEqual([2, 1, 3]);
    expect(data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 255));
  });

  test("reads back every array, gzipped or not, wherever it lies in memory", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.nat(7),
        async (shape, zipped, offset) => {
          const count = shape.reduce((product, size) => product * size, 1);
          const values = Uint8Array.from({ length: count }, (_, i) => 7 * i);
          const file = zipped ? gzipSync(idx(shape, values)) : idx(shape, values);
          const moved = new Uint8Array(file.length + offset);
          moved.set(file, offset);
          expect(await readIdx(moved.subarray(offset), "f")).toEqual({ data: values, shape });
        },
      ),
    );
  });

  const good = idx([2, 3], [1, 2, 3, 4, 5, 6]);
  const altered = (place: number, byte: number) => {
    const bytes = Buffer.from(good);
    bytes[place] = byte;
    return bytes;
  };
  const zipped = gzipSync(good);

  const refused: [string, Uint8Array, string][] = [
    [
      "no bytes",
      Buffer.alloc(0),
      "f: truncated: the IDX magic number takes 4 bytes, the file has 0",
    ],
    [
      "another format",
      altered(0, 0x50),
      "f: not an IDX file: the first two bytes are 50 00, expected 00 00",
    ],
    [
      "another element type",
      altered(2, 0x0d),
      "f: IDX element type (byte 2) is 0d, 32-bit floats; only 08, unsigned bytes, is read",
    ],
    [
      "a type that is none",
      altered(2, 0x42),
      "IDX element type (byte 2) is 42, no type of the format",
    ],
    ["no axes", altered(3, 0), "f: IDX number of axes (byte 3) is 0, expected 1 or more"],
    [
      "a header cut off",
      good.subarray(0, 9),
      "f: truncated: an IDX header with 2 axis sizes takes 12 bytes, the file has 9",
    ],
    [
      "values cut off",
      good.subarray(0, 16),
      "f: IDX header says 2 x 3 bytes, so the file has 18 bytes; found 16: it is truncated",
    ],
    [
      "values left over",
      Buffer.concat([good, good]),
      "f: IDX header says 2 x 3 bytes, so the file has 18 bytes; found 36: it is too long",
    ],
    [
      "a gzip file cut off",
      zipped.subarray(0, 20),
      "f: gzip file truncated or corrupt after 20 bytes: unexpected end of file",
    ],
  ];

  test.each(refused)("refuses %s", async (_, bytes, message) => {
    const reading = readIdx(bytes, "f");
    await expect(reading).rejects.toThrow(SurmiseError);
    await expect(reading).rejects.toThrow(message);
  });
});
