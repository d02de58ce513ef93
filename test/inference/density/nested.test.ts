/** The normal along a chain of normals given the latents outside, which is exact: by the Kalman filter. */
import { describe, expect, test } from "vitest";
import { halfNormal, normal } from "../../../src/distributions/index.ts";
import { bandedCholesky, bandedSolve } from "../../../src/inference/density/nested/banded.ts";
import { chainLayout } from "../../../src/inference/density/nested/layout.ts";
import { NestedDensity, orderOf } from "../../../src/inference/density/nested/nestedDensity.ts";
import { logDensity } from "../../../src/inference/index.ts";
import { constant } from "../../../src/tensor/index.ts";
import { localLevel, seriesOf } from "../localLevel.ts";

test("a band is factorised and solved as the whole matrix", () => {
  const band = { size: 4, band: 1, data: Float64Array.of(0, 4, 1, 3, -1, 5, 2, 6) };
  const root = bandedCholesky(band);
  const x = bandedSolve(root as NonNullable<typeof root>, Float64Array.of(1, 2, 3, 4));
  const dense = [
    [4, 1, 0, 0],
    [1, 3, -1, 0],
    [0, -1, 5, 2],
    [0, 0, 2, 6],
  ];
  const back = dense.map((row) => row.reduce((sum, a, j) => sum + a * x[j], 0));
  [1, 2, 3, 4].forEach((b, i) => {
    expect(back[i]).toBeCloseTo(b, 12);
  });
  expect(bandedCholesky({ ...band, data: band.data.map((a) => -a) })).toBeUndefined();
});

describe("the local level of 30 steps", () => {
  const y = seriesOf(30);
  const { p, logEvidence } = localLevel(y);
  const density = logDensity(p, undefined);
  const layout = chainLayout(density) as NonNullable<ReturnType<typeof chainLayout>>;
  const start = new Float64Array(density.dimension);
  const nested = new NestedDensity(density, layout, {
    start,
    scales: new Float64Array(3).fill(1),
    order: 1,
  });
  const at = [Math.log(0.4), Math.log(0.7), 9.5];

  test("has bands of one step", () => {
    expect(orderOf(density, layout, start)).toBe(1);
  });

  test("the chain is integrated out, exactly", () => {
    const [logQ, logR, level] = at;
    const priors =
      [logQ, logR].reduce((sum, log) => {
        const z = Math.exp(log);
        return sum + log - 0.5 * z * z + Math.log(2) - 0.5 * Math.log(2 * Math.PI);
      }, 0) -
      0.5 * (level / 20) ** 2 -
      Math.log(20) -
      0.5 * Math.log(2 * Math.PI);
    const { value } = nested.at(Float64Array.from(at));
    expect(value).toBeCloseTo(logEvidence(Math.exp(logQ), Math.exp(logR), level, 0) + priors, 7);
  });

  test("its gradient is that of the values, and its Hessian of the gradients", () => {
    const { gradient } = nested.at(Float64Array.from(at));
    const hessian = nested.hessian(Float64Array.from(at));
    at.forEach((_, k) => {
      const [more, less] = [1e-4, -1e-4].map((h) =>
        nested.at(Float64Array.from(at, (x, i) => x + (i === k ? h : 0))),
      );
      const slope = (more.value - less.value) / 2e-4;
      expect(Math.abs(gradient[k] - slope)).toBeLessThan(1e-3 * Math.max(1, Math.abs(slope)));
      at.forEach((_, i) => {
        const bend = (more.gradient[i] - less.gradient[i]) / 2e-4;
        expect(Math.abs(hessian[i * 3 + k] - bend)).toBeLessThan(
          1e-2 * Math.max(1, Math.abs(bend)),
        );
      });
    });
  });
});

test("a model with no chain has no such normal", () => {
  const plain = logDensity(({ sample, observe }) => {
    const s = sample("s", halfNormal(1));
    observe("y", normal(0, s), constant(1));
  }, undefined);
  expect(chainLayout(plain)).toBeUndefined();
});
