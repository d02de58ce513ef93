/** A Gaussian process at many places, with counts: by a sum of few functions, and a season by a Fourier series. */
import {
  axis,
  fourierProcess,
  halfNormal,
  hilbertSpaceProcess,
  lognormal,
  model,
  normal,
  periodicKernel,
  poisson,
  squaredExponential,
  tensor,
} from "surmise";

const [week, wave, season] = [axis("week", 6), axis("wave", 10), axis("season", 5)];
const time = tensor([0, 10, 20, 30, 40, 50], [week]);
const cases = tensor([3, 4, 9, 12, 7, 5], [week]);

export default model(({ sample, observe, plate }) => {
  const scale = sample("scale", halfNormal(1));
  const lengthscale = sample("lengthscale", lognormal(2.5, 0.5));
  const trend = hilbertSpaceProcess(squaredExponential({ scale, lengthscale }), wave, {
    range: [0, 50],
  });
  const yearly = fourierProcess(periodicKernel({ lengthscale: 1, period: 52 }), season);
  const trendWeights = sample("trendWeights", normal(0, 1).event(wave));
  const yearlyWeights = sample("yearlyWeights", normal(0, 1).event(season));
  const logRate = trend.values(trendWeights, time).add(yearly.values(yearlyWeights, time));
  plate(week, () => observe("cases", poisson({ logRate: logRate.add(1.5) }), cases));
});
