/**
 * WebAssembly functions that are written by hand: expressions with types, and statements, as bytes (W3C core specification).
 */
import {
  Bytes,
  encodeModule,
  type FunctionBody,
  I32,
  type ImportedFunction,
  V128,
} from "./encode.ts";
import { CODE } from "./opcodes.ts";

/** What expressions are: whole numbers of 32 bits, float64, and two float64 in one vector. */
export type ValueType = "i32" | "f64" | "v128";

const TYPES = { i32: I32, f64: 0x7c, v128: V128 } as const;

/** Bytes, in lists of lists: what is put together of parts does not copy them. */
export type Code = readonly (number | Code)[];

/** Instructions that leave a value of a type. */
export interface Expression<T extends ValueType = ValueType> {
  /** Of the value. */
  readonly type: T;
  /** The instructions, encoded. */
  readonly bytes: Code;
}

/** Whole numbers, truths among them: 0 is false. */
export type Int = Expression<"i32">;
/** Numbers in float64. */
export type Float = Expression<"f64">;
/** Two numbers in float64. */
export type Pair = Expression<"v128">;
/** Instructions that leave nothing. */
export type Statement = Code;

/** A local variable, whose expression is its value. */
export interface Local<T extends ValueType> extends Expression<T> {
  /** Its index among the parameters and locals of the function. */
  readonly number: number;
}

/** A number in LEB128. */
const unsigned = (n: number): Code => [...new Bytes().unsigned(n).finish()];
const signed = (n: number): Code => [...new Bytes().signed(n).finish()];

/** All bytes of a list of lists, in order. */
function flat(code: Code, to = new Bytes()): Bytes {
  for (const part of code) {
    if (typeof part === "number") to.byte(part);
    else flat(part, to);
  }
  return to;
}

function expression<T extends ValueType>(
  type: T,
  code: Code,
  ...operands: readonly Expression[]
): Expression<T> {
  return { type, bytes: [...operands.map(({ bytes }) => bytes), code] };
}

/** A whole number. */
export const int = (n: number): Int => ({
  type: "i32",
  bytes: [CODE.i32Const, signed(n)],
});

/** A number in float64. */
export function float(x: number): Float {
  const bytes = new Uint8Array(new Float64Array([x]).buffer);
  return { type: "f64", bytes: [0x44, ...bytes] };
}

type Binary = <T extends ValueType>(a: Expression<T>, b: Expression<T>) => Expression<T>;
const binary =
  (codes: Partial<Record<ValueType, readonly number[]>>): Binary =>
  (a, b) =>
    expression(a.type, codes[a.type] as readonly number[], a, b);

/** a + b. */
export const add = binary({ i32: [0x6a], f64: [0xa0], v128: [0xfd, 0xf0, 0x01] });
/** a - b. */
export const sub = binary({ i32: [0x6b], f64: [0xa1], v128: [0xfd, 0xf1, 0x01] });
/** a b. */
export const mul = binary({ i32: [0x6c], f64: [0xa2], v128: [0xfd, 0xf2, 0x01] });
/** a / b of numbers in float64. */
export const div = binary({ f64: [0xa3] });
/** The smaller of numbers in float64. */
export const min = binary({ f64: [0xa4] });
/** Bits that both have. */
export const and = binary({ i32: [0x71] });
/** Bits that one of the two has. */
export const xor = binary({ i32: [0x73] });
/** a, shifted left by b bits. */
export const shl = binary({ i32: [0x74] });
/** a, shifted right by b bits, filled with zeros. */
export const shrU = binary({ i32: [0x76] });
/** a, turned left by b bits. */
export const rotl = binary({ i32: [0x77] });
/** How many zeros the bits end with. */
export const trailingZeros = (a: Int): Int => expression("i32", [0x68], a);
/** -a. */
export const neg = (a: Float): Float => expression("f64", [0x9a], a);
/** Whether a is 0. */
export const isZero = (a: Int): Int => expression("i32", [0x45], a);

type Compare = <T extends "i32" | "f64">(a: Expression<T>, b: Expression<T>) => Int;
const compare =
  (codes: Record<"i32" | "f64", number>): Compare =>
  (a, b) =>
    expression("i32", [codes[a.type]], a, b);
