/** Prints kernels as C: statement by statement, deciding nothing. */
import type { DType } from "../../tensor/index.ts";
import type { Buffer } from "../buffer.ts";
import {
  type Accumulator,
  type Address,
  type Count,
  type Kernel,
  neutral,
  type Statement,
  type Target,
} from "../loops/loops.ts";
import { factor } from "../loops/order.ts";
import type { Scalar } from "../loops/scalar.ts";
import { prelude } from "./prelude.ts";
import { C_TYPE, expression, Names } from "./values.ts";

type Of<K extends Statement["kind"]> = Extract<Statement, { kind: K }>;

const ELEMENT: Readonly<Record<DType, string>> = {
  float32: "float",
  float64: "double",
  int32: "int32_t",
  uint8: "uint8_t",
};

/** A C program with one function, `run(memory, steps)`. */
export function printC(
  kernels: readonly Kernel[],
  offsets: ReadonlyMap<Buffer, number>,
  target: Target,
): string {
  const functions = kernels.map((kernel) => {
    const body = new Printer(offsets).all(kernel.body, 1);
    return `\n// ${kernel.summary.replaceAll("\n", " ")}\nstatic void ${kernel.name}(char *restrict m) {\n${body}}\n`;
  });
  const calls = kernels.map((kernel) => `    ${kernel.name}(m);\n`).join("");
  return `${prelude(target)}${functions.join("")}
void run(void *memory, int32_t steps) {
  char *m = memory;
  for (int32_t step = 0; step < steps; step++) {
${calls}  }
}
`;
}

class Printer {
  private readonly names = new Names();
  private readonly offsets: ReadonlyMap<Buffer, number>;

  constructor(offsets: ReadonlyMap<Buffer, number>) {
    this.offsets = offsets;
  }

  all(statements: readonly Statement[], depth: number): string {
    return statements.map((s) => this.statement(s, depth)).join("");
  }

  private statement(s: Statement, depth: number): string {
    const indent = "  ".repeat(depth);
    const line = (text: string) => `${indent}${text};\n`;
    const { names } = this;
    switch (s.kind) {
      case "loop":
        return this.loop(s, depth);
      case "let":
        return line(
          `const ${C_TYPE[s.value.type]} ${names.value(s.value)} = ${this.value(s.value)}`,
        );
      case "start":
        return line(
          `${C_TYPE[s.accumulator.type]} ${this.accumulator(s.accumulator)} = ${start(s.accumulator)}`,
        );
      case "accumulate": {
        const into = this.accumulator(s.accumulator);
        return line(`${into} = ${combined(s.accumulator, into, names.value(s.value))}`);
      }
      case "store":
        return line(this.store(s));
      case "fill":
        return this.fill(s, indent);
      case "tile":
        return line(this.tile(s));
    }
  }

  private accumulator(a: Accumulator): string {
    return this.names.of(a, "s");
  }

  private value(x: Scalar): string {
    if (x.op === "reduced") return this.accumulator(x.leaf as Accumulator);
    if (x.op === "load") return this.element(x.leaf as Address);
    return expression(this.names, x);
  }

  private loop(s: Of<"loop">, depth: number): string {
    const indent = "  ".repeat(depth);
    const i = this.names.counter(s.variable);
    const step = s.lanes > 1 ? 1 : s.step;
    const head = `for (int64_t ${i} = 0; ${i} < ${this.count(s.to)}; ${i} += ${step}) {`;
    return `${this.pragma(s, indent)}${indent}${head}\n${this.all(s.body, depth + 1)}${indent}}\n`;
  }

  /** Leave to make vectors, for the loop that was chosen for it, if no two rounds meet in a store. */
  private pragma(s: Of<"loop">, indent: string): string {
    if (s.lanes === 1 || s.body.some((inner) => inner.kind === "loop")) return "";
    const meets = s.body.some(
      (inner) =>
        inner.kind === "store" &&
        inner.combine !== undefined &&
        (inner.address.positions.length > 0 || factor(inner.address.terms, s.variable) === 0),
    );
    if (meets) return "";
    const collected = s.body.filter((inner) => inner.kind === "accumulate");
    const clauses = collected.map(({ accumulator }) => {
      const operator =
        accumulator.combine === "sum" ? "+" : accumulator.type === "i32" ? "max" : "largest";
      return ` reduction(${operator} : ${this.accumulator(accumulator)})`;
    });
    return `${indent}#pragma omp simd${[...new Set(clauses)].join("")}\n`;
  }

  private count(to: Count): string {
    if (typeof to === "number") return String(to);
    const left = `${to.total} - ${this.names.counter(to.from)}`;
    return `${to.times} * min_i32(${left}, ${to.atMost})`;
  }

  private base(b: Buffer): string {
    return `(${ELEMENT[b.dtype]} *)(m + ${this.offsets.get(b)}L)`;
  }

  private element(a: Address): string {
    const parts = [this.names.sum(a.terms)];
    for (const p of a.positions) {
      parts.push(`${p.factor} * inside(${this.names.value(p.position)}, ${p.size})`);
    }
    if (a.panel !== undefined) {
      const at = `(${this.names.sum(a.panel.terms)})`;
      parts.push(`${at} / ${a.panel.width} * ${a.panel.stride} + ${at} % ${a.panel.width}`);
    }
    return `(${this.base(a.buffer)})[${parts.filter((p) => p !== "0").join(" + ") || "0"}]`;
  }

  private store({ address, value, combine }: Of<"store">): string {
    const at = this.element(address);
    const x = this.names.value(value);
    if (combine === undefined) return `${at} = ${x}`;
    return `${at} = ${combined({ combine, type: value.type }, at, x)}`;
  }

  private fill({ buffer, value }: Of<"fill">, indent: string): string {
    const x = Number.isFinite(value) ? String(value) : "-INFINITY";
    return `${indent}for (int64_t i = 0; i < ${buffer.length}; i++) (${this.base(buffer)})[i] = ${x};\n`;
  }

  private tile(s: Of<"tile">): string {
    const [a, b, c] = [s.a, s.b, s.c].map((x) => `&${this.element(x)}`);
    const add = s.block === undefined ? "0" : `${this.names.counter(s.block)} != 0`;
    return `tile_${s.type}(${a}, ${b}, ${c}, ${this.count(s.depth)}, ${s.rowStride}, ${add})`;
  }
}

function combined(a: Pick<Accumulator, "combine" | "type">, x: string, y: string): string {
  return a.combine === "sum" ? `${x} + ${y}` : `max_${a.type}(${x}, ${y})`;
}

/** The C text of what an accumulator starts from. */
function start({ combine, type }: Accumulator): string {
  const value = neutral(combine, type);
  return Number.isFinite(value) ? String(value) : "-INFINITY";
}
