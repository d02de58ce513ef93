/** Special functions and log densities, which are expressions of many operations with choices between them. */
import * as d from "../../../src/distributions/index.ts";
import {
  atan,
  cast,
  digammaRemainder,
  exp,
  expBeyondLine,
  expm1Quotient,
  floor,
  grad,
  isFloat,
  kernelNearMean,
  log1mExp,
  log1pSquare,
  logBeta,
  logNormalCdf,
  logQuotient,
  logRatio,
  logRising,
  logSigmoid,
  normalCdf,
  normalQuantile,
  sigmoid,
  square,
  stirlingRemainder,
  sum,
  type Tensor,
  xLogY,
} from "../../../src/tensor/internal.ts";
import type { Builder } from "../graphs.ts";
import { type Move, of, positive } from "./choices.ts";

/** A node, or the derivative of a sum of it. */
function pushSlope(b: Builder, y: Tensor, by: Tensor, isSlope: boolean): void {
  if (!isSlope) {
    b.push(y);
    return;
  }
  const found = grad(sum(y), [by]);
  if (b.accepts(found)) b.push(found[0]);
}

/** A special function, or its derivative by what it is of. */
export const special: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  const y = b.pickLike(x, q >> 4);
  const above = positive(y, r >> 1);
  const forms = [
    () => atan(x),
    () => normalCdf(x),
    () => logNormalCdf(x),
    () => normalQuantile(sigmoid(x)),
    () => logSigmoid(x),
    () => log1mExp(above),
    () => expm1Quotient(x),
    () => expBeyondLine(x, exp(x)),
    () => xLogY(x, above),
    () => logBeta(positive(x, q), above),
    () => logRising(above, positive(x, q)),
    () => stirlingRemainder(above),
    () => digammaRemainder(above),
    () => kernelNearMean(above.mul(9), x).kernel,
    () => log1pSquare(x, above),
    () => logRatio(positive(x, q), above),
    () => logQuotient(positive(x, q), above),
  ];
  pushSlope(b, of(forms, q)(), x, r % 2 === 1);
};

/** A log density of nodes, or its derivative by one of them. */
export const density: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  const m = b.pickLike(x, q >> 4);
  const s = positive(b.pickLike(x, r >> 3), r);
  const count = floor(square(x));
  const forms: readonly (() => Tensor)[] = [
    () => d.normal(m, s).logProb(x),
    () => d.studentT(s, m, 2).logProb(x),
    () => d.cauchy(m, s).logProb(x),
    () => d.laplace(m, s).logProb(x),
    () => d.logistic(m, s).logProb(x),
    () => d.gamma(s, 1.5).logProb(square(x)),
    () => d.weibull(s, 2).logProb(square(x)),
    () => d.beta(s, 2).logProb(sigmoid(x)),
    () => d.bernoulli({ logits: m }).logProb(x.gt(0)),
    () => d.poisson(s).logProb(count),
    () => d.poisson({ logRate: m }).logProb(count),
    () => d.binomial(cast(count.add(3), x.dtype), { logits: m }).logProb(count),
    () => d.negativeBinomial({ total: s, logits: m }).logProb(count),
    () => d.truncatedNormal(m, s, { lower: 0 }).logProb(square(x)),
  ];
  const y = of(forms, q)();
  if (!isFloat(y.dtype)) return;
  pushSlope(b, y, of([x, m], r >> 1), r % 2 === 1);
};
