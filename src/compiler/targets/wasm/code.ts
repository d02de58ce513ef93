/** A function under construction: instructions, and the locals that hold counters and values. */
import type { Accumulator, AffineTerm, Variable } from "../../loops/loops.ts";
import type { Scalar } from "../../scalar/language.ts";
import { Bytes, I32, PHASE_TYPE, V128 } from "./encode.ts";
import { CODE, SIMD } from "./opcodes.ts";

/** Instructions of one function, and its locals. */
export class Code {
  /** The instructions so far. */
  readonly bytes = new Bytes();
  /** The value types of the locals. */
  readonly locals: number[] = [];
  /** The counter of the vectorised loop now printed, if any. */
  vector: Variable | undefined;
  /** How many lanes are in use: one outside the vectorised loop and in its remainder. */
  lanes = 1;
  private readonly values = new Map<Scalar, number>();
  private readonly counters = new Map<Variable, number>();
  private readonly accumulators = {
    lower: new Map<Accumulator, number>(),
    upper: new Map<Accumulator, number>(),
  };
  private readonly scratches: number[] = [];
  private readonly parameters: number;

  constructor(parameters = 0) {
    this.parameters = parameters;
  }

  /** A new local of type I32 or V128. */
  local(type: number): number {
    this.locals.push(type);
    return this.parameters + this.locals.length - 1;
  }

  /** The local of a counter. */
  counter(v: Variable): number {
    return remember(this.counters, v, () => this.local(I32));
  }
  /** Of four lanes in float64, lanes 2 and 3 are in the `upper` half. */
  accumulator(a: Accumulator, half: "lower" | "upper" = "lower"): number {
    return remember(this.accumulators[half], a, () => this.local(V128));
  }
  /** Makes an argument the counter `v`. */
  parameter(v: Variable, number: number): void {
    this.counters.set(v, number);
  }
  /** One of a few i32 locals for use within one instruction sequence. */
  scratch(i: number): number {
    this.scratches[i] ??= this.local(I32);
    return this.scratches[i];
  }

  /** Instructions without operands. */
  plain(...names: readonly (keyof typeof CODE)[]): this {
    for (const name of names) this.bytes.byte(CODE[name]);
    return this;
  }
  /** `local.get`. */
  get(local: number): this {
    this.bytes.byte(CODE.getLocal).unsigned(local);
    return this;
  }
  /** `local.set`. */
  set(local: number): this {
    this.bytes.byte(CODE.setLocal).unsigned(local);
    return this;
  }
  /** `local.tee`. */
  tee(local: number): this {
    this.bytes.byte(CODE.teeLocal).unsigned(local);
    return this;
  }
  /** `i32.const`. */
  i32(value: number): this {
    this.bytes.byte(CODE.i32Const).signed(value);
    return this;
  }
  /** `call`. */
  call(f: number): this {
    this.bytes.byte(CODE.call).unsigned(f);
    return this;
  }
  /** Calls the phase whose number is on the stack, behind its argument. */
  callPhase(): this {
    this.bytes.byte(CODE.callIndirect).unsigned(PHASE_TYPE).unsigned(0);
    return this;
  }
  /** `br`. */
  branch(depth: number): this {
    this.bytes.byte(CODE.branch).unsigned(depth);
    return this;
  }
  /** `br_if`. */
  branchIf(depth: number): this {
    this.bytes.byte(CODE.branchIf).unsigned(depth);
    return this;
  }
  /** Where the scratch memory of this thread begins. */
  getScratch(): this {
    this.bytes.byte(CODE.getGlobal).unsigned(0);
    return this;
  }
  /** Sets the global that holds the place of scratch memory. */
  setScratch(): this {
    this.bytes.byte(CODE.setGlobal).unsigned(0);
    return this;
  }
  /** The 32-bit word at a fixed byte offset from the address on the stack. */
  word(offset: number): this {
    this.bytes.byte(CODE.loadWord).unsigned(2).unsigned(offset);
    return this;
  }
  /** A time without end, for `wait`. */
  forever(): this {
    this.bytes.byte(CODE.i64Const).signed(-1);
    return this;
  }
  /** An atomic instruction on a 32-bit word. */
  atomic(instruction: number): this {
    this.bytes.byte(CODE.atomic).unsigned(instruction).unsigned(2).unsigned(0);
    return this;
  }
  /** An instruction behind the SIMD prefix. */
  simd(instruction: number): this {
    this.bytes.byte(CODE.simd).unsigned(instruction);
    return this;
  }
  /** A SIMD instruction on one lane. */
  lane(instruction: number, lane: number): this {
    this.simd(instruction).bytes.byte(lane);
    return this;
  }
  /** A SIMD memory instruction at a fixed byte offset from the address on the stack. */
  memory(instruction: number, offset: number): this {
    this.simd(instruction).bytes.unsigned(0).unsigned(offset);
    return this;
  }
  /** `v128.const`. */
  constantVector(bytes: Uint8Array): this {
    this.simd(SIMD.const).bytes.append(bytes);
    return this;
  }
  /** Picks four 32-bit lanes out of two vectors (0-3 the first, 4-7 the second). */
  shuffle(lanes: readonly number[]): this {
    this.simd(SIMD.shuffle).bytes.byte(
      ...lanes.flatMap((l) => [4 * l, 4 * l + 1, 4 * l + 2, 4 * l + 3]),
    );
    return this;
  }

  /** Leaves the value of `x` on the stack. */
  value(x: Scalar): this {
    const local = this.values.get(x);
    if (local === undefined) throw new Error(`${x.op} is used before it is computed`);
    return this.get(local);
  }
  /** Keeps what is on the stack as the value of `x`. */
  setValue(x: Scalar): this {
    return this.set(remember(this.values, x, () => this.local(V128)));
  }
  /** Whether `x` has a local. */
  has(x: Scalar): boolean {
    return this.values.has(x);
  }

  /** Leaves the sum of `terms` and `plus` on the stack. */
  sum(terms: readonly AffineTerm[], plus = 0): this {
    let first = true;
    for (const { variable, factor } of terms) {
      if (factor === 0) continue;
      this.get(this.counter(variable));
      if (factor !== 1) this.i32(factor).plain("i32Mul");
      if (!first) this.plain("i32Add");
      first = false;
    }
    if (first) return this.i32(plus);
    return plus === 0 ? this : this.i32(plus).plain("i32Add");
  }
}

function remember<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
