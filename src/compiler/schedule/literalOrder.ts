/** How tensors of known values lie in memory. */
import { type Axis, BYTES, sizeOf, type Tensor } from "../../tensor/internal.ts";

/**
 * Larger matrices do not stay in the cache: rows are read once for all of their elements, as they are given. Of the workloads
 * of the benchmark `density-logistic` is smaller, `large 10000x50` larger (`npm run bench -- NAME`).
 */
const MOST_BYTES = 2 ** 20;

/**
 * For each literal among `nodes`, its axes in memory, outermost first: in the order that it was given in, but for matrices
 * that are only multiplied by vectors, such as the rows of a regression. These lie with the longer axis last, so that the
 * product with a vector and that with its transpose both run along it: as rows of 20 numbers they would be read with gaps.
 */
export function literalOrders(
  nodes: readonly Tensor[],
): (literal: Tensor, given: readonly Axis[]) => readonly Axis[] {
  const users = new Map<Tensor, Tensor[]>();
  for (const node of nodes) {
    for (const x of node.inputs) {
      const known = users.get(x);
      if (known === undefined) users.set(x, [node]);
      else known.push(node);
    }
  }
  const usersOf = (x: Tensor) => users.get(x) ?? [];
  const isProduct = (matrix: Tensor, node: Tensor) =>
    node.op === "mul" &&
    node.axes.length === matrix.axes.length &&
    node.inputs.some((x) => x.axes.length === 1) &&
    usersOf(node).every(({ op }) => op === "sum");
  return (literal, given) => {
    if (given.length !== 2 || given[0].size <= given[1].size) return given;
    if (sizeOf(given) * BYTES[literal.dtype] > MOST_BYTES) return given;
    const isMatrix = usersOf(literal).every((node) => isProduct(literal, node));
    return isMatrix ? [given[1], given[0]] : given;
  };
}
