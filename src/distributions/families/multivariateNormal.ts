import {
  type Axis,
  axis,
  cast,
  cholesky,
  describeAxes,
  diagonal,
  index,
  logDeterminant,
  type Operand,
  rename,
  SurmiseError,
  select,
  solveLower,
  solveLowerTransposed,
  square,
  standardNormal,
  sum,
  type Tensor,
  unionAxes,
  withoutAxes,
} from "../../tensor/internal.ts";
import { type Distribution, distribution } from "../distribution.ts";
import { parametersOf } from "../parameters.ts";
import { REAL, type Support } from "../support/support.ts";

/** A covariance C = L L^T by its lower Cholesky factor L, itself, or its inverse. */
export type Covariance =
  | { readonly factor: Tensor }
  | { readonly covariance: Tensor }
  | { readonly precision: Tensor };

/** What the covariance does to vectors along the axis of a draw, and to noise along the columns. */
interface Spread {
  /** The noise, along the columns, of a deviation from the mean. */
  whiten(deviation: Tensor): Tensor;
  /** The deviation from the mean that noise along the columns makes. */
  colour(noise: Tensor): Tensor;
  /** Half the logarithm of the determinant of the covariance. */
  readonly logScale: Tensor;
  variance(): Tensor;
}

type Form = (matrix: Tensor, row: Axis, column: Axis) => Spread;

const byFactor: Form = (factor, row, column) => {
  const l = select(index(row).ge(index(column)), factor, 0);
  return {
    whiten: (x) => solveLower(l, x, row, column),
    colour: (noise) => sum(l.mul(noise), column),
    logScale: logDeterminant(l, row, column),
    variance: () => sum(square(l), column),
  };
};

const byPrecision: Form = (precision, row, column) => {
  const l = cholesky(precision, row, column);
  return {
    whiten: (x) => sum(l.mul(x), row),
    colour: (noise) => solveLowerTransposed(l, noise, row, column),
    logScale: logDeterminant(l, row, column).neg(),
    variance: () => {
      const unit = axis(`${row.name} (unit)`, row.size);
      const one = cast(index(row).eq(index(unit)), precision.dtype);
      return rename(sum(square(solveLower(l, one, row, column)), column), unit, row);
    },
  };
};

const FORMS: Readonly<Record<string, { kind: MatrixKind; form: Form }>> = {
  factor: { kind: "choleskyFactor", form: byFactor },
  covariance: {
    kind: "positiveDefinite",
    form: (c, row, column) => ({
      ...byFactor(cholesky(c, row, column), row, column),
      variance: () => rename(diagonal(c, row, column), column, row),
    }),
  },
  precision: { kind: "positiveDefinite", form: byPrecision },
};

type MatrixKind = "choleskyFactor" | "positiveDefinite";

/**
 * The normal distribution of a vector of n values along `row`, with the covariance C = L L^T:
 *
 *     log p(x) = -|L^-1 (x - mean)|^2 / 2 - sum_i log L_ii - n log(2 pi) / 2,  x = mean + L noise.
 *
 * The matrix varies over `row` and `column`, an axis of the same size that draws do not have. A precision
 * P = C^-1 is never inverted: with P = M M^T, L^-1 = M^T. Only lower triangles are read. A computed
 * matrix that is not positive definite gives NaN.
 *
 * @throws SurmiseError if the matrix is not square over the two axes, known values are not positive
 * definite, or the mean varies over `column`.
 *
 * @example sample("effects", multivariateNormal(0, { factor: L }, effect, column))
 */
export function multivariateNormal(
  mean: Operand,
  covariance: Covariance,
  row: Axis,
  column: Axis,
): Distribution {
  const [[name, matrix]] = Object.entries(covariance) as [string, Tensor][];
  const { kind, form } = FORMS[name];
  if (typeof mean !== "number" && mean.has(column)) {
    throw new SurmiseError(
      `multivariateNormal: the mean has axes ${describeAxes(mean.axes)}; it must not vary over ` +
        `'${column.name}', the columns of the ${name}`,
    );
  }
  const constraint: Support = { kind, row, column };
  const given = parametersOf(
    "multivariateNormal",
    { mean, [name]: matrix },
    { mean: REAL, [name]: constraint },
  );
  const { mean: centre, [name]: known } = given.parameters as Record<string, Tensor>;
  const { whiten, colour, logScale, variance } = form(known, row, column);
  const height = (row.size / 2) * Math.log(2 * Math.PI);
  return distribution({
    name: "multivariateNormal",
    ...given,
    axes: withoutAxes(unionAxes(centre.axes, known.axes), [column]),
    dimensions: [row],
    support: REAL,
    reparameterised: true,
    logProb: (x) => {
      const squares = sum(square(whiten(x.sub(centre))), column);
      return squares.mul(-0.5).sub(logScale).sub(height);
    },
    sample: (key, axes) => {
      const over = axes.map((a) => (a === row ? column : a));
      return centre.add(colour(standardNormal(key, over, centre.dtype)));
    },
    mean: () => centre,
    variance,
    entropy: () => logScale.add(height + row.size / 2),
  });
}
