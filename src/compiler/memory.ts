/** Where each buffer lives. Buffers whose lives do not overlap share bytes. */
import { type Buffer, byteLength } from "./buffer.ts";
import type { Kernel, Repeat } from "./loops/loops.ts";

/** The offsets of all buffers; buffers whose lives do not overlap share bytes. */
export interface MemoryPlan {
  /** Byte offset of each buffer; of scratch, from the start of each thread's own bytes. */
  readonly offsets: ReadonlyMap<Buffer, number>;
  /** Bytes in all, without those of threads. */
  readonly size: number;
  /** Bytes that each thread needs for itself. */
  readonly scratch: number;
  /** Bytes of buffers that hold values from one step to the next. */
  readonly lasting: number;
  /** Bytes that hold values only within a step. */
  readonly temporary: number;
}

const ALIGNMENT = 64;
const aligned = (n: number) => Math.ceil(n / ALIGNMENT) * ALIGNMENT;

/** Room left after each buffer, so that whole vectors and rows of tiles may be read at its end. */
const MARGIN = 128;

/** First and last kernel that touch a buffer. */
interface Life {
  readonly buffer: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Bytes in which one buffer lives after another. */
interface Slot {
  readonly offset: number;
  readonly end: number;
  /** In order; no two at a time. */
  readonly lives: Life[];
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
  const slots: Slot[] = [];
  let size = base;
  for (const life of livesOf(kernels, new Set(lasting))) {
    const bytes = aligned(byteLength(life.buffer) + MARGIN);
    const offset = firstFit(slots, life, bytes, base);
    occupy(slots, { offset, end: offset + bytes }, life);
    offsets.set(life.buffer, offset);
    size = Math.max(size, offset + bytes);
  }
  const scratch = placeScratch(kernels, offsets);
  const held = lasting.reduce((n, b) => n + byteLength(b), 0);
  return { offsets, size, scratch, lasting: held, temporary: size - base };
}

/** The first place of so many bytes from `base` on that is free during a life; `slots` by their offsets. */
function firstFit(slots: readonly Slot[], life: Life, bytes: number, base: number): number {
  let offset = base;
  for (const slot of slots) {
    if (slot.end <= offset) continue;
    if (offset + bytes <= slot.offset) break;
    const before = slot.lives[countWhere(slot.lives, (other) => other.from <= life.to) - 1];
    if (before !== undefined && before.to >= life.from) offset = slot.end;
  }
  return offset;
}

/** Notes that a buffer lives in a place that is free for it. */
function occupy(slots: Slot[], { offset, end }: Omit<Slot, "lives">, life: Life): void {
  const isBefore = (s: Slot) => s.offset < offset || (s.offset === offset && s.end < end);
  const at = countWhere(slots, isBefore);
  if (slots[at]?.offset !== offset || slots[at].end !== end) {
    slots.splice(at, 0, { offset, end, lives: [] });
  }
  const { lives } = slots[at];
  lives.splice(
    countWhere(lives, (other) => other.from < life.from),
    0,
    life,
  );
}

/** How many elements a list begins with for which `holds`; it holds for none behind them. */
function countWhere<T>(list: readonly T[], holds: (x: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Places the scratch of each kernel, one buffer after the other; returns the most any kernel needs. */
function placeScratch(kernels: readonly Kernel[], offsets: Map<Buffer, number>): number {
  let most = 0;
  for (const { scratch } of kernels) {
    let end = 0;
    for (const b of scratch.filter((x) => x.kind === "scratch")) {
      offsets.set(b, end);
      end += aligned(byteLength(b) + MARGIN);
    }
    most = Math.max(most, end);
  }
  return most;
}

/** The first and last kernel of everything that is repeated. */
function spansOf(kernels: readonly Kernel[]): (readonly [Repeat, number, number])[] {
  const spans = new Map<Repeat, { from: number; to: number }>();
  kernels.forEach(({ repeats }, i) => {
    for (const repeat of repeats) {
      spans.set(repeat, { from: spans.get(repeat)?.from ?? i, to: i });
    }
  });
  return [...spans].map(([repeat, { from, to }]) => [repeat, from, to]);
}

function livesOf(kernels: readonly Kernel[], lasting: ReadonlySet<Buffer>): Life[] {
  const lives = new Map<Buffer, Life>();
  kernels.forEach((kernel, i) => {
    for (const b of [...kernel.reads, ...kernel.writes, ...kernel.scratch]) {
      if (b.kind === "scratch" || lasting.has(b)) continue;
      lives.set(b, { buffer: b, from: lives.get(b)?.from ?? i, to: i });
    }
  });
  for (const [repeat, from, to] of spansOf(kernels)) {
    for (const b of repeat.outside) {
      const life = lives.get(b);
      if (life === undefined) continue;
      lives.set(b, { buffer: b, from: Math.min(life.from, from), to: Math.max(life.to, to) });
    }
  }
  return [...lives.values()].sort((a, b) => byteLength(b.buffer) - byteLength(a.buffer));
}
