/** Amounts, life times, angles and shares: a family for each, seen once. */
import {
  cauchy,
  chiSquare,
  delta,
  gamma,
  gompertz,
  gumbel,
  halfCauchy,
  inverseGamma,
  laplace,
  logistic,
  model,
  normal,
  pareto,
  skewNormal,
  studentT,
  tensor,
  truncatedNormal,
  uniform,
  vonMises,
  zeroOneInflatedBeta,
} from "surmise";

export default model(({ sample, observe }) => {
  const [a, b] = [sample("a", halfCauchy(2)).add(0.1), sample("b", normal(0, 1))];
  const share = sample("share", uniform(0.1, 0.9));
  const seen = {
    rain: [gamma(a, 0.5), 3.1],
    variance: [inverseGamma(3, a), 0.8],
    squares: [chiSquare(a.add(4)), 6.2],
    age: [gompertz(0.1, a.mul(0.02)), 23],
    income: [pareto(a.add(1), 1), 4.2],
    flood: [gumbel(b, a), 2.4],
    outlier: [cauchy(b, a), 12],
    jump: [laplace(b, a), -0.7],
    error: [studentT(4, b, a), 1.2],
    rating: [logistic(b, a), 0.4],
    delay: [skewNormal(b, a, 3), 1.9],
    height: [truncatedNormal(b, a, { lower: 0, upper: 4 }), 1.1],
    wind: [vonMises(b, a), 2.6],
    cover: [zeroOneInflatedBeta(2, a, { ends: share, one: 0.5 }), 0.7],
    known: [delta(2), 2],
  } as const;
  for (const [name, [family, value]] of Object.entries(seen)) observe(name, family, tensor(value));
});
