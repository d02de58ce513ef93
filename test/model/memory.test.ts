/** Chains whose steps know more than the state before: lags, moving averages, variances that decay. */

import { describe, expect, test } from "vitest";
import { halfNormal, normal } from "../../src/distributions/index.ts";
import { logDensity } from "../../src/inference/density/logDensity.ts";
import { draw, type Model, model, trace } from "../../src/model/index.ts";
import { axis, constant, key, sqrt, square, tensor } from "../../src/tensor/index.ts";
import { normal as logNormal } from "../densities.ts";
import { run } from "../distributions/run.ts";

const ys = [0.3, 1.1, -0.4, 0.8, 1.9];
const time = axis("time", ys.length);
const y = tensor(ys, [time], "float64");
const f64 = { dtype: "float64" } as const;
const zero = constant(0, "float64");

function expectDensity(p: Model<undefined>, at: readonly number[], f: (u: number[]) => number) {
  const density = logDensity(p, undefined);
  expect(density.dimension).toBe(at.length);
  expect(density.value(Float64Array.from(at))).toBeCloseTo(f([...at]), 9);
  const gradient = density.gradient(Float64Array.from(at));
  at.forEach((_, i) => {
    const moved = (by: number) => f(at.map((x, j) => (i === j ? x + by : x)));
    expect(gradient[i]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 5);
  });
}

describe("the density of", () => {
  test("an autoregression of second order, of data and of latents", () => {
    const data = model(({ sample, chain, observe }) => {
      const a = sample("a", normal(zero, 1));
      const b = sample("b", normal(zero, 1));
      chain(time, { last: zero, before: zero }, ({ last, before }, { at }) => {
        observe("y", normal(last.mul(a).add(before.mul(b)), 0.7), at(y));
        return { last: at(y), before: last };
      });
    }, f64);
    expectDensity(data, [0.4, -0.2], ([a, b]) =>
      ys.reduce(
        (s, x, t) => s + logNormal(x, a * (ys[t - 1] ?? 0) + b * (ys[t - 2] ?? 0), 0.7),
        logNormal(a, 0, 1) + logNormal(b, 0, 1),
      ),
    );
    const latent = model(({ sample, chain, observe }) => {
      chain(time, { last: zero, before: zero }, ({ last, before }, { at }) => {
        const x = sample("x", normal(last.mul(0.5).add(before.mul(0.3)), 1));
        observe("y", normal(x, 0.5), at(y));
        return { last: x, before: last };
      });
    }, f64);
    expectDensity(latent, [0.1, -0.3, 0.7, 0.2, 1], (x) =>
      x.reduce(
        (s, v, t) =>
          s +
          logNormal(v, 0.5 * (x[t - 1] ?? 0) + 0.3 * (x[t - 2] ?? 0), 1) +
          logNormal(ys[t], v, 0.5),
        0,
      ),
    );
  });

  test("a moving average: the error of the step before", () => {
    const p = model(({ sample, chain, observe }) => {
      const theta = sample("theta", normal(zero, 1));
      chain(time, zero, (error, { at }) => {
        observe("y", normal(error.mul(theta), 0.6), at(y));
        return at(y).sub(error.mul(theta));
      });
    }, f64);
    expectDensity(p, [0.5], ([theta]) => {
      let [error, total] = [0, logNormal(theta, 0, 1)];
      for (const x of ys) {
        total += logNormal(x, theta * error, 0.6);
        error = x - theta * error;
      }
      return total;
    });
  });

  test("GARCH(1, 1): a variance that decays and is fed by squares", () => {
    const p = model(({ sample, chain, observe }) => {
      const level = sample("level", halfNormal(constant(1, "float64")));
      chain(time, { variance: constant(0.5, "float64"), seen: zero }, (before, { at }) => {
        const variance = level.add(square(before.seen).mul(0.3)).add(before.variance.mul(0.4));
        observe("y", normal(zero, sqrt(variance)), at(y));
        return { variance, seen: at(y) };
      });
    }, f64);
    expectDensity(p, [-0.7], ([u]) => {
      const level = Math.exp(u);
      let [variance, seen] = [0.5, 0];
      let total = Math.log(2) + logNormal(level, 0, 1) + u;
      for (const x of ys) {
        variance = level + 0.3 * seen ** 2 + 0.4 * variance;
        total += logNormal(x, 0, Math.sqrt(variance));
        seen = x;
      }
      return total;
    });
  });
});

test("a running sum of latents, and its states at all steps", () => {
  const p: Model = ({ sample, chain, deterministic }) => {
    const sums = chain(time, zero, (sum) => sum.add(sample("x", normal(zero, 1))));
    deterministic("sums", sums);
  };
  const { sites } = trace(p, undefined, draw(key(3)));
  const value = (name: string) => {
    const site = sites.get(name);
    return [...run(site && "value" in site ? site.value : zero, [time])];
  };
  const [x, sums] = [value("x"), value("sums")];
  let total = 0;
  x.forEach((v, t) => {
    total += v;
    expect(sums[t]).toBeCloseTo(total, 12);
  });
});
