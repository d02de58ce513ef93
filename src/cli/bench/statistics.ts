/** The rows of a benchmark, from the blocks that were timed. */

/** The result of one peer, times in milliseconds a step. */
export interface Row {
  readonly peer: string;
  readonly version: string;
  readonly threads: number;
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** The time of this peer over that of the first, the median of this quotient over the rounds. */
  readonly ratio: number;
  /** Of matrix products, at the median. */
  readonly gflops: number;
  /** surmise alone: from nothing to the first result, the median over fresh processes. */
  readonly buildMs?: number;
  /** The same by phase. */
  readonly build?: { readonly trace: number; readonly compile: number; readonly firstStep: number };
}

/** The middle of some numbers, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}

/** What the blocks of a peer say, `first` being those of the first peer in the same rounds. */
export function summary(blocks: readonly number[], first: readonly number[], flop: number) {
  const medianMs = median(blocks);
  return {
    medianMs,
    minMs: Math.min(...blocks),
    maxMs: Math.max(...blocks),
    ratio: median(blocks.map((ms, round) => ms / first[round])),
    gflops: flop / medianMs / 1e6,
  };
}
