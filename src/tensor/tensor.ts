import { type Axis, describeAxes, sameAxes, unionAxes, withoutAxes } from "./axis.ts";
import { type DType, isFloat, roundTo } from "./dtype.ts";
import { SurmiseError } from "./errors.ts";
import {
  isBinary,
  isComparison,
  isInteger,
  isReduction,
  isUnary,
  type Operation,
  type OperationOf,
} from "./ops.ts";

/** What the functions of this room accept: a tensor, or a number that takes the other's type. */
export type Operand = Tensor | number;

let created = 0;

/**
 * A function of a set of named axes: one immutable node `(operation, inputs)` of an expression
 * graph. Nothing is computed until a program is compiled from it. Axes and data type follow from
 * the operation and its inputs. Made by the functions of this room, not by `new`.
 */
export class Tensor {
  readonly operation: Operation;
  readonly inputs: readonly Tensor[];
  /** The axes this tensor varies over: a set, listed in order of first appearance. */
  readonly axes: readonly Axis[];
  readonly dtype: DType;
  /** Creation number; inputs always have smaller ones than the nodes made from them. */
  readonly id: number;

  constructor(
    operation: Operation,
    inputs: readonly Tensor[],
    axes: readonly Axis[],
    dtype: DType,
  ) {
    this.operation = operation;
    this.inputs = inputs;
    this.axes = axes;
    this.dtype = dtype;
    this.id = created++;
  }

  get op(): Operation["op"] {
    return this.operation.op;
  }

  /** Whether this tensor varies over `a`. */
  has(a: Axis): boolean {
    return this.axes.includes(a);
  }

  add(other: Operand): Tensor {
    return apply("add", this, other);
  }
  sub(other: Operand): Tensor {
    return apply("sub", this, other);
  }
  mul(other: Operand): Tensor {
    return apply("mul", this, other);
  }
  /** The quotient of two floating-point tensors. */
  div(other: Operand): Tensor {
    return apply("div", this, other);
  }
  neg(): Tensor {
    return apply("neg", this);
  }
  /** 1 where this is less than `other`, else 0 (uint8), and so on for `le`, `gt`, `ge`, `eq`. */
  lt(other: Operand): Tensor {
    return apply("lt", this, other);
  }
  le(other: Operand): Tensor {
    return apply("le", this, other);
  }
  gt(other: Operand): Tensor {
    return apply("lt", other, this);
  }
  ge(other: Operand): Tensor {
    return apply("le", other, this);
  }
  eq(other: Operand): Tensor {
    return apply("eq", this, other);
  }

  /** `mul{user: 300, film: 5} float32`. */
  toString(): string {
    return `${this.op}${describeAxes(this.axes)} ${this.dtype}`;
  }
}

type ElementwiseOp = Exclude<
  Operation["op"],
  | "input"
  | "literal"
  | "constant"
  | "index"
  | "threefry"
  | "gather"
  | "scatterAdd"
  | "carry"
  | "scan"
  | "sum"
  | "max"
>;

/** A number as a scalar tensor. */
export function constant(value: number, dtype: DType = "float32"): Tensor {
  return new Tensor({ op: "constant", value: roundTo(dtype, value) }, [], [], dtype);
}

/** Numbers among the operands become constants of the type of the first tensor among them. */
export function lift(...operands: Operand[]): Tensor[] {
  const tensor = operands.find((x) => typeof x !== "number");
  const dtype = tensor === undefined ? "float32" : (tensor as Tensor).dtype;
  return operands.map((x) => (typeof x === "number" ? constant(x, dtype) : x));
}

/** An elementwise node over the union of the operands' axes. */
export function apply(op: ElementwiseOp, ...operands: Operand[]): Tensor {
  return make({ op } as Operation, lift(...operands));
}

/**
 * A node of the graph; derives its axes and its type, and refuses what does not fit.
 *
 * @throws SurmiseError on mixed types, missing axes, or two axes of one name.
 */
export function make(operation: Operation, inputs: readonly Tensor[]): Tensor {
  if (operation.op === "cast") throw new Error("use cast(x, dtype)");
  return new Tensor(
    operation,
    inputs,
    resultAxes(operation, inputs),
    resultType(operation, inputs),
  );
}

/** `x` as another type: floats are truncated towards zero to integers. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : new Tensor({ op: "cast" }, [x], x.axes, dtype);
}

/** The same operation on other inputs (used by rewrites); those of a scan keep their axes. */
export function withInputs(node: Tensor, inputs: readonly Tensor[]): Tensor {
  if (inputs.every((x, i) => x === node.inputs[i])) return node;
  if (node.op === "scan" && inputs.some((x, i) => x.axes.some((a) => !node.inputs[i].has(a)))) {
    throw new Error(`${node}: the body of a scan knows the axes of its inputs`);
  }
  if (node.op === "cast") return cast(inputs[0], node.dtype);
  return make(node.operation, inputs);
}

