/** Cholesky factors and triangular equations: how they are done, and how their results lie in memory. */
import {
  type Axis,
  index,
  type OperationOf,
  select,
  sizeOf,
  type Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";

/**
 * - `lanes`: many small matrices, side by side in the lanes of vectors.
 * - `blocks`: matrix by matrix, in blocks that are updated by matrix products: vectors lie along the rows of a
 *   factor, or along the right-hand sides of equations.
 * - `vectors`: few right-hand sides, one by one: vectors lie along the solution.
 */
export interface LinearForm {
  /** How it is computed, as above. */
  readonly kind: "lanes" | "blocks" | "vectors";
  /** The axes of the result in memory, outermost first; in lanes, the last one is theirs. */
  readonly order: readonly Axis[];
}

/** Larger matrices are done one by one, however many there are. */
const MOST_IN_LANES = 16;
/** Fewer matrices, or right-hand sides, do not fill vectors. */
const FEWEST_LANES = 8;
const FEWEST_COLUMNS = 4;

/** The operations of linear algebra. */
export type LinearOp = "cholesky" | "choleskyAdjoint" | "triangularSolve";
/** A node of one of them. */
export type LinearNode = Tensor & { readonly operation: OperationOf<LinearOp> };

/** Whether `node` is one of them. */
export function isLinear(node: Tensor): node is LinearNode {
  return "column" in node.operation;
}

/** The axes of a triangular solve: one equation for each element along the first, solved along the second. */
export function solveAxes({ row, column, transposed }: OperationOf<"triangularSolve">): {
  readonly equation: Axis;
  readonly unknown: Axis;
} {
  return transposed ? { equation: column, unknown: row } : { equation: row, unknown: column };
}

/** The axes that only right-hand sides have. */
export function rightAxes(node: LinearNode): readonly Axis[] {
  const { operation } = node;
  if (operation.op !== "triangularSolve") return [];
  return withoutAxes(node.axes, [...node.inputs[0].axes, solveAxes(operation).unknown]);
}

/** How `node` is computed, by its sizes alone. */
export function linearForm(node: LinearNode): LinearForm {
  const { operation } = node;
  const own =
    operation.op === "triangularSolve"
      ? [solveAxes(operation).unknown]
      : [operation.column, operation.row];
  const right = rightAxes(node);
  const batch = withoutAxes(node.axes, [...own, ...right]);
  const [widest] = [...batch].sort((a, b) => b.size - a.size);
  const inLanes = widest !== undefined && widest.size >= FEWEST_LANES;
  if (inLanes && operation.row.size <= MOST_IN_LANES) {
    return { kind: "lanes", order: [...withoutAxes(batch, [widest]), ...right, ...own, widest] };
  }
  if (operation.op !== "triangularSolve" || sizeOf(right) >= FEWEST_COLUMNS) {
    return { kind: "blocks", order: [...batch, ...own, ...right] };
  }
  return { kind: "vectors", order: [...batch, ...right, ...own] };
}

/**
 * `axes` of the result, or of memory that holds it, as they are while it still holds the operand: a right-hand
 * side lies along the equations, not yet along the unknowns.
 */
export function givenAxes({ operation }: Tensor, axes: readonly Axis[]): readonly Axis[] {
  if (operation.op !== "triangularSolve") return axes;
  const { equation, unknown } = solveAxes(operation);
  return axes.map((a) => (a === unknown ? equation : a));
}

/** The operand of a Cholesky factor, with 0 above its diagonal. */
export function lowerTriangle({ operation, inputs: [a] }: Tensor): Tensor {
  const { row, column } = operation as OperationOf<"cholesky">;
  return select(index(row).ge(index(column)), a, 0);
}

/** Operations on numbers for each element of the result and each row. */
const WORK: Readonly<Record<LinearOp, number>> = {
  cholesky: 1 / 3,
  choleskyAdjoint: 2 / 3,
  triangularSolve: 1,
};

/** About how many operations on numbers it takes beside those of its operands. */
export function linearWork(node: LinearNode): number {
  const { row } = node.operation;
  return WORK[node.operation.op] * sizeOf(node.axes) * row.size;
}
