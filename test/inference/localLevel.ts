/** A random walk seen with noise, whose posterior is known by Kalman's filter and quadrature. */
import { halfNormal, normal } from "../../src/distributions/index.ts";
import { model } from "../../src/model/index.ts";
import { axis, tensor } from "../../src/tensor/index.ts";

/** Steps of sd 0.3 from 10, seen with noise of sd 0.5. */
export function seriesOf(steps: number): number[] {
  let state = 7;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  const normalNumber = () =>
    Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  let level = 10;
  return Array.from({ length: steps }, () => {
    level += 0.3 * normalNumber();
    return level + 0.5 * normalNumber();
  });
}

const halfLog2Pi = 0.5 * Math.log(2 * Math.PI);

/** The model of a series, and what is known of it. */
export function localLevel(y: readonly number[]) {
  const time = axis("time", y.length);
  const p = model(
    ({ sample, chain, observe }) => {
      const q = sample("q", halfNormal(1));
      const r = sample("r", halfNormal(1));
      const start = sample("start", normal(0, 20));
      chain(time, start, (previous, { at }) => {
        const level = sample("level", normal(previous, q));
        observe("y", normal(level, r), at(tensor(y, [time])));
        return level;
      });
    },
    { dtype: "float64" },
  );
  /** log p(y | q, r), where the level before the first step is normal. */
  const logEvidence = (q: number, r: number, mean: number, variance: number): number => {
    let [m, v, total] = [mean, variance, 0];
    for (const x of y) {
      v += q * q;
      const spread = v + r * r;
      total -= halfLog2Pi + 0.5 * Math.log(spread) + (0.5 * (x - m) ** 2) / spread;
      const gain = v / spread;
      m += gain * (x - m);
      v *= 1 - gain;
    }
    return total;
  };
  /** Means and standard deviations of q and r, on a grid of their logarithms. */
  const moments = () => {
    const points: { q: number; r: number; log: number }[] = [];
    for (let a = -4; a < 1; a += 0.05) {
      for (let b = -4; b < 1; b += 0.05) {
        const [q, r] = [Math.exp(a), Math.exp(b)];
        const log = logEvidence(q, r, 0, 400) - (q * q + r * r) / 2 + a + b;
        points.push({ q, r, log });
      }
    }
    const most = Math.max(...points.map(({ log }) => log));
    const weights = points.map(({ log }) => Math.exp(log - most));
    const total = weights.reduce((a, w) => a + w, 0);
    const expectation = (f: (point: { q: number; r: number }) => number) =>
      points.reduce((a, point, i) => a + weights[i] * f(point), 0) / total;
    const of = (name: "q" | "r") => {
      const mean = expectation((point) => point[name]);
      return { mean, sd: Math.sqrt(expectation((point) => (point[name] - mean) ** 2)) };
    };
    return { q: of("q"), r: of("r") };
  };
  return { p, logEvidence, moments };
}
