/** Sums with bounds that hold for every order of the terms, and every grouping in short chains. */
import { isFloat, type Tensor } from "../../tensor/internal.ts";
import { CHAIN } from "../loops/loops.ts";
import { LONGEST_IN_TILE } from "../loops/product/tiling.ts";
import { type Precision, precisionOf } from "./precision.ts";
import { type BoundedValues, blank } from "./values.ts";

/**
 * Float32 numbers that are added up meet at most so many roundings, however many they are: in a register,
 * between its lanes, in memory, and when a float64 sum of such sums is rounded.
 */
const LONGEST = 2 * CHAIN + 16;

/**
 * Adds up terms element by element. Adding n terms in any order rounds at most n - 1 times, each
 * time a number no larger than the sum of the |terms|; the bound allows n times. The one to spare,
 * and that every term already carries the rounding of its own product, covers factors that are
 * pulled out of the sum, and sums over several axes done one after the other. Long sums of float32 are
 * bounded by what is done one after the other, in loops or in the tiles of matrix products.
 */
export class Total {
  private readonly result: BoundedValues;
  private readonly p: Precision;
  private readonly termsEach: number;
  private readonly count: Int32Array;
  private readonly mass: Float64Array;
  private readonly spread: Float64Array;
  /** 0 nothing yet, 1 all finite, 2 all of one infinite kind (or NaN), 3 a mixture. */
  private readonly kind: Uint8Array;
  /** Whether all terms are whole and exact. */
  private readonly whole: Uint8Array;
  private readonly longest: number;

  /** Each term stands for `termsEach` terms of sums that may be merged with this one. */
  constructor(node: Tensor, termsEach = 1) {
    this.result = blank(node);
    this.p = precisionOf(node.dtype);
    this.termsEach = termsEach;
    const n = this.result.values.length;
    this.count = new Int32Array(n);
    this.mass = new Float64Array(n);
    this.spread = new Float64Array(n);
    this.kind = new Uint8Array(n);
    this.whole = new Uint8Array(n).fill(1);
    const inTile = mayBeProduct(node) ? LONGEST_IN_TILE : 0;
    this.longest = node.dtype === "float32" ? LONGEST + inTile : Number.POSITIVE_INFINITY;
  }

  /** Adds `term` +- `error` to element `i`; `mass` is the sum of |terms| it stands for. */
  add(i: number, term: number, error: number, spread: number, mass = Math.abs(term) + error): void {
    const { values, error: errors } = this.result;
    this.count[i] += this.termsEach;
    errors[i] += error;
    this.spread[i] += spread;
    if (Number.isFinite(term)) {
      this.mass[i] += mass;
      this.kind[i] |= 1;
    } else {
      const same = Object.is(values[i], term) || this.kind[i] === 0;
      this.kind[i] |= same ? 2 : 3;
    }
    if (error > 0 || !Number.isInteger(term)) this.whole[i] = 0;
    values[i] = this.kind[i] === 2 ? term : values[i] + term;
  }

  /** The sums; `products` says whether the terms are products, whose factors may be pulled out. */
  finish(products: boolean): BoundedValues {
    const { result, p } = this;
    const { values, error } = result;
    for (let i = 0; i < values.length; i++) {
      if (!isFloat(result.dtype)) {
        values[i] |= 0;
        continue;
      }
      if (error[i] === Number.POSITIVE_INFINITY) continue;
      const largest = products ? this.spread[i] : this.mass[i];
      if (this.kind[i] > 1) {
        const sure = this.kind[i] === 2 || (!products && largest <= p.huge);
        error[i] = sure ? 0 : Number.POSITIVE_INFINITY;
        continue;
      }
      const exact = this.whole[i] === 1 && this.mass[i] <= p.whole;
      const roundings = Math.min(this.count[i], this.longest);
      if (!exact && roundings > 1) error[i] += roundings * p.unit * this.mass[i];
      if (!(largest + error[i] <= p.huge)) error[i] = Number.POSITIVE_INFINITY;
    }
    if (!isFloat(result.dtype)) return result;
    const terms = this.count.reduce((a, b) => Math.max(a, b), 1);
    return { ...result, spread: this.spread, mass: this.mass, terms };
  }
}

/** Whether a sum may become a matrix product when factors and sums are rearranged. */
function mayBeProduct({ op, inputs }: Tensor): boolean {
  const passes = ["sum", "neg", "stopGradient", "straightThrough"].includes(op);
  return op === "mul" || op === "div" || (passes && mayBeProduct(inputs[0]));
}
