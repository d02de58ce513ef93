/** Gathers that are sunk into the expressions that they take elements of. */
import type { Axis } from "../axis.ts";
import { boundAxes } from "../descriptors.ts";
import { gatherClamped } from "../known/gather.ts";
import { type Tensor, withInputs } from "../tensor.ts";

/**
 * The values of `gather(x, along, at)`, where what varies along `own`, an axis of `at`, is computed at
 * the positions only, not for all pairs of elements of `own` and `along`.
 */
export function gatherInside(x: Tensor, along: Axis, at: Tensor, own: Axis): Tensor {
  return gatherInsideWhere(x, along, at, (node) => node.has(own));
}

/**
 * The values of `gather(x, along, at)`: nodes that `within` accepts are computed at the positions only, as
 * far as that can be; of the others, the elements are taken by `element`, and indices are the positions themselves.
 */
export function gatherInsideWhere(
  x: Tensor,
  along: Axis,
  at: Tensor,
  within: (node: Tensor) => boolean,
  element: (node: Tensor) => Tensor = (node) => gatherClamped(node, along, at),
): Tensor {
  const done = new Map<Tensor, Tensor>();
  const visit = (node: Tensor): Tensor => {
    if (!node.has(along)) return node;
    if (node.op === "index") return at;
    let result = done.get(node);
    if (result === undefined) {
      const inside = within(node) && canSinkBelow(node, along, at);
      result = inside ? withInputs(node, node.inputs.map(visit)) : element(node);
      done.set(node, result);
    }
    return result;
  };
  return visit(x);
}

/** Whether the gather may be sunk below `node`: it binds no axis that the positions vary along. */
function canSinkBelow(node: Tensor, along: Axis, at: Tensor): boolean {
  return node.inputs.length > 0 && boundAxes(node).every((a) => a !== along && !at.has(a));
}
