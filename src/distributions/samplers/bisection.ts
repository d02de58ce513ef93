import {
  type Axis,
  axis,
  cast,
  type Key,
  log,
  scan,
  select,
  type Tensor,
  uniform,
} from "../../tensor/internal.ts";

/** Halvings: beyond the digits of a double, of a range of a few hundred. */
const HALVINGS = 60;

/**
 * Draws by inversion of a distribution function that is known as such only: the smallest x = valueAt(y) with
 * log P(<= x) >= log u, for a uniform u and y between `from` and `to`, by bisection.
 *
 * @param valueAt increases with y, float64
 */
export function drawByBisection(
  key: Key,
  axes: readonly Axis[],
  dtype: "float32" | "float64",
  [from, to]: readonly [number, number],
  valueAt: (y: Tensor) => Tensor,
  logCdf: (x: Tensor) => Tensor,
): Tensor {
  const logU = cast(log(uniform(key, axes, dtype)), "float64");
  const start = logU.mul(0);
  const halvings = axis("#halving", HALVINGS);
  const { last } = scan(
    halvings,
    { low: start.add(from), high: start.add(to) },
    ({ low, high }) => {
      const middle = low.add(high).mul(0.5);
      const isLow = cast(logCdf(cast(valueAt(middle), dtype)), "float64").lt(logU);
      const carries = { low: select(isLow, middle, low), high: select(isLow, high, middle) };
      return { carries, outputs: {} };
    },
  );
  return cast(valueAt(last.high), dtype);
}
