/**
 * The body language of loops: straight-line values with machine types, the same for every printer.
 * Everything richer (exp, lgamma, random bits, ...) is expanded into these few operations before
 * printing, so all backends compute the same bits.
 */

/** Lane types. `m32` and `m64` are masks (all ones or all zeros) as wide as the lanes they choose. */
export type ScalarType = "f32" | "f64" | "i32" | "i64" | "m32" | "m64";

/** The floating-point types among them. */
export type FloatType = "f32" | "f64";

/**
 * - floats: add sub mul div min max (NaN if either is) neg abs sqrt floor nearest (half to even)
 * - i32: add sub mul min max and or xor shl shrU shrS mod (unsigned remainder, lane by lane); `shl`,
 *   `shrU`, `shrS` shift every lane by the number of bits in `value`
 * - i64 (inside expansions only): add sub and or xor shl shrU
 * - masks: and or xor not
 * - lt le eq (signed for i32) give a mask; select takes (mask, a, b)
 * - convert: value conversions f32<->f64, i32->f32, i32->f64, f32->i32 and f64->i32 (towards zero,
 *   saturating, NaN to 0), m32<->m64, mask -> i32 (0 or 1), i32 -> m32 (is not zero)
 * - bitcast: f32<->i32, f64<->i64
 */
export type ScalarOp =
  | "constant"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "min"
  | "max"
  | "neg"
  | "abs"
  | "sqrt"
  | "floor"
  | "nearest"
  | "and"
  | "or"
  | "xor"
  | "not"
  | "shl"
  | "shrU"
  | "shrS"
  | "mod"
  | "lt"
  | "le"
  | "eq"
  | "select"
  | "convert"
  | "bitcast"
  | "load"
  | "index"
  | "reduced";

/** One value of a loop body. Equal values are the same object (see `ScalarBuilder`). */
export interface Scalar {
  /** The machine operation. */
  readonly op: ScalarOp;
  /** The type of the result. */
  readonly type: ScalarType;
  /** The operands. */
  readonly args: readonly Scalar[];
  /** The constant, or the number of bits of a shift. */
  readonly value?: number | bigint;
  /** For leaves (`load`, `index`, `reduced`): what is read; printers and passes know the kinds. */
  readonly leaf?: object;
  /** Creation number; operands have smaller ones. */
  readonly id: number;
}

const maskOf = (type: ScalarType): ScalarType =>
  type === "f64" || type === "i64" || type === "m64" ? "m64" : "m32";

/** Makes values, each distinct one once. */
export class ScalarBuilder {
  private readonly known = new Map<string, Scalar>();
  private readonly leaves = new Map<object, number>();

  private value(
    op: ScalarOp,
    type: ScalarType,
    args: readonly Scalar[],
    value?: number | bigint,
    leaf?: object,
  ): Scalar {
    const shown = Object.is(value, -0) ? "-0" : String(value);
    const id = leaf === undefined ? "" : this.leafNumber(leaf);
    const name = `${op} ${type} ${shown} ${id} ${args.map((a) => a.id).join(" ")}`;
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const made: Scalar = {
      op,
      type,
      args,
      id: this.known.size,
      ...(value === undefined ? {} : { value }),
      ...(leaf === undefined ? {} : { leaf }),
    };
    this.known.set(name, made);
    return made;
  }

  private leafNumber(leaf: object): number {
    let number = this.leaves.get(leaf);
    if (number === undefined) {
      number = this.leaves.size;
      this.leaves.set(leaf, number);
    }
    return number;
  }

  /** A number of the given type; i64 constants are bigints. */
  constant(type: ScalarType, value: number | bigint): Scalar {
    return this.value("constant", type, [], value);
  }
  /** A value that is read: from memory, a counter, or an accumulator. */
  leaf(
    op: "load" | "index" | "reduced",
    type: ScalarType,
    leaf: object,
    args: readonly Scalar[] = [],
  ) {
    return this.value(op, type, args, undefined, leaf);
  }

