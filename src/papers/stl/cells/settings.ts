/** What the cells of all experiments have in common. */
import type { CellConfig, CellResult } from "../../../experiments/index.ts";
import type { Gradient } from "../../../inference/index.ts";

/** The gradient estimators that are compared. */
export type Estimator = Extract<
  Gradient,
  "total" | "path" | "pathBlocked" | "doublyReparameterised"
>;

/** For tables and legends. */
export const ESTIMATORS: Readonly<Record<Estimator, string>> = {
  total: "total",
  path: "path",
  pathBlocked: "path, blocked",
  doublyReparameterised: "doubly reparameterised",
};

/** A cell of one of the experiments. */
export interface StlConfig extends CellConfig {
  /** Which experiment it belongs to. */
  readonly experiment: "fig1" | "fig3" | "table2";
  /** Of the training. */
  readonly estimator: Estimator;
}

/** What every cell gives. */
export interface StlResult extends CellResult {
  /** The curves of a figure, all of one length. */
  readonly curves?: Readonly<Record<string, readonly number[]>>;
}