function resultAxes(operation: Operation, inputs: readonly Tensor[]): readonly Axis[] {
  switch (operation.op) {
    case "input":
    case "literal":
    case "carry":
    case "scan":
      return operation.order;
    case "index":
      return [operation.axis];
    case "sum":
    case "max":
      return reducedAxes(operation, inputs[0], operation.over);
    case "gather": {
      const [source, position] = inputs;
      if (!source.has(operation.axis)) {
        throw new SurmiseError(
          `gather along '${operation.axis.name}': the source has axes ${describeAxes(source.axes)}`,
        );
      }
      return unionAxes(position.axes, withoutAxes(source.axes, [operation.axis]));
    }
    case "scatterAdd": {
      const all = unionAxes(inputs[0].axes, inputs[1].axes);
      const kept = reducedAxes(operation, { axes: all }, operation.over);
      return unionAxes([operation.axis], kept);
    }
    default:
      return unionAxes(...inputs.map((x) => x.axes));
  }
}

function reducedAxes(
  operation: Operation,
  x: { readonly axes: readonly Axis[] },
  over: readonly Axis[],
): readonly Axis[] {
  const missing = over.find((a) => !x.axes.includes(a));
  if (missing !== undefined) {
    const sameName = x.axes.find((a) => a.name === missing.name);
    const hint =
      sameName === undefined
        ? "sum only over axes the tensor has"
        : `it has another axis of that name with size ${sameName.size}: use the same axis object`;
    throw new SurmiseError(
      `${operation.op} over '${missing.name}': the tensor has axes ${describeAxes(x.axes)}; ${hint}`,
    );
  }
  return withoutAxes(x.axes, over);
}

function resultType(operation: Operation, inputs: readonly Tensor[]): DType {
  const { op } = operation;
  const refuse = (what: string): never => {
    const seen = inputs.map((x) => `${x.dtype} ${describeAxes(x.axes)}`).join(" and ");
    throw new SurmiseError(`${op} of ${seen}: ${what}`);
  };
  const same = (xs: readonly Tensor[]): DType => {
    if (xs.some((x) => x.dtype !== xs[0].dtype)) refuse("the types differ; cast one of them");
    return xs[0].dtype;
  };
  const int32 = (xs: readonly Tensor[]) => {
    if (xs.some((x) => x.dtype !== "int32")) refuse("int32 is needed; use cast(x, 'int32')");
  };
  if (op === "literal") return dtypeOfArray(operation as OperationOf<"literal">);
  if (op === "index") return "int32";
  if (op === "scan") return (operation as OperationOf<"scan">).dtype;
  if (op === "threefry") {
    int32(inputs);
    return "int32";
  }
  if (op === "gather" || op === "scatterAdd") {
    int32([inputs[1]]);
    return inputs[0].dtype;
  }
  if (op === "select") {
    if (inputs[0].dtype !== "uint8") refuse("the condition must be uint8, such as a.lt(b)");
    return same(inputs.slice(1));
  }
  if (op === "stopGradient") return inputs[0].dtype;
  if (isComparison(op)) {
    same(inputs);
    return "uint8";
  }
  const dtype = same(inputs);
  if (isInteger(op)) {
    const truth = dtype === "uint8" && (op === "and" || op === "or" || op === "xor");
    if (!truth) int32(inputs);
    if ((op === "shl" || op === "shr") && inputs[1].op !== "constant") {
      refuse("the number of bits must be a plain number");
    }
    return dtype;
  }
  if (isUnary(op) || isBinary(op) || isReduction(op)) {
    const onIntegers = [
      "neg",
      "abs",
      "add",
      "sub",
      "mul",
      "minimum",
      "maximum",
      "sum",
      "max",
    ].includes(op);
    if (!(isFloat(dtype) || (dtype === "int32" && onIntegers))) {
      refuse(`${onIntegers ? "numbers are" : "floating point is"} needed; use cast(x, 'float32')`);
    }
    return dtype;
  }
  throw new Error(`no type rule for ${op}`);
}

function dtypeOfArray({ data }: OperationOf<"literal">): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  return data instanceof Int32Array ? "int32" : "uint8";
}

/** Every node that `roots` are made of, each once, inputs before the nodes that use them. */
export function nodesOf(roots: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>();
  const order: Tensor[] = [];
  const stack: { node: Tensor; next: number }[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next === top.node.inputs.length) {
        order.push(top.node);
        stack.pop();
        continue;
      }
      const input = top.node.inputs[top.next++];
      if (!seen.has(input)) {
        seen.add(input);
        stack.push({ node: input, next: 0 });
      }
    }
  }
  return order;
}

/** Whether two tensors vary over the same set of axes. */
export function alike(a: Tensor, b: Tensor): boolean {
  return sameAxes(a.axes, b.axes);
}
