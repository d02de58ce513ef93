/**
 * Draws as a Zarr store (version 2 of the format, https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html), a folder of
 * plain files in the layout of ArviZ: `xarray.open_datatree("posterior.zarr", engine="zarr")` opens it.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PredictiveDraws, PriorDraws, StatisticName } from "../../inference/index.ts";
import { nextTurn } from "../../inference/internal.ts";
import {
  type Axis,
  checkArguments,
  NUMBER,
  OBJECT,
  objectWith,
  sizeOf,
  TEXT,
} from "../../tensor/internal.ts";
import { writeDraft } from "../files.ts";
import { areWhole, type DrawsToSave, type ValuesToSave, type WriteProgress } from "./draws.ts";

/** What ArviZ calls what is known of each draw, and its type. */
const STATISTICS: Readonly<Record<StatisticName, readonly [string, Coding]>> = {
  logDensity: ["lp", "<f8"],
  energy: ["energy", "<f8"],
  acceptance: ["acceptance_rate", "<f8"],
  stepSize: ["step_size", "<f8"],
  leapfrogs: ["n_steps", "<i8"],
  depth: ["tree_depth", "<i8"],
  diverging: ["diverging", "|b1"],
};

/** Bytes of a chunk, about. */
const CHUNK = 2 ** 23;

/** How numbers are written: float64, int64, truth. */
type Coding = "<f8" | "<i8" | "|b1";

interface CodingRules {
  readonly bytes: number;
  /** What stands in a chunk behind the last value. */
  readonly padding: number;
  readonly put: (view: DataView, at: number, x: number) => void;
}

const CODINGS: Readonly<Record<Coding, CodingRules>> = {
  "<f8": { bytes: 8, padding: Number.NaN, put: (v, i, x) => v.setFloat64(8 * i, x, true) },
  "<i8": { bytes: 8, padding: 0, put: (v, i, x) => v.setBigInt64(8 * i, BigInt(x), true) },
  "|b1": { bytes: 1, padding: 0, put: (v, i, x) => v.setUint8(i, x) },
};

/** An array over named dimensions, row-major. */
interface NamedArray {
  readonly dimensions: readonly string[];
  readonly shape: readonly number[];
  readonly data: ArrayLike<number> | readonly string[];
  readonly coding: Coding;
  /** Of `shape`; what is cut lies before what is not. All of it unless given. */
  readonly chunk?: readonly number[];
}

/**
 * The groups `posterior`, `sample_stats` (of chains), `observed_data`, `constant_data`, and where there are predictions
 * `posterior_predictive` and `log_likelihood`. Variables lie over `chain` (one, if the draws are
 * of none), `draw` and the axes of their site, with labels, or places, as coordinates.
 *
 * @throws SurmiseError if the folder cannot be written.
 */
export function writeZarr(
  path: string,
  draws: DrawsToSave,
  progress: WriteProgress = () => {},
): Promise<void> {
  return writeGroups(path, groupsOf(draws), draws.attributes, progress);
}

/**
 * Draws from the priors as the groups `prior`, `prior_predictive` and `observed_data`, in the layout of `writeZarr`.
 *
 * @throws SurmiseError if the folder cannot be written.
 */
export function writePriorZarr(
  path: string,
  drawn: PriorDraws,
  beside: Pick<DrawsToSave, "observed" | "attributes"> = {},
): Promise<void> {
  checkArguments("writePriorZarr", { path }, TEXT);
  checkArguments(
    "writePriorZarr",
    { drawn },
    objectWith({ draws: NUMBER, sites: OBJECT, predictive: OBJECT }),
  );
  checkArguments("writePriorZarr", { beside }, OBJECT);
  const { draws, sites, predictive } = drawn;
  const { observed, attributes } = beside;
  const { posterior, posterior_predictive, observed_data } = groupsOf({
    ...{ draws, sites, predictive: { draws, thin: 1, sites: predictive } },
    ...(observed && { observed }),
  });
  const groups = { prior: posterior, prior_predictive: posterior_predictive, observed_data };
  return writeGroups(path, groups, attributes, () => {});
}

function writeGroups(
  path: string,
  all: Readonly<Record<string, Arrays | undefined>>,
  attributes: DrawsToSave["attributes"] = {},
  progress: WriteProgress,
): Promise<void> {
  return writeDraft(path, async (root) => {
    const groups = Object.entries(all).filter(([, arrays]) => arrays !== undefined);
    const total = groups
      .flatMap(([, arrays]) => Object.values(arrays ?? {}))
      .reduce((sum, { data }) => sum + data.length, 0);
    let written = 0;
    const store = new Store(root, (elements) => {
      written += elements;
      progress(written / total);
    });
    await store.group("", attributes);
    for (const [name, arrays] of groups) {
      await store.group(name, attributes);
      for (const [variable, values] of Object.entries(arrays ?? {})) {
        await store.array(`${name}/${variable}`, values);
      }
    }
    await store.finish();
  });
}

