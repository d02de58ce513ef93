import {
  expm1,
  inFloat64,
  log,
  log1p,
  minimum,
  select,
  softplus,
  stopGradient,
  type Tensor,
} from "../tensor/internal.ts";

/** Beyond this distance exp(d) - 1 is exp(d), and would not overflow yet. */
const FAR = 40;

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
  const start = stopGradient(log(few.add(0.5).div(many.add(0.5))));
  const d = select(x.le(y), logits, logits.neg()).sub(start);
  const near = log1p(share.mul(expm1(minimum(d, FAR))));
  const far = softplus(d.add(log(share)));
  const growth = select(d.le(FAR), near, far);
  const none = many.mul(softplus(select(x.le(y), logits, logits.neg()))).neg();
  // Of nothing but failures, or successes, there is one way, whose probability may be close to 1.
  return select(few.eq(0), none, height.add(few.mul(d)).sub(total.mul(growth)));
}

/** The smaller and the larger: the first is x where they are equal, in derivatives too. */
function ordered(x: Tensor, y: Tensor): [Tensor, Tensor] {
  const isFew = x.le(y);
  return [select(isFew, x, y), select(isFew, y, x)];
}
