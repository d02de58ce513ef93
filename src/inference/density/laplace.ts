/**
 * Laplace's approximation: a normal at the mode of the log density of the free numbers, whose covariance
 * is the inverse of minus the matrix of second derivatives there (MacKay, "Information theory,
 * inference and learning algorithms", 2003, chapter 27).
 */
import type { Param, Parameters } from "../../model/index.ts";
import {
  type Axis,
  axis,
  cast,
  constant,
  fold,
  gather,
  index,
  type Key,
  SurmiseError,
  sizeOf,
  standardNormal,
  sum,
  type Tensor,
  type TypedArray,
  tensor,
} from "../../tensor/index.ts";
import { cholesky, inverseTransposed, solve } from "../guides/cholesky.ts";
import { Surface } from "./logDensity.ts";
import { refuseSlope, risesAlong } from "./mode.ts";

/** The second derivatives are a matrix of so many rows at most. */
const MOST_FREE_NUMBERS = 1000;
const NEWTON_STEPS = 50;

/** The free numbers of some parameters, one after the other, and a normal over them. */
export interface Curvature {
  readonly params: readonly Param[];
  readonly mode: Float64Array;
  /** Row-major: a matrix M with M M^T the covariance. */
  readonly factor: Float64Array;
  /** The log evidence of the data, were the normal exact. */
  readonly logEvidence: number;
}

/**
 * The mode of `bound` over `params`, by damped Newton steps from `values`, and the curvature there. Other
 * inputs of `bound` are taken from `values` too, which may hold the units of parameters (`training`).
 *
 * @throws SurmiseError if there are more than 1000 free numbers, or no maximum is found.
 */
export function curvatureAt(
  bound: Tensor,
  params: readonly Param[],
  values: Readonly<Record<string, { readonly data: TypedArray }>>,
): Curvature {
  const sizes = params.map(({ axes }) => sizeOf(axes));
  const size = sizes.reduce((a, b) => a + b, 0);
  if (size > MOST_FREE_NUMBERS) {
    throw new SurmiseError(
      `laplace: the latents have ${size} free numbers in all, more than the ${MOST_FREE_NUMBERS} whose ` +
        "second derivatives fit into a matrix: use vi",
    );
  }
  const surface = new Surface(bound, params, values);
  let at = surface.read();
  let here = surface.at(at);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const towards = newtonStep(surface, here.slope);
    const better = search(surface, at, here.height, towards);
    if (better === undefined) break;
    const gain = better.height - here.height;
    [at, here] = [better.at, better];
    if (gain < 1e-9 * Math.max(1, Math.abs(here.height))) break;
  }
  surface.at(at);
  const root = cholesky(surface.negatedSecondDerivatives(), size);
  if (root === undefined) refuseSlope("laplace", risesAlong(surface, at, params, values));
  const logRoot = Array.from({ length: size }, (_, i) => Math.log(root[i * size + i]));
  const logEvidence =
    here.height + 0.5 * size * Math.log(2 * Math.PI) - logRoot.reduce((a, b) => a + b, 0);
  return { params, mode: at, factor: inverseTransposed(root, size), logEvidence };
}

/**
 * The parameters of `store` with draws along `along` from the normal in the place of those that the
 * curvature is of.
 */
export function drawnParameters(
  store: Parameters,
  { params, mode, factor }: Curvature,
  along: Axis,
  key: Key,
): Parameters {
  const free = axis("free number", mode.length);
  const noise = axis("noise", mode.length);
  const shift = sum(
    tensor(factor, [free, noise]).mul(
      standardNormal(fold(key, "laplace"), [along, noise], "float64"),
    ),
    noise,
  );
  const drawn = tensor(mode, [free]).add(shift);
  const values = new Map<string, Tensor>();
  let from = 0;
  for (const { name, axes, dtype } of params) {
    values.set(name, cast(gather(drawn, free, placeOf(axes).add(from)), dtype));
    from += sizeOf(axes);
  }
  return {
    list: store.list,
    declare: (name, axes, options) => {
      const param = store.declare(name, axes, options);
      return { ...param, value: values.get(name) ?? param.value };
    },
  };
}

/** The number of each element, row-major over `axes`. */
function placeOf(axes: readonly Axis[]): Tensor {
  return axes.reduce<Tensor>((at, a) => at.mul(a.size).add(index(a)), constant(0, "int32"));
}

/** A step uphill: Newton's, where the surface is curved like a peak, else one bent towards the slope. */
function newtonStep(surface: Surface, slope: Float64Array): Float64Array {
  const size = slope.length;
  const curved = surface.negatedSecondDerivatives();
  const largest = Math.max(
    ...Array.from({ length: size }, (_, i) => Math.abs(curved[i * size + i])),
  );
  for (let bend = 0; ; bend = bend === 0 ? 1e-6 * largest + 1e-12 : 10 * bend) {
    const bent = curved.slice();
    for (let i = 0; i < size; i++) bent[i * size + i] += bend;
    const root = cholesky(bent, size);
    if (root !== undefined) return solve(root, slope);
    if (!Number.isFinite(bend)) {
      throw new SurmiseError("laplace: the second derivatives of the log density are not finite");
    }
  }
}

/** The first of shorter and shorter steps that leads higher, if there is one. */
function search(surface: Surface, from: Float64Array, height: number, step: Float64Array) {
  for (let share = 1; share > 1e-4; share /= 2) {
    const at = from.map((x, i) => x + share * step[i]);
    const found = surface.at(at);
    if (found.height > height) return { at, ...found };
  }
  surface.at(from);
  return undefined;
}
