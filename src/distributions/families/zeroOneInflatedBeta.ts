import {
  cast,
  checkArguments,
  fold,
  log,
  log1p,
  OPERAND,
  type Operand,
  optionsWith,
  or,
  select,
  square,
  uniform,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { CLOSED_UNIT, POSITIVE } from "../support/support.ts";
import { beta as betaFamily } from "./beta.ts";

/** How probable the ends are. */
export interface InflatedEnds {
  /** The probability of 0 or 1, between 0 and 1. */
  readonly ends: Operand;
  /** The probability of 1 at an end, between 0 and 1. */
  readonly one: Operand;
}

/**
 * A share that is 0 or 1 with probability e = `ends`, then 1 with probability o = `one`, and else beta with a = alpha
 * and b = beta: a density with respect to the length of an interval and, at its ends, the counting measure,
 *
 *     log p(0) = log e + log(1 - o),  log p(1) = log e + log o,  log p(x) = log(1 - e) + log beta(x | a, b).
 *
 * @throws SurmiseError if a known `alpha` or `beta` is not positive, or `ends` or `one` not between 0 and 1.
 *
 * @example observe("share", zeroOneInflatedBeta(2, 3, { ends: 0.1, one: 0.3 }), share)
 */
export function zeroOneInflatedBeta(
  alpha: Operand,
  beta: Operand,
  inflated: InflatedEnds,
): Distribution {
  checkArguments(
    "zeroOneInflatedBeta",
    { inflated },
    optionsWith<typeof inflated>({ ends: OPERAND, one: OPERAND }),
  );
  const { ends, one } = inflated;
  const given = parametersOf(
    "zeroOneInflatedBeta",
    { alpha, beta, ends, one },
    { alpha: POSITIVE, beta: POSITIVE, ends: CLOSED_UNIT, one: CLOSED_UNIT },
  );
  const { alpha: a, beta: b, ends: e, one: o } = given.parameters;
  const inner = betaFamily(a, b);
  const rest = e.neg().add(1);
  const mean = () => rest.mul(inner.mean()).add(e.mul(o));
  return distribution({
    name: "zeroOneInflatedBeta",
    ...given,
    support: CLOSED_UNIT,
    reparameterised: false,
    logProb: (x) => {
      const isEnd = or(x.eq(0), x.eq(1));
      const atEnd = log(e).add(select(x.eq(1), log(o), log1p(o.neg())));
      return select(isEnd, atEnd, log1p(e.neg()).add(inner.logProb(select(isEnd, 0.5, x))));
    },
    sample: (key, axes) => {
      const draw = inner.sample(fold(key, "inner"), axes);
      const [isEnd, isOne] = (["end", "one"] as const).map((part) =>
        uniform(fold(key, part), axes, draw.dtype),
      );
      return select(isEnd.lt(e), cast(isOne.lt(o), draw.dtype), draw);
    },
    mean,
    variance: () => {
      const squares = inner.variance().add(square(inner.mean()));
      return rest.mul(squares).add(e.mul(o)).sub(square(mean()));
    },
  });
}
