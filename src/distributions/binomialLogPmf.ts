import {
  constant,
  constantOfType,
  exp,
  expm1,
  expm1Quotient,
  inFloat64,
  log,
  log1p,
  type NumberByType,
  or,
  select,
  softplus,
  stirlingRemainder,
  type Tensor,
} from "../tensor/internal.ts";

/** At this distance exp(d) does not overflow yet, and is so large that log(1 + p0 (exp(d) - 1)) grows as d does from there on. */
const FAR: NumberByType = { float32: 80, float64: 700 };

/**
 * log C(x + y, x) + x log p + y log(1 - p) in nats for x successes and y failures, of which one can be any positive number,
 * where p has the given logit, which is finite.
 *
 * The terms are much larger than their sum where the counts are large. So the sum is taken in
 * float64 at p0 = (x + 1/2) / (x + y + 1), which the counts alone decide, and from there on with d
 * = logit(p) - logit(p0): it rises by
 *
 *     x d - (x + y) log(1 + p0 (exp(d) - 1)),
 *
 * which is exact in the parameter's own type. Where x > y, both outcomes are exchanged. Of counts that have derivatives
 * (`areKnown` is false), the rise of the more frequent outcome is taken as softplus(logit(p)) + log(1 - p0), as p0 leaves no
 * trace in its derivative then.
 */
export function binomialLogPmf(
  x: Tensor,
  y: Tensor,
  logits: Tensor,
  { areKnown = true }: { readonly areKnown?: boolean } = {},
): Tensor {
  const total = x.add(y);
  const [few, many] = ordered(x, y);
  // Of nothing but failures, or successes, there is one way, whose probability may be close to 1: from p0 = 0 on.
  const isOneWay = few.eq(0);
  const some = select(isOneWay, 1, few);
  const height = inFloat64([some, many], heightAtShare);
  const share = few.add(0.5).div(total.add(1));
  const start = select(isOneWay, 0, log(few.add(0.5).div(many.add(0.5))));
  const logit = select(x.le(y), logits, logits.neg());
  const d = logit.sub(start);
  const far = constantOfType(FAR, d.dtype);
  const isNear = areKnown ? d.lt(far) : or(logit.le(0), d.lt(1));
  const near = select(isNear, d, areKnown ? far : 0);
  const growth = log1p(select(isOneWay, exp(near), share.mul(expm1(near))));
  const beyond = softplus(logit).add(select(isOneWay, 0, log1p(share.neg())));
  const rise = areKnown
    ? growth.add(select(isNear, 0, d.sub(far)))
    : select(isNear, growth, beyond);
  return select(isOneWay, 0, height.add(few.mul(d))).sub(total.mul(rise));
}

/** Logits from which on the logarithm of the odds is the logit, not that of expm1(rarity). */
const OFTEN = 1;

/**
 * log((1 - (1 - p)^n) / (n p / (1 - p))) for n >= 0, where p has the given logit, and `rarity` is -log(1 - p): how likely
 * some success is beside its limit where p, or n, is close to 0.
 */
export function logSomeByOdds(n: Tensor, logits: Tensor, rarity = softplus(logits)): Tensor {
  const isRare = logits.lt(OFTEN);
  // The odds are expm1(rarity).
  const rare = log(expm1Quotient(select(isRare, rarity, 1)));
  const often = logits.sub(log(select(isRare, 1, rarity)));
  return log(expm1Quotient(n.mul(rarity).neg())).sub(select(isRare, rare, often));
}

/**
 * The sum at p0, of x, y > 0, by Stirling's formula, from which all that is large has been taken away:
 *
 *     -log(2 pi x y / n) / 2 + r(n) - r(x) - r(y) + x log(1 + 1 / 2x) + y log(1 + 1 / 2y) - n log(1 + 1 / n),
 *
 * n = x + y, where r is what Stirling's formula leaves (`stirlingRemainder`).
 */
function heightAtShare(x: Tensor, y: Tensor): Tensor {
  const n = x.add(y);
  const main = log(x)
    .add(log(y))
    .sub(log(n))
    .add(Math.log(2 * Math.PI))
    .mul(-0.5);
  const rest = stirlingRemainder(n).sub(stirlingRemainder(x)).sub(stirlingRemainder(y));
  return main.add(rest).add(growthBy(0.5, x)).add(growthBy(0.5, y)).sub(growthBy(1, n));
}

/** z log(1 + a / z) for z > 0. */
function growthBy(a: number, z: Tensor): Tensor {
  const isSmall = z.lt(a);
  const [small, large] = [select(isSmall, z, a), select(isSmall, a, z)];
  const [ofSmall, ofLarge] = [
    log(small.add(a)).sub(log(small)),
    log1p(constant(a, z.dtype).div(large)),
  ];
  return z.mul(select(isSmall, ofSmall, ofLarge));
}

/** The smaller and the larger: the first is x where they are equal, in derivatives too. */
function ordered(x: Tensor, y: Tensor): [Tensor, Tensor] {
  const isFew = x.le(y);
  return [select(isFew, x, y), select(isFew, y, x)];
}
