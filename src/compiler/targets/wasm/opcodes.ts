/** Instruction codes: plain ones, and those behind the SIMD prefix 0xfd (W3C core specification). */
import type { ScalarOp, ScalarType } from "../../scalar/language.ts";

/** Plain instructions. */
export const CODE = {
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  branch: 0x0c,
  branchIf: 0x0d,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  getLocal: 0x20,
  setLocal: 0x21,
  teeLocal: 0x22,
  getGlobal: 0x23,
  setGlobal: 0x24,
  loadWord: 0x28,
  loadByte: 0x2d,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32LtS: 0x48,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32DivU: 0x6e,
  i32RemU: 0x70,
  i32And: 0x71,
  i32Or: 0x72,
  empty: 0x40,
  memory: 0xfc,
  fill: 0x0b,
  simd: 0xfd,
  atomic: 0xfe,
} as const;

/** Behind the prefix 0xfe, on 32-bit words (threads proposal). */
export const ATOMIC = {
  notify: 0x00,
  wait: 0x01,
  load: 0x10,
  store: 0x17,
  add: 0x1e,
  compareExchange: 0x48,
} as const;

/** Instructions behind the prefix 0xfd. */
export const SIMD = {
  load: 0,
  loadSplat: { 2: 8, 4: 9, 8: 10 },
  store: 11,
  const: 12,
  shuffle: 13,
  splatI32: 17,
  extractI32: 27,
  replaceI32: 28,
  and: 78,
  bitselect: 82,
  loadLane: { 4: 86, 8: 87 },
  storeLane: { 1: 88, 2: 89, 4: 90, 8: 91 },
  loadZero: { 4: 92, 8: 93 },
  widenBytes: 137,
  widenShorts: 169,
  i32NotEqual: 56,
  i32Add: 174,
  i64FromMask: 199,
  /** The second operand if it is smaller (larger), else the first. */
  choose: { f32: { smaller: 0xea, larger: 0xeb }, f64: { smaller: 0xf6, larger: 0xf7 } },
} as const;

type ByType = Readonly<Partial<Record<ScalarType, number>>>;

const BITS = (code: number): ByType => ({ i32: code, i64: code, m32: code, m64: code });

/**
 * One SIMD instruction per (operation, type of the first operand). Operations that need more than
 * one instruction or an immediate (constants, loads, shifts, conversions, mod, `le` of i64 ...) are
 * printed by hand.
 */
export const LANEWISE: Readonly<Partial<Record<ScalarOp, ByType>>> = {
  add: { f32: 0xe4, f64: 0xf0, i32: 0xae, i64: 0xce },
  sub: { f32: 0xe5, f64: 0xf1, i32: 0xb1, i64: 0xd1 },
  mul: { f32: 0xe6, f64: 0xf2, i32: 0xb5 },
  div: { f32: 0xe7, f64: 0xf3 },
  min: { f32: 0xe8, f64: 0xf4, i32: 0xb6 },
  max: { f32: 0xe9, f64: 0xf5, i32: 0xb8 },
  neg: { f32: 0xe1, f64: 0xed },
  abs: { f32: 0xe0, f64: 0xec },
  sqrt: { f32: 0xe3, f64: 0xef },
  floor: { f32: 0x68, f64: 0x75 },
  nearest: { f32: 0x6a, f64: 0x94 },
  and: BITS(78),
  or: BITS(80),
  xor: BITS(81),
  not: { m32: 77, m64: 77 },
  eq: { f32: 65, f64: 71, i32: 55, i64: 0xd6 },
  lt: { f32: 67, f64: 73, i32: 57, i64: 0xd8 },
  le: { f32: 69, f64: 75, i32: 61, i64: 0xda },
  shl: { i32: 0xab, i64: 0xcb },
  shrS: { i32: 0xac, i64: 0xcc },
  shrU: { i32: 0xad, i64: 0xcd },
};

/** Value conversions of one instruction, as `from>to`. */
export const CONVERSIONS: Readonly<Record<string, number>> = {
  "f32>f64": 95,
  "f64>f32": 94,
  "f32>i32": 0xf8,
  "f64>i32": 0xfc,
  "i32>f32": 0xfa,
  "i32>f64": 0xfe,
  "m32>m64": 199,
};
