/**
 * Laplace's approximation: a normal at the mode of the log density of the unconstrained parameters, whose
 * covariance is the inverse of minus the Hessian there (MacKay, "Information theory,
 * inference and learning algorithms", 2003, chapter 27).
 */
import type { Param, ParamStore } from "../../model/index.ts";
import {
  type Axis,
  axis,
  cast,
  constant,
  fold,
  gather,
  index,
  type Key,
  type Precision,
  SurmiseError,
  sizeOf,
  standardNormal,
  sum,
  type Tensor,
  type TypedArray,
  tensor,
} from "../../tensor/index.ts";
import { cholesky, inverseTransposed, solve } from "../guides/cholesky.ts";
import { LogDensity } from "./logDensity.ts";
import { noMode, steepestLatent } from "./mode.ts";

/** Rows of the Hessian at most. */
const MAX_DIMENSION = 1000;
const NEWTON_STEPS = 50;

/** A normal over some unconstrained parameters, flat, one after the other. */
export interface LaplaceApproximation {
  readonly params: readonly Param[];
  readonly mode: Float64Array;
  /** Row-major: a matrix M with M M^T the covariance. */
  readonly factor: Float64Array;
  /** The log evidence of the data, were the normal exact. */
  readonly logEvidence: number;
}

/**
 * The mode of `bound` over `params`, by damped Newton steps from `values`, and the normal there. Other
 * inputs of `bound` are taken from `values` too, which may hold the units of parameters (`training`).
 *
 * @throws SurmiseError if there are more than 1000 unconstrained parameters, or no maximum is found.
 */
export function laplaceApproximation(
  bound: Tensor,
  params: readonly Param[],
  values: Readonly<Record<string, { readonly data: TypedArray }>>,
  dtype?: Precision,
): LaplaceApproximation {
  const sizes = params.map(({ axes }) => sizeOf(axes));
  const size = sizes.reduce((a, b) => a + b, 0);
  if (size > MAX_DIMENSION) {
    throw new SurmiseError(
      `laplace: the latents have ${size} unconstrained parameters in all, more than the ${MAX_DIMENSION} whose ` +
        "Hessian fits into a matrix: use vi",
    );
  }
  const logDensity = new LogDensity(bound, params, values, dtype);
  let at = logDensity.read();
  let here = logDensity.moveTo(at);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const towards = newtonStep(logDensity, here.gradient);
    const better = lineSearch(logDensity, at, here.value, towards);
    if (better === undefined) break;
    const gain = better.value - here.value;
    [at, here] = [better.at, better];
    if (gain < 1e-9 * Math.max(1, Math.abs(here.value))) break;
  }
  logDensity.moveTo(at);
  const root = cholesky(logDensity.negHessian(), size);
  if (root === undefined) noMode("laplace", steepestLatent(logDensity, at, params, values));
  const logRoot = Array.from({ length: size }, (_, i) => Math.log(root[i * size + i]));
  const logEvidence =
    here.value + 0.5 * size * Math.log(2 * Math.PI) - logRoot.reduce((a, b) => a + b, 0);
  return { params, mode: at, factor: inverseTransposed(root, size), logEvidence };
}

/**
 * The parameters of `store` with draws along `along` from the normal in the place of those that it
 * approximates.
 */
export function sampleParameters(
  store: ParamStore,
  { params, mode, factor }: LaplaceApproximation,
  along: Axis,
  key: Key,
): ParamStore {
  const unconstrained = axis("unconstrained", mode.length);
  const noise = axis("noise", mode.length);
  const shift = sum(
    tensor(factor, [unconstrained, noise]).mul(
      standardNormal(fold(key, "laplace"), [along, noise], "float64"),
    ),
    noise,
  );
  const drawn = tensor(mode, [unconstrained]).add(shift);
  const values = new Map<string, Tensor>();
  let from = 0;
  for (const { name, axes, dtype } of params) {
    values.set(name, cast(gather(drawn, unconstrained, rowMajorIndex(axes).add(from)), dtype));
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
function rowMajorIndex(axes: readonly Axis[]): Tensor {
  return axes.reduce<Tensor>((at, a) => at.mul(a.size).add(index(a)), constant(0, "int32"));
}

/** An ascent step: Newton's where minus the Hessian is positive definite, else damped (Levenberg). */
function newtonStep(logDensity: LogDensity, gradient: Float64Array): Float64Array {
  const size = gradient.length;
  const negHessian = logDensity.negHessian();
  const largest = Math.max(
    ...Array.from({ length: size }, (_, i) => Math.abs(negHessian[i * size + i])),
  );
  for (let damping = 0; ; damping = damping === 0 ? 1e-6 * largest + 1e-12 : 10 * damping) {
    const damped = negHessian.slice();
    for (let i = 0; i < size; i++) damped[i * size + i] += damping;
    const root = cholesky(damped, size);
    if (root !== undefined) return solve(root, gradient);
    if (!Number.isFinite(damping)) {
      throw new SurmiseError("laplace: the Hessian of the log density is not finite");
    }
  }
}

/** Backtracking line search: the first of ever shorter steps that increases the density, if there is one. */
function lineSearch(logDensity: LogDensity, from: Float64Array, value: number, step: Float64Array) {
  for (let scale = 1; scale > 1e-4; scale /= 2) {
    const at = from.map((x, i) => x + scale * step[i]);
    const found = logDensity.moveTo(at);
    if (found.value > value) return { at, ...found };
  }
  logDensity.moveTo(from);
  return undefined;
}
