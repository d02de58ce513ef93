/** Matrices: tensors over two axes of one size, with any other axes as a batch. */
import { AXIS, checkArguments, TENSOR } from "../arguments/kinds.ts";
import { type Axis, describeAxes } from "../axis.ts";
import { isFloat } from "../dtype.ts";
import { SurmiseError } from "../errors.ts";
import { gatherClamped } from "../known/gather.ts";
import { index } from "../math.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Refuses what is not a square floating-point matrix over `row` and `column`.
 *
 * @throws SurmiseError naming the axes.
 */
export function checkSquare(what: string, matrix: Tensor, row: Axis, column: Axis): void {
  const refuse = (why: string): never => {
    throw new SurmiseError(`${what}: ${why}`);
  };
  if (row === column) {
    refuse(
      `rows and columns are both along '${row.name}': make a second axis of size ${row.size} for ` +
        "one of them",
    );
  }
  if (row.size !== column.size) {
    refuse(`a square matrix is needed, but it has ${describeAxes([row, column])}`);
  }
  const missing = [row, column].filter((a) => !matrix.has(a));
  if (missing.length > 0) {
    refuse(`the matrix has axes ${describeAxes(matrix.axes)} and lacks ${describeAxes(missing)}`);
  }
  if (!isFloat(matrix.dtype)) {
    refuse(`the matrix is ${matrix.dtype}; use cast(matrix, 'float32')`);
  }
}

/**
 * The elements of a square matrix on its diagonal, along `column`.
 *
 * @throws SurmiseError if the axes are not those of a square matrix.
 */
export function diagonal(matrix: Tensor, row: Axis, column: Axis): Tensor {
  checkArguments("diagonal", { matrix }, TENSOR);
  checkArguments("diagonal", { row, column }, AXIS);
  checkSquare("diagonal", matrix, row, column);
  return gatherClamped(matrix, row, index(column));
}
