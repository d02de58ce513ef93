import {
  cast,
  checkArguments,
  digammaRemainder,
  either,
  expm1Quotient,
  fold,
  inFloat64,
  log,
  logBeta,
  logChoose,
  logRatio,
  logRising,
  maximum,
  OPERAND,
  type Operand,
  optionsWith,
  select,
  Tensor,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { binomialDraw } from "../samplers/counts.ts";
import { standardGamma } from "../samplers/gamma.ts";
import { keepPositive } from "../samplers/range.ts";
import { COUNT, POSITIVE, UNIT } from "../support/support.ts";

/** A distribution of probabilities by its mean, and how close to it they lie. */
export interface MeanAndConcentration {
  /** Between 0 and 1. */
  readonly mean: Operand;
  /** Positive: a + b, as that many trials seen before. */
  readonly concentration: Operand;
}

/** Both shapes of a beta distribution, and in float64 of what they are made of. */
interface Shapes {
  readonly alpha: Operand;
  readonly beta: Operand;
  readonly exact?: readonly [Tensor, Tensor];
}

function shapesOf(how: Operand | MeanAndConcentration, second: Operand): Shapes {
  if (typeof how === "number" || how instanceof Tensor) return { alpha: how, beta: second };
  const { mean, concentration } = how;
  const { parameters } = parametersOf(
    "betaBinomial",
    { mean, concentration },
    { mean: UNIT, concentration: POSITIVE },
  );
  const { mean: m, concentration: k } = parameters;
  const made = (m: Tensor, k: Tensor): [Tensor, Tensor] => [m.mul(k), m.neg().add(1).mul(k)];
  const [alpha, beta] = made(m, k).map(keepPositive);
  return { alpha, beta, exact: made(cast(m, "float64"), cast(k, "float64")) };
}

/** So many trials that the logarithms of their rises are large. */
const MANY = 1000;

/** log B(a + x, b + y) - log B(a, b), of which both are large where a + b is, and rises of each where x + y is. */
function logBetaQuotient(a: Tensor, b: Tensor, x: Tensor, y: Tensor): Tensor {
  const [shapes, trials] = [a.add(b), x.add(y)];
  const apart = logBeta(x.add(a), y.add(b)).sub(logBeta(a, b));
  const rises = logRising(a, x).add(logRising(b, y)).sub(logRising(shapes, trials));
  return select(trials.lt(maximum(shapes, MANY)), rises, apart);
}

function logPmf(x: Tensor, n: Tensor, a: Tensor, b: Tensor): Tensor {
  return logChoose(n, x).add(logBetaQuotient(a, b, x, n.sub(x)));
}

/** An a so much less than b is taken for small. */
const SMALL = 2 ** -14;

/**
 * log((1 - p(0)) (a + b) / (n a)): how likely some success is beside its limit where a is close to 0. There log p(0) is
 * minus the integral of digamma(c + n) - digamma(c) from b to a + b, a times its value in the middle.
 */
function logSomeByMean(n: Tensor, a: Tensor, b: Tensor): Tensor {
  const isSmall = a.lt(b.mul(SMALL));
  const c = select(isSmall, a, 0).mul(0.5).add(b);
  const slope = logRatio(c.add(n), c).add(digammaRemainder(c.add(n)).sub(digammaRemainder(c)));
  const other = select(isSmall, 1, a);
  const whole = logBetaQuotient(other, b, n.mul(0), n).neg().div(other);
  const rate = select(isSmall, slope, whole);
  return log(expm1Quotient(rate.mul(a).neg()))
    .add(log(rate))
    .add(log(a.add(b).div(n)));
}

/**
 * The number of successes in `total` trials whose probability is itself beta with a = alpha and b =
 * beta:
 *
 *     log p(x) = log(n over x) + log B(x + a, n - x + b) - log B(a, b),  x = 0, ..., n.
 *
 * It may be given by the mean m of that probability and its concentration a + b instead: a = m (a + b). The variance
 * is that of a binomial times 1 + (n - 1) / (a + b + 1).
 *
 * @throws SurmiseError if a known `total` is not a whole number of at least 0, `alpha`, `beta` or `concentration` is
 * not positive, or `mean` not between 0 and 1.
 *
 * @example observe("hits", betaBinomial(shots, { mean: skill, concentration: 10 }), hits)
 */
export function betaBinomial(total: Operand, alpha: Operand, beta: Operand): Distribution;
export function betaBinomial(total: Operand, how: MeanAndConcentration): Distribution;
export function betaBinomial(
  total: Operand,
  how: Operand | MeanAndConcentration,
  second?: Operand,
): Distribution {
  checkArguments(
    "betaBinomial",
    { how },
    either(
      OPERAND,
      optionsWith<{ mean: unknown; concentration: unknown }>({
        mean: OPERAND,
        concentration: OPERAND,
      }),
    ),
  );
  const { alpha, beta, exact } = shapesOf(how, second as Operand);
  const given = parametersOf(
    "betaBinomial",
    { total, alpha, beta },
    { total: COUNT, alpha: POSITIVE, beta: POSITIVE },
  );
  const { total: n, alpha: a, beta: b } = given.parameters;
  return distribution({
    name: "betaBinomial",
    ...given,
    support: { kind: "count", most: n },
    reparameterised: false,
    logProb: (x) => inFloat64([x, n, ...(exact ?? [a, b])], logPmf),
    logProbOfSome: (x) =>
      // x C(n, x) = n C(n - 1, x - 1).
      inFloat64([x, n, ...(exact ?? [a, b])], (x, n, a, b) =>
        logPmf(x.sub(1), n.sub(1), a.add(1), b)
          .sub(log(x))
          .sub(logSomeByMean(n, a, b)),
      ),
    sample: (key, axes) => {
      const one = standardGamma(fold(key, "alpha"), axes, a).logDraw;
      const other = standardGamma(fold(key, "beta"), axes, b).logDraw;
      return binomialDraw(fold(key, "trials"), axes, n, one.sub(other));
    },
    mean: () => n.mul(a.div(a.add(b))),
    variance: () => {
      const whole = a.add(b);
      const apart = a.div(whole).mul(b.div(whole));
      return n.mul(apart).mul(whole.add(n).div(whole.add(1)));
    },
  });
}
