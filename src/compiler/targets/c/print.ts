/** Prints kernels as C: statement by statement, deciding nothing. */
import type { DType } from "../../../tensor/index.ts";
import type { Buffer } from "../../buffer.ts";
import {
  type Accumulator,
  type Address,
  type Count,
  extentsOf,
  type Kernel,
  neutral,
  type Statement,
  type Target,
  type Tile,
  type TileExtent,
  type Variable,
} from "../../loops/loops.ts";
import { factor } from "../../loops/order.ts";
import {
  type ExecutionOrder,
  executionOrder,
  phasesOf,
  tileName,
  tileUse,
  tileUses,
} from "../../loops/phases.ts";
import type { MemoryPlan } from "../../memory.ts";
import type { Scalar } from "../../scalar/language.ts";
import { phaseFunctions } from "./functions.ts";
import { handedOn, stretches } from "./lanes.ts";
import { prelude, tileFunction } from "./prelude.ts";
import { C_TYPE, expression, Names } from "./values.ts";

type Of<K extends Statement["kind"]> = Extract<Statement, { kind: K }>;

const ELEMENT: Readonly<Record<DType, string>> = {
  float32: "float",
  float64: "double",
  int32: "int32_t",
  uint8: "uint8_t",
};

/** A program in a C file. */
export interface NamedProgram {
  /** Of the function that returns the table of a step; that of the prologue has `_prologue` behind it. */
  readonly name: string;
  /** In the order in which they run. */
  readonly kernels: readonly Kernel[];
  /** The offsets of the buffers. */
  readonly memory: MemoryPlan;
}

/**
 * A C file: for each program one function for each phase, and the tables of the prologue and of a step, which
 * functions return. Who calls them, on how many threads, is not decided here.
 */
export function printC(programs: readonly NamedProgram[], target: Target): string {
  const kernels = programs.flatMap((program) => program.kernels);
  const tiles = [...tileUses(kernels, target.vectorBytes)].map(([name, use]) =>
    tileFunction(name, use, target),
  );
  const tables = programs.flatMap(({ name, kernels: all, memory }) => [
    printTable(
      `${name}_prologue`,
      all.filter((k) => k.prologue),
      memory,
      target,
    ),
    printTable(
      name,
      all.filter((k) => !k.prologue),
      memory,
      target,
    ),
  ]);
  return [prelude(target), ...tiles, ...tables].join("");
}

function printTable(
  program: string,
  kernels: readonly Kernel[],
  memory: MemoryPlan,
  target: Target,
): string {
  const phases = phasesOf(kernels);
  const printed = phases.map(({ name, summary, body, variable }) => {
    const printer = new Printer(memory.offsets, target);
    const task = variable && printer.names.counter(variable);
    const text = printer.all(body, 1);
    const about = summary.replaceAll("\n", " ");
    return { name: `${program}_${name}`, about, task, text, numbers: printer.names.numbers };
  });
  const row = (course: ExecutionOrder): string[] => {
    if (typeof course !== "number") {
      const { turns, until = 0, course: inner } = course;
      return [`  {0, ${turns}},\n`, ...inner.flatMap(row), `  {0, ${-until}},\n`];
    }
    const { name, tasks } = phases[course];
    return [`  {${program}_${name}, ${tasks ?? 0}},\n`];
  };
  const rows = executionOrder(phases, memory.offsets).flatMap(row);
  return `${phaseFunctions(printed, `${program}_shared`)}
static const struct phase ${program}_phases[] = {
${rows.join("")}  {0, 0},
};
const struct program *${program}(void) {
  static const struct program program = {${rows.length}, ${memory.scratch}, ${program}_phases};
  return &program;
}
`;
}

class Printer {
  readonly names = new Names();
  private readonly offsets: ReadonlyMap<Buffer, number>;
  private readonly target: Target;
  /** For counters of loops over panels: the name of the counter at the start of the panel. */
  private readonly panelStarts = new Map<Variable, string>();

  constructor(offsets: ReadonlyMap<Buffer, number>, target: Target) {
    this.offsets = offsets;
    this.target = target;
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
          `${declared(names, s.value, "const ")}${names.value(s.value)} = ${this.value(s.value)}`,
        );
      case "start":
        return line(
          `${declared(names, s.accumulator)}${this.accumulator(s.accumulator)} = ${start(s.accumulator)}`,
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
        return this.tile(s, indent);
      case "parallel":
        throw new Error("a parallel loop is a phase of its own");
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
    const width = panelWidth(s);
    if (width !== undefined) return this.panelLoop(s, width, depth);
    const nested = s.body.some((inner) => inner.kind === "loop");
    if (s.lanes > 1 && nested && !meets(s.body, s.variable)) return this.laneLoop(s, depth);
    const step = s.lanes > 1 ? 1 : s.step;
    const head = `for (int64_t ${i} = 0; ${i} < ${this.count(s.to)}; ${i} += ${step}) {`;
    return `${this.pragma(s, indent)}${indent}${head}\n${this.all(s.body, depth + 1)}${indent}}\n`;
  }

