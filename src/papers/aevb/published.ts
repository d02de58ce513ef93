/** What the paper tells. */
import type { AevbConfig, DataName } from "./cells/settings.ts";

/** "around 20-40 minutes per million training samples", on a CPU at an effective 40 GFLOPS. */
export const PUBLISHED_MINUTES = [20, 40] as const;

/** The vertical axes of its second figure, in nats per image: there are no numbers in the text. */
const BOUND_AXES: Readonly<Record<DataName, readonly [number, number]>> = {
  mnist: [-150, -100],
  frey: [0, 1600],
};

/** Those of its third figure, of 1000 training images and of all. */
const EVIDENCE_AXES = { small: [-160, -100], large: [-160, -125] } as const;

/** The vertical axis of the paper's figure of a cell; the others are of no figure. */
export function publishedAxis({
  experiment,
  data,
  trainImages,
}: Pick<AevbConfig, "experiment" | "data" | "trainImages">): readonly [number, number] | undefined {
  if (experiment === "fig2") return BOUND_AXES[data];
  if (experiment === "fig3") return trainImages <= 1000 ? EVIDENCE_AXES.small : EVIDENCE_AXES.large;
  return undefined;
}
