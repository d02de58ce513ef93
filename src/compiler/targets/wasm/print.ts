/** Prints kernels as WebAssembly functions: statement by statement, deciding nothing. */
import { BYTES } from "../../../tensor/internal.ts";
import type { Buffer } from "../../buffer.ts";
import {
  type Address,
  type Count,
  extentsOf,
  type Statement,
  type Tile,
  type TileExtent,
  type Variable,
} from "../../loops/loops.ts";
import { type Phase, tileName, tileUse } from "../../loops/phases.ts";
import type { Scalar } from "../../scalar/language.ts";
import { Access } from "./access.ts";
import { Code } from "./code.ts";
import { type FunctionBody, I32 } from "./encode.ts";
import { CODE, SIMD } from "./opcodes.ts";
import { WASM } from "./tile.ts";
import { printAccumulate, printStart, printValue } from "./values.ts";

type Of<K extends Statement["kind"]> = Extract<Statement, { kind: K }>;

/** The function of one phase; `tiles` has the numbers of the functions that compute tiles. */
export function printPhase(
  phase: Phase,
  offsets: ReadonlyMap<Buffer, number>,
  tiles: ReadonlyMap<string, number>,
): FunctionBody {
  const printer = new Printer(offsets, tiles, phase.variable);
  printer.constants(phase.body);
  printer.all(phase.body);
  const { locals, bytes } = printer.code;
  return { parameters: [I32], locals, code: bytes };
}

class Printer {
  readonly code = new Code(1);
  private readonly access: Access;
  private readonly offsets: ReadonlyMap<Buffer, number>;
  private readonly tiles: ReadonlyMap<string, number>;
  private loop: Variable | undefined;

  constructor(
    offsets: ReadonlyMap<Buffer, number>,
    tiles: ReadonlyMap<string, number>,
    task: Variable | undefined,
  ) {
    if (task !== undefined) this.code.parameter(task, 0);
    this.offsets = offsets;
    this.tiles = tiles;
    this.access = new Access(this.code, offsets);
  }

  /** Sets every constant once, before everything else. */
  constants(statements: readonly Statement[]): void {
    const seen = new Set<Scalar>();
    const visit = (x: Scalar) => {
      if (seen.has(x)) return;
      seen.add(x);
      if (x.op === "constant") printValue(this.code, x);
      x.args.forEach(visit);
    };
    const walk = (s: Statement) => {
      if (s.kind === "loop" || s.kind === "parallel") s.body.forEach(walk);
      else if (s.kind === "let" || s.kind === "accumulate" || s.kind === "store") visit(s.value);
      if (s.kind === "store") for (const p of s.address.positions) visit(p.position);
    };
    statements.forEach(walk);
  }

  all(statements: readonly Statement[]): void {
    for (const s of statements) this.statement(s);
  }

  private statement(s: Statement): void {
    const { code, access } = this;
    if (s.kind === "loop") this.loopStatement(s);
    else if (s.kind === "start") printStart(code, s.accumulator);
    else if (s.kind === "accumulate") printAccumulate(code, s.accumulator, s.value);
    else if (s.kind === "store") access.store(s.address, s.value, s.combine, this.loop);
    else if (s.kind === "fill") this.fill(s);
    else if (s.kind === "tile") this.tile(s);
    else if (s.kind === "parallel") throw new Error("a parallel loop is a phase of its own");
    else if (s.value.op === "load") access.load(s.value, this.loop);
    else printValue(code, s.value);
  }

  /** A loop; the vectorised one is printed twice: whole vectors, then what is left one by one. */
  private loopStatement(s: Of<"loop">): void {
    const { code } = this;
    const counter = code.counter(s.variable);
    code.i32(0).set(counter);
    if (s.lanes === 1) {
      this.rounds(s, s.to, s.step, 1);
      return;
    }
    code.vector = s.variable;
    if (typeof s.to !== "number") {
      const whole = code.local(I32);
      this.count(s.to);
      code.i32(-s.lanes).plain("i32And").set(whole);
      this.rounds(s, { local: whole }, s.lanes, s.lanes);
    } else if (s.to >= s.lanes) {
      this.rounds(s, s.to - (s.to % s.lanes), s.lanes, s.lanes);
    }
    if (typeof s.to !== "number" || s.to % s.lanes !== 0) this.rounds(s, s.to, 1, 1);
    code.vector = undefined;
  }

