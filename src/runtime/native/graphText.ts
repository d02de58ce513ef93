/** Graphs as text. Those with the same text become the same program. */
import type { Goals } from "../../compiler/index.ts";
import { Axis, bodyOf, Tensor, type TypedArray } from "../../tensor/index.ts";

export interface GraphText {
  readonly text: string;
  /** By their numbers in the text. */
  readonly axes: readonly Axis[];
  readonly literals: readonly Tensor[];
}

/**
 * The text of `goals`: a line for each node, with all that is known of it. Nodes, axes and other objects are
 * numbered as they appear, so that what is one object stays one. `digest` stands for the values of literals.
 *
 * @throws Error if an operation has an attribute of a kind that has no text.
 */
export function graphText(goals: Goals, digest: (data: TypedArray) => string): GraphText {
  const writer = new Writer(digest);
  for (const { value } of goals.outputs) writer.visit(value);
  for (const { input, value } of goals.updates) [input, value].forEach((x) => void writer.visit(x));
  const text = [...writer.lines, writer.describe(goals)].join("\n");
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

  /** Writes a line for `root` and all below it, what a node is made of before the node. */
  visit(root: Tensor): void {
    const stack = [root];
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      const missing = this.nodes.has(node) ? [] : partsOf(node).filter((x) => !this.nodes.has(x));
      for (const x of missing) stack.push(x);
      if (missing.length > 0) continue;
      stack.pop();
      if (!this.nodes.has(node)) this.write(node);
    }
  }

  private write(node: Tensor): void {
    const { operation, inputs, axes, dtype } = node;
    if (operation.op === "literal") this.literals.push(node);
    this.lines.push(`${this.entries(operation)} ${this.describe([inputs, axes, dtype])}`);
    this.nodes.set(node, this.nodes.size);
  }

  describe(x: unknown): string {
    if (typeof x === "number") return Object.is(x, -0) ? "-0" : `${x}`;
    if (typeof x === "string") return JSON.stringify(x);
    if (x === undefined || typeof x === "boolean") return `${x}`;
    if (Array.isArray(x)) return `[${x.map((one) => this.describe(one)).join()}]`;
    if (x instanceof Tensor && this.nodes.has(x)) return `#${this.nodes.get(x)}`;
    const known = this.things.get(x as object);
    if (known !== undefined) return `@${known}`;
    this.things.set(x as object, this.things.size);
    if (x instanceof Axis) {
      this.axes.push(x);
      return `axis ${JSON.stringify(x.name)} ${x.size}`;
    }
    if (ArrayBuffer.isView(x)) return `values ${this.digest(x as TypedArray)}`;
    if (Object.getPrototypeOf(x) === Object.prototype) return this.entries(x as object);
    throw new Error(`no text for ${x}`);
  }

  private entries(x: object): string {
    return `{${Object.entries(x).map(([name, value]) => `${name}:${this.describe(value)}`)}}`;
  }
}

/** What a node is made of: its inputs and, if it is a scan, the graph of its body. */
function partsOf({ operation, inputs }: Tensor): readonly Tensor[] {
  if (operation.op !== "scan") return inputs;
  const { loop, value } = bodyOf(operation);
  return [...inputs, loop.turn, ...loop.carries, ...loop.next, ...loop.free, value];
}
