/** Linear equations with a triangular matrix. */
import { AXIS, checkArguments, TENSOR } from "../arguments/kinds.ts";
import { type Axis, describeAxes } from "../axis.ts";
import { SurmiseError } from "../errors.ts";
import { make, type Tensor } from "../tensor.ts";
import { checkSquare } from "./square.ts";

/**
 * x over `column` with sum_column L x = b, for b over `row` and a lower triangle L over `row` and
 * `column`, whose elements above the diagonal are not read; x = L^-1 b. Other axes of both are a batch, or
 * columns of b. One operation, by substitution, in blocks where b has many columns (Golub and Van Loan, "Matrix
 * computations", 2013, section 3.1). The work is n^2 operations for each b; not finite where the diagonal has a 0.
 *
 * @throws SurmiseError if L is not a floating-point matrix over two axes of one size, or b lacks `row`.
 */
export function solveLower(l: Tensor, b: Tensor, row: Axis, column: Axis): Tensor {
  checkArguments("solveLower", { l, b }, TENSOR);
  checkArguments("solveLower", { row, column }, AXIS);
  return substitution("solveLower", l, b, row, column, false);
}

/**
 * x over `row` with sum_row L x = b, for b over `column`: x = L^-T b. As `solveLower`, from the last
 * element to the first.
 *
 * @throws SurmiseError as `solveLower`, if b lacks `column`.
 */
export function solveLowerTransposed(l: Tensor, b: Tensor, row: Axis, column: Axis): Tensor {
  checkArguments("solveLowerTransposed", { l, b }, TENSOR);
  checkArguments("solveLowerTransposed", { row, column }, AXIS);
  return substitution("solveLowerTransposed", l, b, row, column, true);
}

function substitution(
  what: string,
  l: Tensor,
  b: Tensor,
  row: Axis,
  column: Axis,
  transposed: boolean,
): Tensor {
  checkSquare(what, l, row, column);
  const [equation, unknown] = transposed ? [column, row] : [row, column];
  if (!b.has(equation) || b.has(unknown)) {
    throw new SurmiseError(
      `${what}: the right-hand side has axes ${describeAxes(b.axes)}; it must vary over ` +
        `'${equation.name}' and not over '${unknown.name}', along which the solution lies`,
    );
  }
  return make({ op: "triangularSolve", row, column, transposed }, [l, b]);
}
