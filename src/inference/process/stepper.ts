/** What the loop runs: something that makes steps, counts them, and can be copied at any of them. */
import type { CompileOptions, Program } from "../../runtime/index.ts";
import type { ProgramState } from "./state.ts";

/** How a stepper is begun. */
export interface StepperOptions extends Pick<CompileOptions, "backend" | "threads"> {
  /** Steps in all, those before `from` included. */
  readonly steps: number;
  /** The state to go on from; the initial one unless given. */
  readonly from?: ProgramState | undefined;
}

/** How one of several chains is doing. */
export interface ChainProgress {
  /** Whether it still adapts. */
  readonly warmup: boolean;
  /** Divergent transitions after warm-up. */
  readonly divergences: number;
  /** Of the leapfrog integrator, or of the proposal. */
  readonly stepSize: number;
}

/** An algorithm that is running. Its state is all that a step depends on. */
export interface Stepper {
  /** What its programs run on. */
  readonly backend: Program["backend"];
  /** Steps done, those before the state that it was begun from included. */
  readonly step: number;
  /** Whether nothing is left to be done, though there are steps. */
  finished?(): boolean;
  /** Makes from 1 to `most` steps and returns how many they were. */
  advance(most: number): number;
  /** The mean of each metric over the last `steps` steps, those since `startStretch`. */
  means(steps: number): Record<string, number>;
  /** Begins new means. */
  startStretch(): void;
  /** A copy of the present state. */
  state(): ProgramState;
  /** A state known to be right: that of the last `startStretch` whose state was checked, or the one at the start. */
  lastGood(): ProgramState;
  /**
   * Checks what was computed, and where `recorded`, the state too, which becomes the last good one. Yields the number
   * of each step that was right, while the one that was not is looked for.
   *
   * @throws NotFinite if a metric or a piece of state is not finite.
   */
  check(metrics: Readonly<Record<string, number>>, recorded: boolean): Generator<number>;
  /** How each chain is doing, where there are some. */
  chains?(): readonly ChainProgress[];
}

/** An algorithm whose steps are made by the host, which calls compiled programs: a sampler. */
export interface HostAlgorithm {
  /** Makes it ready. */
  begin(options: StepperOptions): Stepper;
}
