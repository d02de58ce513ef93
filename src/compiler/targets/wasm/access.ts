/** Prints reads and writes of memory, whole vectors or single lanes. */
import { BYTES, type DType } from "../../../tensor/internal.ts";
import type { Buffer } from "../../buffer.ts";
import type { Address, AffineTerm, Combine } from "../../loops/loops.ts";
import { factor } from "../../loops/order.ts";
import type { Scalar } from "../../scalar/language.ts";
import type { Code } from "./code.ts";
import { I32 } from "./encode.ts";
import { CODE, SIMD } from "./opcodes.ts";
import { combineCode, printWide } from "./values.ts";

/** How consecutive lanes of the vectorised loop lie in memory. */
type Shape = "single" | "contiguous" | "scattered";

/** Prints loads and stores, with the addresses they need. */
export class Access {
  private readonly code: Code;
  private readonly offsets: ReadonlyMap<Buffer, number>;
  /** Sums of terms that do not change in the loop now printed, by their description. */
  private hoisted = new Map<string, number>();
  /** The address of one lane, while it is used. */
  private readonly here: number;

  constructor(code: Code, offsets: ReadonlyMap<Buffer, number>) {
    this.code = code;
    this.offsets = offsets;
    this.here = code.local(I32);
  }

  /**
   * Computes before a loop over `variable` what stays the same in it: runs `print` with those sums
   * at hand, and forgets them afterwards.
   */
  within(variable: AffineTerm["variable"], addresses: readonly Address[], print: () => void): void {
    const outer = this.hoisted;
    this.hoisted = new Map();
    for (const a of addresses) {
      const name = this.describe(a, variable);
      if (name === "" || this.hoisted.has(name)) continue;
      const local = this.code.local(I32);
      this.code.sum(fixedTerms(a, variable), a.offset);
      if (this.panelIsFixed(a, variable)) this.panel(a.panel, 0);
      this.code.set(local);
      this.hoisted.set(name, local);
    }
    print();
    this.hoisted = outer;
  }

  /** Leaves on the stack what `x` reads, for the lanes of `loop`. */
  load(x: Scalar, loop: AffineTerm["variable"] | undefined): void {
    const address = x.leaf as Address;
    const { dtype } = address.buffer;
    const code = this.code;
    const { lanes } = code;
    const shape = this.shape(address);
    if (shape === "single") {
      this.address(address, loop, 0);
      this.loadSplat(address, dtype);
    } else if (shape === "contiguous") {
      this.address(address, loop, 0);
      this.loadVector(address, dtype, lanes);
    } else {
      code.constantVector(new Uint8Array(16));
      code.setValue(x);
      for (let lane = 0; lane < lanes; lane++) {
        this.address(address, loop, lane);
        if (dtype === "uint8") {
          code.set(this.here).value(x).get(this.here);
          this.byte(address);
          code.lane(SIMD.replaceI32, lane);
        } else {
          code.value(x).memory(SIMD.loadLane[BYTES[dtype] as 4], this.offset(address));
          code.bytes.byte(lane);
        }
        code.setValue(x);
      }
      return;
    }
    code.setValue(x);
  }

  /** Writes what is on the stack. */
  store(
    address: Address,
    value: Scalar,
    combine: Combine | undefined,
    loop: AffineTerm["variable"] | undefined,
  ): void {
    const { lanes } = this.code;
    const shape = this.shape(address);
    if (address.buffer.dtype === "float64" && value.type === "f32") {
      this.addWide(address, value, loop, shape);
      return;
    }
    const count = shape === "contiguous" || lanes === 1 ? 1 : lanes;
    for (let lane = 0; lane < count; lane++) {
      this.address(address, loop, shape === "scattered" ? lane : 0);
      this.code.tee(this.here);
      if (combine === undefined) this.code.value(value);
      else this.combined(address, value, combine, shape === "contiguous" ? lanes : 1);
      if (shape === "contiguous") this.storeVector(address, lanes);
      else this.storeLane(address, lane);
    }
  }

