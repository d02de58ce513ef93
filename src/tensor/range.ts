/** Between which numbers the whole numbers of a graph lie, where that can be said before it runs. */
import { type DType, WHOLE_RANGE } from "./dtype.ts";
import type { Op, Operation, OperationOf } from "./ops.ts";

/** What rules see of a tensor. */
interface Node {
  readonly op: Op;
  readonly operation: Operation;
  readonly inputs: readonly Node[];
  readonly dtype: DType;
}

type Range = readonly [least: number, most: number];

/** Of inputs, carries, random bits and what wraps on purpose nothing is known. */
type Known = Range | undefined;

/** Graphs are looked into so far: deeper values are taken for unknown. */
const DEEPEST = 64;

interface Ranges {
  get(x: Node): { readonly range: Known } | undefined;
  set(x: Node, found: { readonly range: Known }): unknown;
}

const known: Ranges = new WeakMap<Node, { readonly range: Known }>();

/** The smallest and the largest value that an int32 or uint8 tensor can have; undefined if unknown. */
export function rangeOf(x: Node, ranges: Ranges = known, depth = 0): Known {
  const found = ranges.get(x);
  if (found !== undefined) return found.range;
  const rule = depth < DEEPEST ? (RULES[x.op] as Rule<Operation> | undefined) : undefined;
  const range = rule?.(x, x.operation, (y) => rangeOf(y, ranges, depth + 1));
  ranges.set(x, { range });
  return range;
}

/**
 * The farthest value beyond int32 that a carry of a loop reaches after some turns, as far as is known: its
 * range is followed for two turns, and grows from there as it did in the second.
 */
export function overflowOfCarry(
  init: Node,
  carry: Node,
  next: Node,
  turn: { readonly position: Node; readonly turns: number },
): number | undefined {
  const { position, turns } = turn;
  const positions: Range = [0, turns - 1];
  const after = (range: Known) =>
    rangeOf(
      next,
      new Map([
        [carry, { range }],
        [position, { range: positions }],
      ]),
    );
  const first = after(rangeOf(init));
  const second = first && after(first);
  if (first === undefined || second === undefined) return undefined;
  return beyondInt32([
    second[0] + (second[0] - first[0]) * (turns - 2),
    second[1] + (second[1] - first[1]) * (turns - 2),
  ]);
}

/** The range of an operation's result, if its type had no ends; `of` gives those of its inputs. */
type Rule<Of> = (x: Node, operation: Of, of: (y: Node) => Known) => Known;

const hull = (...values: readonly number[]): Range => [Math.min(...values), Math.max(...values)];

const two =
  (f: (a: Range, b: Range) => Range): Rule<Operation> =>
  ({ inputs: [x, y] }, _, of) => {
    const [a, b] = [of(x), of(y)];
    return a && b && f(a, b);
  };

const same: Rule<Operation> = ({ inputs: [x] }, _, of) => of(x);
const truth: Rule<Operation> = () => [0, 1];

const RULES: { readonly [O in Op]?: Rule<OperationOf<O>> } = {
  constant: (_, { value }) => [value, value],
  index: (_, { axis }) => [0, axis.size - 1],
  literal: (_, { data }) => {
    let [least, most] = [data[0], data[0]];
    for (const value of data) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
    return [least, most];
  },
  input: ({ dtype }) => (dtype === "uint8" ? WHOLE_RANGE.uint8 : undefined),
  cast: ({ dtype, inputs: [x] }, _, of) => {
    if (x.dtype === "uint8") return of(x) ?? WHOLE_RANGE.uint8;
    return dtype === "uint8" ? WHOLE_RANGE.uint8 : undefined;
  },
  lt: truth,
  le: truth,
  eq: truth,
  add: two(([a, b], [c, d]) => [a + c, b + d]),
  sub: two(([a, b], [c, d]) => [a - d, b - c]),
  mul: two(([a, b], [c, d]) => hull(a * c, a * d, b * c, b * d)),
  neg: (x, _, of) => {
    const range = of(x.inputs[0]);
    return range && [-range[1], -range[0]];
  },
  abs: (x, _, of) => {
    const range = of(x.inputs[0]);
    return range && [Math.max(0, range[0], -range[1]), Math.max(Math.abs(range[0]), range[1])];
  },
  minimum: two(([a, b], [c, d]) => [Math.min(a, c), Math.min(b, d)]),
  maximum: two(([a, b], [c, d]) => [Math.max(a, c), Math.max(b, d)]),
  max: same,
  gather: same,
  stopGradient: same,
  select: ({ inputs: [, x, y] }, _, of) => {
    const [a, b] = [of(x), of(y)];
    return a && b && hull(...a, ...b);
  },
  mod: ({ inputs: [, by] }, _, of) => {
    const range = of(by);
    return range && range[0] > 0 ? [0, range[1] - 1] : undefined;
  },
  shr: ({ inputs: [, by] }, _, of) => {
    const bits = of(by);
    return bits && bits[0] > 0 && bits[0] < 32 ? [0, 2 ** (32 - bits[0]) - 1] : undefined;
  },
};

/** The farthest value beyond int32 that an int32 tensor may have, as far as is known. */
export function overflowOf(x: Node): number | undefined {
  if (x.dtype !== "int32") return undefined;
  const range = rangeOf(x);
  return range && beyondInt32(range);
}

function beyondInt32(range: Range): number | undefined {
  const [least, most] = WHOLE_RANGE.int32;
  if (range[1] > most) return range[1];
  return range[0] < least ? range[0] : undefined;
}
