/** The stores of a program: one per value that is written to memory. */
import {
  type Axis,
  nodesOf,
  sameAxes,
  type Tensor,
  unionAxes,
  withoutAxes,
} from "../../tensor/internal.ts";
import { type Buffer, buffer } from "../buffer.ts";
import { givenAxes, isLinear, linearForm } from "../graph/linear.ts";
import { asProduct, type Product } from "../graph/product.ts";
import { asPositionWrite } from "../graph/write.ts";
import {
  type BoundaryOp,
  isBoundary,
  isReadThrough,
  isSource,
  isStoredFor,
} from "../operations.ts";
import { chooseInvariant, invariantNodes } from "./invariant.ts";
import { literalOrders } from "./literalOrder.ts";
import { alwaysStored, chooseMaterialised } from "./materialise.ts";

/**
 * - `map`: an elementwise value, or a copy of a stored one.
 * - `product`: a matrix product, in tiles.
 * - `put`: elements written at a position along an axis.
 * - others: the operation of that name.
 */
export type StoreKind = "map" | "product" | "put" | BoundaryOp;

/** How work of each kind shares a loop nest with other work. */
export const KINDS: Readonly<
  Record<
    StoreKind,
    {
      /** Whether loops go over the axes of the inputs, or only over those of the result. */
      readonly space: "inputs" | "result";
      /**
       * Which groups over the same axes it may join: any; those without a matrix product; only groups of its
       * own kind, as far as they are one store; none.
       */
      readonly joins: "any" | "loops" | "own" | "none";
      /** Whether the value is known at each point of the loops, not only after them. */
      readonly atEachPoint: boolean;
    }
  >
> = {
  map: { space: "result", joins: "any", atEachPoint: true },
  product: { space: "result", joins: "none", atEachPoint: true },
  put: { space: "result", joins: "any", atEachPoint: false },
  sum: { space: "inputs", joins: "any", atEachPoint: false },
  max: { space: "inputs", joins: "any", atEachPoint: false },
  scatterAdd: { space: "inputs", joins: "loops", atEachPoint: false },
  scan: { space: "result", joins: "own", atEachPoint: false },
  cholesky: { space: "result", joins: "own", atEachPoint: false },
  choleskyAdjoint: { space: "result", joins: "own", atEachPoint: false },
  triangularSolve: { space: "result", joins: "own", atEachPoint: false },
};

/** Work that fills one buffer. */
export interface Store {
  /** How it is computed. */
  readonly kind: StoreKind;
  /** The value that is written. */
  readonly node: Tensor;
  /** The buffer it fills. */
  readonly target: Buffer;
  /** The expressions evaluated at each point of the loops. */
  readonly body: readonly Tensor[];
  /** The axes looped over. */
  readonly iterationSpace: readonly Axis[];
  /** If it is a matrix product, its parts. */
  readonly product: Product | undefined;
  /** Of a put: the element of the target, along an axis, that is written. */
  readonly place?: ScatterTarget;
  /** Whether the value is computed here, not copied from where it is stored. */
  readonly computes: boolean;
  /** Whether what is written is the same in every step. */
  readonly invariant: boolean;
  /** Values in memory that are read. */
  readonly reads: ReadonlySet<Tensor>;
  /** Those among them read at the loop's own place only, over all its axes. */
  readonly aligned: ReadonlySet<Tensor>;
}

/** What a program computes, after simplification. */
export interface ProgramRoots {
  /** What a program computes, by name. */
  readonly outputs: readonly { readonly name: string; readonly value: Tensor }[];
  /** Inputs to be replaced by new values at the end of each step. */
  readonly updates: readonly { readonly input: Tensor; readonly value: Tensor }[];
  /**
   * Names of inputs that are written before most runs, beside those that are updated: what depends on no
   * such input is done once, not in each step. Where neither is said, all inputs vary.
   */
  readonly varying?: readonly string[] | undefined;
  /** In the body of a scan: elements of buffers outside to be written. */
  readonly puts?: readonly ScatterSet[];
}

/** A position along an axis that is written. */
export interface ScatterTarget {
  /** The axis. */
  readonly axis: Axis;
  /** int32. */
  readonly position: Tensor;
  /** Whether every position lies within the axis; of others nothing is written. */
  readonly within: boolean;
}

/** The element of `target` at `position` along `axis` becomes `value`. */
export interface ScatterSet extends ScatterTarget {
  /** The buffer that is changed. */
  readonly target: Buffer;
  /** The new element. */
  readonly value: Tensor;
}

