/** Prints kernels as WebAssembly functions: statement by statement, deciding nothing. */
import { BYTES } from "../../tensor/index.ts";
import type { Buffer } from "../buffer.ts";
import type { Address, Count, Kernel, Statement, Variable } from "../loops/loops.ts";
import type { Scalar } from "../loops/scalar.ts";
import { Access } from "./access.ts";
import { Code } from "./code.ts";
import { type FunctionBody, I32 } from "./encode.ts";
import { CODE, SIMD } from "./opcodes.ts";
import { printAccumulate, printStart, printValue } from "./values.ts";

type Of<K extends Statement["kind"]> = Extract<Statement, { kind: K }>;

/** The numbers of the functions that store and that add tiles of each type. */
export type Tiles = Readonly<
  Record<"f32" | "f64", { readonly store: number; readonly add: number }>
>;

/** Locals that hold the arguments of a tile in the order they are taken from the stack. */
const TILE_SCRATCH = [3, 4, 5, 6, 7];

/** The function of one kernel; `tiles` says which functions compute tiles. */
export function printKernel(
  kernel: Kernel,
  offsets: ReadonlyMap<Buffer, number>,
  tiles: Tiles,
): FunctionBody {
  const printer = new Printer(offsets, tiles);
  printer.constants(kernel.body);
  printer.all(kernel.body);
  const { locals, bytes } = printer.code;
  return { type: { parameters: [] }, locals, code: bytes };
}

class Printer {
  readonly code = new Code();
  private readonly access: Access;
  private readonly offsets: ReadonlyMap<Buffer, number>;
  private readonly tiles: Tiles;
  private loop: Variable | undefined;

  constructor(offsets: ReadonlyMap<Buffer, number>, tiles: Tiles) {
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
      if (s.kind === "loop") s.body.forEach(walk);
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
      code.plain("i32LtS", "branchIf").bytes.unsigned(0);
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
    const left = code.scratch(0);
    code.i32(to.total).get(code.counter(to.from)).plain("i32Sub").set(left);
    code.get(left).i32(to.atMost).get(left).i32(to.atMost).plain("i32LtS", "select");
    if (to.times !== 1) code.i32(to.times).plain("i32Mul");
  }

  private fill(s: Of<"fill">): void {
    const { code } = this;
    const { buffer, value } = s;
    const offset = this.offsets.get(buffer) as number;
    const bytes = buffer.length * BYTES[buffer.dtype];
    if (value === 0) {
      code.i32(offset).i32(0).i32(bytes).plain("memory").bytes.byte(CODE.fill, 0);
      return;
    }
    const at = code.scratch(0);
    const pattern = new Uint8Array(16);
    const view = new DataView(pattern.buffer);
    for (let i = 0; i < 16; i += BYTES[buffer.dtype]) {
      if (buffer.dtype === "float64") view.setFloat64(i, value, true);
      else if (buffer.dtype === "float32") view.setFloat32(i, value, true);
      else view.setInt32(i, value, true);
    }
    code.i32(0).set(at).plain("loop", "empty");
    code.get(at).constantVector(pattern).memory(SIMD.store, offset);
    code.get(at).i32(16).plain("i32Add").tee(at).i32(bytes).plain("i32LtS", "branchIf");
    code.bytes.unsigned(0);
    code.plain("end");
  }

  private tile(s: Of<"tile">): void {
    const { code, access } = this;
    const width = s.type === "f32" ? 4 : 8;
    for (const address of [s.a, s.b, s.c]) {
      access.address(address, this.loop, 0);
      code.i32(this.offsets.get(address.buffer) as number).plain("i32Add");
    }
    this.count(s.depth);
    code.i32(s.rowStride * width);
    const { store, add } = this.tiles[s.type];
    if (s.block === undefined) {
      code.plain("call").bytes.unsigned(store);
      return;
    }
    const [stride, depth, c, b, a] = TILE_SCRATCH;
    for (const i of TILE_SCRATCH) code.set(code.scratch(i));
    const call = (f: number) => {
      for (const i of [a, b, c, depth, stride]) code.get(code.scratch(i));
      code.plain("call").bytes.unsigned(f);
    };
    code.get(code.counter(s.block)).plain("if", "empty");
    call(add);
    code.plain("else");
    call(store);
    code.plain("end");
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
