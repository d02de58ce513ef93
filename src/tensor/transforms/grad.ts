/** Reverse-mode derivatives on the graph: one rule per operation, one walk. */
import { checkArguments, listOf, TENSOR } from "../arguments/kinds.ts";
import { type Axis, describeAxes, sizeOf, withoutAxes } from "../axis.ts";
import { isFloat } from "../dtype.ts";
import { SurmiseError } from "../errors.ts";
import { adjointOfCholesky, adjointOfCholeskyAdjoint, adjointOfSolve } from "../linear/adjoints.ts";
import {
  abs,
  cos,
  digamma,
  exp,
  max,
  select,
  sigmoid,
  sin,
  square,
  sum,
  trigamma,
} from "../math.ts";
import {
  COMPARISON,
  each,
  INTEGER,
  type Op,
  type Operation,
  type OperationOf,
  type Reduction,
} from "../ops.ts";
import { bodyOf } from "../scan/loop.ts";
import { adjointOfScan } from "../scan/scanAdjoint.ts";
import { cast, constant, nodesOf, type Tensor } from "../tensor.ts";
import { gatherBack, scatterAdd } from "./scatter.ts";

/** How the adjoint `g` of a node reaches its inputs. */
interface Derivative<Of> {
  /** Contributions to each input; undefined where there is none. */
  readonly contributions: (g: Tensor, node: Tensor, operation: Of) => (Tensor | undefined)[];
  /**
   * The axes that the contribution to input `i` is taken over, which are summed down to those of the input:
   * along those that it lacks it is constant.
   */
  readonly over: (node: Tensor, i: number, operation: Of) => readonly Axis[];
}

type Contributions = Derivative<Operation>["contributions"];

/** Each element of the node depends on the elements of its inputs at the same position. */
const elementwise = (contributions: Contributions): Derivative<Operation> => ({
  contributions,
  over: (node) => node.axes,
});

/** The same, for a function of one operand with the derivative `slope(x, y)`. */
const unary = (slope: (x: Tensor, y: Tensor) => Tensor) =>
  elementwise((g, y) => [g.mul(slope(y.inputs[0], y))]);

/** Nothing depends on the inputs, or not smoothly: the derivative is zero. */
const zeroEverywhere = elementwise(() => []);

const ofReduction = (
  contributions: Derivative<OperationOf<Reduction>>["contributions"],
): Derivative<OperationOf<Reduction>> => ({ contributions, over: ({ inputs: [x] }) => x.axes });

