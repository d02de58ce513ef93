/** Log weights, from which all particle axes have been eliminated: their sums over plates, in nats. */
import { overPlates, type Plate } from "../../model/internal.ts";
import { type Axis, constant, SurmiseError, type Tensor } from "../../tensor/index.ts";

/** A log weight for each element of its plates. */
export interface LogWeight {
  /** Float64, in nats, over particle axes and plates. */
  readonly value: Tensor;
  /** The plates it stands in, outermost first. */
  readonly plates: readonly Plate[];
}

/** The sum over the plates, scaled to all data: a float64 scalar (with averages and repetitions, if any). */
export function sumOverPlates(weights: readonly LogWeight[]): Tensor {
  return weights
    .map(({ value, plates }) => overPlates(value, plates))
    .reduce((a, b) => a.add(b), constant(0, "float64"));
}

/** What belongs to each element of `plate`, its other plates summed: float64 over that axis. */
export function logWeightPerElement(weights: readonly LogWeight[], plate: Axis): Tensor {
  const inside = weights.filter((weight) => weight.plates.some(({ axis }) => axis === plate));
  if (inside.length === 0) {
    throw new SurmiseError(
      `no term of the bound belongs to single elements of '${plate.name}': it is not a plate, or ` +
        "latents outside it share its particle axis",
    );
  }
  return inside
    .map(({ value, plates }) =>
      overPlates(
        value,
        plates.filter(({ axis }) => axis !== plate),
      ),
    )
    .reduce((a, b) => a.add(b));
}
