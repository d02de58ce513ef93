import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readNpy, requireFinite } from "../../src/data/internal.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { npy, npyHeader } from "./fixtures.ts";

describe("readNpy", () => {
  const arrays = [
    ["uint8", "|u1", Uint8Array.of(0, 1, 254, 255, 4, 5)],
    ["int32", "<i4", Int32Array.of(0, -1, 2 ** 31 - 1, -(2 ** 31), 4, 5)],
    ["float32", "<f4", Float32Array.of(0, -0.5, 1e-40, 3e38, 4, 5)],
    ["float64", "<f8", Float64Array.of(0, -0.1, 5e-324, 1e308, 4, 5)],
  ] as const;

  test.each(arrays)("reads %s, versions 1 to 3, gzipped or not", async (dtype, descr, data) => {
    for (const version of [1, 2, 3]) {
      const file = npy(npyHeader(descr, "(2, 3)"), data, version);
      const expected = { data, dtype, shape: [2, 3] };
      expect(await readNpy(file, "f")).toEqual(expected);
      expect(await readNpy(gzipSync(file), "f")).toEqual(expected);
    }
  });

  test("reads what numpy.save writes", async () => {
    // numpy.save(f, numpy.array([1.5, -2.0], dtype="<f4")), NumPy 2
    const file = Buffer.from(
      "934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046" +
        `616c73652c20277368617065273a2028322c292c207d${"20".repeat(60)}0a0000c03f000000c0`,
      "hex",
    );
    const { data, shape } = await readNpy(file, "f");
    expect([...data]).toEqual([1.5, -2]);
    expect(shape).toEqual([2]);
  });

  test("reads a single number, a list, an empty array, and one axis in either order", async () => {
    const shapeOf = async (shape: string, data: Uint8Array, order?: string) =>
      (await readNpy(npy(npyHeader("|u1", shape, order), data), "f")).shape;
    expect(await shapeOf("()", Uint8Array.of(7))).toEqual([]);
    expect(await shapeOf("(2,)", Uint8Array.of(7, 8))).toEqual([2]);
    expect(await shapeOf("(2,)", Uint8Array.of(7, 8), "True")).toEqual([2]);
    expect(await shapeOf("(0, 5)", Uint8Array.of())).toEqual([0, 5]);
  });

  test("gives data in memory of their own", async () => {
    const file = npy(npyHeader("|u1", "(2,)"), Uint8Array.of(7, 8));
    const { data } = await readNpy(file, "f");
    file.fill(0);
    expect([...data]).toEqual([7, 8]);
    expect(data.buffer.byteLength).toBe(2);
  });

  const six = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const good = npy(npyHeader("|u1", "(2, 3)"), six);
  const refused: [string, Uint8Array, string][] = [
    ["another format", Buffer.from("GIF89a"), 'f: not an NPY file: it starts with "GIF89a"'],
    [
      "one bit less",
      Buffer.from("\x92NUMPY", "latin1"),
      'f: not an NPY file: it starts with "\\x92NUMPY", expected "\\x93NUMPY"',
    ],
    ["no bytes", Buffer.alloc(0), 'f: not an NPY file: it starts with ""'],
    [
      "a preamble cut off",
      good.subarray(0, 8),
      "f: truncated: an NPY preamble takes 10 bytes, the file has 8",
    ],
    [
      "another version",
      npy("{}", six, 4),
      "f: NPY version (byte 6) is 4, only 1, 2 and 3 are read",
    ],
    [
      "a header cut off",
      good.subarray(0, 100),
      "f: truncated: the NPY header ends at byte 128, the file has 100",
    ],
    [
      "data cut off",
      good.subarray(0, good.length - 1),
      "f: NPY header says (2, 3) uint8, 6 bytes of data; found 5: the file is truncated or corrupt",
    ],
    ["data left over", npy(npyHeader("|u1", "(5,)"), six), "5 bytes of data; found 6"],
    [
      "another element type",
      npy(npyHeader("<i8", "(1,)"), new BigInt64Array(1)),
      "f: NPY element type '<i8': only |u1, <i4, <f4, <f8 are read; in NumPy: array.astype(",
    ],
    [
      "another byte order",
      npy(npyHeader(">f4", "(1,)"), new Float32Array(1)),
      "element type '>f4'",
    ],
    [
      "a type with fields",
      npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", six),
      "f: NPY element type is not a plain one",
    ],
    [
      "Fortran order",
      npy(npyHeader("|u1", "(2, 3)", "True"), six),
      "f: NPY array is in Fortran order, only C order is read; in NumPy: numpy.ascontiguousarray",
    ],
    [
      "a header without order",
      npy("{'descr': '|u1', 'shape': (6,), }", six),
      "f: NPY header has no valid 'fortran_order': {'descr'",
    ],
    [
      "a header with a strange shape",
      npy(npyHeader("|u1", "(-6,)"), six),
      "f: NPY header has no valid 'shape': {'descr'",
    ],
    [
      "a value that is not a number",
      npy(npyHeader("<f4", "(2, 3)"), Float32Array.of(0, 1, 2, 3, 4, Number.NaN)),
      "f: value at [1, 2] is NaN, one of 1 that are no finite numbers",
    ],
    [
      "an infinite value",
      npy(npyHeader("<f8", "(3,)"), Float64Array.of(-Infinity, 0, Infinity)),
      "f: value at [0] is -Infinity, one of 2 that are no finite numbers",
    ],
  ];

  test.each(refused)("refuses %s", async (_, bytes, message) => {
    const reading = readNpy(bytes, "f");
    await expect(reading).rejects.toThrow(SurmiseError);
    await expect(reading).rejects.toThrow(message);
  });
});

test("requireFinite accepts finite numbers of any size", () => {
  expect(() => requireFinite([0, -1e308, 5e-324], [3], "x")).not.toThrow();
  expect(() => requireFinite([], [0], "x")).not.toThrow();
});
