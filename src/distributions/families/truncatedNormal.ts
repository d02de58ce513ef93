import {
  cast,
  checkArguments,
  constant,
  distance,
  exp,
  expm1,
  HALF_LOG_2PI,
  inFloat64,
  log,
  log1mExp,
  log1p,
  logNormalCdf,
  maximum,
  millsRatio,
  minimum,
  normalQuantileOfLog,
  OPERAND,
  type Operand,
  optional,
  optionsWith,
  SurmiseError,
  select,
  sqrt,
  square,
  stopGradient,
  Tensor,
  uniform,
  withDerivatives,
} from "../../tensor/internal.ts";
import type { Bounds, Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
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
    const [low, high] = [from, to].map((end) => end && cast(end, m.dtype));
    const unit = (end: Tensor) => end.sub(m).div(s);
    return {
      ...(low && { a: unit(low) }),
      ...(high && { b: unit(high) }),
      ...(low && high && { width: high.sub(low).div(s) }),
    };
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
        // (z^2 - c^2) / 2, of the point c between the bounds that is nearest to the mean: far out both are large.
        const bounds = standardised(m, s);
        // A mean at a bound is that point itself, as in the mass: so second derivatives are those of one side.
        const [low, high] = [from, to].map((end) => end && cast(end, m.dtype));
        const atLeast = low ? select(m.lt(low), low, m) : m;
        const nearest = high ? select(atLeast.gt(high), high, atLeast) : atLeast;
        const [z, c] = [x, nearest].map((at) => at.sub(m).div(s));
        const fall = x.sub(nearest).div(s).mul(z.add(c)).mul(-0.5);
        return fall.sub(log(s)).sub(HALF_LOG_2PI).sub(nearMass(bounds));
      }),
    sample: (key, axes) => {
      const { z, beside } = draw(uniform(key, axes, m.dtype), standardised(m, s));
      const ends = { ...(from && { a: from }), ...(to && { b: to }) };
      // As m + s z, which loses all digits where the mean is far from the bounds.
      const x = between(between(m, ends).add(s.mul(beside)), ends);
      return withDerivatives(stopGradient(x), [
        [m, constant(1, m.dtype)],
        [s, stopGradient(z)],
        [z, stopGradient(s)],
      ]);
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
        const { a } = bounds;
        return exp(logMass({ ...(a && { a }), b: z }).sub(logMass(bounds)));
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

/** In standard deviations: so far from all that is likely, a normal has less than exp(-800) of its mass. */
const REACH = 40;

/** The bounds of a normal, in the place of tensors, which may be infinite, finite ones that no draw lies beyond. */
export function reachable(mean: Tensor, sd: Tensor, { lower, upper }: Bounds): Bounds {
  const reach = sd.mul(REACH);
  const least = (upper === undefined ? mean : minimum(mean, upper)).sub(reach);
  const most = (lower === undefined ? mean : maximum(mean, lower)).add(reach);
  return {
    ...(lower !== undefined && { lower: lower instanceof Tensor ? maximum(lower, least) : lower }),
    ...(upper !== undefined && { upper: upper instanceof Tensor ? minimum(upper, most) : upper }),
  };
}

/** One of the two ends at least; with both, the distance between them where it is known better than they are. */
interface Standardised {
  readonly a?: Tensor;
  readonly b?: Tensor;
  readonly width?: Tensor;
}

function between(x: Tensor, { a, b }: Omit<Standardised, "width">): Tensor {
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
  const { b } = lowered(bounds);
  return nearMass(bounds).sub(square(minimum(b, 0)).mul(0.5));
}

const logMills = (x: Tensor) => log(millsRatio(distance(x)));

/** How far log Phi rises from a to b; in the tail by (a^2 - b^2) / 2 and the quotient of Mills' ratios. */
function riseOf(a: Tensor, b: Tensor, width: Tensor): Tensor {
  const inTail = width
    .mul(a.add(b))
    .mul(-0.5)
    .add(logMills(b).sub(logMills(a)));
  return select(b.lt(0), inTail, logNormalCdf(b).sub(logNormalCdf(a)));
}

/** Bounds are narrow where their distance is less than this in units of the density's own width. */
const NARROW = 1e-3;

/** log(Phi(b) - Phi(a)) + c^2 / 2, of the point c between them that is nearest to 0: exact also where c^2 is large. */
function nearMass(bounds: Standardised): Tensor {
  const { a, b } = lowered(bounds);
  const isTail = b.lt(0);
  const upper = select(isTail, logMills(b).sub(HALF_LOG_2PI), logNormalCdf(b));
  if (a === undefined) return upper;
  const width = bounds.width ?? b.sub(a);
  const sum = a.add(b).mul(-0.5);
  // The density at the middle m times the width: (m^2 - c^2) / 2 is small, the next term w^2 (m^2 - 1) / 24.
  const middle = select(isTail, width.mul(width.div(4).sub(b)), square(sum)).mul(-0.5);
  const curve = square(width).mul(square(sum).sub(1)).div(24);
  const narrow = log(width).add(middle).sub(HALF_LOG_2PI).add(log1p(curve));
  return select(isNarrow(width, sum), narrow, upper.add(log1mExp(riseOf(a, b, width))));
}

/** Where the tail is as good as exponential. */
const FAR = -1e4;

/**
 * The z with Phi(z) = Phi(a) + u (Phi(b) - Phi(a)), or with 1 - u for u, and its derivatives with
 * respect to the bounds at a constant u; and how far it lies beside the point between them that is nearest to 0.
 */
function draw(u: Tensor, bounds: Standardised): { readonly z: Tensor; readonly beside: Tensor } {
  const { turned, a, b } = lowered(bounds);
  const upper = logNormalCdf(b);
  const missing = a ? expm1(riseOf(a, b, bounds.width ?? b.sub(a)).neg()) : constant(-1, u.dtype);
  const fall = log1p(u.mul(missing));
  // Far out t = b - z solves |b| t + t^2 / 2 = -fall, but for a relative error of 1 / b^2.
  const far = fall.mul(2).div(sqrt(square(b).sub(fall.mul(2))).sub(b));
  const nearest = minimum(b, 0);
  const share = select(turned, u, u.neg().add(1));
  const turn = (x: Tensor) => select(turned, x.neg(), x);
  const inside = turn(normalQuantileOfLog(upper.add(fall)).sub(nearest));
  const beside = select(b.lt(FAR), turn(far), narrowly(share, bounds, inside));
  const z = stopGradient(turn(nearest).add(beside));
  const slope = (part: Tensor, end: Tensor): [Tensor, Tensor] => [
    end,
    part.mul(exp(z.sub(end).mul(z.add(end)).mul(0.5))),
  ];
  return {
    z: withDerivatives(z, [
      ...(bounds.a ? [slope(share.neg().add(1), bounds.a)] : []),
      ...(bounds.b ? [slope(share, bounds.b)] : []),
    ]),
    beside: stopGradient(beside),
  };
}

/**
 * Where bounds are narrow, how far the z with this share of the mass below it lies beside the point between them that is
 * nearest to 0, to the second order in the width; else `otherwise`.
 */
function narrowly(share: Tensor, { a, b, width }: Standardised, otherwise: Tensor): Tensor {
  if (a === undefined || b === undefined || width === undefined) return otherwise;
  const middle = a.add(b).mul(0.5);
  const bend = middle.mul(width).mul(share.neg().add(1)).mul(-0.5).add(1);
  const low = select(a.gt(0), 0, select(b.lt(0), width.neg(), a));
  const beside = low.add(width.mul(share).mul(bend));
  return select(isNarrow(width, middle), beside, otherwise);
}

const isNarrow = (width: Tensor, middle: Tensor) => width.mul(distance(middle).add(1)).lt(NARROW);

function supportOf(low: Tensor | undefined, high: Tensor | undefined): Support {
  if (low === undefined) return { kind: "below", high: high as Tensor };
  return high === undefined ? { kind: "above", low } : { kind: "interval", low, high };
}