/** An adjoint may have fewer axes than its node: it is constant along the others. */
const DERIVATIVES: { readonly [O in Op]: Derivative<OperationOf<O>> } = {
  input: zeroEverywhere,
  literal: zeroEverywhere,
  constant: zeroEverywhere,
  index: zeroEverywhere,
  carry: zeroEverywhere,
  threefry: zeroEverywhere,
  stopGradient: zeroEverywhere,
  ...each(COMPARISON, zeroEverywhere),
  ...each(INTEGER, zeroEverywhere),
  floor: zeroEverywhere,
  cast: elementwise((g, { inputs: [x] }) => [cast(g, x.dtype)]),
  straightThrough: elementwise((g) => [undefined, g]),
  select: elementwise((g, { inputs: [condition] }) => [
    undefined,
    select(condition, g, zero(g)),
    select(condition, zero(g), g),
  ]),
  neg: elementwise((g) => [g.neg()]),
  abs: elementwise((g, { inputs: [x] }) => [select(x.lt(0), g.neg(), select(x.eq(0), zero(g), g))]),
  // A norm has a corner at 0, as a size has; there its derivative is taken as 0.
  sqrt: unary((x, y) => {
    const half = constant(0.5, y.dtype);
    return isOfSquares(x) ? select(y.eq(0), 0, half.div(y)) : half.div(y);
  }),
  exp: unary((_, y) => y),
  log: elementwise((g, { inputs: [x] }) => [g.div(x)]),
  sin: unary((x) => cos(x)),
  cos: unary((x) => sin(x).neg()),
  tanh: unary((_, y) => constant(1, y.dtype).sub(square(y))),
  // Of 1 - y, nothing is left where y is nearly 1.
  sigmoid: unary((x, y) => y.mul(sigmoid(x.neg()))),
  softplus: unary((x) => sigmoid(x)),
  log1p: elementwise((g, { inputs: [x] }) => [g.div(x.add(1))]),
  expm1: unary((x) => exp(x)),
  erf: unary((x) => exp(square(x).neg()).mul(2 / Math.sqrt(Math.PI))),
  lgamma: unary((x) => digamma(x)),
  digamma: unary((x) => trigamma(x)),
  trigamma: elementwise(() => {
    throw new SurmiseError("trigamma has no derivative here: take at most two of lgamma");
  }),
  add: elementwise((g) => [g, g]),
  sub: elementwise((g) => [g, g.neg()]),
  mul: elementwise((g, { inputs: [a, b] }) => [g.mul(b), g.mul(a)]),
  div: elementwise((g, y) => [g.div(y.inputs[1]), g.mul(y).div(y.inputs[1]).neg()]),
  minimum: elementwise((g, { inputs }) => chosen(g, inputs, (x, y) => x.lt(y))),
  maximum: elementwise((g, { inputs }) => chosen(g, inputs, (x, y) => y.lt(x))),
  // Operands that are infinite and equal have no difference. Others that are equal have one, and a second derivative.
  logAddExp: elementwise((g, { inputs: [a, b] }) => {
    const difference = a.sub(b);
    const apart = select(difference.eq(difference), difference, 0);
    return [g.mul(sigmoid(apart)), g.mul(sigmoid(apart.neg()))];
  }),
  sum: ofReduction((g) => [g]),
  max: ofReduction((g, y, { over }) => {
    const [x] = y.inputs;
    const hit = cast(x.eq(y), g.dtype);
    return [g.mul(hit).div(sum(hit, ...over))];
  }),
  gather: {
    contributions: (g, { inputs: [source, position] }, { axis }) => {
      const kept = withoutAxes(source.axes, [axis]);
      const over = withoutAxes(position.axes, kept);
      return [scatterAdd(g, position, axis, over), undefined];
    },
    over: ({ inputs: [source] }) => source.axes,
  },
  scatterAdd: {
    contributions: (g, { inputs: [, position] }, { axis }) => [
      g.has(axis) ? gatherBack(g, axis, position) : g,
      undefined,
    ],
    over: ({ inputs: [values, position] }) => [...new Set([...values.axes, ...position.axes])],
  },
  cholesky: {
    contributions: (g, l, operation) => [adjointOfCholesky(g, l, operation)],
    over: ({ axes }) => axes,
  },
  choleskyAdjoint: {
    contributions: adjointOfCholeskyAdjoint,
    over: ({ axes }) => axes,
  },
  triangularSolve: {
    contributions: adjointOfSolve,
    over: ({ axes, inputs: [l] }, i, { row, column, transposed }) => {
      const [equation, unknown] = transposed ? [column, row] : [row, column];
      return i === 0 ? l.axes : [equation, ...withoutAxes(axes, [unknown])];
    },
  },
  scan: {
    contributions: (g, node, operation) => adjointOfScan(g, node, operation, grad),
    over: ({ inputs }, i, operation) => (bodyOf(operation).loop.carries[i] ?? inputs[i]).axes,
  },
};

/**
 * Operations whose derivative can be infinite, or not a number, where their value is not used. Below a `select`, an
 * adjoint of 0 is that of a branch that was not taken, and stays 0 through them, where 0 times infinity is not a number.
 */
const STEEP: ReadonlySet<Op> = new Set<Op>([
  "log",
  "log1p",
  "sqrt",
  "div",
  "mul",
  "exp",
  "expm1",
  "sin",
  "cos",
  "tanh",
  "sigmoid",
  "softplus",
  "erf",
  "lgamma",
  "digamma",
  "logAddExp",
  "max",
  "cholesky",
  "choleskyAdjoint",
  "triangularSolve",
]);

/**
 * Whether a node chooses between its inputs. The terms that a log sum exp leaves out do not count: they are as steep
 * as those that it keeps.
 */
function isBranching({ op, inputs }: Tensor): boolean {
  return op === "select" && inputs[2].op !== "exp";
}

/** Whether a tensor is a square, or a sum of squares. */
function isOfSquares(total: Tensor): boolean {
  const terms = new Set([total]);
  for (const { op, inputs } of terms) {
    if (op === "sum" || op === "add") for (const each of inputs) terms.add(each);
    else if (op !== "mul" || inputs[0] !== inputs[1]) return false;
  }
  return true;
}

/**
 * The contribution to input `i` of a steep node below a select: 0 where its adjoint `g` is, also if it is not finite there.
 * Where it is finite it stays as it is, as an adjoint may be 0 by chance, and have a derivative. In a matrix product such a
 * choice for each pair of factors would cost more than the product, so there the other factor is 0 where it is not
 * finite: where a product with such a number is used, its value is not finite either.
 */
function sparing(g: Tensor, node: Tensor, i: number, contribution: Tensor): Tensor {
  const { op, operation, inputs } = node;
  const other = inputs[1 - i];
  if (op === "mul" && isMatrixProduct(g, other, inputs[i])) {
    return g.mul(select(isFiniteAt(other), other, zero(other)));
  }
  const finite = select(isFiniteAt(contribution), contribution, zero(contribution));
  return select(isNotTaken(g, operation, contribution), finite, contribution);
}

