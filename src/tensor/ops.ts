/**
 * All operations, on one page. Every transform of a graph (axes and types, derivatives, the oracle, cost,
 * lowering) is a table or a switch with one entry per operation and none for "the others", so the
 * type checker lists what is missing when an operation is added.
 */
import type { Axis } from "./axis.ts";
import type { DType, TypedArray } from "./dtype.ts";

/** Elementwise, floating point. Those from `sin` on are lowered to simpler ones by the compiler. */
export const UNARY = [
  "neg",
  "abs",
  "floor",
  "sqrt",
  "exp",
  "log",
  "sin",
  "cos",
  "tanh",
  "sigmoid",
  "softplus",
  "log1p",
  "expm1",
  "erf",
  "lgamma",
  "digamma",
  "trigamma",
] as const;

/** Elementwise, two floating point or two int32 operands. `div` is floating point only. */
export const BINARY = ["add", "sub", "mul", "div", "minimum", "maximum", "logAddExp"] as const;

/** Elementwise comparisons of two operands of one type; the result is uint8. */
export const COMPARISON = ["lt", "le", "eq"] as const;

/**
 * Elementwise on int32, wrapping; `shr` fills with zeros, shifts are by constant numbers of bits, `mod`
 * is the remainder of the operands read as unsigned, and 0 if the second is 0. `and`, `or`, `xor` also
 * take uint8 truth values.
 */
export const INTEGER = ["and", "or", "xor", "shl", "shr", "mod"] as const;

/** Reductions over a set of axes. */
const REDUCTION = ["sum", "max"] as const;

/** Elementwise operations of one operand. */
export type Unary = (typeof UNARY)[number];
/** Elementwise arithmetic of two operands of one type. */
export type Binary = (typeof BINARY)[number];
/** Elementwise comparisons; their result is uint8. */
export type Comparison = (typeof COMPARISON)[number];
/** Elementwise operations on int32 operands. */
export type Integer = (typeof INTEGER)[number];
/** Reductions over axes. */
export type Reduction = (typeof REDUCTION)[number];

/**
 * What a node does, with its attributes.
 *
 * - `input`: values that live in the program under a name; flat order is row-major over `order`.
 * - `literal`: values known when the graph is built, row-major over `order`.
 * - `index`: the position along an axis, int32.
 * - `threefry`: inputs (key0, key1, counter0, counter1) int32; word 0 or 1 of Threefry-2x32-20
 *   (Salmon, Moraes, Dror, Shaw 2011).
 * - `straightThrough`: inputs (a, b); the values of `a`, with the derivative of `b`, which is never computed itself.
 * - `select`: inputs (condition uint8, a, b).
 * - `gather`: inputs (source, position int32); the element of `source` at `position` along `axis`.
 *   Positions are clamped to the axis.
 * - `scatterAdd`: inputs (values, position int32); the transpose of `gather`: the sum over the axes
 *   `over` of the values whose (clamped) position along the new axis `axis` is the element's.
 * - `carry`: inside a loop, what is carried from turn to turn; `order` are its axes.
 * - `scan`: inputs (initial carries, free values of the loop); a value of the loop's body at every turn
 *   along the loop's axis, or, with `last`, the carry of that number after the last turn.
 * - `cholesky`: inputs (A); the lower triangle L over `row` and `column` with A = L L^T, of which the lower
 *   triangle is read; NaN from the first column on whose pivot is not greater than 0 and finite.
 * - `choleskyAdjoint`: inputs (L, G); the symmetric H over `row` and `column` of which H L has the lower triangle G,
 *   for a lower triangle L: twice the adjoint of A = L L^T if G is that of L.
 * - `triangularSolve`: inputs (L, b); x over `column` with sum_column L x = b, for b over `row` and a lower
 *   triangle L; if `transposed`, x over `row` with sum_row L x = b, for b over `column`.
 */
export type Operation =
  | { readonly op: "input"; readonly name: string; readonly order: readonly Axis[] }
  | {
      readonly op: "literal";
      readonly data: TypedArray;
      readonly order: readonly Axis[];
      /** Whether the values were computed, not given: then float32 may round them as it must. */
      readonly computed?: true;
    }
  | { readonly op: "constant"; readonly value: number }
  | { readonly op: "index"; readonly axis: Axis }
  | { readonly op: "cast" }
  | { readonly op: "stopGradient" }
  | { readonly op: "straightThrough" }
  | { readonly op: "select" }
  | { readonly op: "threefry"; readonly word: 0 | 1 }
  | { readonly op: "gather"; readonly axis: Axis }
  | { readonly op: "scatterAdd"; readonly axis: Axis; readonly over: readonly Axis[] }
  | { readonly op: "carry"; readonly order: readonly Axis[] }
  | {
      readonly op: "scan";
      readonly body: AnyScanBody;
      readonly last: number | undefined;
      /** The axes and the type of the result. */
      readonly order: readonly Axis[];
      readonly dtype: DType;
    }
  | { readonly op: "cholesky"; readonly row: Axis; readonly column: Axis }
  | { readonly op: "choleskyAdjoint"; readonly row: Axis; readonly column: Axis }
  | {
      readonly op: "triangularSolve";
      readonly row: Axis;
      readonly column: Axis;
      readonly transposed: boolean;
    }
  | { readonly op: Reduction; readonly over: readonly Axis[] }
  | { readonly op: Unary | Binary | Comparison | Integer };

/** The names of all operations. */
export type Op = Operation["op"];

/** The body of a scan, as `scan/loop.ts` declares it in full. */
export interface AnyScanBody {
  /** Marks the body of a scan. */
  readonly kind: "body";
}

/** The operation named `O` with its attributes. */
export type OperationOf<O extends Op> = Operation extends infer T
  ? T extends { op: infer P }
    ? O extends P
      ? T & { readonly op: O }
      : never
    : never
  : never;

/** The same entry for each operation of a list, for tables with one entry for every operation. */
export function each<O extends Op, T>(ops: readonly O[], entry: T): Readonly<Record<O, T>> {
  return Object.fromEntries(ops.map((op) => [op, entry])) as Record<O, T>;
}