/** All that is stored, before it is fused and ordered. */
export interface WorkGraph {
  /** In an order in which each can run after those before it; updates of inputs come last. */
  readonly stores: readonly Store[];
  /** The new value of each updated input, by the store that writes it. */
  readonly updates: ReadonlyMap<Store, Tensor>;
  /** Where each stored value lies. */
  readonly buffers: ReadonlyMap<Tensor, Buffer>;
  /** By name. */
  readonly outputs: ReadonlyMap<string, Buffer>;
  /** Temporaries that hold values from one step to the next: those that are the same in every step. */
  readonly lasting: ReadonlySet<Buffer>;
}

/**
 * The stores of a program. Inputs in `deferred` are updated by a copy of a temporary after everything
 * else, because other updates read their old values in an order that in-place writing would break.
 */
export function storesOf(
  roots: ProgramRoots,
  deferred: ReadonlySet<Tensor>,
  given: ReadonlyMap<Tensor, Buffer>,
): WorkGraph {
  const puts = roots.puts ?? [];
  const results = roots.outputs.map(({ value }) => value);
  const changes = roots.updates.map(changeOf);
  const changed = [
    ...changes.flatMap((c) => c.made),
    ...puts.map((p) => p.value),
    ...puts.map((p) => p.position),
  ];
  const wanted = [...results, ...changed];
  const nodes = nodesOf([...wanted, ...roots.updates.map((u) => u.input)]);
  const invariant = invariantNodes(nodes, roots);
  const needed = [...results.filter((x) => !invariant.has(x)), ...changed];
  const known = new Set([...alwaysStored(nodes), ...results]);
  const stored = chooseMaterialised(wanted, chooseInvariant(needed, invariant, known));
  const rank = rankAxes(nodes);
  const literalOrder = literalOrders(nodes);
  const buffers = new Map<Tensor, Buffer>(given);
  const outputs = new Map<string, Buffer>();
  for (const node of nodes) {
    const { operation } = node;
    if (operation.op === "input" && !given.has(node)) {
      buffers.set(node, buffer(operation.name, "input", node.dtype, operation.order));
    } else if (operation.op === "literal") {
      const order = literalOrder(node, operation.order);
      buffers.set(node, buffer(`literal ${buffers.size}`, "literal", node.dtype, order));
    }
  }
  const copies: Unread[] = [];
  for (const { name, value } of roots.outputs) {
    const target = buffer(name, "output", value.dtype, value.axes);
    outputs.set(name, target);
    const liesElsewhere = isLinear(value) && !sameOrder(linearForm(value).order, value.axes);
    if (liesElsewhere) stored.add(value);
    if (isSource(value) || buffers.has(value) || liesElsewhere)
      copies.push(copyItem(value, target));
    else {
      stored.add(value);
      buffers.set(value, target);
    }
  }
  for (const { input, made } of changes) {
    if (deferred.has(input)) for (const x of made) stored.add(x);
  }
  let temporaries = 0;
  for (const node of stored) {
    if (isSource(node)) stored.delete(node);
    else if (!buffers.has(node)) {
      const order = isLinear(node)
        ? linearForm(node).order
        : [...node.axes].sort((a, b) => rank(a) - rank(b));
      const name = `${node.op} ${++temporaries}`;
      buffers.set(node, buffer(name, "temporary", node.dtype, order));
    }
  }
  const stores: Store[] = [];
  for (const node of nodesOf(wanted)) {
    if (!stored.has(node)) continue;
    const store = itemOf(node, buffers.get(node) as Buffer, stored);
    stores.push({ ...store, invariant: invariant.has(node) });
  }
  for (const copy of copies) {
    stores.push({ ...withReads(copy, stored), invariant: invariant.has(copy.node) });
  }
  for (const put of puts) stores.push(withReads(putItem(put), stored));
  const updates = new Map<Store, Tensor>();
  const late = (c: Change) => deferred.has(c.input);
  for (const change of changes.sort((a, b) => Number(late(a)) - Number(late(b)))) {
    const store = withReads(change.itemIn(buffers.get(change.input) as Buffer), stored);
    stores.push(store);
    updates.set(store, change.input);
  }
  const lasting = new Set<Buffer>();
  for (const store of stores.filter((x) => !x.invariant)) {
    for (const x of store.reads) {
      if (invariant.has(x) && stored.has(x)) lasting.add(buffers.get(x) as Buffer);
    }
  }
  return { stores, updates, buffers, outputs, lasting };
}

/**
 * The order of axes in temporaries, outermost first: those that few inputs and literals carry (data,
 * particles) before those that many carry (the widths of networks), so that rows are data and the
 * elements of a row lie next to each other.
 */
