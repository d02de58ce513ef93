/**
 * Loop-invariant code motion over steps: work that is the same in every step is done once, before the
 * first, and again only when an input it depends on is written. In the body of a scan the same holds of
 * its turns.
 */
import { nodesOf, sizeOf, type Tensor } from "../../tensor/internal.ts";
import { costOf, isBoundary, isSource } from "../operations.ts";
import { isCheap, isSmallBeside } from "./materialise.ts";

/** A value made of far smaller ones is stored for all steps only if it has at most so many elements. */
const MOST_STORED = 2 ** 22;

/** Which inputs vary: see `ProgramRoots`. */
interface Varying {
  readonly updates: readonly { readonly input: Tensor }[];
  readonly varying?: readonly string[] | undefined;
}

/** The nodes that have the same value in every step: those made of no input that varies. */
export function invariantNodes(
  nodes: readonly Tensor[],
  { updates, varying }: Varying,
): Set<Tensor> {
  const names = new Set(varying);
  for (const { input } of updates) names.add(nameOf(input));
  const all = updates.length === 0 && varying === undefined;
  const invariant = new Set<Tensor>();
  for (const node of nodes) {
    const { op, inputs } = node;
    const varies = op === "carry" || (op === "input" && (all || names.has(nameOf(node))));
    if (!varies && inputs.every((x) => invariant.has(x))) invariant.add(node);
  }
  return invariant;
}

function nameOf({ operation }: Tensor): string {
  return operation.op === "input" ? operation.name : "";
}

/**
 * The invariant values to store for the steps: the last ones before what varies, unless reading them costs
 * as much as computing them again from sources or from others that are stored. Values in `stored` are
 * stored anyway, if they are needed.
 *
 * @param roots What a step needs.
 */
export function chooseInvariant(
  roots: readonly Tensor[],
  invariant: ReadonlySet<Tensor>,
  stored: ReadonlySet<Tensor>,
): Set<Tensor> {
  const nodes = nodesOf(roots);
  const chosen = new Set<Tensor>();
  const whole = new Costs();
  for (const node of nodes) if (invariant.has(node)) whole.add(node);
  const needed = new Set(roots);
  for (const node of nodes.reverse()) {
    if (isSource(node)) continue;
    const isStored = stored.has(node) || (invariant.has(node) && whole.isWorthStoring(node));
    if (invariant.has(node) && needed.has(node) && isStored) chosen.add(node);
    else if (!invariant.has(node) || needed.has(node)) for (const x of node.inputs) needed.add(x);
  }
  const rest = new Costs();
  for (const node of nodes.reverse()) {
    if (!invariant.has(node)) continue;
    rest.add(node);
    if (!chosen.has(node)) continue;
    if (stored.has(node) || rest.isWorthStoring(node)) rest.store(node);
    else chosen.delete(node);
  }
  return chosen;
}

/** What it takes to have values for each element, from what is stored. */
class Costs {
  private readonly byNode = new Map<Tensor, { operations: number; wide: boolean }>();

  /** Adds a node whose inputs have been added. */
  add(node: Tensor): void {
    let operations = isBoundary(node) ? Number.POSITIVE_INFINITY : costOf(node);
    let wide = isSource(node) || isBoundary(node);
    for (const x of node.inputs) {
      const below = this.of(x);
      const small = isSmallBeside(x, node);
      operations += small ? Math.min(1, below.operations) : below.operations;
      wide ||= !small && below.wide;
    }
    this.byNode.set(node, { operations, wide });
  }

  /** A node that need only be read. */
  store(node: Tensor): void {
    this.byNode.set(node, { operations: 1, wide: true });
  }

  isWorthStoring(node: Tensor): boolean {
    const { operations, wide } = this.of(node);
    const fits = wide || sizeOf(node.axes) <= MOST_STORED;
    return isBoundary(node) || (fits && !isCheap(node, operations, wide));
  }

  private of(node: Tensor) {
    return this.byNode.get(node) ?? { operations: 0, wide: false };
  }
}
