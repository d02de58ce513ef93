import {
  exp,
  expm1,
  inFloat64,
  log,
  log1p,
  maximum,
  minimum,
  select,
  stopGradient,
  type Tensor,
} from "../tensor/internal.ts";

/** At this distance exp(d) is so large that beyond it the logarithm of 1 + p0 (exp(d) - 1) rises by d, and does not overflow yet. */
const FAR = 80;

/**
 * log w + x log p + y log(1 - p) for x successes and y failures, where p has the given logit and w
 * is the number of ways, whose logarithm `logWays` gives in float64.
 *
 * The terms are much larger than their sum where the counts are large. So the sum is taken in
 * float64 at p0 = (x + 1/2) / (x + y + 1), which the counts alone decide, and from there on with d
 * = logit(p) - logit(p0): it rises by
 *
 *     x d - (x + y) log(1 + p0 (exp(d) - 1)),
 *
 * which is exact in the parameter's own type, and the same for every p0, which therefore needs no derivative. Where x > y, both outcomes are exchanged.
 * The logit is finite.
 */
export function binomialLogPmf(
  x: Tensor,
  y: Tensor,
  logits: Tensor,
  logWays: (x: Tensor, y: Tensor) => Tensor,
): Tensor {
  const height = inFloat64([x, y], (x, y) => {
    const [few, many] = ordered(x, y);
    const share = stopGradient(few.add(0.5).div(x.add(y).add(1)));
    return logWays(x, y)
      .add(few.mul(log(share)))
      .add(many.mul(log1p(share.neg())));
  });
  const total = x.add(y);
  const [few, many] = ordered(x, y);
  const share = stopGradient(few.add(0.5).div(total.add(1)));
  // Of nothing but failures, or successes, there is one way, whose probability may be close to 1: from p0 = 0 on.
  const isOneWay = few.eq(0);
  const start = stopGradient(select(isOneWay, 0, log(few.add(0.5).div(many.add(0.5)))));
  const d = select(x.le(y), logits, logits.neg()).sub(start);
  const near = minimum(d, FAR);
  const growth = log1p(select(isOneWay, exp(near), share.mul(expm1(near))));
  const rise = growth.add(maximum(d.sub(FAR), 0));
  return select(isOneWay, 0, height.add(few.mul(d))).sub(total.mul(rise));
}

/** The smaller and the larger: the first is x where they are equal, in derivatives too. */
function ordered(x: Tensor, y: Tensor): [Tensor, Tensor] {
  const isFew = x.le(y);
  return [select(isFew, x, y), select(isFew, y, x)];
}
