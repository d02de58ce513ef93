/** Divergences KL(q || p) = E_q[log q(x) - log p(x)] of one element or draw, by the names of q and p. */
import {
  abs,
  and,
  circularVariance,
  constant,
  cos,
  digamma,
  exp,
  inFloat64,
  lgamma,
  log,
  logBesselI0Scaled,
  logBeta,
  select,
  sigmoid,
  sin,
  softplus,
  square,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { type Distribution, sumAlong } from "./distribution.ts";

/** KL(q || p), or undefined where these two members have none. */
export type ClosedForm = (q: Distribution, p: Distribution) => Tensor | undefined;

type Named = Readonly<Record<string, Tensor>>;

const EULER = 0.5772156649015329;

/** A form of the parameters alone. */
const of =
  (form: (q: Named, p: Named) => Tensor): ClosedForm =>
  (q, p) =>
    form(q.parameters, p.parameters);

/** The same in float64: terms with lgamma and digamma are much larger than their sum. */
const wide = (form: (q: Named, p: Named) => Tensor): ClosedForm =>
  of((q, p) => {
    const names = Object.keys(q);
    const all = [...names.map((n) => q[n]), ...names.map((n) => p[n])];
    return inFloat64(all, (...tensors) => {
      const named = (from: number) =>
        Object.fromEntries(names.map((n, k) => [n, tensors[from + k]])) as Named;
      return form(named(0), named(names.length));
    });
  });

/** log(sp/sq) + (sq^2 + (mq - mp)^2) / (2 sp^2) - 1/2. */
const normal = of((q, p) => {
  const ratio = q.sd.div(p.sd);
  const shift = q.mean.sub(p.mean).div(p.sd);
  return square(ratio).add(square(shift)).sub(1).mul(0.5).sub(log(ratio));
});

const halfNormal = of((q, p) => {
  const ratio = q.scale.div(p.scale);
  return square(ratio).sub(1).mul(0.5).sub(log(ratio));
});

/** Chyzak and Nielsen (2019): log of ((sq + sp)^2 + (mq - mp)^2) / (4 sq sp). */
const cauchy = of((q, p) => {
  const shift = square(q.location.sub(p.location));
  const spread = square(q.scale.add(p.scale));
  return log(spread.add(shift).div(q.scale.mul(p.scale).mul(4)));
});

const halfCauchy = of((q, p) => log(square(q.scale.add(p.scale)).div(q.scale.mul(p.scale).mul(4))));

/** log(sp/sq) + (d + sq exp(-d / sq)) / sp - 1, with the distance d of the locations. */
const laplace = of((q, p) => {
  const distance = abs(q.location.sub(p.location));
  const spread = distance.add(q.scale.mul(exp(distance.div(q.scale).neg())));
  return spread
    .div(p.scale)
    .sub(log(q.scale.div(p.scale)))
    .sub(1);
});

/** With r = sq/sp and d = (mq - mp) / sp: d + exp(-d) Gamma(1 + r) + gamma (r - 1) - log r - 1. */
const gumbel = wide((q, p) => {
  const ratio = q.scale.div(p.scale);
  const shift = q.location.sub(p.location).div(p.scale);
  const tail = exp(lgamma(ratio.add(1)).sub(shift));
  return shift.add(tail).add(ratio.sub(1).mul(EULER)).sub(log(ratio)).sub(1);
});

/** As `gumbel`, which minus the logarithms are: r = kp/kq and d = -kp log(sq/sp). */
const weibull = wide((q, p) => {
  const ratio = p.shape.div(q.shape);
  const shift = p.shape.mul(log(q.scale.div(p.scale)));
  const tail = exp(lgamma(ratio.add(1)).add(shift));
  return tail.sub(shift).add(ratio.sub(1).mul(EULER)).sub(log(ratio)).sub(1);
});

/** (aq - ap) digamma(aq) - log Gamma(aq)/Gamma(ap) - ap log(bp/bq) + aq (bp/bq - 1). */
function gammaForm(q: Named, p: Named): Tensor {
  return inFloat64([q.shape, q.rate, p.shape, p.rate], (a, rateQ, b, rateP) => {
    const ratio = rateP.div(rateQ);
    const heights = lgamma(b).sub(lgamma(a));
    const shapes = a.sub(b).mul(digamma(a)).add(heights);
    return shapes.sub(b.mul(log(ratio))).add(a.mul(ratio.sub(1)));
  });
}

const inverseGamma = of((q, p) =>
  gammaForm({ shape: q.shape, rate: q.scale }, { shape: p.shape, rate: p.scale }),
);

/** Infinite where q reaches below the smallest value of p. */
const pareto = of((q, p) => {
  const ratio = p.shape.div(q.shape);
  const above = p.shape.mul(log(q.scale.div(p.scale)));
  const inside = ratio.sub(1).sub(log(ratio)).add(above);
  return select(q.scale.ge(p.scale), inside, Number.POSITIVE_INFINITY);
});

const beta = wide((q, p) => {
  const [a, b] = [q.alpha.sub(p.alpha), q.beta.sub(p.beta)];
  return logBeta(p.alpha, p.beta)
    .sub(logBeta(q.alpha, q.beta))
    .add(a.mul(digamma(q.alpha)))
    .add(b.mul(digamma(q.beta)))
    .sub(a.add(b).mul(digamma(q.alpha.add(q.beta))));
});

const dirichlet: ClosedForm = (q, p) => {
  const [a, b] = [q.parameters.concentration, p.parameters.concentration];
  return inFloat64([a, b], (a, b) => {
    const along = (x: Tensor) => sumAlong(x, q.dimensions);
    const height = (x: Tensor) => lgamma(along(x)).sub(along(lgamma(x)));
    const spread = a.sub(b).mul(digamma(a).sub(digamma(along(a))));
    return height(a).sub(height(b)).add(along(spread));
  });
};

/** Infinite where q reaches beyond the ends of p. */
const uniform = of((q, p) => {
  const inside = and(p.low.le(q.low), q.high.le(p.high));
  const ratio = log(p.high.sub(p.low).div(q.high.sub(q.low)));
  return select(inside, ratio, Number.POSITIVE_INFINITY);
});

/** kp E[1 - cos(x - mp)] - kq E[1 - cos(x - mq)] + log I0(kp) - log I0(kq), I0 scaled. */
const vonMises = of((q, p) => {
  const fall = circularVariance(q.concentration);
  const turn = q.location.sub(p.location);
  const fallP = square(sin(turn.mul(0.5)))
    .mul(2)
    .add(fall.mul(cos(turn)));
  const heights = logBesselI0Scaled(p.concentration).sub(logBesselI0Scaled(q.concentration));
  return p.concentration.mul(fallP).sub(q.concentration.mul(fall)).add(heights);
});

/** With logits a of q and b of p: sigmoid(a) (a - b) - softplus(a) + softplus(b). */
const bernoulliOf = (a: Tensor, b: Tensor) =>
  sigmoid(a).mul(a.sub(b)).sub(softplus(a)).add(softplus(b));
const bernoulli = of((q, p) => bernoulliOf(q.logits, p.logits));

const binomial = forSameTotal((q, p) => q.total.mul(bernoulliOf(q.logits, p.logits)));

/** The mean number of failures times what each tells, and what the success tells. */
const geometric = of((q, p) => {
  const success = softplus(p.logits.neg()).sub(softplus(q.logits.neg()));
  const failure = softplus(p.logits).sub(softplus(q.logits));
  return success.add(exp(q.logits.neg()).mul(failure));
});

const negativeBinomial = forSameTotal((q, p) => {
  const success = softplus(p.logits.neg()).sub(softplus(q.logits.neg()));
  const failure = softplus(p.logits).sub(softplus(q.logits));
  return q.total.mul(failure.add(exp(q.logits).mul(success)));
});

const poisson = of((q, p) =>
  q.rate
    .mul(log(q.rate.div(p.rate)))
    .sub(q.rate)
    .add(p.rate),
);

/** sum_k q_k (log q_k - log p_k), where 0 log 0 = 0. */
const categorical: ClosedForm = (q, p) => {
  const [a, b] = [q.parameters.logits, p.parameters.logits];
  const probability = exp(a);
  const { axis } = q.support as Extract<Distribution["support"], { kind: "index" }>;
  return sum(select(probability.gt(0), probability.mul(a.sub(b)), 0), axis);
};

/** A form that holds where the totals of q and p are known to be equal. */
function forSameTotal(form: (q: Named, p: Named) => Tensor): ClosedForm {
  return (q, p) => {
    const [a, b] = [q.parameters.total, p.parameters.total];
    const known = [a, b].map(({ operation }) =>
      operation.op === "constant" ? operation.value : undefined,
    );
    const same = a === b || (known[0] !== undefined && known[0] === known[1]);
    return same ? form(q.parameters, p.parameters) : undefined;
  };
}

/** The families that are gamma in other words, with their shape and rate. */
const AS_GAMMA: Readonly<Record<string, (parameters: Named) => Named>> = {
  gamma: (parameters) => parameters,
  exponential: ({ rate }) => ({ shape: constant(1, rate.dtype), rate }),
  chiSquare: ({ degrees }) => ({ shape: degrees.mul(0.5), rate: constant(0.5, degrees.dtype) }),
};

const amongGamma = Object.entries(AS_GAMMA).flatMap(([one, first]) =>
  Object.entries(AS_GAMMA).map(([other, second]): [string, ClosedForm] => [
    `${one}, ${other}`,
    (q, p) => gammaForm(first(q.parameters), second(p.parameters)),
  ]),
);

const WITHIN_FAMILY: Readonly<Record<string, ClosedForm>> = {
  normal,
  lognormal: normal,
  halfNormal,
  cauchy,
  halfCauchy,
  laplace,
  gumbel,
  weibull,
  inverseGamma,
  pareto,
  beta,
  dirichlet,
  uniform,
  vonMises,
  bernoulli,
  binomial,
  geometric,
  negativeBinomial,
  poisson,
  categorical,
};

const withinFamily = Object.entries(WITHIN_FAMILY).map(([name, form]): [string, ClosedForm] => [
  `${name}, ${name}`,
  form,
]);

/** The closed forms there are, by the names of q and p. */
export const CLOSED_FORMS: Readonly<Record<string, ClosedForm>> = Object.fromEntries([
  ...withinFamily,
  ...amongGamma,
]);
