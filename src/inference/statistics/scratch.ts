/** Numbers of a block; what is larger than that has an array of its own. */
const BLOCK = 16384;

/**
 * Vectors and small matrices that are needed for a moment: arrays of their own take longer to make, and to be collected, than
 * to be computed with.
 */
export class Scratch {
  private block = new Float64Array(0);
  private used = 0;

  /** Zeros, in memory that is used again after `clear`. */
  zeros(size: number): Float64Array {
    if (size > BLOCK) return new Float64Array(size);
    if (this.used + size > this.block.length) {
      this.block = new Float64Array(BLOCK);
      this.used = 0;
    }
    const zeros = new Float64Array(this.block.buffer, 8 * this.used, size);
    this.used += size;
    return zeros.fill(0);
  }

  /** A copy of some numbers. */
  copy(of: Float64Array): Float64Array {
    const copy = this.zeros(of.length);
    copy.set(of);
    return copy;
  }

  /** Forgets everything that it gave. */
  clear(): void {
    this.used = 0;
  }
}
