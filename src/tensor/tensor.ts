import { type Axis, describeAxes, sameAxes } from "./axis.ts";
import { descriptorOf } from "./descriptors.ts";
import { type DType, roundTo } from "./dtype.ts";
import type { Binary, Comparison, Integer, Operation, Unary } from "./ops.ts";

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

type Elementwise = "stopGradient" | "select" | Unary | Binary | Comparison | Integer;

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
export function apply(op: Elementwise, ...operands: Operand[]): Tensor {
  return make({ op } as Operation, lift(...operands));
}

/**
 * A node of the graph; derives its axes and its type, and refuses what does not fit.
 *
 * @throws SurmiseError on mixed types, missing axes, or two axes of one name.
 */
export function make(operation: Operation, inputs: readonly Tensor[]): Tensor {
  const { axes, dtype } = descriptorOf(operation);
  return new Tensor(operation, inputs, axes(operation, inputs), dtype(operation, inputs));
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
