/** Values of earlier places along an axis: lags, differences, rolling sums. */
import {
  AXIS,
  checkArguments,
  NUMBER,
  OPERAND,
  optional,
  optionsWith,
  TENSOR,
} from "../arguments/kinds.ts";
import { wholeNumber } from "../arguments/numbers.ts";
import { Axis } from "../axis.ts";
import { isFloat } from "../dtype.ts";
import { gatherClamped } from "../known/gather.ts";
import { index, minimum, select, sum } from "../math.ts";
import { cast, type Operand, type Tensor } from "../tensor.ts";
import { checkAlong } from "./along.ts";

/** What stands before the first place of an axis. */
export interface LagOptions {
  /** How many places earlier; 1 unless given. */
  readonly steps?: number;
  /** The value at places before the first one; of the type of x. */
  readonly before: Operand;
}

/** What an argument that is `LagOptions` must be. */
const LAG = optionsWith<LagOptions>({ steps: optional(NUMBER), before: OPERAND });

/**
 * The value of `x` so many places earlier along `a`, over the axes of x; at the first places, which have none before them,
 * it is `before`. To leave these out instead, take the rest by `slice`.
 *
 * @throws SurmiseError if x lacks the axis, or `steps` is no whole number of at least 1.
 *
 * @example lag(sales, month, { steps: 12, before: mean(sales, month) }) // a year ago
 */
export function lag(x: Tensor, a: Axis, options: LagOptions): Tensor {
  checkArguments("lag", { x }, TENSOR);
  checkArguments("lag", { axis: a }, AXIS);
  checkArguments("lag", { options }, LAG);
  const { steps = 1, before } = options;
  checkAlong("lag", x, a);
  wholeNumber("lag: steps", steps, { least: 1 });
  const earlier = gatherClamped(x, a, index(a).sub(steps));
  return select(index(a).lt(steps), before, earlier);
}

/**
 * How much `x` has changed since so many places earlier along `a`: x - lag(x), where `before` stands for what was before
 * the first place.
 *
 * @throws SurmiseError as `lag`.
 */
export function difference(x: Tensor, a: Axis, options: LagOptions): Tensor {
  checkArguments("difference", { x }, TENSOR);
  checkArguments("difference", { axis: a }, AXIS);
  checkArguments("difference", { options }, LAG);
  return x.sub(lag(x, a, options));
}

/**
 * The sum of `x` over the last `window` places along `a`, this one included; at the first places, over those there are.
 * Of whole numbers it is float64.
 *
 * @throws SurmiseError if x lacks the axis, or `window` is no whole number of at least 1.
 */
export function rollingSum(x: Tensor, a: Axis, window: number): Tensor {
  checkArguments("rollingSum", { x }, TENSOR);
  checkArguments("rollingSum", { axis: a }, AXIS);
  checkAlong("rollingSum", x, a);
  wholeNumber("rollingSum: window", window, { least: 1 });
  const back = new Axis(`${a.name} (back)`, Math.min(window, a.size));
  const at = index(a).sub(index(back));
  return sum(select(at.ge(0), gatherClamped(x, a, at), 0), back);
}

/**
 * The mean of `x` over the last `window` places along `a`, this one included; at the first places, of those there are.
 * Of whole numbers it is float64.
 *
 * @throws SurmiseError as `rollingSum`.
 */
export function rollingMean(x: Tensor, a: Axis, window: number): Tensor {
  checkArguments("rollingMean", { x }, TENSOR);
  checkArguments("rollingMean", { axis: a }, AXIS);
  const total = rollingSum(x, a, window);
  const count = minimum(index(a).add(1), Math.min(window, a.size));
  return total.div(cast(count, isFloat(x.dtype) ? x.dtype : "float64"));
}
