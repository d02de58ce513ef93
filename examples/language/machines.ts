/** Machines: defects, none on many days; run times of two kinds; and two gauges with a known covariance. */
import {
  axis,
  beta,
  cholesky,
  dirichlet,
  mixture,
  model,
  multivariateNormal,
  normal,
  poisson,
  tensor,
  zeroInflated,
} from "surmise";

const [day, run] = [axis("day", 6), axis("run", 2)];
const [gauge, other] = [axis("gauge", 2), axis("other", 2)];
const defects = tensor([0, 0, 3, 0, 2, 4], [day]);
const minutes = tensor([4.8, 9.7, 5.3, 10.4, 10.1, 4.9], [day]);
const readings = tensor(
  [
    [1.1, 0.9],
    [0.8, 1.2],
    [1.0, 1.1],
    [1.3, 1.0],
    [0.9, 0.8],
    [1.2, 1.3],
  ],
  [day, gauge],
);
const covariance = tensor(
  [
    [0.04, 0.01],
    [0.01, 0.05],
  ],
  [gauge, other],
);

export default model(({ sample, observe, plate }) => {
  const [idle, logRate] = [sample("idle", beta(1, 1)), sample("logRate", normal(0, 1))];
  const share = sample("share", dirichlet(2, run));
  const usual = tensor([5, 10], [run]);
  const level = sample("level", normal(1, 1).event(gauge));
  const factor = cholesky(covariance, gauge, other);
  plate(day, () => {
    observe("defects", zeroInflated(poisson({ logRate }), { probs: idle }), defects);
    observe("minutes", mixture(share, normal(usual, 0.5), run), minutes);
    observe("readings", multivariateNormal(level, { factor }, gauge, other), readings);
  });
});
