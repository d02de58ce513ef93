/** Random numbers of one chain on the host: functions of (seed, chain, step, number of the draw), nothing else. */
import { seedInputs, threefry } from "../../tensor/internal.ts";

/** Sets the counters of chains apart from those of `fold`. */
const CHAIN = 0x63686e00;

/** The number in (0, 1) that a word of 32 bits stands for. */
function unit(word: number): number {
  return ((word >>> 0) + 0.5) * 2 ** -32;
}

/** Where the last layer of the ziggurat ends, and the area of each layer. */
const [EDGE, AREA] = [3.442619855899, 9.91256303526217e-3];
/** For each layer: the density at its end, its width for a word of 1, and the words that are under the curve. */
const [DENSITY, WIDTH, INSIDE] = ziggurat();

function ziggurat(): readonly [Float64Array, Float64Array, Float64Array] {
  const [density, width, inside] = [0, 1, 2].map(() => new Float64Array(128));
  const half = 2 ** 31;
  let end = EDGE;
  let before = EDGE;
  // The first layer has the tail beside a rectangle as wide as all of its area.
  const base = AREA / Math.exp(-0.5 * EDGE * EDGE);
  inside[0] = (EDGE / base) * half;
  width[0] = base / half;
  density[0] = 1;
  width[127] = EDGE / half;
  density[127] = Math.exp(-0.5 * EDGE * EDGE);
  for (let layer = 126; layer >= 1; layer--) {
    end = Math.sqrt(-2 * Math.log(AREA / end + Math.exp(-0.5 * end * end)));
    inside[layer + 1] = (end / before) * half;
    before = end;
    density[layer] = Math.exp(-0.5 * end * end);
    width[layer] = end / half;
  }
  inside[1] = 0;
  return [density, width, inside];
}

/**
 * The words of a step are those of xoshiro128++ (Blackman and Vigna, 2021, ACM Transactions on Mathematical Software
 * 47(4)), whose state of 128 bits is random at each step: Threefry-2x32-20 (Salmon et al., SC 2011) of (step, 0) and
 * (step, 1), by a key of seed and chain. After `seek(step)` the same numbers come again, so a chain goes on from its state
 * to the same bits, in whatever thread.
 */
export class ChainRandom {
  private readonly k0: number;
  private readonly k1: number;
  private readonly k2: number;
  private readonly state = new Int32Array(4);

  /** @throws SurmiseError if the seed is not a whole number from 0 to 2^53 - 1. */
  constructor(seed: number, chain: number) {
    const [s0, s1] = Object.values(seedInputs(seed));
    [this.k0, this.k1] = threefry(s0, s1, chain, CHAIN);
    this.k2 = this.k0 ^ this.k1 ^ 0x1bd11bda;
  }

  /** Begins the numbers of a step. */
  seek(step: number): void {
    this.setState(0, step, 0);
    this.setState(2, step, 1);
  }

  /** Writes the four words that the next numbers follow from. */
  save(to: Int32Array, at: number): void {
    for (let i = 0; i < 4; i++) to[at + i] = this.state[i];
  }

  /** Goes on from four such words. */
  restore(from: Int32Array, at: number): void {
    for (let i = 0; i < 4; i++) this.state[i] = from[at + i];
  }

  /** Uniform in (0, 1), of 32 bits. */
  uniform(): number {
    return unit(this.word());
  }

  /** Standard normal draws. */
  normals(out: Float64Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.normal();
  }

  /**
   * A standard normal draw by the ziggurat of 128 layers of equal area (Marsaglia and Tsang, 2000, Journal of
   * Statistical Software 5(8)): the low bits of a word choose the layer, all of it the place in the layer, which is
   * under the curve in 98.8 % of the cases.
   */
  normal(): number {
    while (true) {
      const word = this.word();
      const layer = word & 127;
      const x = word * WIDTH[layer];
      if (Math.abs(word) < INSIDE[layer]) return x;
      if (layer === 0) return word < 0 ? -this.tail() : this.tail();
      const height = DENSITY[layer] + this.uniform() * (DENSITY[layer - 1] - DENSITY[layer]);
      if (height < Math.exp(-0.5 * x * x)) return x;
    }
  }

