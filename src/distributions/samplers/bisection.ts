import {
  type Axis,
  abs,
  and,
  axis,
  cast,
  floor,
  type Key,
  log,
  maximum,
  minimum,
  type Operand,
  scan,
  select,
  sqrt,
  type Tensor,
  uniform,
} from "../../tensor/internal.ts";
import { keepFinite, leastOf } from "./range.ts";

/** Halvings from all doubles to one: about ten between their exponents, then one for each digit. */
const HALVINGS = 68;

/** What is drawn: real numbers or counts between two ends, which may be infinite. */
export interface Drawn {
  /** Over axes of the draws. */
  readonly low: Tensor;
  /** As `low`. */
  readonly high: Tensor;
  /** Whether values are whole. */
  readonly isWhole: boolean;
  /** The type of the draws. */
  readonly dtype: "float32" | "float64";
}

/**
 * Draws by inversion of a distribution function that is known as such only: the smallest x with log P(<= x) >= log u, for a
 * uniform u, by bisection: by the geometric mean while the ends are far apart, so that draws are right to the last digits
 * wherever they lie, however far the ends of the support are.
 */
export function drawByBisection(
  key: Key,
  axes: readonly Axis[],
  { low, high, isWhole, dtype }: Drawn,
  logCdf: (x: Tensor) => Tensor,
): Tensor {
  const logU = cast(log(uniform(key, axes, dtype)), "float64");
  const [from, to] = [low, high].map((end) => cast(keepFinite(end), "float64").add(logU.mul(0)));
  const least = isWhole ? 1 : cast(leastOf(low), "float64");
  const halvings = axis("#halving", HALVINGS);
  const { last } = scan(
    halvings,
    { low: isWhole ? from.sub(1) : from, high: to },
    ({ low, high }) => {
      const between = middle(low, high, least);
      const at = isWhole ? floor(between) : between;
      const isLow = cast(logCdf(cast(at, dtype)), "float64").lt(logU);
      const carries = { low: select(isLow, at, low), high: select(isLow, high, at) };
      return { carries, outputs: {} };
    },
  );
  return cast(maximum(last.high, from), dtype);
}

/** A number between two others: 0 if it is, their geometric mean where they differ by a factor, else their mean. */
function middle(low: Tensor, high: Tensor, least: Operand): Tensor {
  const [one, other] = [abs(low), abs(high)];
  const near = maximum(minimum(one, other), least);
  const far = maximum(one, other);
  const geometric = sqrt(near).mul(sqrt(far));
  const apart = select(high.gt(0), geometric, geometric.neg());
  const inside = select(far.gt(near.mul(4)), apart, low.mul(0.5).add(high.mul(0.5)));
  return select(and(low.lt(0), high.gt(0)), 0, inside);
}
