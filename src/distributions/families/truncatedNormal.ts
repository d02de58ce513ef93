import {
  cast,
  checkArguments,
  constant,
  exp,
  expm1,
  HALF_LOG_2PI,
  inFloat64,
  log,
  log1mExp,
  log1p,
  logNormalCdf,
  maximum,
  minimum,
  normalQuantileOfLog,
  OPERAND,
  type Operand,
  optional,
  optionsWith,
  SurmiseError,
  select,
  square,
  stopGradient,
  type Tensor,
  uniform,
  withDerivatives,
} from "../../tensor/internal.ts";
import type { Bounds } from "../derived/mass.ts";
import { type Distribution, distribution } from "../distribution.ts";
import { parametersOf } from "../parameters.ts";
import { POSITIVE, REAL, type Support } from "../support/support.ts";

/**
 * The normal distribution (its mean and standard deviation before truncation) given that the value
 * lies between the bounds, one of which may be left out:
 *
 *     log p(x) = -z^2 / 2 - log sd - log(2 pi) / 2 - log(Phi(upper') - Phi(lower')),
 *
 * with z = (x - mean) / sd and the bounds taken likewise. A draw is the normal quantile of a
 * uniform number between Phi(lower') and Phi(upper'), all in logarithms of the smaller tail, so that
 * bounds far out lose nothing.
 *
 * @throws SurmiseError if both bounds are left out or `lower` is not below `upper`, or as `normal`.
 *
 * @example sample("height", truncatedNormal(0, 1, { lower: 0 }))
 */
export function truncatedNormal(mean: Operand, sd: Operand, bounds: Bounds): Distribution {
  checkArguments(
    "truncatedNormal",
    { bounds },
    optionsWith<typeof bounds>({ lower: optional(OPERAND), upper: optional(OPERAND) }),
  );
  const { lower, upper } = bounds;
  if (lower === undefined && upper === undefined) {
    throw new SurmiseError(
      "truncatedNormal: neither lower nor upper is given; use normal(mean, sd)",
    );
  }
  if (typeof lower === "number" && typeof upper === "number" && !(lower < upper)) {
    throw new SurmiseError(
      `truncatedNormal: lower must be less than upper, not ${lower} and ${upper}`,
    );
  }
  const ends = {
    ...(lower !== undefined && { lower }),
    ...(upper !== undefined && { upper }),
  };
  const given = parametersOf<string>(
    "truncatedNormal",
    { mean, sd, ...ends },
    { mean: REAL, sd: POSITIVE, lower: REAL, upper: REAL },
  );
  const { mean: m, sd: s } = given.parameters;
  const { lower: from, upper: to } = given.parameters as { lower?: Tensor; upper?: Tensor };
  /** The bounds in units of the spread. */
  const standardised = (m: Tensor, s: Tensor): Standardised => {
    const unit = (end: Tensor) => cast(end, m.dtype).sub(m).div(s);
    return { ...(from && { a: unit(from) }), ...(to && { b: unit(to) }) };
  };
  const moments = (m: Tensor, s: Tensor) => {
    const bounds = standardised(m, s);
    const logZ = logMass(bounds);
    const none = constant(0, m.dtype);
    const height = (x: Tensor) => exp(square(x).mul(-0.5).sub(HALF_LOG_2PI).sub(logZ));
    const [atLow, atHigh] = [bounds.a, bounds.b].map((x) => (x ? height(x) : none));
    return {
      logZ,
      shift: atLow.sub(atHigh),
      bend: (bounds.a ?? none).mul(atLow).sub((bounds.b ?? none).mul(atHigh)),
    };
  };
  /** The logarithm of the share of the mass that lies between other bounds. */
  const share = (x: Tensor, within: (z: Tensor, bounds: Standardised) => Standardised) =>
    inFloat64([x, m, s], (x, m, s) => {
      const bounds = standardised(m, s);
      return logMass(within(x.sub(m).div(s), bounds)).sub(logMass(bounds));
    });
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
      return between(m.add(s.mul(z)), { ...(from && { a: from }), ...(to && { b: to }) });
    },
    mean: () => inFloat64([m, s], (m, s) => m.add(s.mul(moments(m, s).shift))),
    variance: () =>
      inFloat64([m, s], (m, s) => {
        const { shift, bend } = moments(m, s);
        return square(s).mul(bend.add(1).sub(square(shift)));
      }),
    cdf: (x) =>
      inFloat64([x, m, s], (x, m, s) => {
        const bounds = standardised(m, s);
        const z = between(x.sub(m).div(s), bounds);
        return exp(logMass({ ...bounds, b: z }).sub(logMass(bounds)));
      }),
    logCdf: (x) => share(x, (z, { a }) => ({ ...(a && { a }), b: z })),
    logSurvival: (x) => share(x, (z, { b }) => ({ a: z, ...(b && { b }) })),
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

/** One of the two at least. */
interface Standardised {
  readonly a?: Tensor;
  readonly b?: Tensor;
}

function between(x: Tensor, { a, b }: Standardised): Tensor {
  const atLeast = a ? maximum(x, a) : x;
  return b ? minimum(atLeast, b) : atLeast;
}

interface LowerBounds {
  /**
   * Where the bounds and all between have been turned round, so that they lie in the lower tail.
   */
  readonly turned: Tensor;
  readonly a?: Tensor;
  readonly b: Tensor;
}

function lowered({ a, b }: Standardised): LowerBounds {
  if (a === undefined) return { turned: constant(0, "uint8"), b: b as Tensor };
  if (b === undefined) return { turned: constant(1, "uint8"), b: a.neg() };
  const turned = a.gt(0);
  return { turned, a: select(turned, b.neg(), a), b: select(turned, a.neg(), b) };
}

/** log(Phi(b) - Phi(a)). */
function logMass(bounds: Standardised): Tensor {
  const { a, b } = lowered(bounds);
  const upper = logNormalCdf(b);
  return a ? upper.add(log1mExp(upper.sub(logNormalCdf(a)))) : upper;
}

/**
 * The z with Phi(z) = Phi(a) + u (Phi(b) - Phi(a)), or with 1 - u for u, and its derivatives with
 * respect to the bounds at a constant u.
 */
function draw(u: Tensor, bounds: Standardised): Tensor {
  const { turned, a, b } = lowered(bounds);
  const upper = logNormalCdf(b);
  const missing = a ? expm1(logNormalCdf(a).sub(upper)) : constant(-1, u.dtype);
  const low = normalQuantileOfLog(upper.add(log1p(u.mul(missing))));
  const z = stopGradient(select(turned, low.neg(), low));
  const share = select(turned, u, u.neg().add(1));
  const slope = (part: Tensor, end: Tensor): [Tensor, Tensor] => [
    end,
    part.mul(exp(square(z).sub(square(end)).mul(0.5))),
  ];
  return withDerivatives(z, [
    ...(bounds.a ? [slope(share.neg().add(1), bounds.a)] : []),
    ...(bounds.b ? [slope(share, bounds.b)] : []),
  ]);
}

function supportOf(low: Tensor | undefined, high: Tensor | undefined): Support {
  if (low === undefined) return { kind: "below", high: high as Tensor };
  return high === undefined ? { kind: "above", low } : { kind: "interval", low, high };
}
