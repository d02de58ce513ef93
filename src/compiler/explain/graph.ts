/** Expression graphs as text for people. */
import {
  Axis,
  bodyOf,
  describeAxes,
  nodesOf,
  type OperationOf,
  type Tensor,
} from "../../tensor/internal.ts";
import type { ProgramRoots } from "../schedule/stores.ts";

/** More numbers of a literal are not printed. */
const MOST_NUMBERS = 8;

/** A line for each node, `%3 = sum(%2) over {row: 4} -> {column: 3} float32`, then outputs and updates. */
export function printGraph({ outputs, updates }: ProgramRoots): string {
  const printer = new GraphPrinter();
  printer.nodes(nodesOf([...outputs, ...updates].map(({ value }) => value)), "");
  printer.nodes(nodesOf(updates.map(({ input }) => input)), "");
  return [
    ...printer.lines,
    ...outputs.map(({ name, value }) => `output ${name} = ${printer.name(value)}`),
    ...updates.map(({ input, value }) => `${printer.name(input)} <- ${printer.name(value)}`),
  ].join("\n");
}

class GraphPrinter {
  readonly lines: string[] = [];
  private readonly names = new Map<Tensor, string>();
  private readonly loops = new Map<object, string>();
  private count = 0;

  name(x: Tensor): string {
    return x.operation.op === "constant" ? String(x.operation.value) : (this.names.get(x) ?? "?");
  }

  /** Lines for those nodes that have no name yet. */
  nodes(nodes: readonly Tensor[], indent: string): void {
    for (const x of nodes) {
      if (this.names.has(x) || x.op === "constant") continue;
      const head =
        x.operation.op === "scan" ? this.scan(x, x.operation, indent) : this.operation(x);
      const name = `%${this.count++}`;
      this.names.set(x, name);
      this.lines.push(`${indent}${name} = ${head} -> ${describeAxes(x.axes)} ${x.dtype}`);
    }
  }

  private operation({ operation, inputs }: Tensor): string {
    const args = inputs.map((x) => this.name(x)).join(", ");
    const attributes = Object.entries(operation)
      .filter(([name]) => name !== "op" && name !== "order")
      .map(([name, value]) => ` ${name} ${shown(value)}`);
    return `${operation.op}(${args})${attributes.join("")}`;
  }

  /** The body of a loop comes before the first value that is taken of it. */
  private scan({ inputs }: Tensor, operation: OperationOf<"scan">, indent: string): string {
    const { loop, value } = bodyOf(operation);
    const { axis, reverse, turn, carries, next, free, until } = loop;
    let name = this.loops.get(loop);
    if (name === undefined) {
      name = `loop${this.loops.size}`;
      this.loops.set(loop, name);
      const first = carries.map((_, k) => `${name} carry ${k} = ${this.name(inputs[k])}`);
      const end = until === undefined ? "" : ` until carry ${until}`;
      this.lines.push(`${indent}${name} along ${axis}${reverse ? " backwards" : ""}${end}:`);
      for (const line of first) this.lines.push(`${indent}  ${line}`);
      this.names.set(turn, `${name}.turn`);
      for (const [k, c] of carries.entries()) this.names.set(c, `${name}.carry${k}`);
      for (const [i, f] of free.entries()) this.names.set(f, this.name(inputs[carries.length + i]));
      this.nodes(inside([...next, value], this.names), `${indent}  `);
      for (const [k, x] of next.entries()) {
        this.lines.push(`${indent}  ${name} carry ${k} <- ${this.name(x)}`);
      }
    }
    this.nodes(inside([value], this.names), `${indent}  `);
    return operation.last === undefined
      ? `scan ${name} every ${this.name(value)}`
      : `scan ${name} last carry ${operation.last}`;
  }
}

/** The nodes below `roots` that have no name, inputs first. */
function inside(roots: readonly Tensor[], named: ReadonlyMap<Tensor, string>): Tensor[] {
  const seen = new Set<Tensor>();
  const visit = (x: Tensor) => {
    if (seen.has(x) || named.has(x)) return;
    x.inputs.forEach(visit);
    seen.add(x);
  };
  roots.forEach(visit);
  return [...seen];
}

function shown(x: unknown): string {
  if (x instanceof Axis) return x.name;
  if (Array.isArray(x)) return describeAxes(x);
  if (!ArrayBuffer.isView(x)) return String(x);
  const numbers = x as unknown as ArrayLike<number>;
  const few = Array.from({ length: Math.min(numbers.length, MOST_NUMBERS) }, (_, i) => numbers[i]);
  return `[${few.join(" ")}${numbers.length > MOST_NUMBERS ? " ..." : ""}]`;
}
