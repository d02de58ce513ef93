/** Operations on the bits of int32 numbers, of which random numbers and exponents are made. */
import type { Integer } from "./ops.ts";
import { apply, type Operand } from "./tensor.ts";

const integer = (op: Integer) => (a: Operand, b: Operand) => apply(op, a, b);
/** The bits that both int32 operands have. */
export const and = integer("and");
/** The bits that either int32 operand has. */
export const or = integer("or");
/** The bits that one of two int32 operands has. */
export const xor = integer("xor");
/** Shift left by 0 to 31 bits. */
export const shl = integer("shl");
/** Shift right, filling with zeros. */
export const shr = integer("shr");
/** The remainder of int32 operands read as unsigned numbers. */
export const mod = integer("mod");
