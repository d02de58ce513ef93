import {
  cast,
  checkArguments,
  constant,
  exp,
  floor,
  maximum,
  minimum,
  OPERAND,
  type Operand,
  optional,
  optionsWith,
  SurmiseError,
  Tensor,
} from "../../tensor/internal.ts";
import { type BoundTensors, checkOrdered, logMass, logMassAbove } from "../derived/mass.ts";
import { type Bounds, DISTRIBUTION, type Distribution } from "../distribution.ts";
import { composedOf } from "../family/composed.ts";
import { distribution } from "../family/family.ts";
import { drawByBisection } from "../samplers/bisection.ts";
import { guardEnds } from "../support/guards.ts";
import { plainNumber, REAL, type Support } from "../support/support.ts";
import { endsOf } from "../support/supportRules.ts";

/**
 * Any distribution of single numbers given that the value lies between bounds, both included, one of which may be
 * left out:
 *
 *     log p(x) = log p_0(x) - log P_0(lower <= x <= upper),  lower <= x <= upper.
 *
 * The bounds may be tensors, also latents, and of observed values infinite where there is none. The mass is that of
 * the tail in which the bounds lie, in logarithms. Draws invert the distribution function by bisection, and have no
 * derivatives; those of a normal are as those of `truncatedNormal`, which it is between numbers, and have some. Event
 * axes are added afterwards.
 *
 * @throws SurmiseError if no bound is given, known ones are not in order, or the distribution has event axes, values
 * that are neither real numbers nor counts, or no distribution function.
 *
 * @example observe("visits", truncated(poisson(rate), { lower: 1 }), visits)
 */
export function truncated(whole: Distribution, bounds: Bounds): Distribution {
  checkArguments("truncated", { whole }, DISTRIBUTION);
  checkArguments(
    "truncated",
    { bounds },
    optionsWith<typeof bounds>({ lower: optional(OPERAND), upper: optional(OPERAND) }),
  );
  checkOrdered("truncated", whole);
  const given = boundTensors("truncated", whole, bounds);
  if (areNumbers(bounds) && whole.between) return whole.between(bounds);
  const inside = whole.between?.(given);
  const support = cutSupport(whole, bounds);
  const total = logMass(whole, given);
  const isCount = support.kind === "count";
  const isAbove0 = bounds.upper === undefined && plain(bounds.lower) === 1;
  const logCdf = (x: Tensor) => logMass(whole, { ...given, upper: x }).sub(total);
  const dtype = whole.dtype as "float32" | "float64";
  return distribution({
    name: "truncated",
    ...withBounds(whole, given),
    dtype,
    support,
    reparameterised: inside !== undefined,
    logProb: (x) => (isAbove0 && whole.logProbOfSome?.(x)) || whole.logProb(x).sub(total),
    sample: (key, axes) => {
      if (inside) return inside.sample(key, axes);
      const { low, high } = endsOf(support) ?? {};
      const end = (x: Operand | undefined, none: number) =>
        x instanceof Tensor ? x : constant(x ?? none, dtype);
      const drawn = {
        low: end(low ?? (isCount ? 0 : undefined), Number.NEGATIVE_INFINITY),
        high: end(high, Number.POSITIVE_INFINITY),
        isWhole: isCount,
        dtype,
      };
      return drawByBisection(key, axes, drawn, (x) => logCdf(between(x, given)));
    },
    cdf: (x) => exp(guardEnds(support, x, logCdf, Number.NEGATIVE_INFINITY, 0)),
    logCdf,
    logSurvival: (x) => logMassAbove(whole, { ...given, lower: isCount ? floor(x) : x }).sub(total),
  });
}

function areNumbers(bounds: Bounds): boolean {
  return Object.values(bounds).every((bound) => bound === undefined || typeof bound === "number");
}

/**
 * The bounds in the type of the draws.
 *
 * @throws SurmiseError if there is none, or known ones are not in order.
 */
export function boundTensors(
  word: string,
  { dtype }: Distribution,
  { lower, upper }: Bounds,
): BoundTensors {
  if (lower === undefined && upper === undefined) {
    throw new SurmiseError(`${word}: neither lower nor upper is given; leave ${word}(...) out`);
  }
  if (typeof lower === "number" && typeof upper === "number" && !(lower < upper)) {
    throw new SurmiseError(`${word}: lower must be less than upper, not ${lower} and ${upper}`);
  }
  for (const bound of [lower, upper]) {
    if (typeof bound === "number" && !Number.isFinite(bound)) {
      throw new SurmiseError(`${word}: a bound must be finite, not ${bound}; leave it out`);
    }
  }
  const tensorOf = (x: Operand) => (x instanceof Tensor ? cast(x, dtype) : constant(x, dtype));
  return {
    ...(lower !== undefined && { lower: tensorOf(lower) }),
    ...(upper !== undefined && { upper: tensorOf(upper) }),
  };
}

/** The parameters of a distribution, and bounds among them; draws have the axes of both. */
export function withBounds(whole: Distribution, bounds: BoundTensors) {
  const real = Object.fromEntries(Object.keys(bounds).map((name) => [name, REAL]));
  return composedOf(whole, { ...bounds }, real);
}

/** The part of the support of a distribution that lies between bounds. */
export function cutSupport({ support, dtype }: Distribution, { lower, upper }: Bounds): Support {
  const own = endsOf(support) ?? {};
  const tensorOf = (x: Operand) => (x instanceof Tensor ? x : constant(x, dtype));
  const both = (
    a: Operand | undefined,
    b: Operand | undefined,
    numbers: (a: number, b: number) => number,
    tensors: (a: Tensor, b: Operand) => Tensor,
  ): Tensor | undefined => {
    const [one, other] = [a, b].map(plain).filter((x) => x !== undefined);
    if (one === undefined) return undefined;
    if (other === undefined) return tensorOf(one);
    if (typeof one === "number" && typeof other === "number")
      return constant(numbers(one, other), dtype);
    return tensors(tensorOf(one), other);
  };
  const low = both(lower, own.low, Math.max, maximum);
  const high = both(upper, own.high, Math.min, minimum);
  if (support.kind === "count") {
    return { kind: "count", ...(low && { least: low }), ...(high && { most: high }) };
  }
  if (low === undefined) return { kind: "below", high: high as Tensor };
  return high === undefined ? { kind: "above", low } : { kind: "interval", low, high };
}

/** A constant as its number. */
function plain(x: Operand | undefined): Operand | undefined {
  return x instanceof Tensor ? (plainNumber(x) ?? x) : x;
}

function between(x: Tensor, { lower, upper }: BoundTensors): Tensor {
  const atLeast = lower ? maximum(x, lower) : x;
  return upper ? minimum(atLeast, upper) : atLeast;
}
