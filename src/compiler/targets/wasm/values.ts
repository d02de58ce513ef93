/** Prints the values of a loop body: every value is a v128 local. */
import type { IndexExpr } from "../../loops/expressions.ts";
import { type Accumulator, neutral } from "../../loops/loops.ts";
import type { Scalar, ScalarOp, ScalarType } from "../../scalar/language.ts";
import type { Code } from "./code.ts";
import { CONVERSIONS, LANEWISE, SIMD } from "./opcodes.ts";

const laneBytes = (type: ScalarType): 4 | 8 =>
  type === "f64" || type === "i64" || type === "m64" ? 8 : 4;

/** Leaves a value on the stack. */
type Print = (code: Code, x: Scalar) => void;

/** One instruction on the arguments. */
const instruction: Print = (code, x) => {
  for (const arg of x.args) code.value(arg);
  code.simd(lanewise(x));
};

const shift: Print = (code, x) => {
  code.value(x.args[0]).i32(Number(x.value)).simd(lanewise(x));
};

const PRINT: Readonly<Record<ScalarOp, Print>> = {
  constant: constantLanes,
  index: (code, x) => index(code, x.leaf as IndexExpr),
  reduced: (code, x) => reduced(code, x.leaf as Accumulator),
  load: (_, { op }) => {
    throw new Error(`${op} is printed by the access to memory`);
  },
  select,
  convert: (code, x) => convert(code, x.args[0], x.type),
  bitcast: (code, x) => {
    code.value(x.args[0]);
  },
  shl: shift,
  shrU: shift,
  shrS: shift,
  mod,
  add: instruction,
  sub: instruction,
  mul: instruction,
  div: instruction,
  min: instruction,
  max: instruction,
  neg: instruction,
  abs: instruction,
  sqrt: instruction,
  floor: instruction,
  nearest: instruction,
  and: instruction,
  or: instruction,
  xor: instruction,
  not: instruction,
  lt: instruction,
  le: instruction,
  eq: instruction,
};

/** Sets the local of `x` from those of its arguments. */
export function printValue(code: Code, x: Scalar): void {
  PRINT[x.op](code, x);
  code.setValue(x);
}

function lanewise(x: Scalar): number {
  const found = LANEWISE[x.op]?.[x.args[0].type];
  if (found === undefined) throw new Error(`no instruction for ${x.op} of ${x.args[0].type}`);
  return found;
}

function constantLanes(code: Code, x: Scalar): void {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < 16; at += laneBytes(x.type)) {
    if (x.type === "f32") view.setFloat32(at, Number(x.value), true);
    else if (x.type === "f64") view.setFloat64(at, Number(x.value), true);
    else if (x.type === "i64") view.setBigInt64(at, BigInt(x.value as bigint), true);
    else view.setInt32(at, Number(x.value), true);
  }
  code.constantVector(bytes);
}

/** The same constant in each i32 lane, or 0, 1, 2, 3. */
function i32Lanes(code: Code, ...lanes: readonly number[]): void {
  code.constantVector(new Uint8Array(Int32Array.from(lanes).buffer));
}

/** `select(p < q, p, q)` and `select(p < q, q, p)` are one instruction each. */
function select(code: Code, x: Scalar): void {
  const [mask, a, b] = x.args;
  const [p, q] = mask.args;
  const shorter = mask.op === "lt" ? SIMD.choose[x.type as "f32"] : undefined;
  if (shorter !== undefined && a === p && b === q) code.value(q).value(p).simd(shorter.smaller);
  else if (shorter !== undefined && a === q && b === p) code.value(p).value(q).simd(shorter.larger);
  else code.value(a).value(b).value(mask).simd(SIMD.bitselect);
}

function index(code: Code, place: IndexExpr): void {
  code.sum(place.terms);
  code.simd(SIMD.splatI32);
  const step = place.terms.find((t) => t.variable === code.vector)?.factor ?? 0;
  if (code.lanes > 1 && step !== 0) {
    i32Lanes(code, 0, step, 2 * step, 3 * step);
    code.simd(SIMD.i32Add);
  }
}

function convert(code: Code, from: Scalar, to: ScalarType): void {
  const direct = CONVERSIONS[`${from.type}>${to}`];
  code.value(from);
  if (direct !== undefined) code.simd(direct);
  else if (from.type === "m64" && to === "m32") narrowMask(code, from);
  else if (from.type === "m32" && to === "i32") maskToNumber(code);
  else if (from.type === "m64" && to === "i32") {
    narrowMask(code, from);
    maskToNumber(code);
  } else if (from.type === "i32" && (to === "m32" || to === "m64")) {
    i32Lanes(code, 0, 0, 0, 0);
    code.simd(SIMD.i32NotEqual);
    if (to === "m64") code.simd(SIMD.i64FromMask);
  } else throw new Error(`no conversion from ${from.type} to ${to}`);
}