  /** Adds float32 lanes to float64 elements, two at a time if these are neighbours. */
  private addWide(
    address: Address,
    value: Scalar,
    loop: AffineTerm["variable"] | undefined,
    shape: Shape,
  ): void {
    const { code } = this;
    const pairs = shape === "contiguous";
    const offset = this.offset(address);
    for (let lane = 0; lane < code.lanes; lane += pairs ? 2 : 1) {
      this.address(address, loop, shape === "single" ? 0 : lane);
      code.tee(this.here).get(this.here);
      if (pairs) code.memory(SIMD.load, offset);
      else code.memory(SIMD.loadSplat[8], offset);
      printWide(code, value, [lane, lane + (pairs ? 1 : 0)]);
      code.simd(combineCode({ type: "f64", combine: "sum" }));
      if (pairs) code.memory(SIMD.store, offset);
      else code.memory(SIMD.storeLane[8], offset).bytes.byte(0);
    }
  }

  private combined(address: Address, value: Scalar, combine: Combine, lanes: number): void {
    const code = this.code;
    code.get(this.here);
    if (lanes > 1) this.loadVector(address, address.buffer.dtype, lanes);
    else this.loadSplat(address, address.buffer.dtype);
    code.value(value).simd(combineCode({ type: value.type, combine }));
  }

  private loadSplat(address: Address, dtype: DType): void {
    if (dtype === "uint8") {
      this.byte(address);
      this.code.simd(SIMD.splatI32);
    } else this.code.memory(SIMD.loadSplat[BYTES[dtype] as 4], this.offset(address));
  }

  private byte(address: Address): void {
    this.code.bytes.byte(CODE.loadByte).unsigned(0).unsigned(this.offset(address));
  }

  private loadVector(address: Address, dtype: DType, lanes: number): void {
    const code = this.code;
    const offset = this.offset(address);
    const bytes = lanes * BYTES[dtype];
    if (bytes === 16) code.memory(SIMD.load, offset);
    else if (bytes === 8) code.memory(SIMD.loadZero[8], offset);
    else {
      code.memory(bytes === 4 ? SIMD.loadZero[4] : SIMD.loadSplat[2], offset);
      code.simd(SIMD.widenBytes).simd(SIMD.widenShorts);
    }
  }

  private storeVector(address: Address, lanes: number): void {
    const code = this.code;
    const { dtype } = address.buffer;
    const offset = this.offset(address);
    const bytes = lanes * BYTES[dtype];
    if (dtype === "uint8") {
      const packed = [0, 4, 8, 12, ...new Array(12).fill(0)];
      code
        .constantVector(new Uint8Array(16))
        .simd(SIMD.shuffle)
        .bytes.byte(...packed);
      code.memory(SIMD.storeLane[bytes as 4], offset).bytes.byte(0);
    } else if (bytes === 16) code.memory(SIMD.store, offset);
    else code.memory(SIMD.storeLane[8], offset).bytes.byte(0);
  }

  private storeLane(address: Address, lane: number): void {
    const { dtype } = address.buffer;
    const width = BYTES[dtype];
    const at = dtype === "uint8" ? 4 * lane : lane;
    this.code.memory(SIMD.storeLane[width as 4], this.offset(address)).bytes.byte(at);
  }

  private offset(address: Address): number {
    const offset = this.offsets.get(address.buffer);
    if (offset === undefined) throw new Error(`${address.buffer.name} has no place in memory`);
    return offset;
  }

  private shape(address: Address): Shape {
    const { lanes, vector: v } = this.code;
    if (lanes === 1 || v === undefined) return "single";
    if (address.positions.some((p) => p.perLane)) return "scattered";
    const step = factor(address.terms, v);
    const inPanel = address.panel === undefined ? 0 : factor(address.panel.terms, v);
    if (step === 0 && inPanel === 0) return "single";
    if (inPanel === 0) return step === 1 ? "contiguous" : "scattered";
    const { terms, width } = address.panel as NonNullable<Address["panel"]>;
    const whole = terms.every((t) => t.variable === v || t.factor % lanes === 0);
    const fits = step === 0 && inPanel === 1 && whole && width % lanes === 0;
    return fits ? "contiguous" : "scattered";
  }

