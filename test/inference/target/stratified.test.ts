/** The mixture ELBO: component summed out (Roeder, Wu and Duvenaud, NeurIPS 2017, algorithm 3). */
import { describe, expect, test } from "vitest";
import { mixture, normal } from "../../../src/distributions/index.ts";
import { bound, type Gradient, particles } from "../../../src/inference/index.ts";
import { type Model, model, paramStore } from "../../../src/model/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { axis, exp, fold, grad, input, key, tensor } from "../../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError } from "../../distributions/values.ts";

const k = axis("component", 3);
const NAMES = ["logits", "means", "logSds"];
const inputs = NAMES.map((name) => input(name, [k], "float64"));
const [logits, means, logSds] = inputs;
const guide = model(({ sample }) => {
  sample("z", mixture({ logits }, normal(means, exp(logSds))));
});

/** A mixture of two, of numbers. */
const two = axis("of p", 2);
const P = { weights: [0.3, 0.7], means: [-1.5, 1], sds: [0.6, 0.9] };
const numbers = (values: readonly number[]) => tensor(values, [two], "float64");
const p: Model = ({ sample }) => {
  sample("z", mixture({ probs: numbers(P.weights) }, normal(numbers(P.means), numbers(P.sds))));
};

function draws(at: readonly (readonly number[])[], gradient: Gradient, count: number) {
  const { bound: elbo } = bound({
    ...{ model: p, guide, data: undefined, gradient, parameters: paramStore() },
    key: fold(key(7), input("draw", [], "int32")),
    particles: particles.stratified(),
  });
  const outputs = Object.fromEntries(grad(elbo, inputs).map((g, i) => [`by${i}`, g]));
  const program = compile({ outputs: { elbo, ...outputs } });
  NAMES.forEach((name, i) => {
    program.write(name, Float64Array.from(at[i]));
  });
  return Array.from({ length: count }, (_, draw) => {
    const found = program.run({ inputs: { draw } });
    return [found.elbo, found.by0, found.by1, found.by2].flatMap(({ data }) =>
      [...data].map(Number),
    );
  });
}

/** The ELBO by the trapezoidal rule. */
function elboOf(theta: readonly number[]): number {
  const weights = theta.slice(0, 3).map(Math.exp);
  const total = weights.reduce((a, b) => a + b);
  const q = {
    weights: weights.map((w) => w / total),
    means: theta.slice(3, 6),
    sds: theta.slice(6).map(Math.exp),
  };
  const density = ({ weights: w, means: m, sds: s }: typeof q, z: number) =>
    w.reduce((sum, wi, i) => sum + (wi / s[i]) * Math.exp(-0.5 * ((z - m[i]) / s[i]) ** 2), 0) /
    Math.sqrt(2 * Math.PI);
  const h = 0.005;
  let sum = 0;
  for (let z = -12; z <= 12; z += h) {
    const here = density(q, z);
    if (here > 1e-300) sum += h * here * Math.log(density(P, z) / here);
  }
  return sum;
}

const AT = [
  [0.2, -0.3, 0.1],
  [-1.2, 0.3, 1.4],
  [-0.4, 0, 0.2],
];

describe("the mixture ELBO with a draw from each component", () => {
  test.each(["total", "path"] as const)(
    "%s: value and derivatives are right in expectation",
    (gradient) => {
      const theta = AT.flat();
      const expected = [
        elboOf(theta),
        ...theta.map((_, i) => {
          const moved = (by: number) => elboOf(theta.map((t, j) => (i === j ? t + by : t)));
          return (moved(1e-4) - moved(-1e-4)) / 2e-4;
        }),
      ];
      const found = draws(AT, gradient, 4000);
      expected.forEach((value, i) => {
        const { mean, error } = meanAndError(found.map((draw) => draw[i]));
        expect(Math.abs(mean - value)).toBeLessThan(FIVE_SIGMA * error + 1e-6);
      });
    },
  );

  test("where the guide is the posterior the path derivative is zero for every draw, the total one is not", () => {
    // The third component is the second once more: together they weigh as much.
    const at = [
      [Math.log(0.3), Math.log(0.3), Math.log(0.4)],
      [-1.5, 1, 1],
      [0.6, 0.9, 0.9].map(Math.log),
    ];
    for (const [elbo, ...derivatives] of draws(at, "path", 10)) {
      expect(Math.abs(elbo)).toBeLessThan(1e-12);
      for (const derivative of derivatives) expect(Math.abs(derivative)).toBeLessThan(1e-12);
    }
    const total = draws(at, "total", 10).map(([, , , , byMean]) => Math.abs(byMean));
    expect(Math.max(...total)).toBeGreaterThan(0.01);
  });

  test("importance-weighted particles are refused", () => {
    const refused = () =>
      bound({
        ...{ model: p, guide, data: undefined, parameters: paramStore(), key: key(1) },
        particles: particles.stratified(particles.global(3)),
      });
    expect(refused).toThrow(/particles.stratified: latent 'z' has importance-weighted particles/);
  });
});
