/** Graphs as text. Those with the same text become the same program. */
import type { ProgramRoots } from "../../compiler/index.ts";
import {
  Axis,
  bodyOf,
  nodesOf,
  type Operation,
  type OperationOf,
  Tensor,
  type TypedArray,
} from "../../tensor/internal.ts";

/** A graph as text, which is the same for graphs that compile to the same code. */
export interface GraphText {
  /** One line per node. */
  readonly text: string;
  /** By their numbers in the text. */
  readonly axes: readonly Axis[];
  /** By their numbers in the text. */
  readonly literals: readonly Tensor[];
}

/**
 * The text of `roots`: a line for each node, with all that does not follow from its inputs. Nodes, axes and
 * other objects are numbered as they appear, so that what is one object stays one. `digest` stands for the values
 * of literals.
 *
 * @throws Error if an operation has an attribute of a kind that has no text.
 */
export function graphText(roots: ProgramRoots, digest: (data: TypedArray) => string): GraphText {
  const writer = new Writer(digest);
  writer.visit([...roots.outputs, ...roots.updates].map(({ value }) => value));
  writer.visit(roots.updates.map(({ input }) => input));
  const text = [...writer.lines, writer.describe(roots)].join("\n");
  return { text, axes: writer.axes, literals: writer.literals };
}

class Writer {
  readonly lines: string[] = [];
  readonly axes: Axis[] = [];
  readonly literals: Tensor[] = [];
  private readonly nodes = new Map<Tensor, number>();
  private readonly things = new Map<object, number>();
  private readonly digest: (data: TypedArray) => string;

  constructor(digest: (data: TypedArray) => string) {
    this.digest = digest;
  }

  /** Writes a line for each node that `roots` are made of, what a node is made of before the node. */
  visit(roots: readonly Tensor[]): void {
    for (const node of nodesOf(roots)) {
      if (this.nodes.has(node)) continue;
      if (node.operation.op === "scan") this.visit(this.newIn(node.operation));
      this.write(node);
    }
  }

  /** The tensors of a scan's body that have no line yet. */
  private newIn(operation: OperationOf<"scan">): Tensor[] {
    const { loop, value } = bodyOf(operation);
    const all = [loop.turn, ...loop.carries, ...loop.next, ...loop.free, value];
    return all.filter((x) => !this.nodes.has(x));
  }

  /** A line. Most nodes have nothing but inputs: this is the one place that has to be fast. */
  private write(node: Tensor): void {
    const { operation, inputs, dtype } = node;
    let line = `${operation.op} ${dtype}`;
    for (const x of inputs) line += ` ${this.nodes.get(x)}`;
    for (const name in operation) {
      if (name === "op") continue;
      line += ` ${name}:${this.describe(operation[name as keyof Operation])}`;
    }
    if (operation.op === "literal") this.literals.push(node);
    this.lines.push(line);
    this.nodes.set(node, this.nodes.size);
  }

  describe(x: unknown): string {
    if (typeof x === "number") return Object.is(x, -0) ? "-0" : `${x}`;
    if (typeof x === "string") return JSON.stringify(x);
    if (x === undefined || typeof x === "boolean") return `${x}`;
    if (Array.isArray(x)) return `[${x.map((one) => this.describe(one))}]`;
    if (x instanceof Tensor && this.nodes.has(x)) return `#${this.nodes.get(x)}`;
    const known = this.things.get(x as object);
    if (known !== undefined) return `@${known}`;
    this.things.set(x as object, this.things.size);
    if (x instanceof Axis) {
      this.axes.push(x);
      return `axis ${JSON.stringify(x.name)} ${x.size}`;
    }
    if (ArrayBuffer.isView(x)) return `values ${this.digest(x as TypedArray)}`;
    if (Object.getPrototypeOf(x) !== Object.prototype) throw new Error(`no text for ${x}`);
    const entries = Object.entries(x as object);
    return `{${entries.map(([name, value]) => `${name}:${this.describe(value)}`)}}`;
  }
}