  /** Leaves on the stack the byte address of lane `lane`, without the buffer's offset. */
  address(a: Address, loop: AffineTerm["variable"] | undefined, lane: number): void {
    const code = this.code;
    const bytes = BYTES[a.buffer.dtype];
    const local = loop === undefined ? undefined : this.hoisted.get(this.describe(a, loop));
    if (local === undefined) {
      code.sum(a.terms, a.offset);
      if (a.panel !== undefined) this.panel(a.panel, lane);
    } else {
      code.get(local);
      const moving = a.terms.filter((t) => t.variable === loop && t.factor !== 0);
      if (moving.length > 0) code.sum(moving).plain("i32Add");
      if (a.panel !== undefined && !this.panelIsFixed(a, loop)) this.panel(a.panel, lane);
    }
    const v = code.vector;
    const step = lane === 0 || v === undefined ? 0 : factor(a.terms, v) * lane;
    if (step !== 0) code.i32(step).plain("i32Add");
    for (const p of a.positions) this.position(p, p.perLane ? lane : 0);
    if (bytes !== 1) code.i32(bytes).plain("i32Mul");
    if (a.buffer.kind === "scratch") code.getScratch().plain("i32Add");
  }

  /** Adds a position computed in the loop, moved into its axis. */
  private position(p: Address["positions"][number], lane: number): void {
    const code = this.code;
    const at = code.scratch(1);
    code.value(p.position).lane(SIMD.extractI32, lane).set(at);
    code.get(at).i32(0).i32(0).get(at).plain("i32LtS", "select").set(at);
    code
      .get(at)
      .i32(p.size - 1)
      .get(at)
      .i32(p.size - 1)
      .plain("i32LtS", "select");
    if (p.factor !== 1) code.i32(p.factor).plain("i32Mul");
    code.plain("i32Add");
  }

  private panel(panel: NonNullable<Address["panel"]>, lane: number): void {
    const code = this.code;
    const at = code.scratch(2);
    code.sum(panel.terms);
    const v = code.vector;
    const step = lane === 0 || v === undefined ? 0 : factor(panel.terms, v) * lane;
    if (step !== 0) code.i32(step).plain("i32Add");
    code.set(at);
    code.get(at).i32(panel.width).plain("i32DivU").i32(panel.stride).plain("i32Mul", "i32Add");
    code.get(at).i32(panel.width).plain("i32RemU", "i32Add");
  }

  /** Whether all lanes of an address stay in one place of a panel in a loop over `variable`. */
  private panelIsFixed(
    a: Address,
    variable: AffineTerm["variable"] | undefined,
  ): a is Address & { readonly panel: NonNullable<Address["panel"]> } {
    if (a.panel === undefined || variable === undefined) return false;
    return factor(a.panel.terms, variable) === 0 && this.shape(a) !== "scattered";
  }

  /** Equal for addresses with the same fixed part in a loop over `variable`; empty without one. */
  private describe(a: Address, variable: AffineTerm["variable"]): string {
    const list = (terms: readonly AffineTerm[]) =>
      terms.map((t) => `${this.code.counter(t.variable)}*${t.factor}`).join("+");
    const offset = a.offset ? ` + ${a.offset}` : "";
    const fixed = list(fixedTerms(a, variable)) + offset;
    if (!this.panelIsFixed(a, variable)) return fixed;
    return `${fixed} / ${list(a.panel.terms)} ${a.panel.width} ${a.panel.stride}`;
  }
}

/** The terms of an address that a loop over `variable` does not change. */
function fixedTerms(a: Address, variable: AffineTerm["variable"]): readonly AffineTerm[] {
  return a.terms.filter((t) => t.variable !== variable && t.factor !== 0);
}
