import {
  ANYTHING,
  and,
  CONDITION,
  cast,
  checkArguments,
  constant,
  OPERAND,
  type Operand,
  optional,
  optionsWith,
  or,
  SurmiseError,
  select,
  Tensor,
} from "../../tensor/internal.ts";
import { DISTRIBUTION, type Distribution } from "../distribution.ts";
import { composedOf } from "../family/composed.ts";
import { distribution } from "../family/family.ts";
import { checkOrdered, logMass } from "./mass.ts";

/** What is known of values that were not seen exactly: for each row, uint8 marks and ends of intervals. */
export interface Censoring {
  /** 1 where it is only known that x is at most the value (below a limit of detection). */
  readonly left?: Tensor;
  /** 1 where it is only known that x is at least the value (still alive at the end of the study). */
  readonly right?: Tensor;
  /** The other end of an interval: where it is greater than the value, x lies between the two, ends included. */
  readonly to?: Operand;
}

const CENSORING = optionsWith<Censoring>({ left: ANYTHING, right: ANYTHING, to: ANYTHING });

/**
 * Any distribution of single numbers, seen with censoring. The log density of a value v is, row by row,
 *
 *     log p(v)              where it was seen,
 *     log P(x <= v)         where it is marked `left`,
 *     log P(x >= v)         where it is marked `right`,
 *     log P(v <= x <= to)   where `to` is greater than v,
 *
 * and 0 where it is marked `left` and `right`. To be observed; draws are those of the distribution, as they would be
 * seen without censoring. Event axes are added afterwards. A value seen through limits, such as a scale that ends at
 * 10, is marked where it lies on them: `{ right: y.ge(10) }`.
 *
 * @throws SurmiseError if nothing is given, or the distribution has event axes, values that are neither real numbers
 * nor counts, or (where a density is asked for) no distribution function.
 *
 * @example observe("time", censored(weibull(shape, scale), { right: died.eq(0) }), time)
 */
export function censored(whole: Distribution, censoring: Censoring): Distribution {
  checkArguments("censored", { whole }, DISTRIBUTION);
  checkArguments("censored", { censoring }, CENSORING);
  const { left, right, to } = censoring;
  checkArguments("censored", { left, right }, optional(CONDITION));
  checkArguments("censored", { to }, optional(OPERAND));
  checkOrdered("censored", whole);
  if (left === undefined && right === undefined && to === undefined) {
    throw new SurmiseError(
      "censored: give left, right or to; what is seen exactly needs no censored(...)",
    );
  }
  const { dtype } = whole;
  const end =
    to === undefined || to instanceof Tensor ? to && cast(to, dtype) : constant(to, dtype);
  return distribution({
    name: `censored ${whole.name}`,
    ...composedOf(whole, {
      ...(left && { left }),
      ...(right && { right }),
      ...(end && { to: end }),
    }),
    dtype,
    support: whole.support,
    reparameterised: whole.reparameterised,
    logProb: (x) => {
      let density = whole.logProb(x);
      if (end !== undefined) {
        const isInterval = end.gt(x);
        const upper = select(isInterval, end, x.add(1));
        density = select(isInterval, logMass(whole, { lower: x, upper }), density);
      }
      if (left !== undefined) density = select(left, whole.logCdf(x), density);
      if (right !== undefined) density = select(right, logMass(whole, { lower: x }), density);
      return left && right ? select(and(left, right), 0, density) : density;
    },
    sample: (key, axes) => whole.sample(key, axes),
    mean: () => whole.mean(),
    variance: () => whole.variance(),
    cdf: (x) => whole.cdf(x),
    partlySeen: (x) =>
      [left?.gt(0), right?.gt(0), end?.gt(cast(x, dtype))].reduce((a, b) =>
        a === undefined || b === undefined ? (a ?? b) : or(a, b),
      ),
  });
}