  /** A draw beyond the last layer (Marsaglia, 1964). */
  private tail(): number {
    while (true) {
      const x = -Math.log(this.uniform()) / EDGE;
      if (-2 * Math.log(this.uniform()) > x * x) return EDGE + x;
    }
  }

  /** 32 random bits, as a signed number. */
  word(): number {
    const { state } = this;
    const a = state[0];
    const b = state[1];
    const d = state[3];
    const sum = (a + d) | 0;
    const c = state[2] ^ a;
    const e = d ^ b;
    state[0] = a ^ e;
    state[1] = b ^ c;
    state[2] = c ^ (b << 9);
    state[3] = (e << 11) | (e >>> 21);
    return (((sum << 7) | (sum >>> 25)) + a) | 0;
  }

  /**
   * The words `at` and `at + 1` of the state become `threefry` of two counters, written out so that it allocates nothing and
   * has no loop. Equality with it is tested.
   */
  private setState(at: number, c0: number, c1: number): void {
    const { k0, k1, k2 } = this;
    let x = (c0 + k0) | 0;
    let y = (c1 + k1) | 0;
    x = (x + y) | 0;
    y = ((y << 13) | (y >>> 19)) ^ x;
    x = (x + y) | 0;
    y = ((y << 15) | (y >>> 17)) ^ x;
    x = (x + y) | 0;
    y = ((y << 26) | (y >>> 6)) ^ x;
    x = (x + y) | 0;
    y = ((y << 6) | (y >>> 26)) ^ x;
    x = (x + k1) | 0;
    y = (y + k2 + 1) | 0;
    x = (x + y) | 0;
    y = ((y << 17) | (y >>> 15)) ^ x;
    x = (x + y) | 0;
    y = ((y << 29) | (y >>> 3)) ^ x;
    x = (x + y) | 0;
    y = ((y << 16) | (y >>> 16)) ^ x;
    x = (x + y) | 0;
    y = ((y << 24) | (y >>> 8)) ^ x;
    x = (x + k2) | 0;
    y = (y + k0 + 2) | 0;
    x = (x + y) | 0;
    y = ((y << 13) | (y >>> 19)) ^ x;
    x = (x + y) | 0;
    y = ((y << 15) | (y >>> 17)) ^ x;
    x = (x + y) | 0;
    y = ((y << 26) | (y >>> 6)) ^ x;
    x = (x + y) | 0;
    y = ((y << 6) | (y >>> 26)) ^ x;
    x = (x + k0) | 0;
    y = (y + k1 + 3) | 0;
    x = (x + y) | 0;
    y = ((y << 17) | (y >>> 15)) ^ x;
    x = (x + y) | 0;
    y = ((y << 29) | (y >>> 3)) ^ x;
    x = (x + y) | 0;
    y = ((y << 16) | (y >>> 16)) ^ x;
    x = (x + y) | 0;
    y = ((y << 24) | (y >>> 8)) ^ x;
    x = (x + k1) | 0;
    y = (y + k2 + 4) | 0;
    x = (x + y) | 0;
    y = ((y << 13) | (y >>> 19)) ^ x;
    x = (x + y) | 0;
    y = ((y << 15) | (y >>> 17)) ^ x;
    x = (x + y) | 0;
    y = ((y << 26) | (y >>> 6)) ^ x;
    x = (x + y) | 0;
    y = ((y << 6) | (y >>> 26)) ^ x;
    x = (x + k2) | 0;
    y = (y + k0 + 5) | 0;
    this.state[at] = x;
    this.state[at + 1] = y;
  }
}
