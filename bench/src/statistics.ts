/** What the blocks of a peer say. */
import { median } from "../../src/runs/index.ts";
import type { BuildRound } from "./builds.ts";
import type { Ceilings } from "./ceilings.ts";
import type { Block, Build } from "./protocol.ts";
import type { Workload } from "./workloads/index.ts";

/** What was timed of one peer, in milliseconds a step. */
export interface TimedRow {
  readonly workload: string;
  readonly peer: string;
  readonly version: string;
  readonly threads: number;
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** The time of this peer over that of the first, the median of this quotient over the rounds. */
  readonly ratio: number;
  /** The most memory it held above what it held before the work was prepared. */
  readonly peakMB: number | null;
  /** surmise alone: from nothing to the first result, the median over fresh processes. */
  readonly buildMs?: number;
  /** The same by phase. */
  readonly build?: Build;
  /** `buildMs` with an empty cache of native programs. */
  readonly coldBuildMs?: number;
}

/** What is reached at the median, and the share that is of what the machine can do. */
export interface Rates {
  /** Of matrix products; null where the workload is not about these. */
  readonly gflops: number | null;
  readonly peakShare: number | null;
  /** Of memory read and written; null where the workload is not about that. */
  readonly gbps: number | null;
  readonly bandwidthShare: number | null;
}

/** The times of a peer's blocks, `first` being the blocks of the first peer in the same rounds. */
export function times(blocks: readonly Block[], first: readonly Block[]) {
  const ms = blocks.map((block) => block.ms);
  const peaks = blocks.flatMap(({ peakMB }) => (peakMB === undefined ? [] : [peakMB]));
  return {
    medianMs: median(ms),
    minMs: Math.min(...ms),
    maxMs: Math.max(...ms),
    ratio: median(ms.map((own, round) => own / first[round].ms)),
    peakMB: peaks.length === 0 ? null : Math.max(...peaks),
  };
}

/** What `ms` milliseconds a step make of a workload. */
export function rates(
  { family, sizes }: Workload,
  ms: number,
  ceilings: Ceilings | undefined,
): Rates {
  const rate = (amount: number | undefined) => (amount === undefined ? null : amount / ms / 1e6);
  const share = (reached: number | null, ceiling: number | undefined) =>
    reached === null || ceiling === undefined ? null : reached / ceiling;
  const gflops = rate(family.flop?.(sizes));
  const gbps = rate(family.bytes?.(sizes));
  return {
    gflops,
    peakShare: share(gflops, ceilings?.gflops),
    gbps,
    bandwidthShare: share(gbps, ceilings?.gbps),
  };
}

/** The medians of some builds. */
export function buildTimes(rounds: readonly BuildRound[]): Partial<TimedRow> {
  if (rounds.length === 0) return {};
  const total = ({ trace, compile, firstStep }: Build) => trace + compile + firstStep;
  const phase = (name: keyof Build) => median(rounds.map(({ warm }) => warm[name]));
  return {
    coldBuildMs: median(rounds.map(({ cold }) => total(cold))),
    buildMs: median(rounds.map(({ warm }) => total(warm))),
    build: { trace: phase("trace"), compile: phase("compile"), firstStep: phase("firstStep") },
  };
}