  /** A vectorised loop with loops inside: a block of lanes at a time, see `lanes.ts`. */
  private laneLoop(s: Of<"loop">, depth: number): string {
    const indent = "  ".repeat(depth);
    const { names } = this;
    const start = `${names.counter(s.variable)}start`;
    const handed = handedOn(s.body).map((x) => {
      const name = "op" in x ? names.value(x) : this.accumulator(x);
      names.spread(x);
      return `ALIGNED ${typeOf(x)} ${name}[${s.lanes}]`;
    });
    const block = (lanes: string) =>
      handed.map((x) => `${indent}  ${x};\n`).join("") +
      this.stretches(s.body, { variable: s.variable, start, lanes }, depth + 1);
    const { to, lanes } = s;
    const whole =
      typeof to === "number"
        ? String(to - (to % lanes))
        : `${this.count(to)} / ${lanes} * ${lanes}`;
    const rest = typeof to === "number" ? String(to % lanes) : `${this.count(to)} % ${lanes}`;
    const each = `${indent}for (int64_t ${start} = 0; ${start} < ${whole}; ${start} += ${lanes}) {\n${block(String(lanes))}${indent}}\n`;
    if (rest === "0") return each;
    const last = `${indent}{\n${indent}  const int64_t ${start} = ${whole}, rest = ${rest};\n${block("rest")}${indent}}\n`;
    return each + last;
  }

  /** Statements for each lane of a block, loops among them for all lanes at a time. */
  private stretches(
    body: readonly Statement[],
    block: { readonly variable: Variable; readonly start: string; readonly lanes: string },
    depth: number,
  ): string {
    const indent = "  ".repeat(depth);
    return stretches(body)
      .map((stretch) => {
        if (stretch.kind === "inner") {
          const { variable, to, step, body: inner } = stretch.loop;
          const i = this.names.counter(variable);
          const head = `for (int64_t ${i} = 0; ${i} < ${this.count(to)}; ${i} += ${step}) {`;
          return `${indent}${head}\n${this.stretches(inner, block, depth + 1)}${indent}}\n`;
        }
        const i = `${indent}  const int64_t ${this.names.counter(block.variable)} = ${block.start} + lane;\n`;
        const head = `for (int64_t lane = 0; lane < ${block.lanes}; lane++) {`;
        const all = this.all(stretch.statements, depth + 1);
        return `${indent}#pragma omp simd\n${indent}${head}\n${i}${all}${indent}}\n`;
      })
      .join("");
  }

  /** A loop that writes packed panels, panel by panel, so that the C compiler sees neighbours. */
  private panelLoop(s: Of<"loop">, width: number, depth: number): string {
    const indent = "  ".repeat(depth);
    const i = this.names.counter(s.variable);
    const start = `${i}start`;
    this.panelStarts.set(s.variable, start);
    const body = this.all(s.body, depth + 2);
    this.panelStarts.delete(s.variable);
    const end = `min_i32(${this.count(s.to)}, ${start} + ${width})`;
    return [
      `${indent}for (int64_t ${start} = 0; ${start} < ${this.count(s.to)}; ${start} += ${width}) {\n`,
      `${this.pragma(s, `${indent}  `)}${indent}  for (int64_t ${i} = ${start}; ${i} < ${end}; ${i}++) {\n`,
      `${body}${indent}  }\n${indent}}\n`,
    ].join("");
  }

  /** Leave to make vectors, for the loop that was chosen for it, if no two rounds meet in a store. */
  private pragma(s: Of<"loop">, indent: string): string {
    const nested = s.body.some((inner) => inner.kind === "loop");
    if (s.lanes === 1 || nested || meets(s.body, s.variable)) return "";
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
    if ("terms" in to) return `(${this.names.sum(to.terms)} + ${to.plus})`;
    const left = `${this.count(to.total)} - ${this.names.sum([to.start])}`;
    return `${to.times} * min_i32(${left}, ${to.block})`;
  }

  private base(b: Buffer): string {
    const start = b.kind === "scratch" ? "p" : "m";
    return `(${ELEMENT[b.dtype]} *)(${start} + ${this.names.number(b, this.offsets.get(b) as number)})`;
  }

