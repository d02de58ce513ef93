/**
 * What follows from an operation and its inputs: axes, type, and which axes are bound. One entry for
 * each operation; derivatives are in `grad.ts`, what compilers ask in `compiler/operations.ts`.
 */
import { type Axis, describeAxes, unionAxes, withoutAxes } from "./axis.ts";
import { dtypeOf } from "./data.ts";
import { type DType, isFloat } from "./dtype.ts";
import { SurmiseError, TypesDiffer } from "./errors.ts";
import {
  COMPARISON,
  each,
  type Op,
  type Operation,
  type OperationOf,
  type Reduction,
} from "./ops.ts";

/** What rules see of an operand. */
export interface OperandShape {
  /** The operation that makes it. */
  readonly op: Op;
  /** Its axes. */
  readonly axes: readonly Axis[];
  /** Its type. */
  readonly dtype: DType;
}

type Operands = readonly OperandShape[];

/** What an operation is: the axes and type of its result, and the axes it binds. */
export interface Descriptor<Of extends Operation> {
  /**
   * The axes of the result.
   *
   * @throws SurmiseError if the operands lack one that is needed.
   */
  readonly axes: (operation: Of, inputs: Operands) => readonly Axis[];
  /**
   * The type of the result.
   *
   * @throws SurmiseError if the operands have types that do not fit.
   */
  readonly dtype: (operation: Of, inputs: Operands) => DType;
  /**
   * The axes of inputs that the operation reduces, indexes or goes along: elements of the result at one
   * position along them need inputs at others.
   */
  readonly binds: (operation: Of, inputs: Operands) => readonly Axis[];
}

function refuse(op: Op, inputs: Operands, what: string, Refusal = SurmiseError): never {
  const seen = inputs.map((x) => `${x.dtype} ${describeAxes(x.axes)}`).join(" and ");
  throw new Refusal(`${op} of ${seen}: ${what}`);
}

function sameType(op: Op, inputs: Operands, among: Operands = inputs): DType {
  if (among.some((x) => x.dtype !== among[0].dtype)) {
    refuse(op, inputs, "the types differ; cast one of them", TypesDiffer);
  }
  return among[0].dtype;
}

function int32(op: Op, inputs: Operands, among: Operands = inputs): "int32" {
  if (among.some((x) => x.dtype !== "int32")) {
    refuse(op, inputs, "int32 is needed; use cast(x, 'int32')");
  }
  return "int32";
}

/** Floating point, all of one type. */
function floating({ op }: Operation, inputs: Operands): DType {
  const dtype = sameType(op, inputs);
  if (!isFloat(dtype)) refuse(op, inputs, "floating point is needed; use cast(x, 'float32')");
  return dtype;
}

/** Floating point or int32, all of one type. */
function numeric({ op }: Operation, inputs: Operands): DType {
  const dtype = sameType(op, inputs);
  if (!isFloat(dtype) && dtype !== "int32") {
    refuse(op, inputs, "numbers are needed; use cast(x, 'float32')");
  }
  return dtype;
}

function comparison({ op }: Operation, inputs: Operands): DType {
  sameType(op, inputs);
  return "uint8";
}

const integers = ({ op }: Operation, inputs: Operands): DType => int32(op, inputs);

/** Truth values, or int32. */
function bits({ op }: Operation, inputs: Operands): DType {
  return sameType(op, inputs) === "uint8" ? "uint8" : int32(op, inputs);
}

function shift({ op }: Operation, inputs: Operands): DType {
  int32(op, inputs);
  if (inputs[1].op !== "constant") refuse(op, inputs, "the number of bits must be a plain number");
  return "int32";
}

/** Made elsewhere: the type is not one of its attributes. */
const given = ({ op }: Operation): never => {
  throw new Error(`the type of ${op} does not follow from its inputs: use ${op}(x, dtype)`);
};

const none = () => [];

type DtypeRule = Descriptor<Operation>["dtype"];

/** The same for each element, over the union of the operands' axes. */
const elementwise = (dtype: DtypeRule): Descriptor<Operation> => ({
  axes: (_, inputs) => unionAxes(...inputs.map((x) => x.axes)),
  dtype,
  binds: none,
});

const reduction = (dtype: DtypeRule): Descriptor<OperationOf<Reduction>> => ({
  axes: (operation, [x]) => reducedAxes(operation, x, operation.over),
  dtype,
  binds: ({ over }) => over,
});

function reducedAxes(
  { op }: Operation,
  x: Pick<OperandShape, "axes">,
  over: readonly Axis[],
): readonly Axis[] {
  const missing = over.find((a) => !x.axes.includes(a));
  if (missing !== undefined) {
    const hint = otherAxis(missing, x.axes) ?? "sum only over axes the tensor has";
    throw new SurmiseError(
      `${op} over '${missing.name}': the tensor has axes ${describeAxes(x.axes)}; ${hint}`,
    );
  }
  return withoutAxes(x.axes, over);
}

/** What to do about an axis that has the name of one of `axes`, if it has. */
function otherAxis(missing: Axis, axes: readonly Axis[]): string | undefined {
  const found = axes.find((a) => a.name === missing.name);
  if (found === undefined) return undefined;
  return (
    `it has another axis of that name with size ${found.size}: use the same axis object, ` +
    "made once, outside of the model, which runs several times"
  );
}

