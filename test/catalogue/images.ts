/** Files of images as they should not be. */
import { gzipSync } from "node:zlib";
import { idx, npy, npyHeader } from "../data/fixtures.ts";

/** What is wrong, the file, and what the refusal must name. */
export interface MalformedImages {
  readonly what: string;
  readonly name: string;
  readonly content: Uint8Array;
  readonly says: RegExp;
  readonly words?: readonly string[];
}

const pixels = Uint8Array.from({ length: 80 }, (_, i) => i);
const whole = idx([20, 2, 2], pixels);
const header = (descr: string, shape: string, order?: string) => npyHeader(descr, shape, order);
const idxFile = (what: string, content: Uint8Array, says: RegExp, words?: readonly string[]) => ({
  ...{ what: `IDX: ${what}`, name: "x-images-ubyte", content, says },
  ...(words && { words }),
});
const npyFile = (what: string, content: Uint8Array, says: RegExp) => ({
  ...{ what: `NPY: ${what}`, name: "x.npy", content, says },
});
const changed = (bytes: Uint8Array, at: number, to: number) =>
  Uint8Array.from(bytes, (byte, i) => (i === at ? to : byte));
const npyWhole = npy(header("|u1", "(20, 2, 2)"), pixels);

/** Each is refused, naming what `says` says. */
export const IMAGES: readonly MalformedImages[] = [
  idxFile("an empty file", new Uint8Array(), /truncated/),
  idxFile("three bytes", whole.subarray(0, 3), /truncated/),
  idxFile("a header that ends early", whole.subarray(0, 10), /truncated/),
  idxFile("values that end early", whole.subarray(0, 60), /truncated/),
  idxFile("a byte too many", Buffer.concat([whole, Buffer.from([0])]), /too long/),
  idxFile("another beginning", changed(whole, 0, 1), /not an IDX file/),
  ...[9, 11, 12, 13, 14, 255].map((type) =>
    idxFile(`element type ${type}`, changed(whole, 2, type), /element type/),
  ),
  idxFile("no axes", changed(whole, 3, 0), /number of axes/),
  idxFile("255 axes", changed(whole, 3, 255), /truncated/),
  idxFile("two axes", idx([20, 4], pixels), /\(image, row, column\)/),
  idxFile("four axes", idx([5, 4, 2, 2], pixels), /\(image, row, column\)/),
  idxFile("images of no size", idx([20, 0, 2], []), /none of them 0/),
  idxFile("no images", idx([0, 2, 2], []), /none of them 0/),
  idxFile("sizes of 4 billion", changed(whole, 4, 255), /truncated/),
  idxFile("too few images", idx([9, 2, 2], pixels.subarray(0, 36)), /at least 10/),
  idxFile("fewer images than a batch", whole, /batch is 19/, ["--batch", "19"]),
  idxFile("fewer images than asked for", whole, /100 images .* are asked for/, [
    "--train-images",
    "100",
  ]),
  idxFile("fewer test images than asked for", whole, /100 images .* are asked for/, [
    "--test-images",
    "100",
  ]),
  idxFile("text", Buffer.from("pixel0,pixel1\n1,2\n"), /not an IDX file/),
  idxFile("gzip that ends early", gzipSync(whole).subarray(0, 30), /x-images-ubyte/),
  idxFile(
    "gzip with a wrong checksum",
    changed(gzipSync(whole), gzipSync(whole).length - 6, 7),
    /x-images-ubyte/,
  ),
  idxFile("gzip of nonsense", gzipSync(Buffer.from("nonsense")), /not an IDX file/),
  npyFile("an empty file", new Uint8Array(), /not an NPY file/),
  npyFile("text", Buffer.from("1,2,3\n"), /not an NPY file/),
  npyFile("a header that ends early", npyWhole.subarray(0, 30), /truncated/),
  npyFile("values that end early", npyWhole.subarray(0, -10), /truncated or corrupt/),
  npyFile("values too many", Buffer.concat([npyWhole, Buffer.alloc(4)]), /truncated or corrupt/),
  npyFile("version 9", changed(npyWhole, 6, 9), /version/),
  npyFile("version 0", changed(npyWhole, 6, 0), /version/),
  npyFile(
    "no type",
    npy("{'fortran_order': False, 'shape': (20, 2, 2), }", pixels),
    /element type/,
  ),
  npyFile("no shape", npy("{'descr': '|u1', 'fortran_order': False, }", pixels), /'shape'/),
  ...["(,)", "(20 2, 2)", "(20,, 2)", "(2e1, 2, 2)"].map((shape) =>
    npyFile(`the shape ${shape}`, npy(header("|u1", shape), pixels), /no valid 'shape'/),
  ),
  npyFile("no order", npy("{'descr': '|u1', 'shape': (20, 2, 2), }", pixels), /'fortran_order'/),
  npyFile("Fortran order", npy(header("|u1", "(20, 2, 2)", "True"), pixels), /Fortran order/),
  npyFile("a negative size", npy(header("|u1", "(-20, 2, 2)"), pixels), /'shape'/),
  npyFile("two axes", npy(header("|u1", "(20, 4)"), pixels), /\(image, row, column\)/),
  npyFile("no images", npy(header("|u1", "(0, 2, 2)"), new Uint8Array()), /none of them 0/),
  npyFile(
    "a single number",
    npy(header("|u1", "()"), pixels.subarray(0, 1)),
    /\(image, row, column\)/,
  ),
  npyFile("floats", npy(header("<f4", "(20, 2, 2)"), new Float32Array(80)), /uint8/),
  npyFile(
    "infinite floats",
    npy(header("<f4", "(20, 2, 2)"), new Float32Array(80).fill(1 / 0)),
    /Infinity/,
  ),
  ...["|O", "<U3", ">f4", "<f2", "<c8", "|b1", "<i8", "__proto__", "toString"].map((type) =>
    npyFile(`elements of type ${type}`, npy(header(type, "(20, 2, 2)"), pixels), /element type/),
  ),
];
