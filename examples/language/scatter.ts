/** How values vary together: covariances by their Cholesky factors, and the density of residuals by hand. */
import {
  axis,
  cholesky,
  diagonal,
  inverseWishartCholesky,
  log,
  logDeterminant,
  model,
  multivariateNormal,
  normal,
  solveLower,
  square,
  sum,
  tensor,
  wishartCholesky,
} from "surmise";

const [day, gauge, other] = [axis("day", 4), axis("gauge", 2), axis("other", 2)];
const readings = tensor([0.1, 0.3, -0.4, -0.2, 0.6, 0.9, -0.1, 0.2], [day, gauge]);
const identity = tensor([1, 0, 0, 1], [gauge, other]);

export default model(({ sample, observe, plate, factor, deterministic }) => {
  const mean = sample("mean", normal(0, 1).event(gauge));
  const own = sample(
    "covariance",
    inverseWishartCholesky(4, cholesky(identity, gauge, other), gauge, other),
  );
  const scatter = sample("scatter", wishartCholesky(3, identity, gauge, other));
  deterministic("spread", log(diagonal(own, gauge, other)));
  const residuals = readings.sub(mean);
  plate(day, () => {
    observe("readings", multivariateNormal(mean, { factor: own }, gauge, other), readings);
    // The same density by hand, with another covariance: L^-1 r has independent elements, and |L| is their scale.
    const scaled = solveLower(scatter, residuals, gauge, other);
    const height = logDeterminant(scatter, gauge, other).neg();
    factor("again", height.sub(sum(square(scaled), other).mul(0.5)));
  });
});
