/** Recognises matrix products among sums of products. */
import { type Axis, isFloat, sizeOf, type Tensor, withoutAxes } from "../../tensor/internal.ts";

/** C[batch, rows, columns] = sum over contracted of left[batch, rows, ...] right[batch, columns, ...]. */
export interface Product {
  /** The sum that it is. */
  readonly node: Tensor;
  /** The first operand. */
  readonly left: Tensor;
  /** The second operand. */
  readonly right: Tensor;
  /** Axes of both operands and of the result. */
  readonly batch: readonly Axis[];
  /** Axes of the left operand and of the result. */
  readonly rows: readonly Axis[];
  /** Axes of the right operand and of the result. */
  readonly columns: readonly Axis[];
  /** Axes summed over. */
  readonly contracted: readonly Axis[];
}

/** Below these sizes plain loops are as good as packed tiles. */
const SMALLEST = 4;
const SMALLEST_WORK = 2048;

const known = new WeakMap<Tensor, Product | null>();

/** The node as a matrix product, or undefined if plain loops serve it better. */
export function asProduct(node: Tensor): Product | undefined {
  const cached = known.get(node);
  if (cached !== undefined) return cached ?? undefined;
  const found = recognise(node);
  known.set(node, found ?? null);
  return found;
}

function recognise(node: Tensor): Product | undefined {
  const { operation, inputs } = node;
  if (operation.op !== "sum" || inputs[0].op !== "mul" || !isFloat(node.dtype)) return undefined;
  const [left, right] = inputs[0].inputs;
  const contracted = operation.over;
  if (!contracted.every((k) => left.has(k) && right.has(k))) return undefined;
  const shared = left.axes.filter((a) => right.has(a));
  const batch = withoutAxes(shared, contracted);
  const rows = withoutAxes(left.axes, shared);
  const columns = withoutAxes(right.axes, shared);
  const [r, c, k] = [rows, columns, contracted].map(sizeOf);
  if (Math.min(r, c) < SMALLEST || k < SMALLEST || r * c * k < SMALLEST_WORK) return undefined;
  return { node, left, right, batch, rows, columns, contracted };
}