  private element(a: Address): string {
    const parts = [this.names.sum(a.terms), String(a.offset ?? 0)];
    for (const p of a.positions) {
      parts.push(`${p.factor} * inside(${this.names.value(p.position)}, ${p.size})`);
    }
    if (a.panel !== undefined) {
      const { terms, width, stride } = a.panel;
      const at = `(${this.names.sum(terms)})`;
      const [start] = terms.flatMap((t) => this.panelStarts.get(t.variable) ?? []);
      if (start === undefined) parts.push(`${at} / ${width} * ${stride} + ${at} % ${width}`);
      else parts.push(`${start} / ${width} * ${stride} + (${at} - ${start})`);
    }
    return `(${this.base(a.buffer)})[${parts.filter((p) => p !== "0").join(" + ") || "0"}]`;
  }

  private store({ address, value, combine }: Of<"store">): string {
    const at = this.element(address);
    const x = this.names.value(value);
    if (combine === undefined) return `${at} = ${x}`;
    return `${at} = ${combined({ combine, type: value.type }, at, x)}`;
  }

  private fill({ buffer, at, length, value }: Of<"fill">, indent: string): string {
    const x = Number.isFinite(value) ? String(value) : "-INFINITY";
    const start = `(${this.base(buffer)} + ${this.names.sum(at)})`;
    return `${indent}for (int64_t i = 0; i < ${length}; i++) ${start}[i] = ${x};\n`;
  }

  /** Calls the function for the rows and columns that are left. */
  private tile(s: Tile, indent: string): string {
    const [a, b, c] = [s.a, s.b, s.c].map((x) => `&${this.element(x)}`);
    const add = s.block === undefined ? "" : `, ${this.names.counter(s.block)} != 0`;
    const call = (rows: number, columns: number) => {
      const name = tileName(tileUse(s, rows, columns, this.target.vectorBytes));
      return `${name}(${a}, ${b}, ${c}, ${this.count(s.depth)}${add});\n`;
    };
    const columns = (rows: number, deeper: string) =>
      this.choose(s.columns, deeper, (n, at) => `${at}${call(rows, n)}`);
    return this.choose(s.rows, indent, (n, at) => `${at}{\n${columns(n, `${at}  `)}${at}}\n`);
  }

  /** One statement for each extent that occurs. */
  private choose(
    extent: TileExtent,
    indent: string,
    print: (n: number, indent: string) => string,
  ): string {
    const { full, count, at } = extent;
    const found = extentsOf(extent);
    if (found.length === 1) return print(found[0], indent);
    const left = `min_i32(${full}, ${this.count(count)} - ${this.names.counter(at)})`;
    const cases = found.map(
      (n) => `${indent}case ${n}:\n${print(n, `${indent}  `)}${indent}  break;\n`,
    );
    return `${indent}switch (${left}) {\n${cases.join("")}${indent}}\n`;
  }
}

/** Whether two rounds of a loop may add to one place in memory. */
function meets(body: readonly Statement[], variable: Variable): boolean {
  return body.some((s) => {
    if (s.kind === "loop") return meets(s.body, variable);
    if (s.kind !== "store" || s.combine === undefined) return false;
    return s.address.positions.length > 0 || factor(s.address.terms, variable) === 0;
  });
}

/** What stands before the name of a value or accumulator where it is first set. */
function declared(names: Names, x: Scalar | Accumulator, qualifier = ""): string {
  return names.isSpread(x) ? "" : `${qualifier}${typeOf(x)} `;
}

function typeOf(x: Scalar | Accumulator): string {
  return "wide" in x && x.wide ? C_TYPE.f64 : C_TYPE[x.type];
}

/** The width of the panels that a vectorised loop writes along, if its counter alone says where. */
function panelWidth({ lanes, variable, body }: Of<"loop">): number | undefined {
  if (lanes === 1 || body.some((inner) => inner.kind === "loop")) return undefined;
  const panels = body.flatMap((s) => (s.kind === "store" ? (s.address.panel ?? []) : []));
  const alone = panels.every(({ terms }) =>
    terms.every((t) => t.factor === (t.variable === variable ? 1 : 0)),
  );
  return alone ? panels[0]?.width : undefined;
}

function combined(a: Pick<Accumulator, "combine" | "type">, x: string, y: string): string {
  return a.combine === "sum" ? `${x} + ${y}` : `max_${a.type}(${x}, ${y})`;
}

/** The C text of what an accumulator starts from. */
function start({ combine, type }: Accumulator): string {
  const value = neutral(combine, type);
  return Number.isFinite(value) ? String(value) : "-INFINITY";
}
