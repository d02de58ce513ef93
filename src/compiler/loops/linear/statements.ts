/** Writes statements in order, each value where it is first needed. */
import type { Scalar, ScalarBuilder, ScalarType } from "../../scalar/language.ts";
import type { Accumulator, Address, AffineTerm, Count, Statement, Variable } from "../loops.ts";

/** A sum of counters and a number: a position along an axis. */
export interface Affine {
  readonly terms: readonly AffineTerm[];
  readonly plus: number;
}

export function affine(plus: number, ...terms: readonly (readonly [Variable, number])[]): Affine {
  return { plus, terms: terms.map(([variable, factor]) => ({ variable, factor })) };
}

export function shifted(at: Affine, by: number | Variable): Affine {
  return typeof by === "number"
    ? { ...at, plus: at.plus + by }
    : { ...at, terms: [...at.terms, { variable: by, factor: 1 }] };
}

/** One matrix of a batch in a buffer. */
export class Matrix {
  private readonly base: Address;
  readonly rowStride: number;
  readonly columnStride: number;

  constructor(base: Address, rowStride: number, columnStride: number) {
    this.base = base;
    this.rowStride = rowStride;
    this.columnStride = columnStride;
  }

  at(i: Affine, j: Affine): Address {
    const scaled = (x: Affine, by: number) =>
      x.terms.map((t) => ({ variable: t.variable, factor: t.factor * by }));
    return {
      ...this.base,
      terms: [...this.base.terms, ...scaled(i, this.rowStride), ...scaled(j, this.columnStride)],
      offset: i.plus * this.rowStride + j.plus * this.columnStride,
    };
  }

  get transposed(): Matrix {
    return new Matrix(this.base, this.columnStride, this.rowStride);
  }
}

/** A list of statements that grows. */
export class Statements {
  readonly list: Statement[] = [];
  readonly builder: ScalarBuilder;
  readonly type: ScalarType;
  private readonly known: Set<Scalar>;

  constructor(builder: ScalarBuilder, type: ScalarType, known: ReadonlySet<Scalar> = new Set()) {
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

  store(address: Address, value: Scalar): void {
    this.list.push({ kind: "store", address, value: this.name(value), combine: undefined });
  }

  add(...statements: readonly Statement[]): void {
    this.list.push(...statements);
  }

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
