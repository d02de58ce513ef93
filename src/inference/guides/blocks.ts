/** The part of coordinates that belongs to one latent, given those before it. */
import { type Axis, placeAmong, sizeOf } from "../../tensor/internal.ts";
import type { Coordinates } from "../density/coordinates.ts";
import { cholesky, dot } from "../statistics/linear.ts";
import type { EarlierNoise } from "./automatic.ts";

/** x = location + dependence w' + factor w of one latent, row-major over its plates, elements and columns. */
export interface Block {
  /** Over plates and elements. */
  readonly location: Float64Array;
  /** Over plates, elements and the numbers before. */
  readonly dependence: Float64Array | undefined;
  /** Over plates, elements and, unless diagonal, elements. */
  readonly factor: Float64Array;
  /** Whether `factor` holds the diagonal only. */
  readonly isDiagonal: boolean;
}

/** A latent before. */
interface Parent {
  readonly noise: Pick<EarlierNoise, "name"> & { readonly axis: Pick<Axis, "size"> | undefined };
}

/** In nats: the divergence of a normal that is taken for the coordinates though it lacks some of their correlations. */
const LEFT_OUT = 0.05;

/**
 * Whether elements of a plate depend on one another, or on those of another plate, given what stands outside of both: as
 * categories of a softmax do, or two ways to group the same rows. They do where the normal of the coordinates is further
 * than 0.05 nats from the one without such correlations.
 */
export function dependsAcrossPlates({ sites, factor, dimension }: Coordinates): boolean {
  if (factor === undefined) return false;
  let divergence = 0;
  sites.forEach(({ offset, plates, size }, s) => {
    const elements = sizeOf(plates);
    const length = size / elements;
    const parents = sites
      .slice(0, s)
      .filter((before) => before.plates.every((plate) => plates.includes(plate)))
      .map(({ name, size: all, plates: own }) => ({
        noise: { name, axis: { size: all / sizeOf(own) } },
      }));
    for (let e = 0; e < elements; e++) {
      const start = offset + e * length;
      const known = new Set(columnsOf(e, plates, sites, parents));
      for (let i = start; i < start + length; i++) {
        const row = factor.subarray(i * dimension, (i + 1) * dimension);
        let lost = 0;
        for (let column = 0; column < start; column++) {
          if (!known.has(column)) lost += row[column] ** 2;
        }
        divergence += Math.log1p(lost / row[i] ** 2) / 2;
      }
    }
  });
  return divergence > LEFT_OUT;
}

/**
 * The block of a latent whose elements, for each element of `outer`, depend on `parents`. What depends on others
 * is a part of its own factor, so that the marginal covariances are those of the coordinates. Undefined where the
 * coordinates do not know the latent.
 */
export function blockOf(
  { sites, location, scales, factor, dimension }: Coordinates,
  name: string,
  outer: readonly Axis[],
  mostRows: number,
  parents: readonly Parent[],
): Block | undefined {
  const site = sites.find((each) => each.name === name);
  if (site === undefined) return undefined;
  const elements = sizeOf(outer);
  const size = site.size / elements;
  const own = { location: location.slice(site.offset, site.offset + site.size) };
  const diagonal = () => scales.slice(site.offset, site.offset + site.size);
  if (factor === undefined) {
    return { ...own, dependence: undefined, factor: diagonal(), isDiagonal: true };
  }
  const before = parents.reduce((n, { noise }) => n + (noise.axis?.size ?? 1), 0);
  const dependence = new Float64Array(site.size * before);
  const isDiagonal = size === 1 || size > mostRows;
  const blocks = new Float64Array(isDiagonal ? site.size : site.size * size);
  for (let e = 0; e < elements; e++) {
    const columns = columnsOf(e, outer, sites, parents);
    const rows = Array.from({ length: size }, (_, k) => {
      const at = (site.offset + e * size + k) * dimension;
      return factor.slice(at, at + dimension);
    });
    rows.forEach((row, k) => {
      columns.forEach((column, c) => {
        dependence[(e * size + k) * before + c] = row[column];
        row[column] = 0;
      });
    });
    const rest = (a: number, b: number) => dot(rows[a], rows[b]);
    if (isDiagonal) {
      for (let k = 0; k < size; k++) blocks[e * size + k] = Math.sqrt(rest(k, k));
    } else {
      const covariance = Float64Array.from({ length: size * size }, (_, at) =>
        rest(Math.floor(at / size), at % size),
      );
      const root = cholesky(covariance, size);
      if (root === undefined) {
        return { ...own, dependence: undefined, factor: diagonal(), isDiagonal: true };
      }
      blocks.set(root, e * size * size);
    }
  }
  return { ...own, dependence: before === 0 ? undefined : dependence, factor: blocks, isDiagonal };
}

/** The columns of the numbers before that the element `e` of `outer` may depend on, in their order. */
export function columnsOf(
  e: number,
  outer: readonly Axis[],
  sites: Coordinates["sites"],
  parents: readonly Parent[],
): number[] {
  return parents.flatMap(({ noise }) => {
    const site = sites.find(({ name }) => name === noise.name);
    const length = noise.axis?.size ?? 1;
    if (site === undefined) throw new Error(`no coordinates of '${noise.name}'`);
    const shared = site.axes.filter((a) => outer.includes(a));
    const element = placeAmong(shared, outer, e);
    return Array.from({ length }, (_, k) => site.offset + element * length + k);
  });
}
