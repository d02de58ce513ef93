/** Where temporaries lie: against first fit as it is defined, over all that lives at the same time. */
import { expect, test } from "vitest";
import { type Buffer, buffer, byteLength } from "../../src/compiler/buffer.ts";
import type { Kernel } from "../../src/compiler/index.ts";
import { planMemory } from "../../src/compiler/memory.ts";
import { Dice } from "../fuzz/data.ts";

interface Life {
  readonly buffer: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Random temporaries, each written by one kernel and read by another, or the same. */
function program(dice: Dice): { readonly lives: readonly Life[]; readonly kernels: Kernel[] } {
  const count = 1 + dice.below(40);
  const lives = Array.from({ length: 1 + dice.below(60) }, (_, i) => {
    const from = dice.below(count);
    const length = 1 + dice.below(4) * dice.below(300);
    const to = Math.min(count - 1, from + dice.below(6));
    return { buffer: buffer(`b${i}`, "temporary", "float32", [], length), from, to };
  });
  const kernels = Array.from({ length: count }, (_, k): Kernel => {
    const reads = lives.filter(({ to }) => to === k).map((life) => life.buffer);
    const writes = lives.filter(({ from }) => from === k).map((life) => life.buffer);
    const cost = { flops: 0, bytes: 0 };
    const rest = { prologue: false, repeats: [], summary: "", axes: "", body: [], scratch: [] };
    return { name: `k${k}`, reads, writes, cost, ...rest };
  });
  return { lives, kernels };
}

test("temporaries lie in the first place that is free, the largest first", () => {
  const dice = new Dice(1, 0);
  for (let round = 0; round < 100; round++) {
    const { lives, kernels } = program(dice);
    const { offsets } = planMemory(kernels, [], 0);
    const order = kernels.flatMap(({ reads, writes }) => [...reads, ...writes]);
    const placed: (Life & { readonly offset: number; readonly end: number })[] = [];
    const ordered = [...lives]
      .sort((a, b) => order.indexOf(a.buffer) - order.indexOf(b.buffer))
      .sort((a, b) => byteLength(b.buffer) - byteLength(a.buffer));
    for (const life of ordered) {
      const bytes = 64 * Math.ceil((byteLength(life.buffer) + 128) / 64);
      let offset = 0;
      const others = placed
        .filter((other) => other.from <= life.to && life.from <= other.to)
        .sort((a, b) => a.offset - b.offset);
      for (const other of others) {
        if (offset + bytes <= other.offset) break;
        offset = Math.max(offset, other.end);
      }
      placed.push({ ...life, offset, end: offset + bytes });
      expect(offsets.get(life.buffer)).toBe(offset);
    }
  }
});
