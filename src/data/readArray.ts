/** Arrays of numbers from files: NPY, IDX, and folders of pictures. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { convertIndexedToRgb, decode } from "fast-png";
import type { NumberArray } from "../tables/internal.ts";
import { checkArguments, SurmiseError, TEXT } from "../tensor/internal.ts";
import { readIdx } from "./formats/idx.ts";
import { readNpy } from "./formats/npy.ts";

/** Whether a path names an array and no table: an NPY or IDX file, gzipped or not, or a folder. */
export async function isArray(path: string): Promise<boolean> {
  checkArguments("isArray", { path }, TEXT);
  if (/\.npy(\.gz)?$|-ubyte(\.gz)?$/.test(path)) return true;
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * Reads an NPY or IDX file, gzipped or not, or the PNG pictures of one size in a folder, in the order of their paths: over
 * (picture, row, column) if they are grey, else over (picture, row, column, channel). Pictures in folders within it have
 * the names of these as labels.
 *
 * @throws SurmiseError if there is nothing of that kind, or it is damaged, or pictures differ in size or channels.
 */
export async function readArray(path: string): Promise<NumberArray> {
  checkArguments("readArray", { path }, TEXT);
  const files = await filesOf(path);
  if (files[0] !== path) return picturesOf(path, files);
  const bytes = await readFile(path);
  const { data, shape } = /\.npy(\.gz)?$/.test(path)
    ? await readNpy(bytes, path)
    : await readIdx(bytes, path);
  return { name: basename(path), data, shape };
}

/**
 * The file itself, or the PNG files in a folder and the folders directly within it, in the order of their paths.
 *
 * @throws SurmiseError if there is no such file, or none in the folder.
 */
export async function filesOf(path: string): Promise<string[]> {
  checkArguments("filesOf", { path }, TEXT);
  const found = await stat(path).catch((cause: Error) => {
    throw new SurmiseError(`cannot read the data '${path}' (${cause.message})`, { cause });
  });
  if (!found.isDirectory()) return [path];
  const names = [...(await picturesIn(path, true))].sort();
  if (names.length > 0) return names.map((name) => join(path, name));
  throw new SurmiseError(
    `there are no PNG pictures in the folder '${path}', nor in those directly within it; tables and arrays are files`,
  );
}

/** The names of the PNG files in a folder, and in those directly within it: no further, for a folder may be a whole disk. */
async function picturesIn(folder: string, isOuter: boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: Error) => {
    if (!isOuter) return [];
    throw new SurmiseError(`cannot read the folder '${folder}' (${cause.message})`, { cause });
  });
  const names = entries.map(async (entry) => {
    if (isOuter && entry.isDirectory()) {
      const inner = await picturesIn(join(folder, entry.name), false);
      return inner.map((name) => join(entry.name, name));
    }
    return /\.png$/i.test(entry.name) ? [entry.name] : [];
  });
  return (await Promise.all(names)).flat();
}

async function picturesOf(folder: string, files: readonly string[]): Promise<NumberArray> {
  const pictures: Picture[] = [];
  for (const file of files) pictures.push(pictureOf(file, await readFile(file)));
  const [{ height, width, channels, depth }] = pictures;
  const describe = (x: Picture) => `${x.height} x ${x.width} x ${x.channels} of ${x.depth} bits`;
  const other = pictures.findIndex((x) => describe(x) !== describe(pictures[0]));
  if (other >= 0) {
    throw new SurmiseError(
      `pictures of one size are needed: '${files[0]}' is ${describe(pictures[0])}, '${files[other]}' is ` +
        `${describe(pictures[other])} (rows x columns x channels)`,
    );
  }
  const size = height * width * channels;
  const data = new (depth === 16 ? Int32Array : Uint8Array)(size * pictures.length);
  pictures.forEach(({ values }, i) => {
    data.set(values, i * size);
  });
  const shape = [pictures.length, height, width, ...(channels === 1 ? [] : [channels])];
  const kinds = files.map((file) => relative(folder, file).split(sep).slice(0, -1).join("/"));
  const name = basename(folder);
  return kinds.every((kind) => kind !== "")
    ? { name, data, shape, labels: kinds }
    : { name, data, shape };
}

interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly depth: number;
  readonly values: ArrayLike<number>;
}

function pictureOf(file: string, bytes: Uint8Array): Picture {
  try {
    const decoded = decode(bytes, { checkCrc: true });
    const { height, width, channels, depth, data, palette = greys(depth) } = decoded;
    if (palette === undefined) return { height, width, channels, depth, values: data };
    const colours = convertIndexedToRgb({ ...decoded, palette });
    const isGrey = decoded.palette === undefined;
    return {
      ...{ height, width, depth: 8, channels: isGrey ? 1 : palette[0].length },
      values: isGrey ? colours.filter((_, i) => i % 3 === 0) : colours,
    };
  } catch (cause) {
    throw new SurmiseError(`'${file}' is no whole PNG picture (${(cause as Error).message})`, {
      cause,
    });
  }
}

/** Of less than a byte, several grey pixels share one, as the places of colours in a palette do. */
function greys(depth: number): number[][] | undefined {
  if (depth >= 8) return undefined;
  const levels = 2 ** depth;
  return Array.from({ length: levels }, (_, i) => new Array(3).fill((255 * i) / (levels - 1)));
}
