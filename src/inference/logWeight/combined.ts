/** Plates whose elements a density does not keep apart. */
import { type Axis, boundAxes, type Tensor } from "../../tensor/internal.ts";

/**
 * Whether elements of `x` along an axis are put together (added up, taken at other positions) in a node that depends on
 * `values`. How these are made does not count: it is not looked below them.
 */
export function combinesAlong(x: Tensor, axis: Axis, values: ReadonlySet<Tensor>): boolean {
  const known = new Map<Tensor, boolean>();
  let combines = false;
  const depends = (node: Tensor): boolean => {
    const before = known.get(node);
    if (before !== undefined) return before;
    const isValue = values.has(node);
    const inputs = isValue ? [] : node.inputs.filter(depends);
    const sources = node.op === "gather" ? inputs.filter((y) => y === node.inputs[0]) : inputs;
    if (boundAxes(node).includes(axis)) combines ||= sources.some((y) => y.has(axis));
    const found = isValue || inputs.length > 0;
    known.set(node, found);
    return found;
  };
  depends(x);
  return combines;
}
