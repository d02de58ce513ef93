import { shown } from "./arguments/numbers.ts";
import { type Axis, describeAxes, sameAxes } from "./axis.ts";
import { descriptorOf, takes } from "./descriptors.ts";
import { checkDType, type DType, isFloat, roundTo, type TypedArray, whyNot } from "./dtype.ts";
import { SurmiseError } from "./errors.ts";
import { intervalOf, overflowOf } from "./known/intervals.ts";
import {
  BINARY,
  type Binary,
  type Comparison,
  type Integer,
  type Operation,
  UNARY,
  type Unary,
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
  /** The operation with its attributes. */
  readonly operation: Operation;
  /** The operands, in order. */
  readonly inputs: readonly Tensor[];
  /** The axes this tensor varies over: a set, listed in order of first appearance. */
  readonly axes: readonly Axis[];
  /** The type of its elements. */
  readonly dtype: DType;
  /** Creation number; inputs always have smaller ones than the nodes made from them. */
  readonly id: number;
  /** Of float32 constants and literals made of numbers: these, before they were rounded. */
  readonly exact: number | Float64Array | undefined;

  constructor(
    operation: Operation,
    inputs: readonly Tensor[],
    axes: readonly Axis[],
    dtype: DType,
    exact?: number | Float64Array,
  ) {
    this.exact = exact;
    this.operation = operation;
    this.inputs = inputs;
    this.axes = axes;
    this.dtype = dtype;
    this.id = created++;
  }

  /** The name of the operation. */
  get op(): Operation["op"] {
    return this.operation.op;
  }

  /** Whether this tensor varies over `a`. */
  has(a: Axis): boolean {
    return this.axes.includes(a);
  }

  /**
   * The sum; `sub` and `mul` alike. Of int32 it is int32: refused if the operands are known (positions,
   * literals) and it goes beyond the type, else modulo 2^32, as hashes need it.
   */
  add(other: Operand): Tensor {
    return apply("add", this, other);
  }
  /** The difference, over the union of the axes. */
  sub(other: Operand): Tensor {
    return apply("sub", this, other);
  }
  /** The product of elements, over the union of the axes; a matrix product is `sum(a.mul(b), k)`. */
  mul(other: Operand): Tensor {
    return apply("mul", this, other);
  }
  /** The quotient of two floating-point tensors. */
  div(other: Operand): Tensor {
    return apply("div", this, other);
  }
  /** -x. */
  neg(): Tensor {
    return apply("neg", this);
  }
  /** 1 where this is less than `other`, else 0 (uint8), and so on for `le`, `gt`, `ge`, `eq`. */
  lt(other: Operand): Tensor {
    return apply("lt", this, other);
  }
  /** 1 where this is at most `other`, else 0 (uint8). */
  le(other: Operand): Tensor {
    return apply("le", this, other);
  }
  /** 1 where this is greater than `other`, else 0 (uint8). */
  gt(other: Operand): Tensor {
    return apply("lt", other, this);
  }
  /** 1 where this is at least `other`, else 0 (uint8). */
  ge(other: Operand): Tensor {
    return apply("le", other, this);
  }
  /** 1 where both are equal, else 0 (uint8); NaN equals nothing. */
  eq(other: Operand): Tensor {
    return apply("eq", this, other);
  }

  /** `mul{user: 300, film: 5} float32`. */
  toString(): string {
    return `${this.op}${describeAxes(this.axes)} ${this.dtype}`;
  }

  /** What messages call it. */
  get [Symbol.toStringTag](): string {
    return "Tensor";
  }

  /**
   * In the operators of JavaScript a tensor is no value.
   *
   * @throws SurmiseError where it stands in x + 1, x > 0 and the like; as a text it is `toString`.
   */
  [Symbol.toPrimitive](hint: "string" | "number" | "default"): string {
    if (hint === "string") return this.toString();
    throw new SurmiseError(
      `${this} stands in an operator such as + or <, which take numbers: its values exist only when the program runs; use ` +
        "its methods, such as x.add(1), x.mul(2), x.lt(0)",
    );
  }
}

type Elementwise =
  | "stopGradient"
  | "straightThrough"
  | "select"
  | Unary
  | Binary
  | Comparison
  | Integer;

/**
 * A number as a scalar tensor; fractions are rounded to the nearest float. A float32 one is exact where a program
 * is compiled in float64, and refused in others if it is finite and beyond float32.
 *
 * @throws SurmiseError if it is no number, or not one that `dtype` holds: a fraction, an infinite or a too
 * large number as int32 or uint8.
 */
