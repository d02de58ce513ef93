import {
  type Axis,
  cast,
  checkAxis,
  constant,
  diagonal,
  exp,
  fold,
  index,
  inFloat64,
  log,
  logBeta,
  maximum,
  minimum,
  type Operand,
  SurmiseError,
  select,
  sigmoid,
  sqrt,
  square,
  standardNormal,
  sum,
  type Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { standardGamma } from "../samplers/gamma.ts";
import { keepInUnit } from "../samplers/range.ts";
import { POSITIVE } from "../support/support.ts";

/**
 * The distribution of Cholesky factors L of n x n correlation matrices R = L L^T whose density is
 * proportional to det(R)^(c - 1), with c = concentration: all correlations alike for c = 1, smaller ones
 * for larger c (Lewandowski, Kurowicka and Joe, Journal of Multivariate Analysis 100, 2009). Over the
 * elements below the diagonal,
 *
 *     log p(L) = sum_{i=2}^n (n - i + 2c - 2) log L_ii - log Z,
 *     log Z = sum_{j=1}^{n-1} (n - j) (log B(b_j, b_j) + (2 b_j - 1) log 2),  b_j = c + (n - 1 - j) / 2.
 *
 * Drawn by the onion method (section 3.2): row i is a direction, uniform in i - 1 dimensions, times the
 * root of a Beta((i - 1) / 2, c + (n - i) / 2) draw, and moves with c by its implicit derivative.
 *
 * @throws SurmiseError if a known concentration is not positive, or the axes are one axis, differ in
 * size or have fewer than two elements.
 *
 * @example sample("correlations", lkjCholesky(2, effect, column))
 */
export function lkjCholesky(concentration: Operand, row: Axis, column: Axis): Distribution {
  checkAxis("lkjCholesky", row);
  checkAxis("lkjCholesky", column);
  if (row === column || row.size !== column.size || row.size < 2) {
    throw new SurmiseError(
      `lkjCholesky: two different axes of one size of at least 2 are needed, not ${row} and ${column}`,
    );
  }
  const given = parametersOf("lkjCholesky", { concentration }, { concentration: POSITIVE });
  const { concentration: c } = given.parameters;
  const n = row.size;
  const [i, j] = [index(row), index(column)];
  /** The parameters of the squared length beside the diagonal, of each row but the first. */
  const lengthOf = (c: Tensor) => {
    const a = cast(maximum(i, 1), c.dtype).mul(0.5);
    return {
      a,
      b: c
        .add(n / 2)
        .sub(0.5)
        .sub(a),
    };
  };
  const onDiagonal = (own: Tensor, off: Tensor | number) => select(i.eq(j), own, off);
  const isFirst = i.eq(0);
  /** E[L_ii]. */
  const meanRoot = (c: Tensor) => {
    const { a, b } = lengthOf(c);
    return select(isFirst, 1, exp(logBeta(a, b.add(0.5)).sub(logBeta(a, b))));
  };
  return distribution({
    name: "lkjCholesky",
    ...given,
    dimensions: [row, column],
    support: { kind: "correlationFactor", row, column },
    reparameterised: true,
    logProb: (l) =>
      inFloat64([diagonal(l, row, column), c], (roots, c) => {
        const power = cast(j.neg().add(n - 3), "float64").add(c.mul(2));
        const terms = select(j.eq(0), 0, power.mul(log(roots)));
        const place = cast(minimum(j, n - 2), "float64");
        const b = c.add(
          place
            .neg()
            .add(n - 2)
            .mul(0.5),
        );
        const each = logBeta(b, b).add(b.mul(2).sub(1).mul(Math.LN2));
        const times = cast(j.neg().add(n - 1), "float64");
        return sum(terms.sub(each.mul(times)), column);
      }),
    sample: (key, axes) => {
      const rows = withoutAxes(axes, [column]);
      const { a, b } = lengthOf(c);
      const beside = standardGamma(fold(key, "beside"), rows, a).logDraw;
      const rest = standardGamma(fold(key, "diagonal"), rows, b).logDraw;
      const share = (x: Tensor) => sqrt(keepInUnit(sigmoid(x)));
      const noise = standardNormal(fold(key, "direction"), axes, c.dtype);
      const direction = select(i.gt(j), noise, 0);
      const length = sqrt(select(isFirst, 1, sum(square(direction), column)));
      const below = direction.div(length).mul(share(beside.sub(rest)));
      return onDiagonal(select(isFirst, 1, share(rest.sub(beside))), below);
    },
    mean: () => onDiagonal(meanRoot(c), 0),
    variance: () => {
      const { a, b } = lengthOf(c);
      const total = a.add(b);
      const own = select(isFirst, 1, b.div(total)).sub(square(meanRoot(c)));
      return onDiagonal(own, select(i.gt(j), constant(0.5, c.dtype).div(total), 0));
    },
  });
}
