/** What runs a compiled program. */
export interface Machine {
  readonly backend: "wasm" | "c" | "oracle";
  /** Holds all values of the program, at the offsets of its memory plan. */
  readonly memory: ArrayBufferLike;
  /** Runs the step `steps` times. */
  run(steps: number): void;
}
