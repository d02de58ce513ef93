/**
 * What the benchmark and its workers say to each other: one JSON message a line, as bench/README.md
 * tells. surmise itself is a worker like the others, so that all are measured alike.
 */
import { z } from "zod";

/** The sizes of a workload, by name. */
export type Sizes = Readonly<Record<string, number>>;

const check = z.record(z.string(), z.number());

/** Named results at the fixed parameters, data and noise: loss and gradient norm, as a rule. */
export type Check = z.infer<typeof check>;

/** The first message of a worker. */
export const hello = z.union([
  z.object({
    ready: z.literal(true),
    version: z.string(),
    threads: z.number(),
    check,
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

/**
 * The answer to a run: mean milliseconds of a step, how many there were, and, if it can be told, the
 * most memory the process ever held above what it held before the work was prepared, in MB.
 */
export const block = z.object({
  ms: z.number().positive(),
  steps: z.number(),
  peakMB: z.number().optional(),
});
export type Block = z.infer<typeof block>;

/** Milliseconds from nothing to the first result, by phase. */
export const build = z.object({ trace: z.number(), compile: z.number(), firstStep: z.number() });
export type Build = z.infer<typeof build>;
