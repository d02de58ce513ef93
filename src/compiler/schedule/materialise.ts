/**
 * Which values are written to memory. Reductions, products and what programs return always are; an
 * elementwise value only if computing it again costs more than reading it back.
 */
import { nodesOf, sizeOf, type Tensor, unionAxes } from "../../tensor/internal.ts";
import { isLinear } from "../graph/linear.ts";
import { asProduct } from "../graph/product.ts";
import {
  costOf,
  isBoundary,
  isMoved,
  isReadThrough,
  isSource,
  isStoredFor,
} from "../operations.ts";

/** Values whose recomputation costs at most this many operations are never stored for reuse. */
const CHEAP = 4;
/**
 * The same for values of more than `LARGE` elements that are made of far smaller ones: to write and read
 * them would take longer than an exponential.
 */
const CHEAP_WHERE_LARGE = 24;
const LARGE = 2 ** 18;

/** Whether `x` has so few elements beside `node` that reading it costs memory next to nothing. */
export function isSmallBeside(x: Tensor, node: Tensor): boolean {
  return 4 * sizeOf(x.axes) <= sizeOf(node.axes);
}

/** The nodes that are stored because of what they are or what needs them, whatever they cost. */
export function alwaysStored(nodes: readonly Tensor[]): Set<Tensor> {
  const stored = new Set<Tensor>();
  for (const node of nodes) {
    if (isBoundary(node)) stored.add(node);
    node.inputs.forEach((x, i) => {
      const isRead = isStoredFor(node, i) && !isReadThrough(node, i);
      if (isRead && !isSource(x) && x.op !== "constant") stored.add(x);
    });
  }
  return stored;
}

/** The nodes among those of `roots` that get a buffer of their own: those in `known`, and others. */
export function chooseMaterialised(
  roots: readonly Tensor[],
  known: ReadonlySet<Tensor>,
): Set<Tensor> {
  const nodes = nodesOf(roots);
  const chosen = new Set([...alwaysStored(nodes), ...known]);
  const costs = costsOf(nodes, known);
  const uses = new Uses();
  for (const root of roots) uses.add(root, root, sizeOf(root.axes));
  for (const node of nodes.reverse()) {
    if (!isSource(node) && !chosen.has(node) && uses.worthStoring(node, costs.get(node) as Cost)) {
      chosen.add(node);
    }
    uses.passOn(node, chosen.has(node));
  }
  return chosen;
}

/** What it takes to have a value again that was not stored. */
interface Cost {
  /** Operations, where expensive or far smaller inputs count as one read. */
  readonly operations: number;
  /** Expensive elementwise values of its own size that would have to be stored instead. */
  readonly reads: ReadonlySet<Tensor>;
  /** Whether values of about its own size are read from memory. */
  readonly wide: boolean;
}

/**
 * Whether `node` is rather computed again, in so many operations for each element, than read; `wide` says
 * whether that reads values of about its own size.
 */
export function isCheap(node: Tensor, operations: number, wide: boolean): boolean {
  const large = !wide && sizeOf(node.axes) > LARGE;
  return operations <= (large ? CHEAP_WHERE_LARGE : CHEAP);
}

function isExpensive(node: Tensor, { operations, reads, wide }: Cost): boolean {
  return !isCheap(node, operations, wide) || reads.size > 1;
}

function costsOf(nodes: readonly Tensor[], known: ReadonlySet<Tensor>): Map<Tensor, Cost> {
  const costs = new Map<Tensor, Cost>();
  for (const node of nodes) {
    const isRead = isBoundary(node) || known.has(node) || isMoved(node);
    let operations = costOf(node);
    let wide = isSource(node) || isRead;
    const reads = new Set<Tensor>();
    for (const x of isRead ? [] : node.inputs) {
      const below = costs.get(x) as Cost;
      const expensive = isExpensive(x, below);
      if (isSmallBeside(x, node)) {
        operations += expensive ? 1 : Math.min(1, below.operations);
        continue;
      }
      wide ||= expensive || below.wide;
      if (expensive) reads.add(x);
      else for (const y of below.reads) reads.add(y);
      operations += expensive ? 1 : below.operations;
    }
    costs.set(node, { operations: isRead ? 1 : operations, reads, wide });
  }
  return costs;
}

/** For each node, the loop nests that would compute it and the number of rounds they make. */
class Uses {
  private readonly byNode = new Map<Tensor, Map<object, number>>();

  add(node: Tensor, nest: object, rounds: number): void {
    let uses = this.byNode.get(node);
    if (uses === undefined) {
      uses = new Map();
      this.byNode.set(node, uses);
    }
    uses.set(nest, Math.max(rounds, uses.get(nest) ?? 0));
  }

  worthStoring(node: Tensor, cost: Cost): boolean {
    const uses = this.byNode.get(node);
    if (uses === undefined || !isExpensive(node, cost)) return false;
    return uses.size > 1 || Math.max(...uses.values()) >= 2 * sizeOf(node.axes);
  }

  /** Tells a node's inputs which nests compute them. */
  passOn(node: Tensor, isNest: boolean): void {
    if (isSource(node)) return;
    const product = asProduct(node);
    if (product !== undefined) {
      this.add(product.left, product, sizeOf(product.left.axes));
      this.add(product.right, node, sizeOf(product.right.axes));
      return;
    }
    const inner = isLinear(node)
      ? []
      : node.inputs.flatMap((x, i) => (isStoredFor(node, i) ? [] : x.axes));
    const rounds = sizeOf(unionAxes(node.axes, inner));
    const nests = isNest ? [[node, rounds] as const] : (this.byNode.get(node) ?? []);
    for (const x of node.inputs) {
      for (const [nest, count] of nests) this.add(x, nest, count);
    }
  }
}
