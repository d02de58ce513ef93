/** Linear equations with a triangular matrix, by substitution (Golub and Van Loan, 2013, section 3.1). */
import { type Axis, axis, describeAxes } from "../axis.ts";
import { SurmiseError } from "../errors.ts";
import { index, rename, select, sum } from "../math.ts";
import { scan } from "../scan/scan.ts";
import { constant, type Tensor } from "../tensor.ts";
import { checkSquare, diagonal } from "./square.ts";

/**
 * x over `column` with sum_column L x = b, for b over `row` and a lower triangle L over `row` and
 * `column`, whose elements above the diagonal are not read; x = L^-1 b. Other axes of both are a batch, or
 * columns of b. The work is O(n^2) for each b; not finite where the diagonal has a 0.
 *
 * @throws SurmiseError if L is not a floating-point matrix over two axes of one size, or b lacks `row`.
 */
export function solveLower(l: Tensor, b: Tensor, row: Axis, column: Axis): Tensor {
  checkSquare("solveLower", l, row, column);
  return substitution("solveLower", l, b, [row, column], false);
}

/**
 * x over `row` with sum_row L x = b, for b over `column`: x = L^-T b. As `solveLower`, from the last
 * element to the first.
 *
 * @throws SurmiseError as `solveLower`, if b lacks `column`.
 */
export function solveLowerTransposed(l: Tensor, b: Tensor, row: Axis, column: Axis): Tensor {
  checkSquare("solveLowerTransposed", l, row, column);
  return substitution("solveLowerTransposed", l, b, [column, row], true);
}

/** One unknown of each equation is new; those before it, or with `reverse` behind it, are known. */
function substitution(
  what: string,
  l: Tensor,
  b: Tensor,
  [equation, unknown]: readonly [Axis, Axis],
  reverse: boolean,
): Tensor {
  if (!b.has(equation) || b.has(unknown)) {
    throw new SurmiseError(
      `${what}: the right-hand side has axes ${describeAxes(b.axes)}; it must vary over ` +
        `'${equation.name}' and not over '${unknown.name}', along which the solution lies`,
    );
  }
  const step = axis("#equation", equation.size);
  const [rows, right] = [l, b].map((x) => rename(x, equation, step));
  const pivots = rename(diagonal(l, equation, unknown), unknown, step);
  const at = index(unknown);
  const nothing = select(at.lt(0), constant(0, b.dtype), 0);
  const { last } = scan(
    step,
    { x: nothing },
    ({ x }, turn) => {
      const known = reverse ? at.gt(turn.position) : at.lt(turn.position);
      const before = sum(select(known, turn.at(rows).mul(x), 0), unknown);
      const next = turn.at(right).sub(before).div(turn.at(pivots));
      return { carries: { x: select(at.eq(turn.position), next, x) } };
    },
    { reverse },
  );
  return last.x;
}
