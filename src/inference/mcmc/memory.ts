/** The memory of chains: everything that a step of a chain depends on lies in named float64 arrays. */

/** The numbers of one chain by this name, made where there are none; zeros at first. */
export type Slots = (name: string, size: number) => Float64Array;

/** A piece of state of all chains: [chains, size], row-major. */
export interface Piece {
  /** How many numbers each chain has. */
  readonly size: number;
  /** All of them, one chain after the other. */
  readonly data: Float64Array;
}

/** Numbers of a block. Memory of its own takes longer to make than a small piece takes to fill. */
const BLOCK = 1024;

/** The state of several chains, each with slots of its own. */
export class ChainMemory {
  /** By name, in the order in which they were asked for. */
  readonly pieces: Map<string, Piece>;
  private readonly chains: number;
  /** Where the next small pieces lie. */
  private block = new ArrayBuffer(0);
  private used = 0;

  /** Memory for so many chains; of pieces that are there already, if given. */
  constructor(chains: number, pieces: Iterable<readonly [string, Piece]> = []) {
    this.chains = chains;
    this.pieces = new Map(pieces);
  }

  /** A copy that several threads can share. */
  shared(): ChainMemory {
    const copies = [...this.pieces].map(([name, { size, data }]): [string, Piece] => {
      const copy = new Float64Array(new SharedArrayBuffer(data.byteLength));
      copy.set(data);
      return [name, { size, data: copy }];
    });
    return new ChainMemory(this.chains, copies);
  }

  /** Chain `to` becomes what chain `from` is. */
  copy(from: number, to: number): void {
    for (const { size, data } of this.pieces.values()) {
      data.copyWithin(to * size, from * size, (from + 1) * size);
    }
  }

  /** The slots of a chain. */
  of(chain: number): Slots {
    return (name, size) => {
      let piece = this.pieces.get(name);
      if (piece === undefined) {
        piece = { size, data: this.zeros(this.chains * size) };
        this.pieces.set(name, piece);
      }
      const { buffer, byteOffset } = piece.data;
      return new Float64Array(buffer, byteOffset + 8 * chain * size, size);
    };
  }

  private zeros(size: number): Float64Array {
    if (size > BLOCK) return new Float64Array(size);
    if (8 * (this.used + size) > this.block.byteLength) {
      this.block = new ArrayBuffer(8 * BLOCK);
      this.used = 0;
    }
    this.used += size;
    return new Float64Array(this.block, 8 * (this.used - size), size);
  }
}
