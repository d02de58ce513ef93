/** Whether a search for the mode has converged, and what to say if it has not. */
import type { Param } from "../../model/index.ts";
import {
  type Precision,
  SurmiseError,
  sizeOf,
  type Tensor,
  type TypedArray,
} from "../../tensor/index.ts";
import { LogDensity } from "./logDensity.ts";

type ParameterValues = Readonly<Record<string, { readonly data: TypedArray }>>;

/** In nats per prior standard deviation. */
const GRADIENT_TOLERANCE = 0.01;
/** How far below the mode a search may end, in nats. */
const GAIN_TOLERANCE = 0.1;

/**
 * Checks that `bound` is at its mode along each of `params`, within the tolerances, at `values`, which may hold the units of
 * parameters (`training`).
 *
 * @throws SurmiseError naming the latent along which it still rises.
 */
export function checkMode(
  bound: Tensor,
  params: readonly Param[],
  values: ParameterValues,
  dtype?: Precision,
): void {
  const logDensity = new LogDensity(bound, params, values, dtype);
  const latent = steepestLatent(logDensity, logDensity.read(), params, values);
  if (latent !== undefined) noMode("map", latent);
}

/**
 * The latent along whose gradient a Newton step would gain most, if that is more than the tolerance: the squared
 * norm of the gradient, squared, over twice the curvature along it; infinite where the density is not concave.
 */
export function steepestLatent(
  logDensity: LogDensity,
  point: Float64Array,
  params: readonly Param[],
  values: ParameterValues,
): string | undefined {
  const { gradient } = logDensity.moveTo(point);
  let most = { gain: GAIN_TOLERANCE, name: "" };
  let from = 0;
  for (const { name, axes } of params) {
    const to = from + sizeOf(axes);
    const scales = values[`${name}#learningRateScale`]?.data;
    const direction = gradient.map((x, i) =>
      i < from || i >= to ? 0 : x * (scales === undefined ? 1 : scales[i - from] ** 2),
    );
    const squaredNorm = dot(gradient, direction);
    if (Math.sqrt(squaredNorm) > GRADIENT_TOLERANCE) {
      const curvature = -dot(direction, logDensity.hessianVectorProduct(direction));
      const gain = curvature > 0 ? squaredNorm ** 2 / (2 * curvature) : Number.POSITIVE_INFINITY;
      if (gain > most.gain) most = { gain, name };
    }
    from = to;
  }
  return most.name === "" ? undefined : most.name.replace(/\.mode$/, "");
}

export function noMode(method: string, latent?: string): never {
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