type Arrays = Readonly<Record<string, NamedArray>>;

function groupsOf(saved: DrawsToSave) {
  const { draws: all, chains = 1, sites, statistics } = saved;
  const { observed, constant, predictive, logLikelihood } = saved;
  const draws = all / chains;
  const variables = [...Object.keys(sites), ...Object.keys(observed ?? {})].map(plainName);
  const names = dimensionNames(
    [...values(sites), ...values(observed), ...values(constant)],
    variables,
  );
  const running = runningOver(chains, draws);
  const over = (axes: readonly Axis[]) => axes.map((a) => names.get(a) as string);
  const coordinates = (list: readonly { readonly axes: readonly Axis[] }[]): Arrays =>
    Object.fromEntries(
      [...new Set(list.flatMap(({ axes }) => axes))].map((a) => [
        names.get(a) as string,
        coordinateOf(a, names.get(a) as string),
      ]),
    );
  const drawn = (
    axes: readonly Axis[],
    data: ArrayLike<number>,
    coding: Coding,
    each = draws,
  ): NamedArray => {
    const rows = Math.max(1, Math.min(each, Math.floor(CHUNK / (8 * sizeOf(axes)))));
    const sizes = axes.map(({ size }) => size);
    return {
      dimensions: ["chain", "draw", ...over(axes)],
      shape: [chains, each, ...sizes],
      chunk: [1, rows, ...sizes],
      data,
      coding,
    };
  };
  const posterior: Arrays = {
    ...running,
    ...coordinates(values(sites)),
    ...mapped(sites, (site) => drawn(site.axes, site.data, codingOf(site))),
  };
  const stats: Arrays | undefined = statistics && {
    ...running,
    ...Object.fromEntries(
      Object.entries(STATISTICS).map(([name, [theirs, coding]]) => [
        theirs,
        drawn([], statistics[name as StatisticName], coding),
      ]),
    ),
  };
  const given = (those: Readonly<Record<string, ValuesToSave>> | undefined): Arrays | undefined =>
    those && {
      ...coordinates(values(those)),
      ...mapped(those, (each) => ({
        dimensions: over(each.axes),
        shape: each.axes.map(({ size }) => size),
        data: each.data,
        coding: codingOf(each),
      })),
    };
  const predicted = (of: PredictiveDraws | undefined): Arrays | undefined => {
    if (of === undefined) return undefined;
    const each = of.draws / chains;
    return {
      ...runningOver(chains, each, of.thin),
      ...coordinates(values(of.sites)),
      ...mapped(of.sites, (site) => drawn(site.axes, site.data, codingOf(site), each)),
    };
  };
  return {
    posterior,
    sample_stats: stats,
    posterior_predictive: predicted(predictive),
    log_likelihood: predicted(logLikelihood),
    observed_data: given(observed),
    constant_data: given(constant && apart(constant, [...names.values(), ...variables])),
  };
}

const codingOf = (values: Pick<ValuesToSave, "whole" | "data">): Coding =>
  areWhole(values) ? "<i8" : "<f8";

/** The same by names of which none is taken. */
function apart<T>(
  record: Readonly<Record<string, T>>,
  others: readonly string[],
): Readonly<Record<string, T>> {
  const taken = new Set(others);
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [freeName(plainName(name), taken), value]),
  );
}

