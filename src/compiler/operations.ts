/**
 * What scheduling asks of each operation: where its values are, which inputs it needs in memory, and
 * what an element of it costs.
 */
import { affineWithin, COMPARISON, each, type Op, type Tensor } from "../tensor/internal.ts";

interface Descriptor {
  /**
   * - `source`: in memory by nature; nothing has to be computed.
   * - `boundary`: known only after the operation's own loops, so it is stored.
   * - `inline`: computed wherever it is used, or stored if that is cheaper.
   */
  readonly values: "source" | "boundary" | "inline";
  /** The inputs that are read at other positions than that of the loops, so they are stored. */
  readonly stores: "none" | "first" | "all";
  /** Operations on numbers for each element that is computed in a loop. */
  readonly cost: number;
}

const source = { values: "source", stores: "none", cost: 1 } as const;
const inline = (cost: number) => ({ values: "inline", stores: "none", cost }) as const;
const reduction = { values: "boundary", stores: "none", cost: 1 } as const;

const OPERATIONS = {
  input: source,
  literal: source,
  constant: inline(0),
  index: inline(0),
  carry: inline(1),
  scan: { values: "boundary", stores: "all", cost: 1 },
  cast: inline(1),
  stopGradient: inline(1),
  straightThrough: inline(1),
  select: inline(1),
  threefry: inline(30),
  gather: { values: "inline", stores: "first", cost: 3 },
  scatterAdd: reduction,
  cholesky: { values: "boundary", stores: "none", cost: 1 },
  choleskyAdjoint: { values: "boundary", stores: "first", cost: 1 },
  triangularSolve: { values: "boundary", stores: "first", cost: 1 },
  sum: reduction,
  max: reduction,
  neg: inline(1),
  abs: inline(1),
  floor: inline(1),
  sqrt: inline(3),
  exp: inline(10),
  log: inline(12),
  sin: inline(14),
  cos: inline(14),
  tanh: inline(14),
  sigmoid: inline(14),
  softplus: inline(20),
  log1p: inline(14),
  expm1: inline(14),
  erf: inline(20),
  lgamma: inline(40),
  digamma: inline(40),
  trigamma: inline(40),
  add: inline(1),
  sub: inline(1),
  mul: inline(1),
  div: inline(3),
  minimum: inline(1),
  maximum: inline(1),
  logAddExp: inline(24),
  ...each(COMPARISON, inline(1)),
  and: inline(1),
  or: inline(1),
  xor: inline(1),
  shl: inline(1),
  shr: inline(1),
  mod: inline(10),
} as const satisfies Readonly<Record<Op, Descriptor>>;

/** Operations whose values are known only after loops of their own. */
export type BoundaryOp = {
  [O in Op]: (typeof OPERATIONS)[O]["values"] extends "boundary" ? O : never;
}[Op];

/** Whether a node is in memory by its nature: nothing has to be computed for it. */
export function isSource({ op }: Tensor): boolean {
  return OPERATIONS[op].values === "source";
}

/** Whether a node ends a loop nest: its value is known only after the loops. */
export function isBoundary(node: Tensor): node is Tensor & { readonly op: BoundaryOp } {
  return OPERATIONS[node.op].values === "boundary";
}

/** Operations on numbers that an element of a node costs, without those of its inputs. */
export function costOf({ op }: Tensor): number {
  return OPERATIONS[op].cost;
}

/** Whether input `i` of a node must be in memory for it. */
export function isStoredFor({ op }: Tensor, i: number): boolean {
  const { stores } = OPERATIONS[op] as Descriptor;
  return stores === "all" || (stores === "first" && i === 0);
}

/**
 * Whether a node is a gather at affine positions that all lie on the axis: its elements are loads at affine addresses, as
 * those of a stored value are.
 */
export function isMoved({ operation, inputs }: Tensor): boolean {
  return operation.op === "gather" && affineWithin(inputs[1], operation.axis) !== undefined;
}

/**
 * Whether an input that is read at other positions is itself read through: elements of elements, both at affine
 * positions, are elements at one.
 */
export function isReadThrough(node: Tensor, i: number): boolean {
  return i === 0 && isMoved(node) && isMoved(node.inputs[0]);
}