export function constant(value: number, dtype: DType = "float32"): Tensor {
  checkDType("constant", dtype);
  const why = typeof value === "number" ? whyNotConstant(dtype, value) : "a number is needed";
  if (why !== undefined) throw new SurmiseError(`constant of ${shown(value)}: ${why}`);
  return roundedConstant(value, dtype);
}

/** A number that depends on what a program computes in, such as the largest there is. */
export interface NumberByType {
  /** In float32. */
  readonly float32: number;
  /** In float64, also where float32 stands for it (`widened`). */
  readonly float64: number;
}

/** The number of a type as a scalar tensor of that type, which must be floating point. */
export function constantOfType(values: NumberByType, dtype: DType): Tensor {
  const { float32, float64 } = values;
  if (dtype !== "float32") return roundedConstant(float64, dtype);
  return new Tensor({ op: "constant", value: roundTo(dtype, float32) }, [], [], dtype, float64);
}

/** What float32 stands for, and so what it holds, is decided when a program is compiled. */
function whyNotConstant(dtype: DType, x: number): string | undefined {
  return isFloat(dtype) ? undefined : whyNot(dtype, x);
}

/** A number as a scalar tensor: rounded to a float as arithmetic does, wrapped to integers. */
export function roundedConstant(value: number, dtype: DType): Tensor {
  const exact = dtype === "float32" ? value : undefined;
  return new Tensor({ op: "constant", value: roundTo(dtype, value) }, [], [], dtype, exact);
}

/**
 * Operands in one type. Numbers take the type of the tensors; whole numbers that of the floats beside them, bytes
 * that of int32, and both become float32 where an operation takes floats alone, or a fraction stands beside them.
 * float32 tensors that are made of numbers alone, such as constant(1), are float64 beside a float64 one.
 *
 * @throws SurmiseError naming the operation `op`: of what is neither tensor nor number, of a number
 * that the type does not hold, or of whole numbers that float32 would round.
 */
export function lift(op: string, ...operands: Operand[]): Tensor[] {
  const dtype = commonType(op, operands);
  return operands.map((x) => {
    if (x instanceof Tensor) {
      if (!isFloat(x.dtype)) return promoted(op, x, dtype);
      return (dtype === "float64" && numbersInFloat64(x)) || x;
    }
    const why = typeof x === "number" ? whyNotConstant(dtype, x) : "tensors and numbers are needed";
    if (why === undefined) return roundedConstant(x, dtype);
    const all = operands.map((y) => (y instanceof Tensor ? describe(y) : shown(y))).join(" and ");
    const hint = typeof x !== "number" || isFloat(dtype) ? "" : "; use cast(x, 'float32')";
    throw new SurmiseError(`${op} of ${all}: ${why}${hint}`);
  });
}

/** The type that operands of `op` have together. */
function commonType(op: string, operands: readonly Operand[]): DType {
  const types = operands.flatMap((x) => (x instanceof Tensor ? [x.dtype] : []));
  const float = types.includes("float64") ? "float64" : types.find(isFloat);
  if (float !== undefined) return float;
  const isFraction = (x: Operand) => typeof x === "number" && x % 1 !== 0 && Number.isFinite(x);
  const takesFloats = types.length === 0 || takes(op, "floats") || operands.some(isFraction);
  if (takesFloats) return "float32";
  return types.includes("int32") || takes(op, "numbers") ? "int32" : "uint8";
}

/** Whole numbers up to here are floats of 24 bits. */
const MOST_WHOLE = 2 ** 24;

/**
 * Whole numbers in the type of what they meet. Those that are given stay exact where a program is compiled in float64.
 *
 * @throws SurmiseError if they are computed of known ones, and float32 would round them: `what` begins the message.
 */
export function promoted(what: string, x: Tensor, dtype: DType): Tensor {
  const interval = dtype === "float32" ? intervalOf(x) : undefined;
  const most = Math.max(...(interval ? [-interval.low, interval.high] : []));
  if (most > MOST_WHOLE && Number.isFinite(most)) {
    const given = givenInFloat32(x);
    if (given !== undefined) return given;
    throw new SurmiseError(
      `${what} of ${describe(x)}: values up to ${most} beside float32, which holds whole numbers up to ${MOST_WHOLE}: ` +
        "subtract an offset first, or use cast(x, 'float32') to round them",
    );
  }
  return castTo(x, dtype);
}

/** Whole numbers that are given as float32, which remember what they were; undefined of what is computed. */
function givenInFloat32({ operation, axes }: Tensor): Tensor | undefined {
  if (operation.op !== "constant" && operation.op !== "literal") return undefined;
  const [given, order] =
    operation.op === "constant" ? [[operation.value], []] : [operation.data, operation.order];
  const exact = Float64Array.from(given);
  const data = Float32Array.from(exact);
  return new Tensor({ op: "literal", order, data }, [], axes, "float32", exact);
}

