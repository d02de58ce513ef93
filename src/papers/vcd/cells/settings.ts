/** What the cells of all experiments have in common. */
import type { CellConfig, CellResult } from "../../../experiments/index.ts";

/** What is trained by: the divergence, the ELBO (standard KL), Hoffman's method. */
export const METHODS = {
  vcd: "VCD",
  elbo: "ELBO (standard KL)",
  hoffman: "Hoffman's method",
} as const;

/** A key of `METHODS`. */
export type Method = keyof typeof METHODS;

/** The control variates that are compared. */
export const CONTROLS = {
  none: "none",
  scalar: "scalar",
  twoPhase: "scalar for 3000 iterations, then one for each datum",
} as const;

/** A key of `CONTROLS`. */
export type ControlName = keyof typeof CONTROLS;

/** A cell of one of the experiments. */
export interface VcdConfig extends CellConfig {
  /** Which experiment it belongs to. */
  readonly experiment: "toys" | "table" | "control-variates" | "variances" | "batch-size" | "speed";
  /** What is trained by. */
  readonly method: Method;
  /** Training steps. */
  readonly iterations: number;
}

/** What every cell gives. */
export type VcdResult = CellResult;
