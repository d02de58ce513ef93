/** Where each buffer lives. Buffers whose lives do not overlap share bytes. */
import { type Buffer, byteLength } from "./buffer.ts";
import type { Kernel } from "./loops/loops.ts";

export interface MemoryPlan {
  /** Byte offset of each buffer. */
  readonly offsets: ReadonlyMap<Buffer, number>;
  /** Bytes in all. */
  readonly size: number;
  /** Bytes that hold values only within a step. */
  readonly temporary: number;
}

const ALIGNMENT = 64;
const aligned = (n: number) => Math.ceil(n / ALIGNMENT) * ALIGNMENT;

/** Room left after each buffer, so that whole vectors may be read at its end. */
const MARGIN = 16;

/** First and last kernel that touch a buffer. */
interface Life {
  readonly buffer: Buffer;
  readonly from: number;
  readonly to: number;
}

/**
 * Places lasting buffers one after the other behind `reserved` bytes, and the others first-fit, largest
 * first.
 */
export function planMemory(
  kernels: readonly Kernel[],
  lasting: readonly Buffer[],
  reserved: number,
): MemoryPlan {
  const offsets = new Map<Buffer, number>();
  let base = aligned(reserved);
  for (const b of lasting) {
    offsets.set(b, base);
    base += aligned(byteLength(b) + MARGIN);
  }
  const placed: (Life & { offset: number; end: number })[] = [];
  let size = base;
  for (const life of livesOf(kernels, new Set(lasting))) {
    const bytes = aligned(byteLength(life.buffer) + MARGIN);
    const others = placed
      .filter((other) => other.from <= life.to && life.from <= other.to)
      .sort((a, b) => a.offset - b.offset);
    let offset = base;
    for (const other of others) {
      if (offset + bytes <= other.offset) break;
      offset = Math.max(offset, other.end);
    }
    placed.push({ ...life, offset, end: offset + bytes });
    offsets.set(life.buffer, offset);
    size = Math.max(size, offset + bytes);
  }
  return { offsets, size, temporary: size - base };
}

function livesOf(kernels: readonly Kernel[], lasting: ReadonlySet<Buffer>): Life[] {
  const lives = new Map<Buffer, Life>();
  kernels.forEach((kernel, i) => {
    for (const b of [...kernel.reads, ...kernel.writes, ...kernel.scratch]) {
      if (!lasting.has(b)) lives.set(b, { buffer: b, from: lives.get(b)?.from ?? i, to: i });
    }
  });
  return [...lives.values()].sort((a, b) => byteLength(b.buffer) - byteLength(a.buffer));
}
