import {
  cast,
  constant,
  exp,
  expm1,
  inFloat64,
  log,
  log1mExp,
  log1p,
  logNormalCdf,
  maximum,
  minimum,
  normalQuantileOfLog,
  type Operand,
  SurmiseError,
  select,
  square,
  stopGradient,
  type Tensor,
  uniform,
  withDerivatives,
} from "../../tensor/index.ts";
import { type Distribution, distribution } from "../distribution.ts";
import { parametersOf } from "../parameters.ts";
import { POSITIVE, REAL, type Support } from "../support.ts";

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/**
 * The normal distribution (its mean and standard deviation before truncation) given that the value
 * lies between the bounds, one of which may be left out:
 *
 *     log p(x) = -z^2 / 2 - log sd - log(2 pi) / 2 - log(Phi(high') - Phi(low')),
 *
 * with z = (x - mean) / sd and the bounds taken likewise. A draw is the normal quantile of a uniform number
 * between Phi(low') and Phi(high'), all in logarithms of the smaller tail, so that bounds far
 * out lose nothing.
 *
 * @throws SurmiseError if both bounds are left out or `low` is not below `high`, or as `normal`.
 *
 * @example sample("height", truncatedNormal(0, 1, { low: 0 }))
 */
export function truncatedNormal(
  mean: Operand,
  sd: Operand,
  bounds: { readonly low?: Operand; readonly high?: Operand },
): Distribution {
  const { low, high } = bounds;
  if (low === undefined && high === undefined) {
    throw new SurmiseError("truncatedNormal: neither low nor high is given; use normal(mean, sd)");
  }
  if (typeof low === "number" && typeof high === "number" && !(low < high)) {
    throw new SurmiseError(`truncatedNormal: low must be less than high, not ${low} and ${high}`);
  }
  const ends = { ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) };
  const given = parametersOf<string>(
    "truncatedNormal",
    { mean, sd, ...ends },
    { mean: REAL, sd: POSITIVE, low: REAL, high: REAL },
  );
  const { mean: m, sd: s } = given.parameters;
  const { low: from, high: to } = given.parameters as { low?: Tensor; high?: Tensor };
  /** The bounds in units of the spread; those left out are infinite and depend on nothing. */
  const standardised = (m: Tensor, s: Tensor): Bounds => ({
    a: from ? cast(from, m.dtype).sub(m).div(s) : constant(Number.NEGATIVE_INFINITY, m.dtype),
    b: to ? cast(to, m.dtype).sub(m).div(s) : constant(Number.POSITIVE_INFINITY, m.dtype),
  });
  const moments = (m: Tensor, s: Tensor) => {
    const { a, b } = standardised(m, s);
    const logZ = logMass({ a, b });
    const height = (x: Tensor) => exp(square(x).mul(-0.5).sub(HALF_LOG_2PI).sub(logZ));
    const lean = from ? a.mul(height(a)) : constant(0, m.dtype);
    return {
      logZ,
      shift: height(a).sub(height(b)),
      bend: to ? lean.sub(b.mul(height(b))) : lean,
    };
  };
  return distribution({
    name: "truncatedNormal",
    ...given,
    support: supportOf(from, to),
    reparameterised: true,
    logProb: (x) =>
      inFloat64([x, m, s], (x, m, s) => {
        const density = square(x.sub(m).div(s)).mul(-0.5).sub(log(s)).sub(HALF_LOG_2PI);
        return density.sub(logMass(standardised(m, s)));
      }),
    sample: (key, axes) => {
      const z = draw(uniform(key, axes, m.dtype), standardised(m, s));
      const x = m.add(s.mul(z));
      const atLeast = from ? maximum(x, from) : x;
      return to ? minimum(atLeast, to) : atLeast;
    },
    mean: () => inFloat64([m, s], (m, s) => m.add(s.mul(moments(m, s).shift))),
    variance: () =>
      inFloat64([m, s], (m, s) => {
        const { shift, bend } = moments(m, s);
        return square(s).mul(bend.add(1).sub(square(shift)));
      }),
    cdf: (x) =>
      inFloat64([x, m, s], (x, m, s) => {
        const { a, b } = standardised(m, s);
        const z = minimum(maximum(x.sub(m).div(s), a), b);
        return exp(logMass({ a, b: z }).sub(logMass({ a, b })));
      }),
    entropy: () =>
      inFloat64([m, s], (m, s) => {
        const { logZ, bend } = moments(m, s);
        return log(s)
          .add(logZ)
          .add(bend.mul(0.5))
          .add(HALF_LOG_2PI + 0.5);
      }),
  });
}

interface Bounds {
  readonly a: Tensor;
  readonly b: Tensor;
}

/** The bounds, turned round where both are positive, so that they lie in the lower tail. */
function lowered({ a, b }: Bounds): Bounds & { readonly turned: Tensor } {
  const turned = a.gt(0);
  return { turned, a: select(turned, b.neg(), a), b: select(turned, a.neg(), b) };
}

/** log(Phi(b) - Phi(a)). */
function logMass(bounds: Bounds): Tensor {
  const { a, b } = lowered(bounds);
  const upper = logNormalCdf(b);
  return upper.add(log1mExp(upper.sub(logNormalCdf(a))));
}

/**
 * The z with Phi(z) = Phi(a) + u (Phi(b) - Phi(a)), or with 1 - u for u, and its derivatives with
 * respect to the bounds at a constant u.
 */
function draw(u: Tensor, bounds: Bounds): Tensor {
  const { turned, a, b } = lowered({ a: stopGradient(bounds.a), b: stopGradient(bounds.b) });
  const upper = logNormalCdf(b);
  const logP = upper.add(log1p(u.mul(expm1(logNormalCdf(a).sub(upper)))));
  const low = normalQuantileOfLog(logP);
  const z = select(turned, low.neg(), low);
  const share = select(turned, u, u.neg().add(1));
  const ratio = (end: Tensor) => exp(square(z).sub(square(end)).mul(0.5));
  return withDerivatives(z, [
    [bounds.a, share.neg().add(1).mul(ratio(bounds.a))],
    [bounds.b, share.mul(ratio(bounds.b))],
  ]);
}

function supportOf(low: Tensor | undefined, high: Tensor | undefined): Support {
  if (low === undefined) return { kind: "below", high: high as Tensor };
  return high === undefined ? { kind: "above", low } : { kind: "interval", low, high };
}
