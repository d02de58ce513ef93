import {
  type Axis,
  axis,
  cast,
  checkArguments,
  checkAxis,
  cholesky,
  describeAxes,
  diagonal,
  index,
  logDeterminant,
  OBJECT,
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
import type { Distribution, Named } from "../distribution.ts";
import { distribution } from "../family/family.ts";
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

const itself: MatrixForm = {
  kind: "positiveDefinite",
  form: (c, row, column) => ({
    ...byFactor(cholesky(c, row, column), row, column),
    variance: () => rename(diagonal(c, row, column), column, row),
  }),
};

const factor: MatrixForm = { kind: "choleskyFactor", form: byFactor };

const COVARIANCES: MatrixForms = {
  factor,
  covariance: itself,
  precision: { kind: "positiveDefinite", form: byPrecision },
};

/** The words by which a scale matrix is given. */
export const SCALES: MatrixForms = { factor, scale: itself };

/** A way of giving a matrix: the set that it lies in, and what it does to vectors. */
interface MatrixForm {
  readonly kind: MatrixKind;
  readonly form: Form;
}

/** By the words by which a matrix is given. */
type MatrixForms = Readonly<Record<string, MatrixForm>>;

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
  checkArguments("multivariateNormal", { covariance }, OBJECT);
  const { given, spread, axes } = normalSpread(
    "multivariateNormal",
    { mean },
    { mean: REAL },
    covariance,
    COVARIANCES,
    row,
    column,
  );
  const { mean: centre, factor: lower } = given.parameters as Named;
  const { whiten, colour, logScale, variance } = spread;
  const height = (row.size / 2) * Math.log(2 * Math.PI);
  return distribution({
    name: "multivariateNormal",
    ...given,
    axes,
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
    ...(lower && { linearNoise: () => ({ location: centre, factor: lower, column }) }),
  });
}

/**
 * The parameters of a family of vectors along `row`, with a matrix in one of `forms`: by its factor, itself or its
 * inverse; and what the matrix does to vectors.
 *
 * @throws SurmiseError if not one matrix is given, by one of these words; if it is not square over the two axes, known
 * values are not positive definite, or another parameter varies over `column`.
 */
export function normalSpread(
  family: string,
  others: Readonly<Record<string, Operand>>,
  constraints: Readonly<Record<string, Support>>,
  matrices: Readonly<Record<string, Tensor>>,
  forms: MatrixForms,
  row: Axis,
  column: Axis,
) {
  checkAxis(family, row);
  checkAxis(family, column);
  const [name, ...more] = Object.keys(matrices);
  if (more.length > 0 || !Object.hasOwn(forms, name ?? "")) {
    const [last, ...first] = Object.keys(forms).toReversed();
    const wanted = [
      first
        .toReversed()
        .map((each) => `{ ${each} }`)
        .join(", "),
      `{ ${last} }`,
    ].join(" or ");
    throw new SurmiseError(
      `${family}: ${wanted} must be given, not { ${Object.keys(matrices).join(", ")} }`,
    );
  }
  const matrix = matrices[name];
  const { kind, form } = forms[name];
  for (const [what, x] of Object.entries(others)) {
    if (typeof x === "number" || !x.has(column)) continue;
    throw new SurmiseError(
      `${family}: the ${what} has axes ${describeAxes(x.axes)}; it must not vary over ` +
        `'${column.name}', the columns of the ${name}`,
    );
  }
  const given = parametersOf(
    family,
    { ...others, [name]: matrix },
    { ...constraints, [name]: { kind, row, column } },
  );
  const all = Object.values(given.parameters).map(({ axes }) => axes);
  const axes = withoutAxes(unionAxes(...all), [column]);
  return { given, spread: form(given.parameters[name], row, column), axes };
}
