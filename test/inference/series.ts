/** Time series of one Gaussian state: their models, and what is known of them without sampling. */
import {
  kalman as filter,
  type Gaussian,
  type Series,
} from "../../src/papers/mprws/problems/kalman.ts";

export { seriesModels as modelsOf } from "../../src/papers/mprws/problems/timeseries.ts";
export type { Series };

/** log p(y), and the mean and variance of each state given all y, by Kalman's and Rauch's recursions. */
export function kalman(series: Series) {
  const { logEvidence, filtered } = filter(series);
  const smoothed: Gaussian[] = [...filtered];
  for (let t = filtered.length - 2; t >= 0; t--) {
    const [{ mean, variance }, { predicted: next }] = [filtered[t], filtered[t + 1]];
    const gain = (variance * series.keep) / next.variance;
    smoothed[t] = {
      mean: mean + gain * (smoothed[t + 1].mean - next.mean),
      variance: variance + gain ** 2 * (smoothed[t + 1].variance - next.variance),
    };
  }
  return { logEvidence, smoothed };
}
