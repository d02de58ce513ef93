/** Time series whose answers are those of long runs of chains. */
import { halfCauchy, halfNormal, normal, uniform } from "../../src/distributions/index.ts";
import { axis, exp, lag, tensor } from "../../src/tensor/index.ts";
import { type KnownModel, plain } from "./known.ts";

// Made up: a level that comes back to its mean.
const LEVELS = [
  0.9, 1.41, 1.87, 2.62, 2.48, 2.91, 3.24, 2.83, 2.36, 2.71, 3.3, 3.54, 3.12, 3.77, 3.35, 2.94,
  3.41, 3.68, 4.02, 3.55, 3.21, 3.87, 3.6, 2.98, 2.61, 2.34, 2.88, 3.02, 3.49, 3.93, 4.31, 3.82,
  3.27, 3.05, 2.69, 3.36, 3.14, 3.58, 3.9, 3.42,
];
// Drawn with a persistence of 0.9 of the log variance, whose steps have a standard deviation of 0.3, and rounded.
const RETURNS = [
  -1.444, -0.097, 0.335, -1.489, 0.566, -0.268, -0.561, -0.724, 0.083, -0.886, 0.2, 0.102, -0.584,
  0.525, 1.771, -2.142, -1.916, 0.377, 2.161, -0.94, 0.552, 0.796, 1.855, 2.943, -1.093, -1.229,
  0.615, 1.055, 1.415, 0.567, -0.111, -1.986, -0.85, -0.438, 0.009, 1.604, -0.064, 0.749, -1.063,
  0.674, -0.772, 0.097, 1.878, 0.686, -1.568, -0.476, -0.437, 0.148, 0.186, 0.357, -0.38, 2.589,
  0.757, 0.172, -0.504, 1.035, 0.971, 0.154, -0.469, -1.082,
];

const month = axis("month", LEVELS.length);
const day = axis("day", RETURNS.length);

/** By name. */
export const SERIES: Readonly<Record<string, KnownModel>> = {
  autoregression: plain(({ sample, observe, plate }) => {
    const level = tensor(LEVELS, [month]);
    const [start, keep] = [sample("start", normal(0, 10)), sample("keep", normal(0, 1))];
    const noise = sample("noise", halfCauchy(1));
    plate(month, () => {
      const before = lag(level, month, { before: 1 });
      observe("level", normal(start.add(keep.mul(before)), noise), level);
    });
  }),
  "stochastic volatility": plain(({ sample, observe, chain }) => {
    const returns = tensor(RETURNS, [day]);
    const [mean, keep] = [sample("mean", normal(0, 2)), sample("keep", uniform(-1, 1))];
    const step = sample("step", halfNormal(0.5));
    chain(day, mean, (before, { at }) => {
      const now = sample("now", normal(mean.add(keep.mul(before.sub(mean))), step));
      observe("return", normal(0, exp(now.mul(0.5))), at(returns));
      return now;
    });
  }),
};
