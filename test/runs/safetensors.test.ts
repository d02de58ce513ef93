import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  decodeTensors,
  encodeTensors,
  readTensors,
  type TensorFile,
  writeTensors,
} from "../../src/runs/index.ts";
import { axis, SurmiseError } from "../../src/tensor/index.ts";
import { temporaryFolders } from "./folders.ts";

const newFolder = temporaryFolders();

/** A file as the description of the format has it. */
function file(header: unknown, values: readonly number[], length?: number): Uint8Array {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length ?? json.length));
  return Buffer.concat([size, json, Uint8Array.from(values)]);
}

const all: TensorFile = {
  tensors: {
    "decoder.weight": { dtype: "float32", shape: [2, 2], data: Float32Array.of(1, -2.5, 1e-40, 3) },
    total: { dtype: "float64", shape: [], data: Float64Array.of(Math.PI) },
    step: { dtype: "int32", shape: [1], data: Int32Array.of(-7) },
    pixels: { dtype: "uint8", shape: [3], data: Uint8Array.of(0, 128, 255) },
    ключ: { dtype: "float32", shape: [0, 4], data: new Float32Array(0) },
  },
  metadata: { format: "test", note: "“quoted”" },
};

describe("encodeTensors and decodeTensors", () => {
  test("are each other's inverse", () => {
    expect(decodeTensors(encodeTensors(all), "x")).toEqual(all);
    const unnamed = decodeTensors(encodeTensors({ tensors: all.tensors, metadata: {} }), "x");
    expect(unnamed).toEqual({ tensors: all.tensors, metadata: { format: "surmise tensors 1" } });
  });

  test("values over axes are stored by the sizes of these", () => {
    const [from, to] = [axis("from", 2), axis("to", 3)];
    const data = Float64Array.of(1, 2, 3, 4, 5, 6);
    const tensors = { both: { axes: [from, to], data }, list: { data: Uint8Array.of(1, 2) } };
    expect(decodeTensors(encodeTensors({ tensors, metadata: {} }), "x").tensors).toEqual({
      both: { dtype: "float64", shape: [2, 3], data },
      list: { dtype: "uint8", shape: [2], data: Uint8Array.of(1, 2) },
    });
  });

  test("not finite values keep their bits", () => {
    const data = Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY, -0);
    const back = decodeTensors(
      encodeTensors({ tensors: { a: { dtype: "float32", shape: [3], data } }, metadata: {} }),
      "x",
    );
    expect(new Uint8Array(back.tensors.a.data.buffer)).toEqual(new Uint8Array(data.buffer));
  });

  test("read bytes made by hand", () => {
    const header = {
      b: { dtype: "U8", shape: [2], data_offsets: [4, 6] },
      a: { dtype: "F32", shape: [1, 1], data_offsets: [0, 4] },
      __metadata__: { by: "hand" },
    };
    const { tensors, metadata } = decodeTensors(file(header, [0, 0, 0x80, 0x3f, 9, 8]), "x");
    expect(metadata).toEqual({ by: "hand" });
    expect(tensors).toEqual({
      a: { dtype: "float32", shape: [1, 1], data: Float32Array.of(1) },
      b: { dtype: "uint8", shape: [2], data: Uint8Array.of(9, 8) },
    });
  });

  test("write the bytes that the format asks for", () => {
    const bytes = encodeTensors({
      tensors: { a: { dtype: "int32", shape: [1], data: Int32Array.of(258) } },
      metadata: { format: "test" },
    });
    const header = (checksum: string) =>
      `{"__metadata__":{"format":"test","checksum":"${checksum}"},` +
      '"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}'.padEnd(56);
    const values = [2, 1, 0, 0];
    // The checksum is that of the file with zeros in its own place.
    const unsealed = file(header("0".repeat(16)), values);
    const checksum = createHash("sha256").update(unsealed).digest("hex").slice(0, 16);
    expect(Buffer.from(bytes)).toEqual(Buffer.from(file(header(checksum), values)));
  });

  test("values start at multiples of their size", () => {
    const bytes = Buffer.from(encodeTensors(all));
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    const { __metadata__: _, ...header } = JSON.parse(bytes.toString("utf8", 8, 8 + length));
    const widths: Record<string, number> = { F32: 4, F64: 8, I32: 4, U8: 1 };
    for (const { dtype, data_offsets } of Object.values<Record<string, never>>(header)) {
      expect(data_offsets[0] % widths[dtype]).toBe(0);
    }
  });

  test("refuse a tensor with the name of the metadata", () => {
    const tensors = { __metadata__: all.tensors.step };
    expect(() => encodeTensors({ tensors, metadata: {} })).toThrow(
      "a tensor cannot be named __metadata__",
    );
  });
});

