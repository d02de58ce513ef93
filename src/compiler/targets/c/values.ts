/** Prints the values of a loop body as C expressions on scalars; the C compiler makes vectors. */
import type { IndexExpr } from "../../loops/expressions.ts";
import type { AffineTerm, Variable } from "../../loops/loops.ts";
import type { Scalar, ScalarOp, ScalarType } from "../../scalar/language.ts";

/** Masks are 0 or 1. */
export const C_TYPE: Readonly<Record<ScalarType, string>> = {
  f32: "float",
  f64: "double",
  i32: "int32_t",
  i64: "int64_t",
  m32: "int32_t",
  m64: "int64_t",
};

/** Integers from here on are told apart from case to case, as names in keys are; smaller ones are in all alike. */
const LARGE = 2 ** 16;

/** Names for what a kernel speaks of. */
export class Names {
  /** What `n0`, `n1`, ... stand for. */
  readonly numbers: number[] = [];
  private readonly known = new Map<object, string>();
  private readonly perLane = new Set<object>();

  /** `prefix` and a number of its own for each thing. */
  of(thing: object, prefix: string): string {
    const name = this.known.get(thing) ?? `${prefix}${this.known.size}`;
    this.known.set(thing, name);
    return this.perLane.has(thing) ? `${name}[lane]` : name;
  }
  /** From now on the thing has a place for each lane. */
  spread(thing: object): void {
    this.perLane.add(thing);
  }
  /** Whether there is one for each lane. */
  isSpread(thing: object): boolean {
    return this.perLane.has(thing);
  }
  /** What a value is called. */
  value(x: Scalar): string {
    if (x.op !== "constant") return this.of(x, "v");
    const large = x.type === "i32" && Math.abs(Number(x.value)) >= LARGE;
    return large ? `((int32_t)${this.number(x, Number(x.value) >>> 0)})` : literal(x);
  }
  /** What a number is called that belongs to a thing. */
  number(thing: object, value: number): string {
    const name = this.known.get(thing) ?? `n${this.numbers.push(value) - 1}`;
    this.known.set(thing, name);
    return name;
  }
  /** What a counter is called. */
  counter(v: Variable): string {
    return this.of(v, "i");
  }
  /** A sum of counters, each times its factor. */
  sum(terms: readonly AffineTerm[]): string {
    const parts = terms
      .filter((t) => t.factor !== 0)
      .map((t) => (t.factor === 1 ? "" : `${t.factor} * `) + this.counter(t.variable));
    return parts.length === 0 ? "0" : parts.join(" + ");
  }
}

function literal({ type, value }: Scalar): string {
  const x = Number(value);
  if (type === "i64") return `((int64_t)${BigInt.asUintN(64, BigInt(value as bigint))}ULL)`;
  if (type !== "f32" && type !== "f64") return `((int32_t)${x >>> 0}U)`;
  const suffix = type === "f32" ? "f" : "";
  if (Number.isNaN(x)) return `((${C_TYPE[type]})NAN)`;
  if (!Number.isFinite(x))
    return x > 0 ? `((${C_TYPE[type]})INFINITY)` : `(-(${C_TYPE[type]})INFINITY)`;
  const sign = x < 0 || Object.is(x, -0) ? "-" : "";
  return `(${sign}${hexadecimal(Math.abs(x))}${suffix})`;
}

/** A non-negative number exactly, as C99 writes it: 0x1.8p+1. */
function hexadecimal(x: number): string {
  if (x === 0) return "0x0p+0";
  let exponent = Math.max(-1022, Math.min(1023, Math.floor(Math.log2(x))));
  let mantissa = x / 2 ** exponent;
  if (mantissa >= 2) [mantissa, exponent] = [mantissa / 2, exponent + 1];
  if (mantissa < 1 && exponent > -1022) [mantissa, exponent] = [mantissa * 2, exponent - 1];
  const digits = BigInt(mantissa * 2 ** 52)
    .toString(16)
    .padStart(14, "0");
  return `0x${digits.slice(0, -13)}.${digits.slice(-13)}p${exponent}`;
}

const INFIX = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  and: "&",
  or: "|",
  xor: "^",
  lt: "<",
  le: "<=",
  eq: "==",
} as const satisfies Readonly<Partial<Record<ScalarOp, string>>>;

/** The C expression of a value, in terms of the names of its arguments. */
export function expression(names: Names, x: Scalar): string {
  const [a, b, c] = x.args.map((arg) => names.value(arg));
  const suffix = x.args[0]?.type;
  switch (x.op) {
    case "constant":
    case "load":
    case "reduced":
      throw new Error(`${x.op} is not computed from other values`);
    case "index":
      return `(int32_t)(${names.sum((x.leaf as IndexExpr).terms)})`;
    case "add":
    case "sub":
    case "mul":
    case "div":
    case "and":
    case "or":
    case "xor":
    case "lt":
    case "le":
    case "eq":
      return `${a} ${INFIX[x.op]} ${b}`;
    case "neg":
      return `-${a}`;
    case "not":
      return `!${a}`;
    case "min":
    case "max":
      return `${x.op}_${suffix}(${a}, ${b})`;
    case "abs":
    case "sqrt":
    case "floor":
    case "nearest":
      return `${x.op}_${suffix}(${a})`;
    case "shl":
      // Not a shift: gcc takes two shifts for a rotation, of which it makes no vectors.
      if (x.type === "i32") return `(int32_t)((uint32_t)${a} * ${2 ** Number(x.value)}U)`;
      return `(${C_TYPE[x.type]})((u${C_TYPE[x.type]})${a} << ${x.value})`;
    case "shrU":
      return `(${C_TYPE[x.type]})((u${C_TYPE[x.type]})${a} >> ${x.value})`;
    case "shrS":
      return `${a} >> ${x.value}`;
    case "mod":
      return `mod_i32(${a}, ${b})`;
    case "select":
      return `${a} ? ${b} : ${c}`;
    case "convert":
      return conversion(a, x.args[0].type, x.type);
    case "bitcast":
      return `bits_${suffix}(${a})`;
  }
}

function conversion(a: string, from: ScalarType, to: ScalarType): string {
  if (to === "i32" && (from === "f32" || from === "f64")) return `whole_${from}(${a})`;
  if (to === "m32" || to === "m64") return from === "i32" ? `${a} != 0` : a;
  return `(${C_TYPE[to]})${a}`;
}
