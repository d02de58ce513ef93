import type { Distribution } from "../distributions/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { ChainStep } from "./chains/step.ts";
import type { ParentLink, Plate } from "./sites.ts";

/** A `sample` statement that waits for its value. */
export interface Statement {
  /** The name of the site. */
  readonly name: string;
  /** What its value is drawn from, or measured by. */
  readonly distribution: Distribution;
  /** The plates it stands in, outermost first. */
  readonly plates: readonly Plate[];
  /** Where a search begins, if the model says so. */
  readonly init?: Tensor;
  /** In a chain that is being drawn, the step: the value may be of this step, or of all steps. */
  readonly step?: ChainStep;
}

/** What an interpretation makes of a `sample` statement. */
export interface Assignment {
  /** Whether the value is inferred, or data. */
  readonly kind: "latent" | "observed";
  /** Axes: those of particles or draws, if any, then plates and event axes. */
  readonly value: Tensor;
  /** In a chain, that the value is the same at all steps, although it lacks the axis of the chain. */
  readonly allSteps?: true;
  /** In a chain, how the particles of a step are paired with those of the next. */
  readonly link?: ParentLink;
}

/** Decides what each `sample` statement of a model becomes. */
export type Interpretation = (statement: Statement) => Assignment;
