import {
  type Axis,
  and,
  axis,
  fold,
  gatherClamped,
  index,
  type Key,
  log,
  select,
  shr,
  type Tensor,
} from "../../tensor/internal.ts";
import { binomialDraw } from "./counts.ts";

/**
 * Counts along `along`, of sum `total`, over `axes` without it: the positions are halved and the
 * total is shared out by one binomial draw, each half again, and so on, all parts of a level at
 * once. That takes as many binomial draws in a row as the size of the axis has binary digits.
 */
export function multinomialDraw(
  key: Key,
  axes: readonly Axis[],
  total: Tensor,
  probability: Tensor,
  along: Axis,
): Tensor {
  const depth = Math.max(1, Math.ceil(Math.log2(along.size)));
  const levels = Array.from({ length: depth + 1 }, (_, k) => axis(`#part ${k}`, 2 ** k));
  const leaves = index(levels[depth]);
  let weights = select(leaves.lt(along.size), gatherClamped(probability, along, leaves), 0);
  const halves: { readonly level: Axis; readonly logits: Tensor }[] = [];
  for (let k = depth; k > 0; k--) {
    const parent = index(levels[k - 1]);
    const left = gatherClamped(weights, levels[k], parent.mul(2));
    const right = gatherClamped(weights, levels[k], parent.mul(2).add(1));
    weights = left.add(right);
    const logits = select(weights.gt(0), log(left).sub(log(right)), 0);
    halves.push({ level: levels[k - 1], logits });
  }
  let counts = total;
  halves.reverse().forEach(({ level, logits }, k) => {
    const left = binomialDraw(fold(key, k), [...axes, level], counts, logits);
    const child = index(levels[k + 1]);
    const parent = shr(child, 1);
    const share = gatherClamped(left, level, parent);
    const whole = counts.has(level) ? gatherClamped(counts, level, parent) : counts;
    counts = select(and(child, 1).eq(0), share, whole.sub(share));
  });
  return gatherClamped(counts, levels[depth], index(along));
}
