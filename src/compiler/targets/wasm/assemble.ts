/**
 * WebAssembly functions that are written by hand: expressions with types, and statements, as bytes (W3C core specification).
 */
import { I32, V128 } from "./encode.ts";

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

/** An unsigned number in LEB128. */
function unsigned(n: number): number[] {
  return n < 128 ? [n] : [(n & 127) | 128, ...unsigned(n >>> 7)];
}

/** A signed number of 32 bits in LEB128. */
function signed(n: number): number[] {
  const isLast = n >= -64 && n < 64;
  return isLast ? [n & 127] : [(n & 127) | 128, ...signed(n >> 7)];
}

/** All bytes of a list of lists, in order. */
function flat(code: Code, to: number[] = []): number[] {
  for (const part of code) {
    if (typeof part === "number") to.push(part);
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
  bytes: [0x41, signed(n)],
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
): Expression<T> => expression(a.type, [0x1b], a, b, condition);

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
  0x21,
  unsigned(number),
];

const EMPTY = 0x40;
/** Statements, if a condition holds, and others if not. */
export const when = (
  condition: Int,
  then: readonly Statement[],
  otherwise: readonly Statement[] = [],
): Statement => [
  condition.bytes,
  0x04,
  EMPTY,
  then,
  otherwise.length === 0 ? [] : [0x05, otherwise],
  0x0b,
];
/** Statements, again and again while a condition holds. */
export const loop = (condition: Int, body: readonly Statement[]): Statement =>
  // A loop that asks at its end has one jump a round.
  when(condition, [[0x03, EMPTY, body, condition.bytes, 0x0d, 0, 0x0b]]);
/** Ends the function. */
export const give = (value?: Expression): Statement => [value?.bytes ?? [], 0x0f];

/** A function as others call it; of one without a result the call is a statement by its `bytes`. */
export type Callable<R extends ValueType> = (...values: readonly Expression[]) => Expression<R>;

interface Signature {
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | undefined;
}

interface Defined extends Signature {
  readonly locals: readonly ValueType[];
  readonly body: Statement;
  readonly exportAs: string | undefined;
}

/** Makes a local variable. */
export type NewLocal = <T extends ValueType>(type: T) => Local<T>;

/** A module of such functions, whose memory, of one page or more, is imported as `env.memory`. */
export class Assembly {
  private readonly imports: (Signature & { readonly name: string })[] = [];
  private readonly functions: Defined[] = [];

  /** A function `env.NAME` of the host; all are imported before one is defined. */
  import<R extends ValueType = never>(
    name: string,
    parameters: readonly ValueType[],
    result?: R,
  ): Callable<R> {
    this.imports.push({ name, parameters, result });
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
      return { number: all.length - 1, ...expression(type, [0x20, unsigned(all.length - 1)]) };
    };
    const made = parameters.map((type) => local(type)) as { [K in keyof P]: Local<P[K]> };
    const statements = body(local, ...made);
    const locals = all.slice(parameters.length);
    this.functions.push({ parameters, result, locals, body: statements, exportAs });
    return calling(this.imports.length + this.functions.length - 1, result);
  }

  /** The binary. */
  encode(): Uint8Array<ArrayBuffer> {
    const { imports, functions } = this;
    const sections: [number, Code[]][] = [
      [1, [...imports, ...functions].map(signature)],
      [
        2,
        [
          [name("env"), name("memory"), 0x02, 0x00, 0x01],
          ...imports.map((f, i) => [name("env"), name(f.name), 0x00, unsigned(i)]),
        ],
      ],
      [3, functions.map((_, i) => unsigned(imports.length + i))],
      [
        7,
        functions.flatMap(({ exportAs }, i) =>
          exportAs === undefined ? [] : [[name(exportAs), 0x00, unsigned(imports.length + i)]],
        ),
      ],
      [10, functions.map(bodyOf)],
    ];
    const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
    const all = sections.map(([id, entries]) => [id, sized([unsigned(entries.length), entries])]);
    return Uint8Array.from(flat([header, all]));
  }
}

function calling<R extends ValueType>(number: number, result: R | undefined): Callable<R> {
  return (...values) => expression(result as R, [0x10, unsigned(number)], ...values);
}

function signature({ parameters, result }: Signature): Code {
  const types = (list: readonly ValueType[]) => [
    unsigned(list.length),
    list.map((type) => TYPES[type]),
  ];
  return [0x60, types(parameters), types(result === undefined ? [] : [result])];
}

function bodyOf({ locals, body }: Defined): Code {
  return sized([unsigned(locals.length), locals.map((type) => [1, TYPES[type]]), body, 0x0b]);
}

/** Bytes, after how many there are. */
function sized(code: Code): Code {
  const bytes = flat(code);
  return [unsigned(bytes.length), bytes];
}

function name(text: string): Code {
  return sized([...new TextEncoder().encode(text)]);
}
