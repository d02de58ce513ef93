import {
  constantOfType,
  log1mExp,
  logAddExp,
  minimum,
  type NumberByType,
  SurmiseError,
  select,
  type Tensor,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { describeSupport, plainNumber } from "../support/support.ts";
import { endsOf, isDiscrete } from "../support/supportRules.ts";
import { refuseMasked } from "./masked.ts";

/** Up to here a type holds the number before each whole number. */
const DENSE: NumberByType = { float32: 2 ** 23, float64: 2 ** 52 };

/**
 * log P(lower <= x <= upper) of each element, in nats: from the tail that the bounds lie in, so that it is right
 * far out too.
 */
export function logMass(of: Distribution, bounds: BoundTensors): Tensor {
  const { lower } = bounds;
  if (lower === undefined || !isDiscrete(of.support)) return logMassAbove(of, bounds);
  // What is below the lower end of counts is at most the number before it, where there is one.
  const known = plainNumber(lower);
  if (known !== undefined && known < DENSE.float32) {
    return logMassAbove(of, { ...bounds, lower: lower.sub(1) });
  }
  const isDense = lower.lt(constantOfType(DENSE, lower.dtype));
  const above = logMassAbove(of, {
    ...bounds,
    lower: select(isDense, lower.sub(1), lower),
  });
  return select(isDense, above, logAddExp(above, of.logProb(lower)));
}

/** log P(lower < x <= upper), as `logMass`. */
export function logMassAbove(of: Distribution, { lower: under, upper }: BoundTensors): Tensor {
  if (under === undefined) return of.logCdf(upper as Tensor);
  const above = of.logSurvival(under);
  if (upper === undefined) return above;
  const [below, whole] = [of.logCdf(under), of.logCdf(upper)];
  const beyond = of.logSurvival(upper);
  const isUpper = below.gt(-Math.LN2);
  const large = select(isUpper, above, whole);
  const small = minimum(select(isUpper, beyond, below), large);
  return large.add(log1mExp(large.sub(small)));
}

/** Bounds as tensors, one of them at least. */
export interface BoundTensors {
  /** The lower end; infinitely low if left out. */
  readonly lower?: Tensor;
  /** The upper end; infinitely high if left out. */
  readonly upper?: Tensor;
}

/**
 * Whether the values of a distribution are single numbers in an order, and one draw is one number.
 *
 * @throws SurmiseError if not, saying what to do.
 */
export function checkOrdered(word: string, of: Distribution): void {
  refuseMasked(word, of);
  const { name, support, eventAxes } = of;
  const isOrdered =
    endsOf(support) !== undefined && (support.kind === "count" || !isDiscrete(support));
  if (!isOrdered) {
    throw new SurmiseError(
      `${word}: a ${name} has the support '${describeSupport(support)}', which has no lower and upper part; ` +
        "use a distribution of real numbers or of counts",
    );
  }
  if (eventAxes.length === 0) return;
  const names = eventAxes.map((a) => a.name).join(", ");
  throw new SurmiseError(
    `${word}: its ${name} has the event axes ${names}: write .event(${names}) after ${word}(...)`,
  );
}