function rankAxes(nodes: readonly Tensor[]): (a: Axis) => number {
  const carriers = new Map<Axis, number>();
  for (const node of nodes) {
    for (const a of node.axes) carriers.set(a, (carriers.get(a) ?? 0) + (isSource(node) ? 1 : 0));
  }
  const sources = nodes.filter(isSource);
  const seen = [...new Set([...sources, ...nodes].flatMap(orderOf))];
  // An axis that no source carries lies where the one lies that its elements are taken from.
  const origins = new Map<Axis, Axis>();
  const originOf = (a: Axis): Axis => {
    const from = origins.get(a);
    return from === undefined ? a : originOf(from);
  };
  for (const { operation, inputs } of nodes) {
    if (operation.op !== "gather" && operation.op !== "scatterAdd") continue;
    const isGather = operation.op === "gather";
    const from = isGather ? operation.axis : operation.over[0];
    const made = isGather ? inputs[1].axes : [operation.axis];
    for (const a of made) {
      const isNew = carriers.get(a) === 0 && !origins.has(a) && a !== originOf(from);
      if (isNew) origins.set(a, from);
    }
  }
  const place = (a: Axis) => [carriers.get(originOf(a)) ?? 0, seen.indexOf(originOf(a))] as const;
  const ordered = [...seen].sort((a, b) => {
    const [[m, i], [n, j]] = [place(a), place(b)];
    return m - n || i - j;
  });
  return (a) => ordered.indexOf(a);
}

/** The axes of a value, as they lie in memory if it is there. */
function orderOf({ operation, axes }: Tensor): readonly Axis[] {
  return "order" in operation ? operation.order : axes;
}

function sameOrder(p: readonly Axis[], q: readonly Axis[]): boolean {
  return p.length === q.length && p.every((a, i) => a === q[i]);
}

type Unread = Omit<Store, "reads" | "aligned">;

/** How an input is updated: all of it, or at one position along an axis. */
interface Change {
  readonly input: Tensor;
  /** What has to be computed. */
  readonly made: readonly Tensor[];
  readonly itemIn: (target: Buffer) => Unread;
}

function changeOf({ input, value }: ProgramRoots["updates"][number]): Change {
  const write = asPositionWrite(input, value);
  if (write === undefined) {
    return { input, made: [value], itemIn: (target) => copyItem(value, target) };
  }
  const itemIn = (target: Buffer) => putItem({ target, ...write, within: false });
  return { input, made: [write.value, write.position], itemIn };
}

function copyItem(value: Tensor, target: Buffer): Unread {
  return {
    kind: "map",
    node: value,
    target,
    body: [value],
    iterationSpace: target.order,
    product: undefined,
    computes: false,
    invariant: false,
  };
}

function putItem({ target, axis, position, value, within }: ScatterSet): Unread {
  return {
    ...copyItem(value, target),
    kind: "put",
    body: [value, position],
    iterationSpace: withoutAxes(target.order, [axis]),
    place: { axis, position, within },
  };
}

function itemOf(node: Tensor, target: Buffer, stored: ReadonlySet<Tensor>): Store {
  const product = asProduct(node);
  const kind = product !== undefined ? "product" : isBoundary(node) ? node.op : "map";
  const space =
    KINDS[kind].space === "inputs"
      ? unionAxes(...node.inputs.map((x) => x.axes))
      : givenAxes(node, node.axes);
  const body =
    product !== undefined ? [product.left, product.right] : kind === "map" ? [node] : node.inputs;
  const rest = { body, iterationSpace: space, product, computes: true, invariant: false };
  return withReads({ kind, node, target, ...rest }, stored);
}

/** Finds what a store reads: the first stored values below its body. */
function withReads(store: Unread, stored: ReadonlySet<Tensor>): Store {
  const reads = new Set<Tensor>();
  const elsewhere = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const visit = (x: Tensor) => {
    const own = store.computes && x === store.node;
    if (isSource(x) || (stored.has(x) && !own)) {
      reads.add(x);
      if (store.kind === "product" || !sameAxes(x.axes, store.iterationSpace)) elsewhere.add(x);
      return;
    }
    if (seen.has(x)) return;
    seen.add(x);
    x.inputs.forEach((y, i) => {
      if (isStoredFor(x, i) && (!isReadThrough(x, i) || stored.has(y))) {
        reads.add(y);
        elsewhere.add(y);
      } else visit(y);
    });
  };
  store.body.forEach(visit);
  const aligned = new Set([...reads].filter((x) => !elsewhere.has(x)));
  return { ...store, reads, aligned };
}