/** The name, with a number behind it if it is taken; it is then. */
export function freeName(base: string, taken: Set<string>): string {
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base}_${i}`;
  taken.add(name);
  return name;
}

function runningOver(chains: number, draws: number, thin = 1): Arrays {
  return { chain: counted("chain", chains), draw: counted("draw", draws, thin) };
}

function values<T>(record: Readonly<Record<string, T>> = {}): T[] {
  return Object.values(record);
}

function mapped<T, U>(record: Readonly<Record<string, T>>, of: (value: T) => U): Record<string, U> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [plainName(name), of(value)]),
  );
}

/** As the name of a folder. */
function plainName(name: string): string {
  return name.replace(/^\.|[/\\]/g, "_");
}

function counted(name: string, size: number, step = 1): NamedArray {
  const data = Array.from({ length: size }, (_, i) => step * i);
  return { dimensions: [name], shape: [size], data, coding: "<i8" };
}

function coordinateOf({ size, labels }: Axis, name: string): NamedArray {
  if (labels === undefined) return counted(name, size);
  return { dimensions: [name], shape: [size], data: labels, coding: "<f8" };
}

/** A name for each axis that is no other's, nor that of a variable. */
function dimensionNames(
  list: readonly { readonly axes: readonly Axis[] }[],
  variables: readonly string[],
): ReadonlyMap<Axis, string> {
  const names = new Map<Axis, string>();
  const taken = new Set(["chain", "draw", ...variables]);
  for (const a of list.flatMap(({ axes }) => axes)) {
    if (names.has(a)) continue;
    names.set(a, freeName(plainName(a.name), taken));
  }
  return names;
}

interface NumberArray extends NamedArray {
  readonly data: ArrayLike<number>;
  readonly chunk: readonly number[];
}

/** A folder with the files of a store. */
class Store {
  private readonly root: string;
  private readonly written: (elements: number) => void;
  private readonly metadata: Record<string, unknown> = {};

  constructor(root: string, written: (elements: number) => void) {
    this.root = root;
    this.written = written;
  }

  async group(name: string, attributes: object): Promise<void> {
    await mkdir(join(this.root, name));
    await this.describe(name, ".zgroup", { zarr_format: 2 });
    await this.describe(name, ".zattrs", attributes);
  }

  async array(name: string, array: NamedArray): Promise<void> {
    const { dimensions, shape, data } = array;
    const isText = data.length > 0 && typeof data[0] === "string";
    const texts = isText ? (data as readonly string[]) : undefined;
    const width = texts?.reduce((most, text) => Math.max(most, [...text].length), 1);
    const chunk = array.chunk ?? shape;
    await mkdir(join(this.root, name));
    await this.describe(name, ".zarray", {
      zarr_format: 2,
      shape,
      chunks: chunk,
      dtype: width === undefined ? array.coding : `<U${width}`,
      compressor: null,
      fill_value: null,
      order: "C",
      filters: null,
    });
    await this.describe(name, ".zattrs", { _ARRAY_DIMENSIONS: dimensions });
    if (texts !== undefined && width !== undefined) {
      await writeFile(join(this.root, name, "0"), encodeTexts(texts, width));
      this.written(data.length);
      return;
    }
    await this.chunks(name, { ...array, data: data as ArrayLike<number>, chunk });
  }

  /** Describes everything in one file too, so that readers need not look for it. */
  async finish(): Promise<void> {
    const all = { zarr_consolidated_format: 1, metadata: this.metadata };
    await writeFile(join(this.root, ".zmetadata"), JSON.stringify(all));
  }

  /** Chunks are whole in memory: runs of elements that follow each other, the last one padded. */
  private async chunks(name: string, { shape, data, coding, chunk }: NumberArray): Promise<void> {
    const { bytes, padding, put }: CodingRules = CODINGS[coding];
    const cut = Math.max(
      0,
      shape.findLastIndex((size, i) => chunk[i] < size),
    );
    const inner = shape.slice(cut + 1).reduce((a, b) => a * b, 1);
    const [length = 1, rows = 1] = [shape[cut], chunk[cut]];
    const blocks = Math.max(1, Math.ceil(length / rows));
    const outer = shape.slice(0, cut).reduce((a, b) => a * b, 1);
    const rest = shape.slice(cut + 1).map(() => 0);
    for (let o = 0; o < outer; o++) {
      for (let b = 0; b < blocks; b++) {
        const view = new DataView(new ArrayBuffer(rows * inner * bytes));
        const from = (o * length + b * rows) * inner;
        const known = Math.min(rows, length - b * rows) * inner;
        for (let i = 0; i < rows * inner; i++) put(view, i, i < known ? data[from + i] : padding);
        const outside = cut === 0 ? [] : [o];
        const key = shape.length === 0 ? [0] : [...outside, b, ...rest];
        await writeFile(join(this.root, name, key.join(".")), view);
        this.written(known);
        await nextTurn();
      }
    }
  }

  private async describe(name: string, file: string, content: object): Promise<void> {
    this.metadata[name === "" ? file : `${name}/${file}`] = content;
    await writeFile(join(this.root, name, file), JSON.stringify(content));
  }
}

/** Texts as UTF-32, each as wide as the longest. */
function encodeTexts(texts: readonly string[], width: number): DataView {
  const view = new DataView(new ArrayBuffer(4 * width * texts.length));
  texts.forEach((text, t) => {
    [...text].forEach((character, i) => {
      view.setUint32(4 * (t * width + i), character.codePointAt(0) ?? 0, true);
    });
  });
  return view;
}
