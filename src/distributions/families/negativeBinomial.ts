import {
  betaProbability,
  cast,
  checkArguments,
  constant,
  exp,
  floor,
  fold,
  inFloat64,
  log,
  log1p,
  logBetaProbability,
  maximum,
  OBJECT,
  type Operand,
  select,
  sigmoid,
  softplus,
  type Tensor,
} from "../../tensor/internal.ts";
import { binomialLogPmf, logSomeByOdds } from "../binomialLogPmf.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { forSameTotal } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { logProbOfOutcomes } from "../logits.ts";
import {
  type Chance,
  type DistributionParameters,
  parametersOf,
  parametersWithChance,
  refuseStray,
} from "../parameters.ts";
import { poissonDraw } from "../samplers/counts.ts";
import { standardGamma } from "../samplers/gamma.ts";
import { keepFinite, keepPositive } from "../samplers/range.ts";
import { COUNT, POSITIVE, REAL } from "../support/support.ts";

/** Either way of giving the parameters. */
export type NegativeBinomial =
  | ({ readonly total: Operand } & Chance)
  | { readonly mean: Operand; readonly dispersion: Operand }
  | { readonly logMean: Operand; readonly dispersion: Operand };

/** The divergence of one member from another. */
const divergence: ClosedForm = forSameTotal((q, p) => {
  const success = softplus(p.logits.neg()).sub(softplus(q.logits.neg()));
  const failure = softplus(p.logits).sub(softplus(q.logits));
  return q.total.mul(failure.add(exp(q.logits).mul(success)));
});

/**
 * The number of successes, each with probability p, before the r-th failure, for any r > 0:
 *
 *     log p(x) = log Gamma(x + r) - log Gamma(r) - log x! + x log p + r log(1 - p),  x = 0, 1, 2, ...
 *
 * It is given by `total`, which is r, and p or its logit; or by its mean m = r p / (1 - p), or the logarithm of that,
 * and its dispersion 1 / r, by which the variance m + m^2 / r exceeds that of a Poisson distribution. A
 * draw is a Poisson one of a gamma rate. Its parameters are `total` and `logits`.
 *
 * @throws SurmiseError if a known `total`, `mean` or `dispersion` is not positive, or as
 * `bernoulli`.
 *
 * @example observe("delay", negativeBinomial({ total: 130, logits }), delay)
 */
export function negativeBinomial(how: NegativeBinomial): Distribution {
  checkArguments("negativeBinomial", { how }, OBJECT);
  const { chance, exact, ...given } = "total" in how ? fromTotal(how) : fromMean(how);
  const { total: r, logits: l } = given.parameters;
  /** `f` in float64 of what the distribution is made of, where its logit is finite. */
  const inDoubles = (x: Tensor, f: (x: Tensor, total: Tensor, logits: Tensor) => Tensor) => {
    if (exact !== undefined) return inFloat64([x, exact.total, exact.logits], f);
    // The derivative by a large total is a small difference of large terms.
    return logProbOfOutcomes(x, r, { logits: l, chance }, (l) => inFloat64([x, r, l], f));
  };
  return distribution({
    divergence: { form: divergence },
    name: "negativeBinomial",
    ...given,
    support: COUNT,
    reparameterised: false,
    logProb: (x) => inDoubles(x, logPmf),
    logProbOfSome: (x) => {
      // x C(x + r - 1, x) = r C(x + r - 1, x - 1).
      const logSome = (x: Tensor, r: Tensor, l: Tensor) =>
        logPmf(x.sub(1), r.add(1), l).sub(log(x)).sub(logSomeByOdds(r, l));
      return inDoubles(x, logSome);
    },
    sample: (key, axes) => {
      const { draw } = standardGamma(fold(key, "rate"), axes, r);
      return poissonDraw(fold(key, "count"), axes, keepPositive(draw.mul(exp(l))));
    },
    mean: () => r.mul(exp(l)),
    variance: () => r.mul(exp(l)).mul(exp(l).add(1)),
    cdf: (x) =>
      inFloat64([x, r, l], (x, r, l) => {
        const k = maximum(floor(x), 0);
        const below = betaProbability(r, k.add(1), sigmoid(l.neg()), sigmoid(l));
        return select(x.lt(0), 0, below);
      }),
    logCdf: (x) =>
      inFloat64([x, r, l], (x, r, l) =>
        logBetaProbability(r, floor(x).add(1), sigmoid(l.neg()), sigmoid(l)),
      ),
    logSurvival: (x) =>
      inFloat64([x, r, l], (x, r, l) =>
        logBetaProbability(floor(x).add(1), r, sigmoid(l), sigmoid(l.neg())),
      ),
  });
}

function logPmf(x: Tensor, total: Tensor, logits: Tensor): Tensor {
  // The last trial is no success: of all orders of x successes and r failures the share r / (x + r).
  const rare = log(total).sub(log(x.add(total)));
  const share = select(x.gt(total), rare, log1p(x.div(total)).neg());
  return binomialLogPmf(x, total, logits, { areKnown: false }).add(share);
}

type Given = DistributionParameters<"total" | "logits"> & {
  readonly chance?: Tensor | undefined;
  /** In float64, of the numbers that both are made of. */
  readonly exact?: { readonly total: Tensor; readonly logits: Tensor };
};

function fromTotal({ total, ...chance }: { readonly total: Operand } & Chance): Given {
  return parametersWithChance("negativeBinomial", chance as Chance, { total }, { total: POSITIVE });
}

function fromMean(
  how: { readonly dispersion: Operand } & (
    | { readonly mean: Operand }
    | { readonly logMean: Operand }
  ),
): Given {
  const { dispersion: _, ...level } = how;
  refuseStray("negativeBinomial", level, ["mean", "logMean"]);
  const { parameters } = parametersOf<string>(
    "negativeBinomial",
    { ...how },
    {
      mean: POSITIVE,
      logMean: REAL,
      dispersion: POSITIVE,
    },
  );
  const made = ({ mean, logMean = log(mean), dispersion }: typeof parameters) => ({
    total: constant(1, dispersion.dtype).div(dispersion),
    logits: logMean.add(log(dispersion)),
  });
  const wide = Object.entries(parameters).map(([name, x]) => [name, cast(x, "float64")]);
  const sets = { total: POSITIVE, logits: REAL };
  const { total, logits } = made(parameters);
  return {
    ...parametersOf("negativeBinomial", { total: keepFinite(total), logits }, sets),
    exact: made(Object.fromEntries(wide)),
  };
}