const DESCRIPTORS = {
  input: { axes: ({ order }) => order, dtype: given, binds: none },
  literal: {
    axes: ({ order }) => order,
    dtype: ({ op, data }, inputs) => dtypeOf(data) ?? refuse(op, inputs, "numbers are needed"),
    binds: none,
  },
  constant: { axes: none, dtype: given, binds: none },
  index: { axes: ({ axis }) => [axis], dtype: () => "int32", binds: none },
  carry: { axes: ({ order }) => order, dtype: given, binds: none },
  /** Its body may bind any axis of what it is given. */
  scan: {
    axes: ({ order }) => order,
    dtype: ({ dtype }) => dtype,
    binds: ({ order }, inputs) => [...new Set([...order, ...inputs.flatMap((x) => x.axes)])],
  },
  cast: elementwise(given),
  stopGradient: elementwise((_, [x]) => x.dtype),
  straightThrough: {
    axes: (_, [values, derivative]) => {
      const [stray] = withoutAxes(derivative.axes, values.axes);
      if (stray === undefined) return values.axes;
      throw new SurmiseError(
        `straightThrough: the derivative's axis '${stray.name}' is none of the values, which have ${describeAxes(values.axes)}`,
      );
    },
    dtype: ({ op }, inputs) => sameType(op, inputs),
    binds: none,
  },
  select: elementwise(({ op }, inputs) => {
    if (inputs[0].dtype !== "uint8") {
      refuse(
        op,
        inputs,
        "the condition must be uint8, such as a.lt(b), or x.eq(1) of what is 0 or 1",
      );
    }
    return sameType(op, inputs, inputs.slice(1));
  }),
  threefry: elementwise(integers),
  gather: {
    axes: ({ axis }, [source, position]) => {
      if (!source.axes.includes(axis)) {
        const hint =
          otherAxis(axis, source.axes) ??
          `it has one value for all of '${axis.name}': make it inside plate(${axis.name}, ...), or take it as it is`;
        throw new SurmiseError(
          `gather along '${axis.name}': the source has axes ${describeAxes(source.axes)}; ${hint}`,
        );
      }
      return unionAxes(position.axes, withoutAxes(source.axes, [axis]));
    },
    dtype: ({ op }, inputs) => {
      int32(op, inputs, [inputs[1]]);
      return inputs[0].dtype;
    },
    binds: ({ axis }) => [axis],
  },
  scatterAdd: {
    axes: (operation, [values, position]) => {
      const all = unionAxes(values.axes, position.axes);
      return unionAxes([operation.axis], reducedAxes(operation, { axes: all }, operation.over));
    },
    dtype: ({ op }, inputs) => {
      int32(op, inputs, [inputs[1]]);
      return inputs[0].dtype;
    },
    binds: ({ axis, over }) => [axis, ...over],
  },
  /** Column-major, as LAPACK has it. */
  cholesky: {
    axes: ({ row, column }, [a]) => [...withoutAxes(a.axes, [row, column]), column, row],
    dtype: floating,
    binds: ({ row, column }) => [row, column],
  },
  choleskyAdjoint: {
    axes: ({ row, column }, inputs) => {
      const batch = inputs.map(({ axes }) => withoutAxes(axes, [row, column]));
      return [...unionAxes(...batch), column, row];
    },
    dtype: floating,
    binds: ({ row, column }) => [row, column],
  },
  triangularSolve: {
    axes: ({ row, column, transposed }, [l, b]) => {
      const [equation, unknown] = transposed ? [column, row] : [row, column];
      const batch = withoutAxes(l.axes, [row, column]);
      return unionAxes(batch, [unknown], withoutAxes(b.axes, [equation]));
    },
    dtype: floating,
    binds: ({ row, column }) => [row, column],
  },
  /** Whole numbers are added as floats, in which sums do not wrap. */
  sum: reduction(floating),
  max: reduction(numeric),
  neg: elementwise(numeric),
  abs: elementwise(numeric),
  floor: elementwise(floating),
  sqrt: elementwise(floating),
  exp: elementwise(floating),
  log: elementwise(floating),
  sin: elementwise(floating),
  cos: elementwise(floating),
  tanh: elementwise(floating),
  sigmoid: elementwise(floating),
  softplus: elementwise(floating),
  log1p: elementwise(floating),
  expm1: elementwise(floating),
  erf: elementwise(floating),
  lgamma: elementwise(floating),
  digamma: elementwise(floating),
  trigamma: elementwise(floating),
  add: elementwise(numeric),
  sub: elementwise(numeric),
  mul: elementwise(numeric),
  div: elementwise(floating),
  minimum: elementwise(numeric),
  maximum: elementwise(numeric),
  logAddExp: elementwise(floating),
  ...each(COMPARISON, elementwise(comparison)),
  and: elementwise(bits),
  or: elementwise(bits),
  xor: elementwise(bits),
  shl: elementwise(shift),
  shr: elementwise(shift),
  mod: elementwise(integers),
} satisfies { readonly [O in Op]: Descriptor<OperationOf<O>> };

/** The rules of an operation, to be asked with that very operation. */
export function descriptorOf({ op }: Operation): Descriptor<Operation> {
  return DESCRIPTORS[op] as Descriptor<Operation>;
}

/** Whether the operands of an elementwise operation of this name are floats alone, or numbers, which bytes are not. */
export function takes(op: string, what: "floats" | "numbers"): boolean {
  const rule = Object.hasOwn(DESCRIPTORS, op) ? DESCRIPTORS[op as Op].dtype : undefined;
  return rule === (what === "floats" ? floating : numeric);
}

/** The axes of a node's inputs that its operation reduces, indexes or goes along. */
export function boundAxes(node: {
  readonly operation: Operation;
  readonly inputs: Operands;
}): readonly Axis[] {
  return descriptorOf(node.operation).binds(node.operation, node.inputs);
}
