/** Elements of a plate that an observation puts together, as neighbours and lags are: they are not weighed apart. */
import { expect, test } from "vitest";
import { bernoulli, normal } from "../../../src/distributions/index.ts";
import { fit, type MethodName, samplePosterior, summarise } from "../../../src/inference/index.ts";
import { cholesky, solve } from "../../../src/inference/statistics/linear.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, cast, gather, tensor } from "../../../src/tensor/index.ts";

const Y = [2, 0, 0.5, 1.5];
const SD = 0.4;
const CHANCE = 0.4;
const N = Y.length;
const place = axis("place", N);
const next = tensor(
  Int32Array.from(Y, (_, i) => (i + 1) % N),
  [place],
);

const continuous: Model = ({ sample, observe, plate }) =>
  plate(place, () => {
    const z = sample("z", normal(0, 1));
    observe("y", normal(z.add(gather(z, place, next)), SD), tensor(Y, [place]));
  });
const discrete: Model = ({ sample, observe, plate }) =>
  plate(place, () => {
    const z = cast(sample("z", bernoulli({ probs: CHANCE })), "float32");
    observe("y", normal(z.add(gather(z, place, next)), SD), tensor(Y, [place]));
  });

/** The mean of the normal posterior: (1 + A' A / sd^2) mean = A' y / sd^2. */
function exactMeans(): Float64Array {
  const sees = (row: number, i: number) => (i === row || i === (row + 1) % N ? 1 : 0);
  const over = (f: (row: number) => number) => Y.reduce((sum, _, row) => sum + f(row), 0);
  const precision = Float64Array.from({ length: N * N }, (_, at) => {
    const [i, j] = [Math.floor(at / N), at % N];
    return (i === j ? 1 : 0) + over((row) => sees(row, i) * sees(row, j)) / SD ** 2;
  });
  const right = Float64Array.from(Y, (_, i) => over((row) => sees(row, i) * Y[row]) / SD ** 2);
  return solve(cholesky(precision, N) as Float64Array, right);
}

/** The probabilities of 1, over all 2^4 states. */
function exactShares(): number[] {
  const states = Array.from({ length: 2 ** N }, (_, s) => Y.map((_, i) => (s >> i) & 1));
  const weights = states.map((z) =>
    z.reduce((weight, on, i) => {
      const apart = (Y[i] - on - z[(i + 1) % N]) / SD;
      return weight * (on ? CHANCE : 1 - CHANCE) * Math.exp(-0.5 * apart ** 2);
    }, 1),
  );
  const total = weights.reduce((a, b) => a + b);
  return Y.map((_, i) => states.reduce((sum, z, s) => sum + z[i] * weights[s], 0) / total);
}

const meansOf = (model: Model, method: MethodName) =>
  summarise(samplePosterior(fit({ model, data: undefined, method, seed: 1 }), { draws: 2000 })).map(
    ({ mean }) => mean,
  );

// Of posterior standard deviations of 0.55, some hundred draws are worth 0.05.
test.each<MethodName>(["vi", "iwae", "mp", "rws"])("normal latents by %s", (method) => {
  const exact = exactMeans();
  meansOf(continuous, method).forEach((mean, i) => {
    expect(Math.abs(mean - exact[i])).toBeLessThan(0.12);
  });
});

test.each<MethodName>(["rws", "mprws", "qem"])("discrete latents by %s", (method) => {
  const exact = exactShares();
  meansOf(discrete, method).forEach((mean, i) => {
    expect(Math.abs(mean - exact[i])).toBeLessThan(0.06);
  });
});
