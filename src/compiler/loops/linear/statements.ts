/** Writes statements in order, each value where it is first needed. */
import type { FloatType, Scalar, ScalarBuilder } from "../../scalar/language.ts";
import type {
  Accumulator,
  Address,
  AffineTerm,
  Count,
  Statement,
  Tile,
  Variable,
} from "../loops.ts";

/** A sum of counters and a number: a position along an axis. */
export interface Affine {
  /** Multiples of counters. */
  readonly terms: readonly AffineTerm[];
  /** The number. */
  readonly plus: number;
}

/** `plus` and multiples of counters. */
export function affine(plus: number, ...terms: readonly (readonly [Variable, number])[]): Affine {
  return { plus, terms: terms.map(([variable, factor]) => ({ variable, factor })) };
}

/** `at`, moved by a number or a counter. */
export function shifted(at: Affine, by: number | Variable): Affine {
  return typeof by === "number"
    ? { ...at, plus: at.plus + by }
    : { ...at, terms: [...at.terms, { variable: by, factor: 1 }] };
}

/** `at`, moved by a multiple of a counter. */
export function plus(at: Affine, [variable, factor]: readonly [Variable, number]): Affine {
  return { ...at, terms: [...at.terms, { variable, factor }] };
}

/** One matrix of a batch in a buffer. */
export class Matrix {
  private readonly base: Address;
  /** In elements, from one row to the next. */
  readonly rowStride: number;
  /** In elements, from one column to the next. */
  readonly columnStride: number;

  constructor(base: Address, rowStride: number, columnStride: number) {
    this.base = base;
    this.rowStride = rowStride;
    this.columnStride = columnStride;
  }

  /** The address of an element. */
  at(i: Affine, j: Affine): Address {
    const scaled = (x: Affine, by: number) =>
      x.terms.map((t) => ({ variable: t.variable, factor: t.factor * by }));
    return {
      ...this.base,
      terms: [...this.base.terms, ...scaled(i, this.rowStride), ...scaled(j, this.columnStride)],
      offset: i.plus * this.rowStride + j.plus * this.columnStride,
    };
  }

  /** Rows as columns, in the same memory. */
  get transposed(): Matrix {
    return new Matrix(this.base, this.columnStride, this.rowStride);
  }
}

/** C -= A B, a tile of it, in the place of C. */
export function subtractedProduct(
  of: Pick<Tile, "type" | "a" | "b" | "c" | "strides" | "rows" | "columns" | "depth">,
): Tile {
  return { kind: "tile", ...of, tailMasked: true, block: undefined, subtracts: true };
}

/** A list of statements that grows. */
export class Statements {
  /** The statements so far. */
  readonly list: Statement[] = [];
  /** Makes their values. */
  readonly builder: ScalarBuilder;
  /** The type of the elements. */
  readonly type: FloatType;
  private readonly known: Set<Scalar>;

  constructor(builder: ScalarBuilder, type: FloatType, known: ReadonlySet<Scalar> = new Set()) {
    this.builder = builder;
    this.type = type;
    this.known = new Set(known);
  }

  /** What is in memory now. */
  load(address: Address): Scalar {
    return this.name(this.builder.leaf("load", this.type, address));
  }

  /** Computes a value here, with what it needs. */
  name(x: Scalar): Scalar {
    if (x.op === "constant" || this.known.has(x)) return x;
    for (const arg of x.args) this.name(arg);
    this.known.add(x);
    this.list.push({ kind: "let", value: x });
    return x;
  }

  /** Appends a store. */
  store(address: Address, value: Scalar): void {
    this.list.push({ kind: "store", address, value: this.name(value), combine: undefined });
  }

  /** Appends statements. */
  add(...statements: readonly Statement[]): void {
    this.list.push(...statements);
  }

  /** Appends a loop. */
  loop(
    variable: Variable,
    to: Count,
    body: (inner: Statements) => void,
    { step = 1, lanes = 1 }: { readonly step?: number; readonly lanes?: number } = {},
  ): void {
    if (to === 0) return;
    const inner = new Statements(this.builder, this.type, this.known);
    body(inner);
    const width = lanes > 1 ? lanes : step;
    this.list.push({ kind: "loop", variable, to, step: width, lanes, body: inner.list });
  }

  /** The sum of `value` over a loop. */
  sum(variable: Variable, to: Count, value: (inner: Statements) => Scalar, lanes = 1): Scalar {
    const accumulator: Accumulator = { type: this.type, combine: "sum", lanes };
    this.list.push({ kind: "start", accumulator });
    this.loop(
      variable,
      to,
      (inner) => {
        const x = inner.name(value(inner));
        inner.add({ kind: "accumulate", accumulator, value: x });
      },
      { lanes },
    );
    return this.name(this.builder.leaf("reduced", this.type, accumulator));
  }
}
