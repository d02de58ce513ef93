/**
 * Operands of matrix products as tiles read them: where they lie, or packed, if they have to be computed
 * or do not lie as needed.
 */
import { type Axis, type DType, sameAxes, sizeOf, type Tensor } from "../../../tensor/internal.ts";
import { type Buffer, buffer } from "../../buffer.ts";
import type { Product } from "../../graph/product.ts";
import { stepsOf } from "../../strides.ts";
import { blockSize, flatStride, type TileDim } from "./dims.ts";

/** `along` elements to the next row or column, `deep` to the next step of the contraction. */
export interface Operand {
  /** The expression. */
  readonly value: Tensor;
  /** Its rows or columns. */
  readonly side: TileDim;
  /** Rows or columns of a tile, and of a panel. */
  readonly width: number;
  /** Where it lies, or the panels it is packed into. */
  readonly buffer: Buffer;
  /** In elements. */
  readonly along: number;
  /** In elements. */
  readonly deep: number;
  /** How it is packed, if it is. */
  readonly packing: Packing;
}

/** Not packed, packed block by block, once for all blocks, or by a product that came before. */
export type Packing = "none" | "block" | "whole" | "before";

/** What a product says of an operand. */
export interface Wanted {
  /** The expression. */
  readonly value: Tensor;
  /** Its rows or columns. */
  readonly side: TileDim;
  /** The contraction. */
  readonly depth: TileDim;
  /** Rows or columns of a tile. */
  readonly width: number;
  /** The type of the product. */
  readonly dtype: DType;
  /** Whether neighbouring columns must be neighbours in memory, to be read as vectors. */
  readonly asVectors: boolean;
  /** Whether threads may read the same copy. */
  readonly isCommon: boolean;
}

/** Operands with more elements are packed block by block, not as a whole. */
const MOST_PACKED = 2 ** 24;

/** Finds the operands of the products of one schedule. */
export class Operands {
  private readonly buffers: ReadonlyMap<Tensor, Buffer>;
  private readonly contractions = new Map<Tensor, (readonly Axis[])[]>();
  private readonly kept: { readonly operand: Operand; readonly depth: TileDim }[] = [];

  constructor(buffers: ReadonlyMap<Tensor, Buffer>, products: readonly Product[]) {
    this.buffers = buffers;
    for (const { left, right, contracted } of products) {
      for (const x of [left, right]) {
        this.contractions.set(x, [...(this.contractions.get(x) ?? []), contracted]);
      }
    }
  }

  /** The operand as it will be when a product runs that is lowered after all those asked for before. */
  find(wanted: Wanted): Operand {
    return this.inPlace(wanted) ?? this.packedBefore(wanted) ?? this.packed(wanted);
  }

  /** The axes of the contraction as they lie in memory in the larger operand, outermost first. */
  depthOrder({ left, right, contracted }: Product): readonly Axis[] {
    if (contracted.length === 1) return contracted;
    const larger = sizeOf(right.axes) > sizeOf(left.axes) ? right : left;
    const steps = stepsOf(larger, this.buffers);
    return [...contracted].sort((a, b) => (steps.get(b) ?? 0) - (steps.get(a) ?? 0));
  }

  private inPlace({ value, side, depth, width, dtype, asVectors }: Wanted): Operand | undefined {
    const stored = this.buffers.get(value);
    if (stored === undefined || stored.dtype !== dtype) return undefined;
    const along = flatStride(stored, side.axes);
    const deep = flatStride(stored, depth.axes);
    if (along === undefined || deep === undefined || (asVectors && along !== 1)) return undefined;
    return { value, side, width, buffer: stored, along, deep, packing: "none" };
  }

  private packedBefore({ value, side, depth, width }: Wanted): Operand | undefined {
    const same = (x: readonly Axis[], y: readonly Axis[]) =>
      x.length === y.length && x.every((a, i) => a === y[i]);
    if (!beginsWithPanels(side, width)) return undefined;
    const found = this.kept.find(
      (k) =>
        k.operand.value === value &&
        k.operand.width === width &&
        same(k.operand.side.axes, side.axes) &&
        same(k.depth.axes, depth.axes),
    );
    return found && { ...found.operand, side, packing: "before" };
  }

  private packed(wanted: Wanted): Operand {
    const { value, side, depth, width, dtype, asVectors, isCommon } = wanted;
    const isSmall = side.size * depth.size <= MOST_PACKED;
    const isKept =
      isCommon &&
      asVectors &&
      isSmall &&
      beginsWithPanels(side, width) &&
      this.isWantedAgain(wanted);
    const inBlock = !isKept && (side.counter !== undefined || !isSmall);
    const steps = inBlock ? blockSize(depth) : depth.size;
    const length = roundUp(inBlock ? blockSize(side) : side.size, width) * steps;
    const kind = isKept || (isCommon && !inBlock) ? "temporary" : "scratch";
    const panels = buffer("panels", kind, dtype, [], length);
    const asRows = !asVectors && this.liesDeep(value, depth);
    const strides = asRows ? { along: steps, deep: 1 } : { along: 1, deep: width };
    const packing = inBlock ? "block" : "whole";
    const operand = { value, side, width, buffer: panels, ...strides, packing } as const;
    if (isKept) this.kept.push({ operand, depth });
    return operand;
  }

  private isWantedAgain({ value, depth }: Wanted): boolean {
    const uses = this.contractions.get(value) ?? [];
    return uses.filter((axes) => sameAxes(axes, depth.axes)).length > 1;
  }

  /** Whether most of what a value is computed from lies along the contraction. */
  private liesDeep(value: Tensor, depth: TileDim): boolean {
    let score = 0;
    const seen = new Set<Tensor>([value]);
    for (const x of seen) {
      const stored = this.buffers.get(x);
      if (stored === undefined) {
        for (const below of x.inputs) seen.add(below);
        continue;
      }
      const innermost = stored.order.findLast((a) => a.size > 1 && value.axes.includes(a));
      if (innermost === undefined) continue;
      score += sizeOf(stored.order) * (depth.axes.includes(innermost) ? 1 : -1);
    }
    return score > 0;
  }
}

/** Whether each block of a side begins where a panel does. */
function beginsWithPanels(s: TileDim, width: number): boolean {
  return s.counter === undefined || blockSize(s) % width === 0;
}

/** The least multiple of `to` that is at least `n`. */
export function roundUp(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}
