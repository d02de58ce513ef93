import { expect, test } from "vitest";
import { halfNormal, normal } from "../../../src/distributions/index.ts";
import type { InPlace } from "../../../src/inference/density/programs/evaluator.ts";
import { logDensity } from "../../../src/inference/index.ts";
import type { Metric } from "../../../src/inference/mcmc/metrics/metric.ts";
import { ChainRandom } from "../../../src/inference/mcmc/random.ts";
import { Nuts } from "../../../src/inference/mcmc/transitions/nuts.ts";
import {
  inPlaceTarget,
  newPoint,
  type Target,
} from "../../../src/inference/mcmc/transitions/point.ts";
import type { Transition } from "../../../src/inference/mcmc/transitions/transition.ts";
import { axis, tensor } from "../../../src/tensor/index.ts";
import { PlainNuts } from "./plainNuts.ts";

const school = axis("school", 7);
const schools = logDensity(
  ({ sample, observe, plate }) => {
    const mu = sample("mu", normal(0, 5));
    const tau = sample("tau", halfNormal(5));
    plate(school, () => {
      const theta = sample("theta", normal(mu, tau));
      observe("y", normal(theta, 10), tensor([28, 8, -3, 7, -1, 1, 18], [school]));
    });
  },
  undefined,
  { layout: "flat" },
);

/** As native code: a program whose memory is not shared. */
const apart = inPlaceTarget({ ...(schools.inPlace as InPlace), linked: undefined });

/** Without memory of its own: a normal, beyond whose radius of 6 there is nothing. */
const ball: Target = {
  dimension: 2,
  evaluate(position, gradient) {
    const square = position.reduce((sum, x) => sum + x * x, 0);
    position.forEach((x, i) => {
      gradient[i] = -x;
    });
    return square > 36 ? Number.NaN : -0.5 * square;
  },
};

const scaleAt = (i: number) => 0.5 + 0.4 * (i % 3);
const diagonalIn = (dimension: number): Metric => {
  const times = (z: Float64Array, out: Float64Array) => {
    for (let i = 0; i < out.length; i++) out[i] = scaleAt(i) * z[i];
  };
  const diagonal = Float64Array.from({ length: dimension }, (_, i) => scaleAt(i));
  return { diagonal, times, transposed: times };
};
/** L has 0.1 below its diagonal. */
const correlated: Metric = {
  diagonal: undefined,
  times(z, out) {
    for (let i = 0; i < out.length; i++) out[i] = scaleAt(i) * z[i] + 0.1 * (z[i - 1] ?? 0);
  },
  transposed(g, out) {
    for (let i = 0; i < out.length; i++) out[i] = scaleAt(i) * g[i] + 0.1 * (g[i + 1] ?? 0);
  },
};

test.each([
  ["a diagonal metric", schools, diagonalIn(schools.dimension)],
  ["another metric", schools, correlated],
  ["a program that is called through the host", apart, diagonalIn(schools.dimension)],
  ["a target without memory of its own", ball, diagonalIn(2)],
])("trajectories are to the bit those of plain TypeScript: %s", (_, target, metric) => {
  const chainOf = (transition: Transition) => {
    const point = newPoint(target.dimension);
    point.logDensity = target.evaluate(point.position, point.gradient);
    return { point, transition, random: new ChainRandom(3, 1) };
  };
  const own = chainOf(new Nuts(target, metric, 8));
  const plain = chainOf(new PlainNuts(target, metric, 8));
  let divergences = 0;
  const depths = new Set<number>();
  for (let step = 0; step < 400; step++) {
    // Steps that diverge, trees that reach the greatest depth, and short ones.
    const stepSize = step % 50 === 0 ? 12 : step % 7 === 0 ? 0.02 : 0.4;
    const [here, there] = [own, plain].map(({ point, transition, random }) => {
      random.seek(step);
      const report = { ...transition.next(point, stepSize, random, step % 5 === 0) };
      return { report, point: structuredClone(point), next: random.word() };
    });
    expect(here).toEqual(there);
    divergences += here.report.diverging ? 1 : 0;
    depths.add(here.report.depth);
  }
  expect(divergences).toBeGreaterThan(0);
  expect([...depths].sort()).toEqual(expect.arrayContaining([0, 2, 3, 5, 8]));
});
