/** Loop nests as text for people. */
import type { IndexExpr } from "../loops/expressions.ts";
import type {
  Accumulator,
  Address,
  AffineTerm,
  Count,
  Kernel,
  Statement,
  Variable,
} from "../loops/loops.ts";
import type { Scalar } from "../scalar/language.ts";

/** The statements of every kernel, indented by loops; kernels that are repeated say how often. */
export function printLoops(kernels: readonly Kernel[]): string {
  return kernels.map(printKernel).join("\n");
}

function printKernel({ name, repeats, prologue, summary, body }: Kernel): string {
  const turns = repeats
    .map(({ turns, until }) => ` ${until ? "at most " : ""}${turns} times`)
    .join(",");
  const head = `${name}${prologue ? " once" : ""}${turns}: ${summary}`;
  return [head, ...new LoopPrinter().all(body, "  ")].join("\n");
}

class LoopPrinter {
  private readonly values = new Map<Scalar, string>();
  private readonly sums = new Map<Accumulator, string>();
  private readonly counters = new Map<Variable, string>();

  all(body: readonly Statement[], indent: string): string[] {
    return body.flatMap((s) => this.statement(s, indent));
  }

  private statement(s: Statement, indent: string): string[] {
    switch (s.kind) {
      case "loop": {
        const step = s.step === 1 ? "" : ` step ${s.step}`;
        const lanes = s.lanes === 1 ? "" : `, ${s.lanes} lanes`;
        const head = `${indent}for ${this.counter(s.variable)} < ${this.count(s.to)}${step}${lanes}`;
        return [head, ...this.all(s.body, `${indent}  `)];
      }
      case "parallel":
        return [
          `${indent}parallel ${this.counter(s.variable)} < ${s.to}`,
          ...this.all(s.body, `${indent}  `),
        ];
      case "let":
        return [`${indent}${this.value(s.value)} = ${this.expression(s.value)}`];
      case "start":
        return [`${indent}${this.sum(s.accumulator)} = start of ${described(s.accumulator)}`];
      case "accumulate": {
        const to = this.sum(s.accumulator);
        return [`${indent}${to} ${s.accumulator.combine}= ${this.value(s.value)}`];
      }
      case "store": {
        const by = s.combine === undefined ? "=" : `${s.combine}=`;
        return [`${indent}${this.address(s.address)} ${by} ${this.value(s.value)}`];
      }
      case "fill": {
        const from = this.terms(s.at);
        return [`${indent}${s.buffer.name}[${from} to +${s.length}] = ${s.value}`];
      }
      case "tile": {
        const [rows, columns] = [s.rows, s.columns].map(
          (e) => `${e.full} of ${this.count(e.count)}`,
        );
        const [a, b, c] = [s.a, s.b, s.c].map((x) => this.address(x));
        const by = s.block === undefined ? "=" : "+=";
        return [
          `${indent}tile ${c} ${by} ${a} ${b}: rows ${rows}, columns ${columns}, depth ${this.count(s.depth)}`,
        ];
      }
    }
  }

  private expression(x: Scalar): string {
    const args = x.args.map((arg) => this.value(arg));
    switch (x.op) {
      case "load":
        return this.address(x.leaf as Address);
      case "index":
        return this.terms((x.leaf as IndexExpr).terms);
      case "reduced":
        return this.sum(x.leaf as Accumulator);
      case "shl":
      case "shrU":
      case "shrS":
        return `${x.op} ${args[0]} ${x.value}`;
      default:
        return `${[x.op, ...args].join(" ")} ${x.type}`;
    }
  }

  private value(x: Scalar): string {
    return x.op === "constant" ? String(x.value) : named(this.values, x, "v");
  }
  private sum(a: Accumulator): string {
    return named(this.sums, a, "s");
  }
  /** Counters of one name are distinguished by a number. */
  private counter(v: Variable): string {
    const known = this.counters.get(v);
    if (known !== undefined) return known;
    const alike = [...this.counters.keys()].filter(({ name }) => name === v.name).length;
    const name = alike === 0 ? v.name : `${v.name}'${alike}`;
    this.counters.set(v, name);
    return name;
  }
  private count(to: Count): string {
    if (typeof to === "number") return String(to);
    if ("terms" in to) return `${this.terms(to.terms)} + ${to.plus}`;
    const { total, start, block, times } = to;
    const left = `min(${block}, ${this.count(total)} - ${this.terms([start])})`;
    return times === 1 ? left : `${times} ${left}`;
  }
  private terms(terms: readonly AffineTerm[]): string {
    const parts = terms
      .filter(({ factor }) => factor !== 0)
      .map(({ variable, factor }) => (factor === 1 ? "" : `${factor} `) + this.counter(variable));
    return parts.join(" + ") || "0";
  }
  private address({ buffer, terms, offset = 0, positions, panel }: Address): string {
    const parts = positions.map(({ position, size, factor }) => {
      return `${factor === 1 ? "" : `${factor} `}within(${this.value(position)}, ${size})`;
    });
    if (panel !== undefined) parts.push(`panel(${this.terms(panel.terms)}, ${panel.width})`);
    if (offset !== 0) parts.push(String(offset));
    const fixed = this.terms(terms);
    const at = fixed === "0" && parts.length > 0 ? parts : [fixed, ...parts];
    return `${buffer.name}[${at.join(" + ")}]`;
  }
}

function named<T>(names: Map<T, string>, thing: T, prefix: string): string {
  const name = names.get(thing) ?? `${prefix}${names.size}`;
  names.set(thing, name);
  return name;
}

function described({ combine, type, lanes, wide }: Accumulator): string {
  return `${combine} ${type}${wide === true ? " in f64" : ""}${lanes === 1 ? "" : `, ${lanes} lanes`}`;
}
