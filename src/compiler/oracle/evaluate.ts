/** The walk: every node once, in order, with the rule of its operation. */
import {
  type Axis,
  checkArguments,
  type DType,
  FUNCTION,
  listOf,
  nodesOf,
  objectWith,
  TENSOR,
  type Tensor,
  type TypedArray,
} from "../../tensor/internal.ts";
import { compute } from "./rules.ts";
import type { BoundedValues } from "./values.ts";

/** What an expression is worth. */
export interface Evaluated {
  /** In the order of storage. */
  readonly axes: readonly Axis[];
  /** The type that a program computes it in. */
  readonly dtype: DType;
  /** Row-major over `axes`. */
  readonly values: Float64Array;
  /** Bound on the difference between what a program computes and `values`. */
  readonly error: Float64Array;
  /** 1 where nothing can be said, because a decision before it was within the bounds, else 0. */
  readonly unsure: Uint8Array;
}

/**
 * The values of `roots` in double precision, each node computed once, element by element, and how
 * far a program in the nodes' own types may be from them. An input is given as typed array in the
 * order of its axes, or as the result of an earlier evaluation (the state after a step).
 */
export function evaluate(
  roots: readonly Tensor[],
  inputs: ReadonlyMap<string, TypedArray | Evaluated>,
): Evaluated[] {
  checkArguments("evaluate", { roots }, listOf(TENSOR));
  checkArguments("evaluate", { inputs }, objectWith({ get: FUNCTION, has: FUNCTION }));
  const nodes = nodesOf(roots);
  const lastUse = new Map<Tensor, Tensor>();
  for (const node of nodes) for (const x of node.inputs) lastUse.set(x, node);
  for (const root of roots) lastUse.delete(root);
  const known = new Map<Tensor, BoundedValues>();
  for (const node of nodes) {
    const operands = node.inputs.map((x) => known.get(x) as BoundedValues);
    known.set(node, compute(node, operands, inputs));
    for (const x of node.inputs) if (lastUse.get(x) === node) known.delete(x);
  }
  return roots.map((root) => withDoubt(known.get(root) as BoundedValues));
}

function withDoubt({ axes, dtype, values, error }: BoundedValues): Evaluated {
  const unsure = Uint8Array.from(error, (e) => (e < Number.POSITIVE_INFINITY ? 0 : 1));
  return { axes, dtype, values, error, unsure };
}
