/** Random numbers of one chain on the host: functions of (seed, chain, step, number of the draw), nothing else. */
import { seedInputs, threefry } from "../../tensor/internal.ts";

/** Sets the counters of chains apart from those of `fold`. */
const CHAIN = 0x63686e00;

const UNIT = 2 ** -32;

/** The rotations of every other group of four rounds. */
const ODD = [13, 15, 26, 6] as const;
const EVEN = [17, 29, 16, 24] as const;

/**
 * Counter-based random numbers (Threefry-2x32-20; Salmon et al., SC 2011). After `seek(step)` the same numbers come
 * again, so a chain goes on from its state to the same bits, in whatever thread.
 */
export class ChainRandom {
  private readonly k0: number;
  private readonly k1: number;
  private step = 0;
  private count = 0;
  /** The second word of the last call, if it has not been used. */
  private spare = 0;
  private hasSpare = false;

  /** @throws SurmiseError if the seed is not a whole number from 0 to 2^53 - 1. */
  constructor(seed: number, chain: number) {
    const [s0, s1] = Object.values(seedInputs(seed));
    [this.k0, this.k1] = threefry(s0, s1, chain, CHAIN);
  }

  /** Begins the numbers of a step. */
  seek(step: number): void {
    this.step = step;
    this.count = 0;
    this.hasSpare = false;
  }

  /** Uniform in (0, 1), of 32 bits. */
  uniform(): number {
    return ((this.word() >>> 0) + 0.5) * UNIT;
  }

  /** Standard normal draws, two at a time (Box and Muller, 1958); they end at 6.7 in absolute value. */
  normals(out: Float64Array): void {
    for (let i = 0; i < out.length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(this.uniform()));
      const angle = 2 * Math.PI * this.uniform();
      out[i] = radius * Math.cos(angle);
      if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
    }
  }

  /** 32 random bits. */
  private word(): number {
    if (this.hasSpare) {
      this.hasSpare = false;
      return this.spare;
    }
    return this.block(this.step, this.count++);
  }

  /**
   * `threefry`, written out so that it allocates nothing: its first word is returned, the second kept. Equality with
   * it is tested.
   */
  private block(c0: number, c1: number): number {
    const { k0, k1 } = this;
    const k2 = k0 ^ k1 ^ 0x1bd11bda;
    let x = (c0 + k0) | 0;
    let y = (c1 + k1) | 0;
    for (let group = 1; group <= 5; group++) {
      const r = (group & 1) === 0 ? EVEN : ODD;
      x = (x + y) | 0;
      y = ((y << r[0]) | (y >>> (32 - r[0]))) ^ x;
      x = (x + y) | 0;
      y = ((y << r[1]) | (y >>> (32 - r[1]))) ^ x;
      x = (x + y) | 0;
      y = ((y << r[2]) | (y >>> (32 - r[2]))) ^ x;
      x = (x + y) | 0;
      y = ((y << r[3]) | (y >>> (32 - r[3]))) ^ x;
      const which = group % 3;
      x = (x + (which === 0 ? k0 : which === 1 ? k1 : k2)) | 0;
      y = (y + (which === 0 ? k1 : which === 1 ? k2 : k0) + group) | 0;
    }
    this.spare = y;
    this.hasSpare = true;
    return x;
  }
}