/** a < b. */
export const lt = compare({ i32: 0x48, f64: 0x63 });
/** a > b. */
export const gt = compare({ i32: 0x4a, f64: 0x64 });
/** a >= b. */
export const ge = compare({ i32: 0x4e, f64: 0x66 });
/** An unsigned whole number in float64. */
export const toFloat = (a: Int): Float => expression("f64", [0xb8], a);
/** Two of the same. */
export const both = (a: Float): Pair => expression("v128", [0xfd, 0x14], a);
/** The first or second of two. */
export const lane = (a: Pair, i: 0 | 1): Float => expression("f64", [0xfd, 0x21, i], a);
/** `a` where a condition holds, else `b`. */
export const select = <T extends ValueType>(
  condition: Int,
  a: Expression<T>,
  b: Expression<T>,
): Expression<T> => expression(a.type, [CODE.select], a, b, condition);

const LOAD = { i32: [0x28, 2], f64: [0x2b, 3], v128: [0xfd, 0x00, 3] } as const;
const STORE = { i32: [0x36, 2], f64: [0x39, 3], v128: [0xfd, 0x0b, 3] } as const;

/** What lies `offset` bytes behind an address. */
export const load = <T extends ValueType>(type: T, address: Int, offset = 0): Expression<T> =>
  expression(type, [LOAD[type], unsigned(offset)], address);
/** Writes `offset` bytes behind an address. */
export const store = (address: Int, value: Expression, offset = 0): Statement => [
  address.bytes,
  value.bytes,
  STORE[value.type],
  unsigned(offset),
];
/** Sets a local variable. */
export const set = <T extends ValueType>({ number }: Local<T>, value: Expression<T>): Statement => [
  value.bytes,
  CODE.setLocal,
  unsigned(number),
];

/** Statements, if a condition holds, and others if not. */
export const when = (
  condition: Int,
  then: readonly Statement[],
  otherwise: readonly Statement[] = [],
): Statement => [
  condition.bytes,
  CODE.if,
  CODE.empty,
  then,
  otherwise.length === 0 ? [] : [CODE.else, otherwise],
  CODE.end,
];
/** Statements, again and again while a condition holds. */
export const loop = (condition: Int, body: readonly Statement[]): Statement =>
  // A loop that asks at its end has one jump a round.
  when(condition, [[CODE.loop, CODE.empty, body, condition.bytes, CODE.branchIf, 0, CODE.end]]);
/** Ends the function. */
export const give = (value?: Expression): Statement => [value?.bytes ?? [], 0x0f];

/** A function as others call it; of one without a result the call is a statement by its `bytes`. */
export type Callable<R extends ValueType> = (...values: readonly Expression[]) => Expression<R>;

/** Makes a local variable. */
export type NewLocal = <T extends ValueType>(type: T) => Local<T>;

/** A module of such functions, whose memory, of one page or more, is imported as `env.memory`. */
export class Assembly {
  private readonly imports: ImportedFunction[] = [];
  private readonly functions: FunctionBody[] = [];

  /** A function `env.NAME` of the host; all are imported before one is defined. */
  import<R extends ValueType = never>(
    name: string,
    parameters: readonly ValueType[],
    result?: R,
  ): Callable<R> {
    this.imports.push({ name, ...signature(parameters, result) });
    return calling(this.imports.length - 1, result);
  }

  /** A function; `body` is given its parameters. */
  define<const P extends readonly ValueType[], R extends ValueType = never>(
    { parameters, result, exportAs }: { parameters: P; result?: R; exportAs?: string },
    body: (local: NewLocal, ...parameters: { [K in keyof P]: Local<P[K]> }) => readonly Statement[],
  ): Callable<R> {
    const all: ValueType[] = [];
    const local: NewLocal = (type) => {
      all.push(type);
      return {
        number: all.length - 1,
        ...expression(type, [CODE.getLocal, unsigned(all.length - 1)]),
      };
    };
    const made = parameters.map((type) => local(type)) as { [K in keyof P]: Local<P[K]> };
    const code = flat(body(local, ...made));
    this.functions.push({
      ...signature(parameters, result),
      ...{ locals: encoded(all.slice(parameters.length)), code },
      ...(exportAs !== undefined && { exportAs }),
    });
    return calling(this.imports.length + this.functions.length - 1, result);
  }

  /** The binary. */
  encode(): Uint8Array {
    return encodeModule({
      imports: this.imports,
      functions: this.functions,
      ...{ table: [], pages: 1, shared: false, scratch: 0 },
    });
  }
}

function calling<R extends ValueType>(number: number, result: R | undefined): Callable<R> {
  return (...values) => expression(result as R, [CODE.call, unsigned(number)], ...values);
}

/** A function's types as they are encoded. */
function signature(parameters: readonly ValueType[], result: ValueType | undefined) {
  return { parameters: encoded(parameters), ...(result && { result: TYPES[result] }) };
}

const encoded = (types: readonly ValueType[]) => types.map((type) => TYPES[type]);