/** A float32 tensor that is made of plain numbers, positions and conditions alone, as float64; undefined of others. */
function numbersInFloat64(x: Tensor): Tensor | undefined {
  if (x.dtype !== "float32") return undefined;
  const wide = new Map<Tensor, Tensor | undefined>();
  for (const node of nodesOf([x])) {
    if (isFloat(node.dtype)) wide.set(node, numberInFloat64(node, wide));
  }
  return wide.get(x);
}

/** The same of one node, where it is known of its inputs. */
function numberInFloat64(
  { operation, inputs, dtype, exact }: Tensor,
  known: ReadonlyMap<Tensor, Tensor | undefined>,
): Tensor | undefined {
  if (dtype !== "float32") return undefined;
  if (operation.op === "constant") {
    return roundedConstant(typeof exact === "number" ? exact : operation.value, "float64");
  }
  if (operation.op === "cast") {
    return isFloat(inputs[0].dtype) ? undefined : castTo(inputs[0], "float64");
  }
  if (!ELEMENTWISE.has(operation.op)) return undefined;
  const wide = inputs.map((x) => (isFloat(x.dtype) ? known.get(x) : x));
  return wide.every((x) => x !== undefined) ? make(operation, wide) : undefined;
}

/** Operations on numbers whose result is one, at each element. */
const ELEMENTWISE: ReadonlySet<string> = new Set(["select", ...UNARY, ...BINARY]);

/** A tensor in messages. */
function describe(x: Tensor): string {
  return `${x.dtype} ${describeAxes(x.axes)}`;
}

/**
 * An elementwise node over the union of the operands' axes.
 *
 * @throws SurmiseError if the types do not fit, or a result can be seen to go beyond int32.
 */
export function apply(op: Elementwise, ...operands: Operand[]): Tensor {
  const result = make({ op } as Operation, lift(op, ...operands));
  const beyond = overflowOf(result);
  if (beyond === undefined) return result;
  throw new SurmiseError(
    `${op} of ${result.inputs.map(describe).join(" and ")}: the result may be ${beyond}, beyond int32; ` +
      "use cast(x, 'float64') first",
  );
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

/**
 * `x` as another type. Floats become whole numbers by truncation towards zero; beyond the ends of int32
 * they become the ends, NaN becomes 0, and uint8 takes the low 8 bits.
 *
 * @throws SurmiseError if `x` is known before the program runs and goes beyond a type of whole numbers, or
 * there is no such type.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  checkTensor("cast", x);
  checkDType("cast", dtype);
  checkCast(x, dtype);
  return castTo(x, dtype);
}

function castTo(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : new Tensor({ op: "cast" }, [x], x.axes, dtype);
}

function checkCast(x: Tensor, dtype: DType): void {
  if (isFloat(dtype)) return;
  const lost = knownValues(x).find((value) => whyNot(dtype, Math.trunc(value)) !== undefined);
  if (lost === undefined) return;
  throw new SurmiseError(
    `cast of ${describe(x)} to ${dtype}: it may be ${lost}; ${whyNot(dtype, Math.trunc(lost))}`,
  );
}

/** The values of a literal or a constant; of other whole numbers the ends of their interval, if they have any. */
function knownValues(x: Tensor): readonly number[] | TypedArray {
  const { operation, dtype } = x;
  if (operation.op === "literal") return operation.data;
  if (operation.op === "constant") return [operation.value];
  const interval = isFloat(dtype) ? undefined : intervalOf(x);
  return interval ? [interval.low, interval.high].filter(Number.isFinite) : [];
}

/** @throws SurmiseError unless `x` is a tensor; `what` begins the message. */
export function checkTensor(what: string, x: unknown): asserts x is Tensor {
  if (x instanceof Tensor) return;
  const hint = typeof x === "number" ? `; constant(${x}) makes one` : "";
  throw new SurmiseError(`${what} of ${shown(x)}: a tensor is needed${hint}`);
}

/** The same operation on other inputs (used by rewrites); those of a scan keep their axes. */
export function withInputs(node: Tensor, inputs: readonly Tensor[]): Tensor {
  if (inputs.every((x, i) => x === node.inputs[i])) return node;
  if (node.op === "scan" && inputs.some((x, i) => x.axes.some((a) => !node.inputs[i].has(a)))) {
    throw new Error(`${node}: the body of a scan knows the axes of its inputs`);
  }
  if (node.op === "cast") return castTo(inputs[0], node.dtype);
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
