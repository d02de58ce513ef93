/** Lowers tensor expressions to values of a loop body: where is this element, what is computed. */
import {
  type AffinePosition,
  type Axis,
  affineOf,
  affineWithin,
  type DType,
  isFloat,
  substituted,
  type Tensor,
} from "../../tensor/internal.ts";
import { type Buffer, stride } from "../buffer.ts";
import { EXPANSIONS, expandThreefry } from "../scalar/expand/index.ts";
import { type Scalar, ScalarBuilder, type ScalarType } from "../scalar/language.ts";
import type { Address, AffineTerm, Variable } from "./loops.ts";

/** The value of a counter or a sum of counters, as a leaf of a loop body. */
export interface IndexExpr {
  /** Their sum is the position. */
  terms: readonly AffineTerm[];
}

const LANE: Readonly<Record<DType, ScalarType>> = {
  float32: "f32",
  float64: "f64",
  int32: "i32",
  uint8: "i32",
};

/** The register type in which values of `dtype` are computed. */
export const laneType = (dtype: DType): ScalarType => LANE[dtype];

/** Where the loops are along each axis, in terms of their counters. */
export type AxisIndex = (a: Axis) => readonly AffineTerm[];

/** Evaluates expressions at the place where a loop nest stands. */
export class ExpressionLowering {
  /** Makes the values of the loop body. */
  readonly builder = new ScalarBuilder();
  /** Every address read, for choosing and merging loops. */
  readonly loads: Address[] = [];
  /** Every position used as a value. */
  readonly places: IndexExpr[] = [];
  private readonly values = new Map<Tensor, Scalar>();
  private readonly addresses = new Map<string, Address>();
  private readonly position: AxisIndex;
  private readonly bufferOf: (x: Tensor) => Buffer | undefined;
  private readonly vector: Variable | undefined;
  private readonly varying = new Map<Scalar, boolean>();

  /**
   * `bufferOf` says which values are read from memory instead of computed; `vector` is the counter
   * of the vectorised loop.
   */
  constructor(
    position: AxisIndex,
    bufferOf: (x: Tensor) => Buffer | undefined,
    vector: Variable | undefined,
  ) {
    this.position = position;
    this.bufferOf = bufferOf;
    this.vector = vector;
  }

  /** Reads `x` from an address of the caller's making. */
  readAt(x: Tensor, address: Address): void {
    this.loads.push(address);
    const value = this.builder.leaf("load", laneType(address.buffer.dtype), address);
    this.values.set(x, this.builder.convert(value, laneType(x.dtype)));
  }

  /** Whether a value differs from lane to lane of the vectorised loop. */
  private perLane(x: Scalar): boolean {
    let varies = this.varying.get(x);
    if (varies === undefined) {
      const leaf = x.leaf as { readonly terms?: readonly AffineTerm[] } | undefined;
      const moves = (leaf?.terms ?? []).some((t) => t.variable === this.vector && t.factor !== 0);
      varies = moves || x.args.some((arg) => this.perLane(arg));
      this.varying.set(x, varies);
    }
    return varies;
  }

  /** The value of `x` here; for uint8 either a mask or a number in an i32 lane. */
  value(x: Tensor): Scalar {
    const known = this.values.get(x);
    if (known !== undefined) return known;
    const made = this.bufferOf(x) === undefined ? this.compute(x) : this.load(x);
    this.values.set(x, made);
    return made;
  }

  /** The value as a number of its lane type. */
  number(x: Tensor): Scalar {
    const v = this.value(x);
    return isMask(v) ? this.builder.convert(v, "i32") : v;
  }

  /**
   * The address of the element of `target` where the loops stand; `along` are the loops' axes for those of the
   * buffer, none where the first element is meant.
   */
  addressIn(target: Buffer, along: readonly (Axis | undefined)[] = target.order): Address {
    const terms = target.order.flatMap((a, i) => {
      const axis = along[i];
      return axis === undefined ? [] : this.scaled(axis, stride(target, a));
    });
    return { buffer: target, terms, positions: [] };
  }

  /** The address in `target` with the position along one axis given by a value. */
  addressAt(target: Buffer, a: Axis, position: Scalar): Address {
    const at = {
      position,
      size: a.size,
      factor: stride(target, a),
      perLane: this.perLane(position),
    };
    const along = target.order.map((other) => (other === a ? undefined : other));
    return { ...this.addressIn(target, along), positions: [at] };
  }

  /** `value` where `position` lies within `a`, else what is at `address`. */
  ifWithin(a: Axis, position: Scalar, value: Scalar, address: Address): Scalar {
    const b = this.builder;
    const isWithin = b.and(
      b.le(b.constant("i32", 0), position),
      b.lt(position, b.constant("i32", a.size)),
    );
    this.loads.push(address);
    return b.select(isWithin, value, b.leaf("load", value.type, address, [position]));
  }

  private scaled(a: Axis, factor: number): AffineTerm[] {
    return this.position(a).map((t) => ({ variable: t.variable, factor: t.factor * factor }));
  }

  /** Reads `x` where the loops stand or, gathered, with the position along one axis given. */
  private load(x: Tensor, at?: { readonly axis: Axis; readonly position: Scalar }): Scalar {
    const from = this.bufferOf(x) as Buffer;
    const name = at === undefined ? `${x.id}` : `${x.id} ${at.position.id} ${at.axis.name}`;
    let address = this.addresses.get(name);
    if (address === undefined) {
      address =
        at === undefined ? this.addressIn(from) : this.addressAt(from, at.axis, at.position);
      this.addresses.set(name, address);
      this.loads.push(address);
    }
    const args = at === undefined ? [] : [at.position];
    return this.builder.leaf("load", laneType(x.dtype), address, args);
  }

