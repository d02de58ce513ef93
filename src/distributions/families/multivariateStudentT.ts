import {
  type Axis,
  abs,
  constant,
  exp,
  expm1,
  fold,
  inFloat64,
  log,
  log1p,
  logRising,
  max,
  maximum,
  type Operand,
  select,
  sqrt,
  square,
  standardNormal,
  stopGradient,
  sum,
  type Tensor,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { standardGamma } from "../samplers/gamma.ts";
import { keepFinite, keepPositive } from "../samplers/range.ts";
import { POSITIVE, REAL } from "../support/support.ts";
import { normalSpread, SCALES } from "./multivariateNormal.ts";

/** A scale matrix S = L L^T by its lower Cholesky factor L, or itself. */
export type ScaleMatrix = { readonly factor: Tensor } | { readonly scale: Tensor };

/**
 * Student's t distribution of a vector of d values along `row`, with n degrees of freedom around `location` with the
 * scale matrix S = L L^T:
 *
 *     log p(x) = log Gamma((n + d) / 2) - log Gamma(n / 2) - d log(n pi) / 2 - sum_i log L_ii
 *                - (n + d) / 2 log(1 + |L^-1 (x - location)|^2 / n).
 *
 * A draw is a normal vector over the root of one gamma draw, so all parts are far out together. The mean exists for n >
 * 1 (else NaN), the variance, n / (n - 2) times the diagonal of S, for n > 2. Axes as of `multivariateNormal`.
 *
 * @throws SurmiseError if a known `degrees` is not positive, or as `multivariateNormal`.
 *
 * @example observe("returns", multivariateStudentT(4, 0, { factor: L }, asset, column), returns)
 */
export function multivariateStudentT(
  degrees: Operand,
  location: Operand,
  scale: ScaleMatrix,
  row: Axis,
  column: Axis,
): Distribution {
  const {
    given,
    spread,
    axes: own,
  } = normalSpread(
    "multivariateStudentT",
    { degrees, location },
    { degrees: POSITIVE, location: REAL },
    scale,
    SCALES,
    row,
    column,
  );
  const { degrees: n, location: centre } = given.parameters as Readonly<Record<string, Tensor>>;
  const { whiten, colour, logScale, variance } = spread;
  const d = row.size;
  return distribution({
    name: "multivariateStudentT",
    ...given,
    axes: own,
    dimensions: [row],
    support: REAL,
    reparameterised: true,
    logProb: (x) => {
      // Over the largest deviation, as its quotient by a small scale may be too large for a number.
      const deviation = x.sub(centre);
      const reach = stopGradient(max(abs(deviation), row));
      const size = select(reach.gt(0), reach, 1);
      const z = whiten(deviation.div(size)).div(sqrt(n));
      const height = inFloat64([n], (n) =>
        logRising(n.mul(0.5), constant(d / 2, n.dtype)).sub(log(n.mul(Math.PI)).mul(d / 2)),
      );
      const tail = n
        .add(d)
        .mul(0.5)
        .mul(log1pSquares(z, size, column));
      return height.sub(logScale).sub(tail);
    },
    sample: (key, axes) => {
      const over = axes.map((a) => (a === row ? column : a));
      const each = axes.filter((a) => a !== row);
      const { logDraw } = standardGamma(fold(key, "gamma"), each, n.mul(0.5));
      const stretch = keepPositive(exp(log(n.mul(0.5)).sub(logDraw).mul(0.5)));
      const noise = standardNormal(fold(key, "normal"), over, centre.dtype);
      return keepFinite(centre.add(colour(noise).mul(stretch)));
    },
    mean: () => select(n.gt(1), centre, Number.NaN),
    variance: () => {
      const some = select(n.gt(2), n, 3);
      const outside = select(n.gt(1), constant(Number.POSITIVE_INFINITY, n.dtype), Number.NaN);
      return select(n.gt(2), variance().mul(some).div(some.sub(2)), outside);
    },
  });
}

/** log(1 + |s z|^2) for s > 0, also where a square is too large for a number. */
function log1pSquares(z: Tensor, s: Tensor, column: Axis): Tensor {
  // By the largest part, or 1: what numbers are over does not change the sum, nor its derivatives.
  const reach = stopGradient(max(abs(z), column));
  const isNone = reach.eq(0);
  const size = select(isNone, 1, reach);
  const logLength = log(size).add(log(s));
  const logUnit = maximum(logLength, 0);
  // The choice keeps the quotient inside of the sum, from which it would be pulled out.
  const shares = select(isNone, 0, z.div(size));
  const squares = sum(square(shares), column).mul(exp(logLength.sub(logUnit).mul(2)));
  return log1p(squares.add(expm1(logUnit.mul(-2)))).add(logUnit.mul(2));
}