const isFiniteAt = (x: Tensor) => abs(x).lt(Number.POSITIVE_INFINITY);

/** Where nothing that the contribution is made of reaches the result: of a matrix, no element of it. */
function isNotTaken(g: Tensor, operation: Operation, contribution: Tensor): Tensor {
  if (!("column" in operation)) return g.eq(0);
  const { row, column } = operation;
  const mixed = g.axes.filter((a) => a === row || a === column || !contribution.has(a));
  return (mixed.length === 0 ? g : max(abs(g), ...mixed)).eq(0);
}

/** Whether each of two factors has axes of `result` that the other lacks, and both one that is summed over. */
function isMatrixProduct(a: Tensor, b: Tensor, result: Tensor): boolean {
  const own = (x: Tensor, y: Tensor) => x.axes.some((axis) => result.has(axis) && !y.has(axis));
  return own(a, b) && own(b, a) && a.axes.some((axis) => b.has(axis) && !result.has(axis));
}

function zero(x: Tensor): Tensor {
  return constant(0, x.dtype);
}

/**
 * The adjoint belongs to the operand that is taken, where they are equal half to each; but a plain number needs none, and then
 * all of it goes there: so relu has the slope 0 at 0, and no test of equality is computed.
 */
function chosen(
  g: Tensor,
  [a, b]: readonly Tensor[],
  isLess: (x: Tensor, y: Tensor) => Tensor,
): [Tensor, Tensor] {
  const [takesA, takesB] = [isLess(a, b), isLess(b, a)];
  if (isPlain(b)) return [select(takesA, g, zero(g)), select(takesA, zero(g), g)];
  if (isPlain(a)) return [select(takesB, zero(g), g), select(takesB, g, zero(g))];
  const other = select(a.eq(b), g.mul(0.5), zero(g));
  return [select(takesA, g, other), select(takesB, g, other)];
}

/** Whether `x` is made of plain numbers alone. */
function isPlain(x: Tensor): boolean {
  const nodes = new Set([x]);
  for (const { op, inputs } of nodes) {
    if (op !== "constant" && inputs.length === 0) return false;
    for (const each of inputs) nodes.add(each);
  }
  return true;
}

/** The contribution `g` to an input with axes `to` of a node with axes `from`. */
function sumDown(g: Tensor, from: readonly Axis[], to: readonly Axis[]): Tensor {
  const lost = withoutAxes(from, to);
  const present = lost.filter((a) => g.has(a));
  const absent = sizeOf(lost.filter((a) => !g.has(a)));
  const summed = present.length === 0 ? g : sum(g, ...present);
  return absent === 1 ? summed : summed.mul(absent);
}

/**
 * The derivatives of the scalar `y` with respect to each tensor of `xs`. A derivative has at most
 * the axes of its tensor; along axes it lacks it is constant.
 *
 * @throws SurmiseError if `y` has axes or is not floating point.
 */
export function grad(y: Tensor, xs: readonly Tensor[]): Tensor[] {
  checkArguments("grad", { y }, TENSOR);
  checkArguments("grad", { xs }, listOf(TENSOR));
  if (y.axes.length > 0) {
    throw new SurmiseError(
      `grad needs a scalar, but got axes ${describeAxes(y.axes)}: sum over them first`,
    );
  }
  if (!isFloat(y.dtype))
    throw new SurmiseError(`grad needs a floating-point scalar, not ${y.dtype}`);
  const nodes = nodesOf([y]);
  const needed = new Set<Tensor>(xs);
  for (const node of nodes) {
    if (DERIVATIVES[node.op] === zeroEverywhere || !isFloat(node.dtype)) continue;
    if (node.inputs.some((x) => needed.has(x))) needed.add(node);
  }
  const adjoints = new Map<Tensor, Tensor>([[y, constant(1, y.dtype)]]);
  const masked = new Set<Tensor>();
  for (const node of nodes.reverse()) {
    const g = adjoints.get(node);
    if (g === undefined || !needed.has(node)) continue;
    const { contributions, over } = DERIVATIVES[node.op] as Derivative<Operation>;
    const isMasked = masked.has(node);
    if (isMasked || isBranching(node)) for (const x of node.inputs) masked.add(x);
    const spared = isMasked && STEEP.has(node.op);
    contributions(g, node, node.operation).forEach((contribution, i) => {
      const x = node.inputs[i];
      if (contribution === undefined || !needed.has(x)) return;
      const own = spared ? sparing(g, node, i, contribution) : contribution;
      const down = sumDown(own, over(node, i, node.operation), x.axes);
      const known = adjoints.get(x);
      adjoints.set(x, known === undefined ? down : known.add(down));
    });
  }
  return xs.map((x) => adjoints.get(x) ?? constant(0, x.dtype));
}
