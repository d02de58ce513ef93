/** Time series of one Gaussian state, in float64, with their evidence by the Kalman filter. */
import { masked, normal } from "../../src/distributions/index.ts";
import {
  type EliminationOptions,
  eliminate,
  factorsOf,
  type Particles,
  total,
  traceBoth,
} from "../../src/inference/index.ts";
import type { Model } from "../../src/model/index.ts";
import { axis, fold, gather, index, key, type Tensor, tensor } from "../../src/tensor/index.ts";
import { f64, store } from "./gaussians.ts";

export interface Series {
  /** What is observed of each state, with noise of sd 1; nothing where it is undefined. */
  readonly seen: readonly (number | undefined)[];
  /** x_t ~ normal(keep x_(t-1), step), x_0 ~ normal(0, start). */
  readonly keep: number;
  readonly step: number;
  readonly start: number;
}

/** The model as a chain, as one site for each step, and their priors as guides. */
export function modelsOf({ seen, keep, step, start }: Series) {
  const time = axis("time", seen.length);
  const values = tensor(
    seen.map((y) => y ?? 0),
    [time],
    "float64",
  );
  const mask = tensor(
    seen.map((y) => (y === undefined ? 0 : 1)),
    [time],
    "uint8",
  );
  const sds = tensor(
    seen.map((_, t) => (t === 0 ? start : step)),
    [time],
    "float64",
  );
  const chained =
    (observing: boolean): Model =>
    ({ chain, sample, observe }) => {
      chain(time, f64(0), (previous, { at }) => {
        const x = sample("x", normal(previous.mul(keep), at(sds)));
        if (observing) observe("y", masked(normal(x, 1), at(mask)), at(values));
        return x;
      });
    };
  const separate =
    (observing: boolean): Model =>
    ({ sample, observe }) => {
      seen.reduce<Tensor>((previous, y, t) => {
        const x = sample(`x${t}`, normal(previous.mul(keep), gather(sds, time, t)));
        if (observing && y !== undefined) observe(`y${t}`, normal(x, 1), f64(y));
        return x;
      }, f64(0));
    };
  return {
    time,
    model: chained(true),
    prior: chained(false),
    separate: separate(true),
    separatePrior: separate(false),
  };
}

/** log p(y), and the mean and variance of each state given all y, by Kalman's and Rauch's recursions. */
export function kalman({ seen, keep, step, start }: Series) {
  let [mean, variance, logEvidence] = [0, 0, 0];
  const filtered = seen.map((y, t) => {
    const predicted = {
      mean: keep * mean,
      variance: keep * keep * variance + (t === 0 ? start : step) ** 2,
    };
    [mean, variance] = [predicted.mean, predicted.variance];
    if (y !== undefined) {
      const total = variance + 1;
      logEvidence -= 0.5 * (Math.log(2 * Math.PI * total) + (y - mean) ** 2 / total);
      mean += (variance / total) * (y - mean);
      variance /= total;
    }
    return { mean, variance, predicted };
  });
  const smoothed = [...filtered];
  for (let t = seen.length - 2; t >= 0; t--) {
    const next = filtered[t + 1].predicted;
    const gain = (filtered[t].variance * keep) / next.variance;
    smoothed[t] = {
      ...filtered[t],
      mean: filtered[t].mean + gain * (smoothed[t + 1].mean - next.mean),
      variance: filtered[t].variance + gain ** 2 * (smoothed[t + 1].variance - next.variance),
    };
  }
  return { logEvidence, smoothed };
}

/** The log evidence estimate of a model and a guide, one for each of `repetitions`. */
export function estimate(
  model: Model,
  guide: Model,
  particles: Particles,
  repetitions: number,
  options?: EliminationOptions,
): Tensor {
  const repeated = fold(key(1), index(axis("rep", repetitions)));
  const pair = { model, guide, data: undefined, key: repeated, parameters: store() };
  const traces = traceBoth(pair, particles);
  return total(eliminate(factorsOf(traces), traces.particles, options).weights);
}