describe("decodeTensors refuses", () => {
  const entry = { dtype: "F32", shape: [1], data_offsets: [0, 4] };
  const values = [0, 0, 0, 0];
  const cases: [string, Uint8Array, string][] = [
    ["an empty file", new Uint8Array(0), "it has 0 bytes, its header length alone takes 8"],
    [
      "a header that is cut off",
      file({ a: entry }, []).subarray(0, 20),
      "its header should have 54 bytes, 12 follow",
    ],
    [
      "another file",
      Buffer.from("plain text"),
      `its header should have ${Buffer.from("plain te").readBigUInt64LE()} bytes, 2 follow`,
    ],
    ["a header that is no JSON", file("{a: 1}", values), "its header is not JSON"],
    ["a header that is no object", file("[1]", values), "its header is not a JSON object"],
    [
      "an entry without a shape",
      file({ a: { dtype: "F32", data_offsets: [0, 4] } }, values),
      "the entry of 'a' is not {dtype, shape, data_offsets}",
    ],
    [
      "an empty entry",
      file({ a: null }, values),
      "the entry of 'a' is not {dtype, shape, data_offsets}",
    ],
    [
      "a negative offset",
      file({ a: { ...entry, data_offsets: [-4, 0] } }, values),
      "the entry of 'a' is not {dtype, shape, data_offsets}",
    ],
    [
      "another type",
      file({ a: { ...entry, dtype: "BF16" } }, values),
      "'a' is of type BF16; only F32, F64, I32, U8 are read",
    ],
    [
      "a shape that does not fit",
      file({ a: { ...entry, shape: [2, 3] } }, values),
      "'a' (2 x 3 F32) takes 24 bytes, not 4",
    ],
    [
      "values that are cut off",
      file({ a: entry }, [0, 0, 0]),
      "'a' ends at byte 4 of the values, only 3 are there",
    ],
    [
      "values of which a tensor takes those of another",
      file({ a: entry, b: entry }, [...values, ...values]),
      "'b' begins at byte 0 of the values, where byte 4 comes next",
    ],
    [
      "values that are no tensor's",
      file({ a: { ...entry, data_offsets: [4, 8] } }, [...values, ...values]),
      "'a' begins at byte 4 of the values, where byte 0 comes next",
    ],
    [
      "a header longer than readers accept",
      Buffer.concat([Buffer.from(new BigUint64Array([2n ** 62n]).buffer), Buffer.from("{}")]),
      `its header should have ${2n ** 62n} bytes, 2 follow`,
    ],
    [
      "values too many",
      file({ a: entry }, [...values, 1]),
      "the tensors take 4 bytes, 5 are there",
    ],
  ];

  test.each(cases)("%s", (_, bytes, what) => {
    expect(() => decodeTensors(bytes, "w.safetensors")).toThrow(
      new SurmiseError(`w.safetensors: not a whole safetensors file: ${what}`),
    );
  });

  test("every truncation of a whole file", () => {
    const bytes = encodeTensors(all);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeTensors(bytes.subarray(0, length), "x")).toThrow("not a whole");
    }
  });
});

describe("files", () => {
  test("are replaced whole, and nothing else is left", async () => {
    const folder = newFolder();
    const path = join(folder, "w.safetensors");
    writeFileSync(path, "old");
    await writeTensors(path, all);
    expect(await readTensors(path)).toEqual(all);
    expect(readdirSync(folder)).toEqual(["w.safetensors"]);
  });

  test("that cannot be written leave the old one", async () => {
    const folder = newFolder();
    const path = join(folder, "w.safetensors");
    mkdirSync(path);
    await expect(writeTensors(path, all)).rejects.toThrow(
      /^cannot write '.*w\.safetensors' \(.*\): choose a folder that can be written$/,
    );
    expect(readdirSync(folder)).toEqual(["w.safetensors"]);
  });

  test("that are not there are named", async () => {
    const path = join(newFolder(), "none.safetensors");
    await expect(readTensors(path)).rejects.toThrow(/^cannot read '.*none\.safetensors' \(ENOENT/);
  });

  test("of other programs: what Python's safetensors writes", () => {
    const path = join(import.meta.dirname, "fixtures", "python.safetensors");
    const { tensors, metadata } = decodeTensors(readFileSync(path), path);
    expect(metadata).toEqual({ by: "python" });
    expect(tensors).toEqual({
      a: { dtype: "float32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      b: { dtype: "int32", shape: [1], data: Int32Array.of(-5) },
    });
  });
});
