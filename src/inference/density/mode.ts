/** Whether a search for the most probable values has come to a peak, and what to say if it has not. */
import type { Param } from "../../model/index.ts";
import { SurmiseError, sizeOf, type Tensor, type TypedArray } from "../../tensor/index.ts";
import { Surface } from "./logDensity.ts";

type Values = Readonly<Record<string, { readonly data: TypedArray }>>;

/** A slope of so many nats for each width of the prior is none. */
const FLAT = 0.01;
/** What the end of a search may leave to be gained, in nats. */
const REST = 0.1;

/**
 * Checks that `bound` has little to gain along any of `params`, at `values`, which may hold the units of
 * parameters (`training`).
 *
 * @throws SurmiseError naming the latent along which it still rises.
 */
export function checkPeak(bound: Tensor, params: readonly Param[], values: Values): void {
  const surface = new Surface(bound, params, values);
  const latent = risesAlong(surface, surface.read(), params, values);
  if (latent !== undefined) refuseSlope("map", latent);
}

/**
 * The latent along whose slope there is most to gain at a place, if it is more than a rest: the square of
 * the slope over twice the curvature, if it is curved downwards, else without end.
 */
export function risesAlong(
  surface: Surface,
  place: Float64Array,
  params: readonly Param[],
  values: Values,
): string | undefined {
  const { slope } = surface.at(place);
  let most = { gain: REST, name: "" };
  let from = 0;
  for (const { name, axes } of params) {
    const to = from + sizeOf(axes);
    const units = values[`${name}#unit`]?.data;
    const along = slope.map((x, i) =>
      i < from || i >= to ? 0 : x * (units === undefined ? 1 : units[i - from] ** 2),
    );
    const rise = dot(slope, along);
    if (Math.sqrt(rise) > FLAT) {
      const bend = -dot(along, surface.bend(along));
      const gain = bend > 0 ? rise ** 2 / (2 * bend) : Number.POSITIVE_INFINITY;
      if (gain > most.gain) most = { gain, name };
    }
    from = to;
  }
  return most.name === "" ? undefined : most.name.replace(/\.mode$/, "");
}

export function refuseSlope(method: string, latent?: string): never {
  const where = latent === undefined ? "" : `, and rises along latent '${latent}'`;
  throw new SurmiseError(
    `${method}: the log density has no maximum where the search ended${where}. Where latents around a mean ` +
      "have an unknown spread it grows without end as the spread goes to 0: write them as that spread " +
      "times a standard normal latent, or choose vi or structured. If there is a maximum, make more steps",
  );
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((total, x, i) => total + x * b[i], 0);
}
