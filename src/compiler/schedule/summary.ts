/** What was fused into one kernel, in words. */
import { sizeOf, type Tensor, withoutAxes } from "../../tensor/index.ts";
import { isSource } from "../operations.ts";
import type { Item } from "./stores.ts";

/** More distinct operations than this in one expression are not listed. */
const MOST_OPERATIONS = 7;

/** `product 100x784x500, add tanh -> tanh 57; sum over batch -> c2`. */
export function summarise(items: readonly Item[], isWritten: (item: Item) => boolean): string {
  const here = new Set(items.filter((item) => item.computes).map((item) => item.node));
  const known = new Set([...here, ...items.flatMap((item) => [...item.reads])]);
  const head = items[0]?.product;
  const product =
    head === undefined
      ? []
      : [`product ${[head.rows, head.contracted, head.columns].map(sizeOf).join("x")}`];
  const rest = items
    .filter((item) => isWritten(item) && (item.kind !== "product" || items.length === 1))
    .map((item) => {
      const over = withoutAxes(item.space, item.node.axes).map((a) => a.name);
      const reduction = over.length === 0 ? [] : [`${item.kind} over ${over.join(" ")}`];
      if (item.place !== undefined) reduction.push(`put along ${item.place.axis.name}`);
      return `${[...operations(item, here.has(item.node), known), ...reduction].join(" ")} -> ${item.target.name}`.trim();
    });
  return [...product, ...rest].join("; ");
}

/**
 * The distinct operations of an item's expressions, down to what is read or computed beside it: the
 * values in `known`, but for the item's own value if that is computed `here`.
 */
function operations(item: Item, here: boolean, known: ReadonlySet<Tensor>): string[] {
  const ends = new Set([...known].filter((x) => !(here && x === item.node)));
  const names = new Set<string>();
  const seen = new Set<Tensor>();
  const visit = (x: Tensor) => {
    if (seen.has(x) || ends.has(x) || isSource(x)) return;
    seen.add(x);
    x.inputs.forEach(visit);
    if (x.op !== "constant" && x.op !== "index") names.add(x.op);
  };
  if (item.kind !== "product") item.body.forEach(visit);
  const list = [...names];
  if (list.length <= MOST_OPERATIONS) return list;
  return ["...", ...list.slice(1 - MOST_OPERATIONS)];
}
