import {
  AXIS,
  type Axis,
  axis,
  cast,
  checkArguments,
  constant,
  type DType,
  diagonal,
  exp,
  fold,
  index,
  inFloat64,
  isFloat,
  type Key,
  lgamma,
  log,
  logDeterminant,
  type Operand,
  rename,
  SurmiseError,
  select,
  solveLower,
  square,
  standardNormal,
  sum,
  TENSOR,
  Tensor,
  unionAxes,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { standardGamma } from "../samplers/gamma.ts";
import type { Support } from "../support/support.ts";

/**
 * The distribution of the lower Cholesky factor L of a Wishart matrix W = L L^T of n = `degrees` degrees of freedom
 * and scale S = F F^T, given by its lower factor F: of mean E[W] = n S. Over the lower triangle of L, for d rows,
 *
 *     log p(L) = sum_{i=1}^d (n - i) log L_ii - |F^-1 L|^2 / 2 - n sum_i log F_ii - (n d / 2 - d) log 2 - log Gamma_d(n / 2),
 *
 * which is the density of W times the derivative of W with respect to L, 2^d prod_i L_ii^(d - i + 1). Drawn as F A, A
 * lower triangular with A_ii^2 chi-square of n - i + 1 degrees of freedom and standard normals below (Bartlett,
 * Proceedings of the Royal Society of Edinburgh 53, 1933).
 *
 * @throws SurmiseError if a known `degrees` is not greater than d - 1, or the axes are one axis or differ in size.
 *
 * @example sample("scatter", wishartCholesky(5, F, row, column))
 */
export function wishartCholesky(
  degrees: Operand,
  factor: Tensor,
  row: Axis,
  column: Axis,
): Distribution {
  return ofFactor("wishartCholesky", degrees, factor, row, column, {
    logProb: (l, n, f) => {
      const logs = log(diagonal(l, row, column));
      const powers = cast(index(column), n.dtype).neg().add(n.sub(1));
      const squares = squaredNorm(f, l, row, column);
      return sum(powers.mul(logs), column)
        .sub(squares.mul(0.5))
        .sub(n.mul(logDeterminant(f, row, column)))
        .sub(logHeight(n, row.size));
    },
    sample: (key, axes, n, f) => {
      const inner = axis(`${column.name} (inner)`, row.size);
      const a = bartlett(key, axes, n, row, column, (i) => i.neg());
      return sum(rename(f, column, inner).mul(rename(a, row, inner)), inner);
    },
  });
}

/**
 * The distribution of the lower Cholesky factor L of an inverse Wishart matrix L L^T, a covariance, of n = `degrees`
 * degrees of freedom and scale S = F F^T: of mean S / (n - d - 1). Over the lower triangle of L, for d rows,
 *
 *     log p(L) = -sum_{i=1}^d (n + i) log L_ii - |L^-1 F|^2 / 2 + n sum_i log F_ii - (n d / 2 - d) log 2 - log Gamma_d(n / 2).
 *
 * Drawn as F T^-1, T lower triangular with T_ii^2 chi-square of n - d + i degrees of freedom and standard normals below.
 *
 * @throws SurmiseError as `wishartCholesky`.
 *
 * @example sample("covariance", inverseWishartCholesky(6, F, row, column))
 */
export function inverseWishartCholesky(
  degrees: Operand,
  factor: Tensor,
  row: Axis,
  column: Axis,
): Distribution {
  return ofFactor("inverseWishartCholesky", degrees, factor, row, column, {
    logProb: (l, n, f) => {
      const logs = log(diagonal(l, row, column));
      const powers = cast(index(column), n.dtype).add(n.add(1));
      const squares = squaredNorm(l, f, row, column);
      return sum(powers.mul(logs), column)
        .neg()
        .sub(squares.mul(0.5))
        .add(n.mul(logDeterminant(f, row, column)))
        .sub(logHeight(n, row.size));
    },
    sample: (key, axes, n, f) => {
      const unit = axis(`${column.name} (unit)`, row.size);
      const t = bartlett(key, axes, n, row, column, (i) => i.sub(row.size - 1));
      const one = cast(index(row).eq(index(unit)), f.dtype);
      // The inverse over `column` and `unit`, its rows and columns.
      const inverse = solveLower(t, one, row, column);
      const inner = axis(`${column.name} (inner)`, row.size);
      const product = rename(f, column, inner).mul(rename(inverse, column, inner));
      const l = rename(sum(product, inner), unit, column);
      return select(index(row).ge(index(column)), l, 0);
    },
  });
}

interface OfFactor {
  logProb(l: Tensor, degrees: Tensor, factor: Tensor): Tensor;
  sample(key: Key, axes: readonly Axis[], degrees: Tensor, factor: Tensor): Tensor;
}

function ofFactor(
  name: string,
  degrees: Operand,
  factor: Tensor,
  row: Axis,
  column: Axis,
  { logProb, sample }: OfFactor,
): Distribution {
  checkArguments(name, { factor }, TENSOR);
  checkArguments(name, { row, column }, AXIS);
  if (row === column || row.size !== column.size) {
    throw new SurmiseError(
      `${name}: two different axes of one size are needed, not ${row} and ${column}`,
    );
  }
  if (typeof degrees === "number" && !(degrees > row.size - 1)) {
    throw new SurmiseError(
      `${name}: degrees must be greater than ${row.size - 1}, one less than the number of rows, not ${degrees}`,
    );
  }
  const triangle: Support = { kind: "choleskyFactor", row, column };
  const dtype = degrees instanceof Tensor && isFloat(degrees.dtype) ? degrees.dtype : factor.dtype;
  const enough: Support = { kind: "above", low: constant(row.size - 1, dtype) };
  const given = parametersOf(name, { degrees, factor }, { degrees: enough, factor: triangle });
  const { degrees: n, factor: f } = given.parameters;
  return distribution({
    name,
    ...given,
    axes: withoutAxes(unionAxes(n.axes, f.axes), [row, column]),
    dimensions: [row, column],
    support: triangle,
    reparameterised: true,
    logProb: (l) => inFloat64([l, n, f], logProb),
    sample: (key, axes) => sample(key, axes, n, f),
  });
}

/** |L^-1 M|^2, the sum of the squares of all elements, of two lower triangles. */
function squaredNorm(l: Tensor, m: Tensor, row: Axis, column: Axis): Tensor {
  const other = axis(`${column.name} (other)`, column.size);
  return sum(square(solveLower(l, rename(m, column, other), row, column)), column, other);
}

/** (n d / 2 - d) log 2 + log Gamma_d(n / 2), with the multivariate gamma function. */
function logHeight(n: Tensor, d: number): Tensor {
  const terms = Array.from({ length: d }, (_, i) => lgamma(n.sub(i).mul(0.5)));
  return terms
    .reduce((a, b) => a.add(b))
    .add(n.mul((d / 2) * Math.LN2))
    .add(((d * (d - 1)) / 4) * Math.log(Math.PI) - d * Math.LN2);
}

/** A lower triangle whose squared diagonal is chi-square of n + shift(i) degrees of freedom, over standard normals. */
function bartlett(
  key: Key,
  axes: readonly Axis[],
  n: Tensor,
  row: Axis,
  column: Axis,
  shift: (i: Tensor) => Tensor,
): Tensor {
  const dtype: DType = n.dtype;
  const [i, j] = [index(row), index(column)];
  const rows = withoutAxes(axes, [column]);
  const half = n.add(cast(shift(i), dtype)).mul(0.5);
  const { logDraw } = standardGamma(fold(key, "diagonal"), rows, half);
  const root = exp(logDraw.add(Math.LN2).mul(0.5));
  const below = select(
    i.gt(j),
    standardNormal(fold(key, "below"), axes, dtype),
    constant(0, dtype),
  );
  return select(i.eq(j), root, below);
}