  /** The sum; of integers modulo 2^32 or 2^64. */
  add(a: Scalar, b: Scalar): Scalar {
    return this.value("add", a.type, [a, b]);
  }
  /** The difference; of integers modulo 2^32 or 2^64. */
  sub(a: Scalar, b: Scalar): Scalar {
    return this.value("sub", a.type, [a, b]);
  }
  /** The product; of integers modulo 2^32 or 2^64. */
  mul(a: Scalar, b: Scalar): Scalar {
    return this.value("mul", a.type, [a, b]);
  }
  /** The quotient of floats. */
  div(a: Scalar, b: Scalar): Scalar {
    return this.value("div", a.type, [a, b]);
  }
  /** The smaller of two floats, NaN if either is. */
  min(a: Scalar, b: Scalar): Scalar {
    return this.value("min", a.type, [a, b]);
  }
  /** The larger of two values, NaN if either is. */
  max(a: Scalar, b: Scalar): Scalar {
    return this.value("max", a.type, [a, b]);
  }
  /** -a. */
  neg(a: Scalar): Scalar {
    return this.value("neg", a.type, [a]);
  }
  /** The absolute value. */
  abs(a: Scalar): Scalar {
    return this.value("abs", a.type, [a]);
  }
  /** The square root of a float. */
  sqrt(a: Scalar): Scalar {
    return this.value("sqrt", a.type, [a]);
  }
  /** The largest whole number that is at most `a`, a float. */
  floor(a: Scalar): Scalar {
    return this.value("floor", a.type, [a]);
  }
  /** The nearest whole number, ties to even, a float. */
  nearest(a: Scalar): Scalar {
    return this.value("nearest", a.type, [a]);
  }
  /** Bits that both have. */
  and(a: Scalar, b: Scalar): Scalar {
    return this.value("and", a.type, [a, b]);
  }
  /** Bits that either has. */
  or(a: Scalar, b: Scalar): Scalar {
    return this.value("or", a.type, [a, b]);
  }
  /** Bits that one of the two has. */
  xor(a: Scalar, b: Scalar): Scalar {
    return this.value("xor", a.type, [a, b]);
  }
  /** All bits turned round. */
  not(a: Scalar): Scalar {
    return this.value("not", a.type, [a]);
  }
  /** Shift left. */
  shl(a: Scalar, bits: number): Scalar {
    return this.value("shl", a.type, [a], bits);
  }
  /** Shift right, filling with zeros. */
  shrU(a: Scalar, bits: number): Scalar {
    return this.value("shrU", a.type, [a], bits);
  }
  /** Shift right, filling with the sign. */
  shrS(a: Scalar, bits: number): Scalar {
    return this.value("shrS", a.type, [a], bits);
  }
  /** The remainder of unsigned integers. */
  mod(a: Scalar, b: Scalar): Scalar {
    return this.value("mod", a.type, [a, b]);
  }
  /** A mask: all bits set where a < b. */
  lt(a: Scalar, b: Scalar): Scalar {
    return this.value("lt", maskOf(a.type), [a, b]);
  }
  /** A mask: all bits set where a <= b. */
  le(a: Scalar, b: Scalar): Scalar {
    return this.value("le", maskOf(a.type), [a, b]);
  }
  /** A mask: all bits set where a = b. */
  eq(a: Scalar, b: Scalar): Scalar {
    return this.value("eq", maskOf(a.type), [a, b]);
  }
  /** `a` where the mask is set, else `b`; the mask is made as wide as the values. */
  select(mask: Scalar, a: Scalar, b: Scalar): Scalar {
    return this.value("select", a.type, [this.convert(mask, maskOf(a.type)), a, b]);
  }
  /** `a` as a number of another type. */
  convert(a: Scalar, type: ScalarType): Scalar {
    if (a.type === type) return a;
    // A mask that was made narrower is there as it was.
    const isMask = type === "m32" || type === "m64";
    if (isMask && a.op === "convert" && a.args[0].type === type) return a.args[0];
    return this.value("convert", type, [a]);
  }
  /** The bits of `a` as another type. */
  bitcast(a: Scalar, type: ScalarType): Scalar {
    return this.value("bitcast", type, [a]);
  }
}
