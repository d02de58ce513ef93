/**
 * Sums of products: factors that do not carry a summed axis are pulled out of the sum, and what is
 * left is arranged as a product of two operands so that matrix products can be recognised.
 */
import {
  type Axis,
  make,
  sizeOf,
  type Tensor,
  unionAxes,
  withoutAxes,
} from "../../tensor/internal.ts";

/** A better form of a sum of products, or undefined if `node` is not one or is as good already. */
export function pullFactors(node: Tensor): Tensor | undefined {
  if (node.operation.op !== "sum") return undefined;
  const { over } = node.operation;
  const [x] = node.inputs;
  const isOutside = (f: Tensor) => !over.some((a) => f.has(a));
  const { factors, divisors } = quotientOf(x, { isOutside, isFull: node.axes.length === 0 });
  const inside = factors.filter((f) => !isOutside(f));
  const within = divisors.filter((d) => !isOutside(d));
  if (inside.length + within.length < factors.length + divisors.length && inside.length > 0) {
    const summed = sumOver(quotient(product(inside), within), over);
    return quotient(product([...factors.filter(isOutside), summed]), divisors.filter(isOutside));
  }
  if (x.op !== "mul" || divisors.length > 0) return undefined;
  return sumInside(factors, over) ?? pairUp(x, factors, over);
}

interface Quotient {
  readonly factors: readonly Tensor[];
  readonly divisors: readonly Tensor[];
}

interface Sum {
  /** Whether a factor leaves the sum. */
  readonly isOutside: (x: Tensor) => boolean;
  /** Whether it is of all there is. */
  readonly isFull: boolean;
}

/** The factors and divisors of a product or quotient. */
function quotientOf(x: Tensor, sum: Sum): Quotient {
  const { isOutside } = sum;
  const itself: Quotient = { factors: [x], divisors: [] };
  if (isOutside(x)) return itself;
  if (x.op === "div") {
    const { factors, divisors } = quotientOf(x.inputs[0], sum);
    return { factors, divisors: [...divisors, x.inputs[1]] };
  }
  if (x.op !== "mul") return itself;
  const [a, b] = x.inputs;
  const [first, second] = withScales(a, b, sum);
  if (a === b) {
    const { factors, divisors } = first;
    const leaves = [...factors, ...divisors].some(isOutside);
    const differ = factors.some((f) => factors.some((g) => f.axes.some((k) => !g.has(k))));
    if (!leaves && !differ) return itself;
    return { factors: factors.map(squared), divisors: [...divisors, ...divisors] };
  }
  return {
    factors: [...first.factors, ...second.factors],
    divisors: [...first.divisors, ...second.divisors],
  };
}

/**
 * The two sides of a product. A divisor of one factor stays with it, and so do the scales of two: the product
 * of factors without them may be too large for a number, or too small. What multiplies one factor of two, or
 * the product, leaves the sum, which others may share; so does what has an axis that the product lacks, because
 * one sum serves all along that axis.
 */
function withScales(a: Tensor, b: Tensor, sum: Sum): [Quotient, Quotient] {
  const { isOutside, isFull } = sum;
  const first = quotientOf(a, sum);
  const sides = [first, a === b ? first : quotientOf(b, sum)] as const;
  if (isOutside(a) || isOutside(b)) return [...sides];
  const carried = ({ factors }: Quotient) => factors.filter((f) => !isOutside(f));
  const axes = unionAxes(...sides.flatMap(carried).map((f) => f.axes));
  const stays = (scale: Tensor) =>
    isOutside(scale) &&
    (isFull || (!isModerate(scale) && scale.axes.every((k) => axes.includes(k))));
  const isScaled = ({ factors, divisors }: Quotient) => [...factors, ...divisors].some(stays);
  const areScaled = sides.every(isScaled);
  const side = (x: Tensor, parts: Quotient): Quotient => {
    const keeps = areScaled || parts.divisors.some(stays);
    return keeps && carried(parts).length === 1 ? { factors: [x], divisors: [] } : parts;
  };
  return [side(a, sides[0]), side(b, sides[1])];
}

/** Whether it is a number that takes no product far. */
function isModerate({ operation }: Tensor): boolean {
  if (operation.op !== "constant") return false;
  const size = Math.abs(operation.value);
  return size > 2 ** -20 && size < 2 ** 20;
}

const squared = (x: Tensor) => product([x, x]);

function product(factors: readonly Tensor[]): Tensor {
  return factors.reduce((a, b) => make({ op: "mul" }, [a, b]));
}

/** One by one, so that divisors do not overflow in a product of their own. */
function quotient(x: Tensor, divisors: readonly Tensor[]): Tensor {
  return divisors.reduce((a, b) => make({ op: "div" }, [a, b]), x);
}

/** The sum over `over`; an axis the tensor lacks counts its size times. */
function sumOver(x: Tensor, over: readonly Axis[]): Tensor {
  return make({ op: "sum", over }, [x]);
}

/**
 * sum over {j, k} of f(j) g(j, k) as sum over j of f(j) (sum over k of g(j, k)), where that at least
 * halves the work.
 */
function sumInside(factors: readonly Tensor[], over: readonly Axis[]): Tensor | undefined {
  if (over.length < 2) return undefined;
  const axesOf = (list: readonly Tensor[]) => unionAxes(...list.map((f) => f.axes));
  const full = sizeOf(axesOf(factors));
  for (const k of over) {
    const inner = factors.filter((f) => f.has(k));
    if (inner.length === factors.length) continue;
    const rest = factors.filter((f) => !inner.includes(f));
    const left = withoutAxes(axesOf(inner), [k]);
    const work = sizeOf(axesOf(inner)) + sizeOf(unionAxes(left, axesOf(rest)));
    if (2 * work > full) continue;
    const outer = withoutAxes(over, [k]);
    return sumOver(product([...rest, sumOver(product(inner), [k])]), outer);
  }
  return undefined;
}

/**
 * Three or more factors as two operands: the two factors of most elements that differ in axes, each
 * taking with it the factors whose axes it has.
 */
function pairUp(x: Tensor, factors: readonly Tensor[], over: readonly Axis[]): Tensor | undefined {
  if (factors.length < 3 || isPair(x, over)) return undefined;
  const bySize = [...factors].sort((a, b) => sizeOf(b.axes) - sizeOf(a.axes));
  const first = bySize[0];
  const second = bySize.find((f) => f.axes.some((a) => !first.has(a)));
  if (second === undefined) return undefined;
  const within = (f: Tensor, g: Tensor) => f.axes.every((a) => g.has(a));
  if (factors.some((f) => !within(f, first) && !within(f, second))) return undefined;
  const left = factors.filter((f) => within(f, first));
  const right = factors.filter((f) => !within(f, first));
  const pair = make({ op: "mul" }, [product(left), product(right)]);
  return isPair(pair, over) ? sumOver(pair, over) : undefined;
}

/** Whether a product's operands each have an axis the other lacks and share the summed ones. */
function isPair(x: Tensor, over: readonly Axis[]): boolean {
  const [a, b] = x.inputs;
  const free = (y: Tensor, z: Tensor) => y.axes.some((k) => !z.has(k));
  return free(a, b) && free(b, a) && over.every((k) => a.has(k) && b.has(k));
}
