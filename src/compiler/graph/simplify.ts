/**
 * First pass: equal nodes become one node, constants are folded, and trivial operations vanish.
 * Bottom-up, one rewrite rule list, until nothing changes for a node.
 */
import {
  type Axis,
  BINARY,
  bodyOf,
  COMPARISON,
  each,
  INTEGER,
  make,
  nodesOf,
  type Op,
  type Operation,
  type OperationOf,
  roundedConstant,
  type Tensor,
  threefry,
  UNARY,
  withInputs,
} from "../../tensor/internal.ts";
import { pullFactors } from "./factors.ts";

/** `roots` rewritten; the same root gives the same result object. */
export function simplify(roots: readonly Tensor[]): Tensor[] {
  const interned = new Interner();
  const done = new Map<Tensor, Tensor>();
  for (const node of nodesOf(roots)) {
    const inputs = node.inputs.map((x) => done.get(x) as Tensor);
    done.set(node, interned.settle(withInputs(node, inputs)));
  }
  return roots.map((root) => done.get(root) as Tensor);
}

/** Keeps one node per meaning and rewrites new ones until no rule applies. */
class Interner {
  private readonly byMeaning = new Map<string, Tensor>();
  private readonly numbers = new Map<object, number>();

  settle(node: Tensor, meaning = this.meaning(node)): Tensor {
    const known = this.byMeaning.get(meaning);
    if (known !== undefined) return known;
    const better = rewrite(node);
    const settled = better === undefined ? node : this.settleNew(better);
    this.byMeaning.set(meaning, settled);
    return settled;
  }

  /** Settles a node whose inputs may be new as well. */
  private settleNew(node: Tensor): Tensor {
    const meaning = this.meaning(node);
    const known = this.byMeaning.get(meaning);
    if (known !== undefined) return known;
    const inputs = node.inputs.map((x) => this.settleNew(x));
    const same = withInputs(node, inputs);
    return this.settle(same, same === node ? meaning : undefined);
  }

  private number(thing: object): number {
    const known = this.numbers.get(thing);
    if (known !== undefined) return known;
    this.numbers.set(thing, this.numbers.size);
    return this.numbers.size - 1;
  }

  /** Equal for nodes that compute the same values from the same inputs. */
  private meaning(node: Tensor): string {
    const inputs = node.inputs.map((x) => x.id).join(" ");
    const attributes = ATTRIBUTES[node.op] as Attributes<Operation>;
    const own = attributes(node.operation, (thing) => this.number(thing), node);
    return `${node.dtype} ${node.op} ${own} ${inputs}`;
  }
}

/** A number for each object: the same for the same object. */
type Number = (thing: object) => number;

/** The attributes of an operation, equal for equal ones; `over` names a set. */
type Attributes<Of> = (operation: Of, number: Number, node: Tensor) => string;

const setOf = (axes: readonly Axis[], number: Number) =>
  axes
    .map(number)
    .sort((a, b) => a - b)
    .join(",");

const none = () => "";

const ATTRIBUTES: { readonly [O in Op]: Attributes<OperationOf<O>> } = {
  input: ({ name }) => name,
  literal: ({ data, order }, number) => `${number(data)} ${order.map(number)}`,
  constant: ({ value }) => (Object.is(value, -0) ? "-0" : `${value}`),
  index: ({ axis }, number) => `${number(axis)}`,
  carry: (_, number, node) => `${number(node)}`,
  scan: (operation, number) => {
    const { loop, value } = bodyOf(operation);
    return `${number(loop)} ${number(value)} ${operation.last}`;
  },
  threefry: ({ word }) => `${word}`,
  gather: ({ axis }, number) => `${number(axis)}`,
  scatterAdd: ({ axis, over }, number) => `${number(axis)} ${setOf(over, number)}`,
  cholesky: ({ row, column }, number) => `${number(row)} ${number(column)}`,
  choleskyAdjoint: ({ row, column }, number) => `${number(row)} ${number(column)}`,
  triangularSolve: ({ row, column, transposed }, number) =>
    `${number(row)} ${number(column)} ${transposed}`,
  sum: ({ over }, number) => setOf(over, number),
  max: ({ over }, number) => setOf(over, number),
  ...each(["cast", "stopGradient", "straightThrough", "select"], none),
  ...each(UNARY, none),
  ...each(BINARY, none),
  ...each(COMPARISON, none),
  ...each(INTEGER, none),
};

