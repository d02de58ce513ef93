/** What is known of a linear Gaussian time series without any sampling, in double precision. */

/** A series of one state, x_t ~ normal(keep x_(t-1), step) after x_0 ~ normal(0, start), seen with noise. */
export interface Series {
  /** What is observed of each state, with noise of sd 1; nothing where it is undefined. */
  readonly seen: readonly (number | undefined)[];
  /** The coefficient of the state before. */
  readonly keep: number;
  /** Standard deviations. */
  readonly step: number;
  /** The standard deviation of the first state. */
  readonly start: number;
}

/** A state given some of the observations. */
export interface Gaussian {
  /** The mean. */
  readonly mean: number;
  /** The variance. */
  readonly variance: number;
}

/** A state given what was seen before it, and given also what is seen of it. */
export interface Filtered extends Gaussian {
  /** Before the observation of the state. */
  readonly predicted: Gaussian;
}

/** log p(all that is seen), and each state given what is seen up to it (Kalman, 1960). */
export function kalman({ seen, keep, step, start }: Series) {
  let state: Gaussian = { mean: 0, variance: 0 };
  let logEvidence = 0;
  const filtered = seen.map((y, t): Filtered => {
    const noise = t === 0 ? start : step;
    const predicted = {
      mean: keep * state.mean,
      variance: keep ** 2 * state.variance + noise ** 2,
    };
    state = predicted;
    if (y !== undefined) {
      const error = y - predicted.mean;
      const total = predicted.variance + 1;
      logEvidence -= 0.5 * (Math.log(2 * Math.PI * total) + error ** 2 / total);
      const gain = predicted.variance / total;
      state = { mean: predicted.mean + gain * error, variance: predicted.variance / total };
    }
    return { ...state, predicted };
  });
  return { logEvidence, filtered };
}
