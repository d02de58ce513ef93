/**
 * Draws of counts, exact for all parameters: by inversion below a mean of 10, by rejection above.
 */
import {
  type Axis,
  abs,
  and,
  cast,
  constant,
  exp,
  floor,
  fold,
  inFloat64,
  type Key,
  log,
  log1p,
  logPoisson,
  maximum,
  minimum,
  select,
  sigmoid,
  sqrt,
  square,
  type Tensor,
  uniform,
  unionAxes,
} from "../../tensor/internal.ts";
import { firstAccepted } from "./tries.ts";

/** The mean up to which draws are made by inversion. */
const SMALL = 10;

/**
 * Largest value found by inversion: a Poisson variable of mean 10 is larger with a probability
 * below that of the smallest step of a uniform draw, 2^-53 in float64.
 */
const MOST = 46;

/** One candidate is refused with probability 0.292 at most, 17 in a row with 8e-10. */
const TRIES = 17;

/**
 * The number of values k = 0, 1, ... whose distribution function lies below `u`, from p(0) and the
 * ratios p(k) / p(k - 1), added up in float64, so that their sum comes closer to 1 than u does.
 */
function invert(u: Tensor, atZero: Tensor, ratio: (k: number) => Tensor): Tensor {
  const target = cast(u, "float64");
  let probability = atZero;
  let below = atZero;
  let count = cast(target.gt(below), u.dtype);
  for (let k = 1; k < MOST; k++) {
    probability = probability.mul(ratio(k));
    below = below.add(probability);
    count = count.add(cast(target.gt(below), u.dtype));
  }
  return count;
}

/** The constants of a transformation of uniform draws into a hat over a histogram. */
interface Hat {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly centre: Tensor;
  readonly factor: Tensor;
}

/**
 * Transformed rejection: k = floor((2 a / (1/2 - |u|) + b) u + centre), with u between -1/2 and
 * 1/2, is accepted where v factor / (a / (1/2 - |u|)^2 + b) <= p(k).
 */
function transformedRejection(
  key: Key,
  axes: readonly Axis[],
  { a, b, centre, factor }: Hat,
  most: Tensor | undefined,
  logProbability: (k: Tensor) => Tensor,
): Tensor {
  const { dtype } = centre;
  return firstAccepted(TRIES, (tries) => {
    const each = unionAxes(axes, [tries]);
    const u = uniform(fold(key, "place"), each, dtype).sub(0.5);
    const v = uniform(fold(key, "accept"), each, dtype);
    const edge = abs(u).neg().add(0.5);
    const k = floor(a.mul(2).div(edge).add(b).mul(u).add(centre));
    const inside = most === undefined ? k.ge(0) : and(k.ge(0), k.le(most));
    const legal = select(inside, k, 0);
    const slope = a.div(square(edge)).add(b);
    const height = log(v.mul(factor).div(slope));
    return { value: legal, accepted: and(inside, height.le(logProbability(legal))) };
  });
}

/**
 * Poisson draws (whole numbers of the rate's type) over `axes`. Large rates: algorithm PTRS of W.
 * Hoermann, "The transformed rejection method for generating Poisson random variables" (Insurance:
 * Mathematics and Economics 12, 1993).
 */
export function poissonDraw(key: Key, axes: readonly Axis[], rate: Tensor): Tensor {
  const small = cast(minimum(rate, SMALL), "float64");
  const u = uniform(fold(key, "invert"), axes, rate.dtype);
  const inverted = invert(u, exp(small.neg()), (k) => small.mul(1 / k));
  const large = maximum(rate, SMALL);
  const b = sqrt(large).mul(2.53).add(0.931);
  const hat = {
    a: b.mul(0.02483).sub(0.059),
    b,
    centre: large.add(0.43),
    factor: reciprocal(b.sub(3.4)).mul(1.1328).add(1.1239),
  };
  const rejected = transformedRejection(key, axes, hat, undefined, (k) =>
    inFloat64([k, large], logPoisson),
  );
  return select(rate.lt(SMALL), inverted, rejected);
}

/**
 * Binomial draws (whole numbers of the logits' type) over `axes`: of the rarer outcome, then turned
 * round. Large means: algorithm BTRS of W. Hoermann, "The generation of binomial random variates"
 * (Journal of Statistical Computation and Simulation 46, 1993).
 */
export function binomialDraw(
  key: Key,
  axes: readonly Axis[],
  total: Tensor,
  logits: Tensor,
): Tensor {
  const logit = abs(logits).neg();
  const p = sigmoid(logit);
  const isSmall = total.mul(p).lt(SMALL);
  const u = uniform(fold(key, "invert"), axes, total.dtype);
  const odds = exp(cast(logit, "float64"));
  const few = cast(select(isSmall, total, 0), "float64");
  const inverted = invert(u, exp(few.mul(log1p(odds)).neg()), (k) =>
    maximum(few.sub(k - 1), 0).mul(odds.mul(1 / k)),
  );
  const many = select(isSmall, 4 * SMALL, total);
  const often = select(isSmall, 0.25, p);
  const spread = sqrt(many.mul(often).mul(often.neg().add(1)));
  const b = spread.mul(2.53).add(1.15);
  const hat = {
    a: b.mul(0.0248).add(often.mul(0.01)).sub(0.0873),
    b,
    centre: many.mul(often).add(0.5),
    factor: reciprocal(b).mul(5.1).add(2.83).mul(spread),
  };
  const mode = floor(many.add(1).mul(often));
  const logOdds = select(isSmall, -Math.log(3), logit);
  const rejected = transformedRejection(key, axes, hat, many, (k) =>
    inFloat64([k, many, mode, logOdds], (k, n, mode, logOdds) => {
      // Of a binomial distribution of the mean `mode`, up to a constant, as two independent counts.
      const around = (k: Tensor) => logPoisson(k, mode).add(logPoisson(n.sub(k), n.sub(mode)));
      const apart = logOdds.sub(log(mode.div(n.sub(mode))));
      return around(k).sub(around(mode)).add(k.sub(mode).mul(apart));
    }),
  );
  const rare = select(isSmall, inverted, rejected);
  return select(logits.gt(0), total.sub(rare), rare);
}

function reciprocal(x: Tensor): Tensor {
  return constant(1, x.dtype).div(x);
}