function maskToNumber(code: Code): void {
  i32Lanes(code, 1, 1, 1, 1);
  code.simd(SIMD.and);
}

/** Lanes 0 and 1 of a wide mask, to be found in lanes 0 and 1 (and 2 and 3) of the result. */
function narrowMask(code: Code, from: Scalar): void {
  code.value(from).shuffle([0, 2, 0, 2]);
}

/** The remainder of the lanes read as unsigned, lane by lane; of division by 0 it is 0. */
function mod(code: Code, x: Scalar): void {
  const [a, b] = x.args;
  const divisor = code.scratch(0);
  i32Lanes(code, 0, 0, 0, 0);
  for (let lane = 0; lane < code.lanes; lane++) {
    code.value(a).lane(SIMD.extractI32, lane);
    code.value(b).lane(SIMD.extractI32, lane).tee(divisor);
    code.i32(1).get(divisor).plain("select").plain("i32RemU");
    code.lane(SIMD.replaceI32, lane);
  }
  if (code.lanes === 1) {
    code.lane(SIMD.extractI32, 0).simd(SIMD.splatI32);
  }
}

function reduced(code: Code, accumulator: Accumulator): void {
  if (accumulator.wide) {
    code.get(code.accumulator(accumulator)).simd(CONVERSIONS["f64>f32"]);
    if (code.lanes <= 2) return;
    code.get(code.accumulator(accumulator, "upper")).simd(CONVERSIONS["f64>f32"]);
    code.shuffle([0, 1, 4, 5]);
    return;
  }
  const combine = combineCode(accumulator);
  const from = code.accumulator(accumulator);
  code.get(from);
  const swaps = SWAPS[`${accumulator.lanes} of ${laneBytes(accumulator.type)}`] ?? [];
  for (const swap of swaps)
    code.set(from).get(from).get(from).get(from).shuffle(swap).simd(combine);
}

/** Which 32-bit lanes are brought together to combine the lanes of an accumulator pairwise. */
const SWAPS: Readonly<Record<string, readonly (readonly number[])[]>> = {
  "4 of 4": [
    [2, 3, 0, 1],
    [1, 0, 3, 2],
  ],
  "2 of 4": [[1, 0, 3, 2]],
  "2 of 8": [[2, 3, 0, 1]],
};

/** The instruction that combines two partial results. */
export function combineCode(a: {
  readonly type: ScalarType;
  readonly combine: "sum" | "max";
}): number {
  const found = LANEWISE[a.combine === "sum" ? "add" : "max"]?.[a.type];
  if (found === undefined) throw new Error(`no ${a.combine} of ${a.type}`);
  return found;
}

/** Leaves two lanes of a float32 value on the stack, in float64. */
export function printWide(code: Code, value: Scalar, [a, b]: readonly number[]): void {
  code.value(value);
  if (a !== 0) code.value(value).shuffle([a, b, a, b]);
  code.simd(CONVERSIONS["f32>f64"]);
}

function halvesOf(lanes: number): readonly ("lower" | "upper")[] {
  return lanes > 2 ? ["lower", "upper"] : ["lower"];
}

/** Sets an accumulator to the neutral element of its combination. */
export function printStart(code: Code, a: Accumulator): void {
  if (a.wide) {
    for (const half of halvesOf(code.lanes)) {
      code.constantVector(new Uint8Array(16)).set(code.accumulator(a, half));
    }
    return;
  }
  const value = neutral(a.combine, a.type);
  constantLanes(code, { op: "constant", type: a.type, args: [], value, id: -1 });
  code.set(code.accumulator(a));
}

/** Adds a value to its accumulator; a single lane among many counts once. */
export function printAccumulate(code: Code, a: Accumulator, value: Scalar): void {
  if (a.wide) {
    for (const half of halvesOf(code.lanes)) {
      const into = code.accumulator(a, half);
      code.get(into);
      printWide(code, value, half === "lower" ? [0, 1] : [2, 3]);
      code.simd(LANEWISE.add?.f64 as number).set(into);
    }
    return;
  }
  const into = code.accumulator(a);
  code.get(into).value(value);
  if (a.lanes > 1 && code.lanes === 1 && a.combine === "sum") {
    if (laneBytes(a.type) === 8) i32Lanes(code, -1, -1, 0, 0);
    else i32Lanes(code, -1, 0, 0, 0);
    code.simd(SIMD.and);
  }
  code.simd(combineCode(a)).set(into);
}