  private rounds(
    s: Of<"loop">,
    to: Count | { readonly local: number },
    step: number,
    lanes: number,
  ): void {
    const { code } = this;
    const counter = code.counter(s.variable);
    const limit = () => {
      if (typeof to === "number") code.i32(to);
      else if ("local" in to) code.get(to.local);
      else code.get(end);
    };
    const end = code.local(I32);
    if (typeof to !== "number" && !("local" in to)) {
      this.count(to);
      code.set(end);
    }
    const outer = { lanes: code.lanes, loop: this.loop };
    if (s.lanes > 1) code.lanes = lanes;
    this.loop = s.variable;
    this.access.within(s.variable, addressesIn(s.body), () => {
      code.get(counter);
      limit();
      code.plain("i32LtS", "if", "empty", "loop", "empty");
      this.all(s.body);
      code.get(counter).i32(step).plain("i32Add").tee(counter);
      limit();
      code.plain("i32LtS").branchIf(0);
      code.plain("end", "end");
    });
    code.lanes = outer.lanes;
    this.loop = outer.loop;
  }

  /** Leaves the number of rounds on the stack. */
  private count(to: Count): void {
    const { code } = this;
    if (typeof to === "number") {
      code.i32(to);
      return;
    }
    if ("terms" in to) {
      code.sum(to.terms, to.plus);
      return;
    }
    this.count(to.total);
    const left = code.scratch(0);
    code.sum([to.start]).plain("i32Sub").set(left);
    code.get(left).i32(to.block).get(left).i32(to.block).plain("i32LtS", "select");
    if (to.times !== 1) code.i32(to.times).plain("i32Mul");
  }

  private fill({ buffer, at, length, value }: Of<"fill">): void {
    const { code } = this;
    const width = BYTES[buffer.dtype];
    const offset = this.offsets.get(buffer) as number;
    const start = code.scratch(0);
    code.sum(at).i32(width).plain("i32Mul").i32(offset).plain("i32Add");
    if (buffer.kind === "scratch") code.getScratch().plain("i32Add");
    code.set(start);
    if (value === 0) {
      code
        .get(start)
        .i32(0)
        .i32(length * width);
      code.plain("memory").bytes.byte(CODE.fill, 0);
      return;
    }
    const end = code.scratch(1);
    code
      .get(start)
      .i32(length * width)
      .plain("i32Add")
      .set(end);
    const pattern = new Uint8Array(16);
    const view = new DataView(pattern.buffer);
    if (buffer.dtype === "float64") view.setFloat64(0, value, true);
    else if (buffer.dtype === "float32") view.setFloat32(0, value, true);
    else view.setInt32(0, value, true);
    code.plain("loop", "empty");
    code.get(start).constantVector(pattern);
    code.memory(SIMD.storeLane[width as 4], 0).bytes.byte(0);
    code.get(start).i32(width).plain("i32Add").tee(start).get(end).plain("i32LtS").branchIf(0);
    code.plain("end");
  }

  /** Calls the function for the rows and columns that are left. */
  private tile(s: Tile): void {
    const { code, access } = this;
    const [a, b, c] = [code.scratch(3), code.scratch(4), code.scratch(5)];
    for (const [address, local] of [
      [s.a, a],
      [s.b, b],
      [s.c, c],
    ] as const) {
      access.address(address, this.loop, 0);
      code
        .i32(this.offsets.get(address.buffer) as number)
        .plain("i32Add")
        .set(local);
    }
    const call = (rows: number, columns: number) => {
      for (const local of [a, b, c]) code.get(local);
      this.count(s.depth);
      if (s.block !== undefined) code.get(code.counter(s.block));
      const name = tileName(tileUse(s, rows, columns, WASM.vectorBytes));
      code.call(this.tiles.get(name) as number);
    };
    this.choose(s.rows, 6, (rows) => this.choose(s.columns, 7, (columns) => call(rows, columns)));
  }

  /** One way for each extent that occurs. */
  private choose(extent: TileExtent, scratch: number, print: (n: number) => void): void {
    const { code } = this;
    const found = extentsOf(extent);
    if (found.length === 1) {
      print(found[0]);
      return;
    }
    const left = code.scratch(scratch);
    this.count(extent.count);
    code.get(code.counter(extent.at)).plain("i32Sub").set(left);
    found.forEach((n, i) => {
      if (i < found.length - 1)
        code
          .i32(n - 1)
          .get(left)
          .plain("i32LtS", "if", "empty");
      print(n);
      if (i < found.length - 1) code.plain("else");
    });
    for (let i = 1; i < found.length; i++) code.plain("end");
  }
}

/** The addresses that statements use directly, not inside loops among them. */
function addressesIn(statements: readonly Statement[]): Address[] {
  return statements.flatMap((s) => {
    if (s.kind === "let" && s.value.op === "load") return [s.value.leaf as Address];
    if (s.kind === "store") return [s.address];
    return s.kind === "tile" ? [s.a, s.b, s.c] : [];
  });
}