const value = (x: Tensor): number | undefined =>
  x.operation.op === "constant" ? x.operation.value : undefined;

/** A simpler node of the same meaning, or undefined. */
function rewrite(node: Tensor): Tensor | undefined {
  return fold(node) ?? identities(node) ?? pullFactors(node);
}

const FOLDED: Readonly<Partial<Record<Op, (...x: number[]) => number>>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  div: (a, b) => a / b,
  neg: (a) => -a,
  cast: (a) => a,
  stopGradient: (a) => a,
};

/** Operations on constants whose double result rounds to what the backends compute. */
function fold(node: Tensor): Tensor | undefined {
  const values = node.inputs.map(value);
  if (values.length === 0 || values.some((v) => v === undefined)) return undefined;
  const numbers = values as number[];
  const { operation, dtype } = node;
  if (operation.op === "threefry") {
    const [k0, k1, c0, c1] = numbers;
    return roundedConstant(threefry(k0, k1, c0, c1)[operation.word], dtype);
  }
  if (operation.op === "mul") {
    const [a, b] = numbers;
    return roundedConstant(dtype === "int32" ? Math.imul(a, b) : a * b, dtype);
  }
  const f = FOLDED[operation.op];
  if (f === undefined || (node.op === "cast" && dtype !== "float32" && dtype !== "float64")) {
    return undefined;
  }
  return roundedConstant(f(...numbers), dtype);
}

/** Rewrites to simpler nodes of the same meaning, for the operations that have some. */
const IDENTITIES: Readonly<
  Partial<Record<Op, (a: Tensor, b: Tensor, node: Tensor) => Tensor | undefined>>
> = {
  stopGradient: (a) => a,
  straightThrough: (a) => a,
  add: (a, b) => {
    if (value(b) === 0) return a;
    if (value(a) === 0) return b;
    if (b.op === "neg") return again("sub", a, b.inputs[0]);
    return a.op === "neg" ? again("sub", b, a.inputs[0]) : undefined;
  },
  sub: (a, b) => {
    if (value(b) === 0) return a;
    if (value(a) === 0) return again("neg", b);
    return b.op === "neg" ? again("add", a, b.inputs[0]) : undefined;
  },
  mul: (a, b) => {
    if (value(b) === 1) return a;
    if (value(a) === 1) return b;
    if (value(b) === -1) return again("neg", a);
    if (value(a) === -1) return again("neg", b);
    if (a.op === "neg") return again("neg", again("mul", a.inputs[0], b));
    return b.op === "neg" ? again("neg", again("mul", a, b.inputs[0])) : undefined;
  },
  div: (a, b) => (value(b) === 1 ? a : undefined),
  neg: (a) => (a.op === "neg" ? a.inputs[0] : undefined),
  cast: (a, _, node) =>
    a.op === "cast" && a.inputs[0].dtype === node.dtype && widens(a) ? a.inputs[0] : undefined,
  sum: (_a, _b, node) => mergeReductions(node),
  max: (_a, _b, node) => mergeReductions(node),
};

function identities(node: Tensor): Tensor | undefined {
  const [a, b] = node.inputs;
  return IDENTITIES[node.op]?.(a, b, node);
}

/** Whether a cast loses nothing. */
function widens(x: Tensor): boolean {
  const [from] = x.inputs;
  return x.dtype === "float64" || (x.dtype === "int32" && from.dtype === "uint8");
}

function mergeReductions(node: Tensor): Tensor | undefined {
  const outer = node.operation as Extract<Operation, { over: readonly Axis[] }>;
  const [x] = node.inputs;
  if (x.operation.op === outer.op) {
    const over = [...x.operation.over, ...outer.over];
    return make({ op: outer.op as "sum", over }, [x.inputs[0]]);
  }
  if (outer.op === "sum" && x.op === "neg") {
    return again("neg", make(outer, [x.inputs[0]]));
  }
  return undefined;
}

function again(op: "add" | "sub" | "mul" | "neg", ...inputs: Tensor[]): Tensor {
  return make({ op }, inputs);
}
