/**
 * What the benchmark and its workers say to each other: one JSON message a line, as bench/README.md
 * tells. surmise itself is a worker like the others, so that all are measured alike.
 */
import { z } from "zod";

export const WORKLOADS = ["vae", "gemm"] as const;
export type Workload = (typeof WORKLOADS)[number];

/** The sizes of the network; `gemm` multiplies [batch, PIXELS] by [PIXELS, hidden]. */
export interface Sizes {
  readonly batch: number;
  readonly hidden: number;
  readonly latents: number;
}

export const SIZES: Sizes = { batch: 100, hidden: 500, latents: 20 };
export const PIXELS = 784;
/** The images that minibatches are drawn from. */
export const ROWS = 10_000;
export const LEARNING_RATE = 0.001;

const check = z.object({ loss: z.number(), gradientNorm: z.number() });

/** Loss and gradient norm at the fixed parameters, images and noise. */
export type Check = z.infer<typeof check>;

/** The first message of a worker. */
export const hello = z.union([
  z.object({
    ready: z.literal(true),
    version: z.string(),
    threads: z.number(),
    check: check.optional(),
  }),
  z.object({ missing: z.string() }),
]);
export type Hello = z.infer<typeof hello>;
export type Ready = Extract<Hello, { ready: true }>;

/** What is sent to a worker. */
export const request = z.union([
  z.object({ run: z.object({ seconds: z.number() }) }),
  z.object({ quit: z.literal(true) }),
]);
export type Request = z.infer<typeof request>;

/** The answer to a run: mean milliseconds of a step, and how many there were. */
export const block = z.object({ ms: z.number().positive(), steps: z.number() });
export type Block = z.infer<typeof block>;

/** Milliseconds from nothing to the first result, by phase. */
export const build = z.object({ trace: z.number(), compile: z.number(), firstStep: z.number() });
export type Build = z.infer<typeof build>;

/** Multiplications and additions of the matrix products of one step. */
export function flop(workload: Workload, { batch, hidden, latents }: Sizes): number {
  const large = 2 * batch * PIXELS * hidden;
  const small = 2 * batch * hidden * latents;
  // Forward and backward by weights each layer, backward by inputs all but the first.
  return workload === "gemm" ? large : 5 * large + 9 * small;
}
