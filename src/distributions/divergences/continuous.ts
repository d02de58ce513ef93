/** Closed forms of continuous families. */
import {
  abs,
  and,
  circularVariance,
  cos,
  digamma,
  exp,
  inFloat64,
  lgamma,
  log,
  logBesselI0Scaled,
  logBeta,
  select,
  sin,
  square,
  type Tensor,
} from "../../tensor/internal.ts";
import { sumAlong } from "../distribution.ts";
import { type ClosedForm, type Named, of, wide } from "./form.ts";

const EULER = 0.5772156649015329;

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
export function gammaForm(q: Named, p: Named): Tensor {
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

/** The divergences of two members of one family. */
export const CONTINUOUS: Readonly<Record<string, ClosedForm>> = {
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
};