  /** Reads elements at affine positions: of a stored value, along all axes where they are taken one after the other. */
  private loadMoved(x: Tensor): Scalar {
    const positions = new Map<Axis, AffinePosition>();
    let source = x;
    let from = this.bufferOf(source);
    while (from === undefined && source.operation.op === "gather") {
      const { axis } = source.operation;
      const own = affineOf(source.inputs[1]) as AffinePosition;
      positions.set(axis, substituted(own, positions));
      source = source.inputs[0];
      from = this.bufferOf(source);
    }
    const target = from as Buffer;
    let offset = 0;
    const terms = target.order.flatMap((a) => {
      const step = stride(target, a);
      const position = positions.get(a);
      if (position === undefined) return this.scaled(a, step);
      offset += position.start * step;
      return [...position.factors].flatMap(([along, factor]) => this.scaled(along, factor * step));
    });
    const address = { buffer: target, terms, offset, positions: [] };
    this.loads.push(address);
    return this.builder.leaf("load", laneType(x.dtype), address);
  }

  /** The address in `target` with an affine position along one axis. */
  addressMoved(target: Buffer, a: Axis, { factors, start }: AffinePosition): Address {
    const step = stride(target, a);
    const along = target.order.map((other) => (other === a ? undefined : other));
    const own = [...factors].flatMap(([axis, factor]) => this.scaled(axis, factor * step));
    const { terms } = this.addressIn(target, along);
    return { buffer: target, terms: [...terms, ...own], offset: start * step, positions: [] };
  }

  private index(a: Axis): Scalar {
    const terms = this.position(a);
    const place = { terms };
    this.places.push(place);
    return this.builder.leaf("index", "i32", place);
  }

  private compute(x: Tensor): Scalar {
    const b = this.builder;
    const { operation, inputs } = x;
    const { op } = operation;
    const arg = (i: number) => this.number(inputs[i]);
    switch (op) {
      case "input":
      case "literal":
      case "carry":
      case "scan":
      case "sum":
      case "max":
      case "scatterAdd":
      case "cholesky":
      case "choleskyAdjoint":
      case "triangularSolve":
        throw new Error(`${op} is read from memory: it has no value of its own in a loop`);
      case "constant":
        return b.constant(laneType(x.dtype), operation.value);
      case "index":
        return this.index(operation.axis);
      case "cast":
        return this.cast(inputs[0], x.dtype);
      case "stopGradient":
      case "straightThrough":
        return this.value(inputs[0]);
      case "select":
        return b.select(this.mask(inputs[0]), arg(1), arg(2));
      case "threefry":
        return expandThreefry(b, arg(0), arg(1), arg(2), arg(3), operation.word);
      case "gather": {
        const { axis } = operation;
        const affine = affineWithin(inputs[1], axis);
        if (affine !== undefined) return this.loadMoved(x);
        return this.load(inputs[0], { axis, position: arg(1) });
      }
      case "add":
      case "sub":
      case "mul":
      case "div":
      case "lt":
      case "le":
      case "eq":
      case "mod":
        return b[op](arg(0), arg(1));
      case "and":
      case "or":
      case "xor":
        return inputs.every((y) => isMask(this.value(y)))
          ? b[op](this.mask(inputs[0]), this.mask(inputs[1]))
          : b[op](arg(0), arg(1));
      case "minimum":
        return b.min(arg(0), arg(1));
      case "maximum":
        return b.max(arg(0), arg(1));
      case "abs":
        return x.dtype === "int32" ? b.max(arg(0), this.minus(arg(0))) : b.abs(arg(0));
      case "neg":
        return this.minus(arg(0));
      case "floor":
      case "sqrt":
        return b[op](arg(0));
      case "shl":
        return b.shl(arg(0), shiftBits(inputs[1]));
      case "shr":
        return b.shrU(arg(0), shiftBits(inputs[1]));
      case "exp":
      case "log":
      case "sin":
      case "cos":
      case "tanh":
      case "sigmoid":
      case "softplus":
      case "log1p":
      case "expm1":
      case "erf":
      case "lgamma":
      case "digamma":
      case "trigamma":
      case "logAddExp":
        return EXPANSIONS[op](b, ...inputs.map((y) => this.number(y)));
    }
  }

  private minus(x: Scalar): Scalar {
    const b = this.builder;
    return x.type === "i32" ? b.sub(b.constant("i32", 0), x) : b.neg(x);
  }

  /** The value as a mask: not 0. */
  private mask(x: Tensor): Scalar {
    return this.builder.convert(this.value(x), "m32");
  }

  private cast(x: Tensor, to: DType): Scalar {
    const b = this.builder;
    const from = this.number(x);
    const lane = laneType(to);
    const moved = b.convert(from, lane);
    const narrows = to === "uint8" && x.dtype !== "uint8";
    if (!narrows) return moved;
    const whole = isFloat(x.dtype) ? b.convert(from, "i32") : from;
    return b.and(whole, b.constant("i32", 255));
  }
}

function isMask(v: Scalar): boolean {
  return v.type === "m32" || v.type === "m64";
}

function shiftBits(x: Tensor): number {
  if (x.operation.op !== "constant") throw new Error("shifts are by constant numbers of bits");
  return x.operation.value & 31;
}
