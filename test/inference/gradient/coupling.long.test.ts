/** A guide that is a coupling layer of one's own: all estimators have the derivative that they promise. */
import { expect, test } from "vitest";
import { type Bijection, normal, transformed } from "../../../src/distributions/index.ts";
import { type Gradient, gradientDiagnostics, particles } from "../../../src/inference/index.ts";
import { model, paramStore } from "../../../src/model/index.ts";
import { axis, concat, exp, slice, sum, type Tensor, tensor } from "../../../src/tensor/index.ts";

const [code, kept, moved, row] = [
  axis("code", 2),
  axis("kept", 1),
  axis("moved", 1),
  axis("row", 3),
];
const y = tensor([1, 2, -1], [row]);
const p = model(({ sample, observe, plate }) => {
  plate(row, () => {
    const z = sample("z", normal(0, 1).event(code));
    observe("y", normal(sum(z, code), 0.5), y);
  });
});

function coupling(slope: Tensor): Bijection {
  const halves = (x: Tensor) => [slice(x, code, 0, kept), slice(x, code, 1, moved)] as const;
  const join = (a: Tensor, b: Tensor) => concat(a, b, [kept, moved], code);
  return {
    axes: [code],
    onto: "real",
    unconstrainedAxes: (axes) => axes,
    forward: (u) => {
      const [a, b] = halves(u);
      const first = sum(a, kept);
      return join(a, b.mul(exp(first.mul(0.2))).add(first.mul(slope)));
    },
    inverse: (z) => {
      const [a, b] = halves(z);
      const first = sum(a, kept);
      return join(a, b.sub(first.mul(slope)).mul(exp(first.mul(-0.2))));
    },
    logJacobian: (u) => sum(halves(u)[0], kept).mul(0.2),
  };
}

const q = model(({ param, sample, plate }) => {
  const slope = param("slope", [], { init: () => tensor(-0.5) });
  const mean = param("mean", [code], { init: () => tensor([0.1, 0.2], [code]) });
  plate(row, () => sample("z", transformed(normal(mean, 0.8), coupling(slope))));
});
const values = {
  slope: { data: Float32Array.of(-0.5) },
  mean: { data: Float32Array.of(0.1, 0.2) },
};

/** The mean gradient of each number, and its standard error. */
function meanOf(gradient: Gradient, k: number) {
  const draws = 4000;
  const found = gradientDiagnostics({
    ...{ model: p, guide: q, data: undefined, parameters: paramStore(), values, gradient, draws },
    particles: k === 1 ? particles.single() : particles.global(k),
  });
  return ["slope", "mean"].flatMap((name) =>
    [...found[name].mean].map((mean, i) => [mean, Math.sqrt(found[name].variance[i] / draws)]),
  );
}

test.each([
  ["path", 1],
  ["score", 1],
  ["doublyReparameterised", 5],
  ["scoreLeaveOneOut", 5],
] as const)("%s with %i draws has the mean of total", (gradient, k) => {
  const total = meanOf("total", k);
  meanOf(gradient, k).forEach(([mean, error], i) => {
    const [right, noise] = total[i];
    expect(Math.abs(mean - right)).toBeLessThan(4 * Math.hypot(error, noise));
  });
});
