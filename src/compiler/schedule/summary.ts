/** What was fused into one kernel, in words. */
import { sizeOf, type Tensor, withoutAxes } from "../../tensor/internal.ts";
import { isLinear } from "../graph/linear.ts";
import { isSource } from "../operations.ts";
import type { Store } from "./stores.ts";

/** More distinct operations than this in one expression are not listed. */
const MOST_OPERATIONS = 7;

/** `product 100x784x500, add tanh -> tanh 57; sum over batch -> c2`. */
export function summarise(stores: readonly Store[], isWritten: (store: Store) => boolean): string {
  const here = new Set(stores.filter((store) => store.computes).map((store) => store.node));
  const known = new Set([...here, ...stores.flatMap((store) => [...store.reads])]);
  const head = stores[0]?.product;
  const product =
    head === undefined
      ? []
      : [`product ${[head.rows, head.contracted, head.columns].map(sizeOf).join("x")}`];
  const rest = stores
    .filter((store) => isWritten(store) && (store.kind !== "product" || stores.length === 1))
    .map((store) => {
      const reduction = done(store);
      if (store.place !== undefined) reduction.push(`put along ${store.place.axis.name}`);
      return `${[...operations(store, here.has(store.node), known), ...reduction].join(" ")} -> ${store.target.name}`.trim();
    });
  return [...product, ...rest].join("; ");
}

/** What is done with the value of a store's expressions. */
function done({ kind, node, iterationSpace: space, computes }: Store): string[] {
  if (computes && isLinear(node)) return [`${kind} ${node.operation.row.size}`];
  const over = withoutAxes(space, node.axes).map((a) => a.name);
  return over.length === 0 ? [] : [`${kind} over ${over.join(" ")}`];
}

/**
 * The distinct operations of a store's expressions, down to what is read or computed beside it: the
 * values in `known`, but for the store's own value if that is computed `here`.
 */
function operations(store: Store, here: boolean, known: ReadonlySet<Tensor>): string[] {
  const ends = new Set([...known].filter((x) => !(here && x === store.node)));
  const names = new Set<string>();
  const seen = new Set<Tensor>();
  const visit = (x: Tensor) => {
    if (seen.has(x) || ends.has(x) || isSource(x)) return;
    seen.add(x);
    x.inputs.forEach(visit);
    if (x.op !== "constant" && x.op !== "index") names.add(x.op);
  };
  if (store.kind !== "product") store.body.forEach(visit);
  const list = [...names];
  if (list.length <= MOST_OPERATIONS) return list;
  return ["...", ...list.slice(1 - MOST_OPERATIONS)];
}
