import { checkArguments, describeAxes, listOf, OBJECT, objectWith } from "../../tensor/internal.ts";
import type { Elimination } from "./eliminate.ts";

/**
 * One line per step of an elimination: the axis, the plates inside which the log of its mean is
 * taken, its cost (elements of the joint factor), and the sites whose factors vary along it. Before them, a line
 * per latent whose density under the guide is a mixture over particles of its parents: the cost is that of its terms.
 */
export function explainElimination(elimination: Elimination): string {
  checkArguments(
    "explainElimination",
    { elimination },
    objectWith({ steps: listOf(OBJECT), mixtures: listOf(OBJECT) }),
  );
  const { steps, mixtures } = elimination;
  const mixed = mixtures.map(({ site, plates, cost }) => [
    "mixture of the guide",
    describeAxes(plates.map((plate) => plate.axis)),
    String(cost),
    site,
  ]);
  const rows = steps.map(({ axis, plates, cost, sites }) => [
    String(axis),
    describeAxes(plates.map((plate) => plate.axis)),
    String(cost),
    sites.join(", "),
  ]);
  const all = [...mixtures, ...steps].reduce((sum, { cost }) => sum + cost, 0);
  const table = [
    ["eliminates", "inside", "cost", "of sites"],
    ...mixed,
    ...rows,
    ["all", "", String(all), ""],
  ];
  const widths = [0, 1, 2].map((c) => Math.max(...table.map((row) => row[c].length)));
  return table
    .map(([axis, plates, terms, sites]) =>
      [axis.padEnd(widths[0]), plates.padEnd(widths[1]), terms.padStart(widths[2]), sites]
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
