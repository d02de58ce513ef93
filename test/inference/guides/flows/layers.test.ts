/** Layers of flows, against their inverses and against brute force. */
import { describe, expect, test } from "vitest";
import {
  inverseAutoregressive,
  reversedOrder,
} from "../../../../src/inference/guides/flows/autoregressive.ts";
import { affineCoupling } from "../../../../src/inference/guides/flows/coupling.ts";
import {
  FlowDensity,
  type LayerFamily,
  sumOfAll,
} from "../../../../src/inference/guides/flows/layer.ts";
import { planar } from "../../../../src/inference/guides/flows/planar.ts";
import { splineCoupling } from "../../../../src/inference/guides/flows/spline.ts";
import type { NoiseSpace } from "../../../../src/inference/guides/noise/sharedNoise.ts";
import {
  type Axis,
  axis,
  cast,
  fold,
  grad,
  index,
  key,
  select,
  standardNormal,
  stopGradient,
  type Tensor,
} from "../../../../src/tensor/internal.ts";
import { valuesOf } from "../../../distributions/values.ts";

const number = axis("number", 5);
const draw = axis("draw", 3);

/** A space whose parameters are known numbers, all of them away from where they begin. */
function space(seed: number, sd = 0.7): NoiseSpace {
  const axes = new Map<string, Axis>();
  return {
    number,
    dtype: "float64",
    axis(name, size) {
      const known = axes.get(name) ?? axis(name, size);
      axes.set(name, known);
      return known;
    },
    param: (what, over) => standardNormal(fold(key(seed), what), over, "float64").mul(sd),
  };
}

const LAYERS: Readonly<Record<string, LayerFamily>> = {
  planar,
  "affine coupling": affineCoupling(0, { hidden: 7 }),
  "spline coupling": splineCoupling(1, { hidden: 7, bins: 5 }),
  "inverse autoregressive": inverseAutoregressive({ hidden: 9 }),
  reversed: reversedOrder,
};

const noise = standardNormal(key(7), [draw, number], "float64").mul(1.3);

/** dy_i / dx_j over `row`, for i, and `number`, for j, and the axes of particles. */
function jacobianOf(f: (x: Tensor) => Tensor, x: Tensor, row: Axis): Tensor {
  const each = stopGradient(x).add(cast(index(row), "float64").mul(0));
  const own = select(index(row).eq(index(number)), f(each), 0);
  return grad(sumOfAll(own), [each])[0];
}

const element = (x: Float64Array | readonly number[], d: number, i: number) => x[d * 5 + i];

describe.each(Object.entries(LAYERS))("%s", (_, family) => {
  const layer = family(space(3));
  const row = axis("row", 5);
  const { value, logDeterminant } = layer.forward(noise);
  const ones = standardNormal(key(9), [draw, number], "float64");

  test("its inverse leads back, also of the inverse's own derivative", () => {
    const back = layer.inverse(value);
    const [found, expected] = valuesOf([back, noise].map(vectors));
    found.forEach((x, i) => {
      expect(x).toBeCloseTo(expected[i], 9);
    });
    const end = stopGradient(value);
    const [inverse] = [jacobianOf((y) => layer.inverse(y), end, row)];
    const forward = jacobianOf((x) => layer.forward(x).value, noise, row);
    const [a, b] = valuesOf([ordered(forward, row), ordered(inverse, row)]);
    for (let d = 0; d < 3; d++) {
      for (let i = 0; i < 5; i++) {
        for (let j = 0; j < 5; j++) {
          const product = [0, 1, 2, 3, 4].reduce(
            (sum, k) => sum + a[d * 25 + i * 5 + k] * b[d * 25 + k * 5 + j],
            0,
          );
          expect(product).toBeCloseTo(i === j ? 1 : 0, 7);
        }
      }
    }
  });

  test("the determinant and J^-T of its Jacobian, one element of which after the other is a derivative", () => {
    const jacobian = jacobianOf((x) => layer.forward(x).value, noise, row);
    const [j, v, solved, logs] = valuesOf([
      ordered(jacobian, row),
      vectors(ones),
      vectors(layer.transposedInverse(ones, noise)),
      logDeterminant.add(cast(index(draw), "float64").mul(0)),
    ]);
    for (let d = 0; d < 3; d++) {
      const matrix = [0, 1, 2, 3, 4].map((i) => [0, 1, 2, 3, 4].map((k) => j[d * 25 + i * 5 + k]));
      expect(logs[d]).toBeCloseTo(Math.log(Math.abs(determinant(matrix))), 9);
      // J^T u = v
      for (let k = 0; k < 5; k++) {
        const product = [0, 1, 2, 3, 4].reduce(
          (sum, i) => sum + matrix[i][k] * element(solved, d, i),
          0,
        );
        expect(product).toBeCloseTo(element(v, d, k), 9);
      }
    }
  });
});

/** Over draw, row, number in this order. */
function ordered(x: Tensor, row: Axis): Tensor {
  const zero = [draw, row, number].reduce<Tensor>(
    (sum, a) => sum.add(cast(index(a), "float64").mul(0)),
    cast(index(draw), "float64").mul(0),
  );
  return zero.add(x);
}

/** Over draw and number in this order. */
const vectors = (x: Tensor) =>
  cast(index(draw), "float64")
    .mul(0)
    .add(cast(index(number), "float64").mul(0))
    .add(x);

function determinant(m: number[][]): number {
  if (m.length === 1) return m[0][0];
  return m[0].reduce((sum, x, k) => {
    const rest = m.slice(1).map((r) => r.filter((_, j) => j !== k));
    return sum + (k % 2 === 0 ? 1 : -1) * x * determinant(rest);
  }, 0);
}

describe("the derivative of log q by its draw, the parameters being constant", () => {
  const flows: Readonly<Record<string, readonly LayerFamily[]>> = {
    planar: [planar, planar],
    coupling: [affineCoupling(0), affineCoupling(1)],
    spline: [splineCoupling(0), splineCoupling(1)],
    autoregressive: [inverseAutoregressive(), reversedOrder, inverseAutoregressive()],
  };
  test.each(Object.entries(flows))("%s: the recursion is that of the inverse", (kind, families) => {
    // Splines of large parameters are so steep that their inverses lose many digits.
    const sd = kind === "spline" ? 0.2 : 0.7;
    const layers = families.map((family, i) => family(space(20 + i, sd)));
    const density = new FlowDensity(layers, number);
    const states = density.statesFrom(noise);
    const end = stopGradient(states[states.length - 1]);
    const backwards = density.logProb(density.statesTo(end));
    const [byInverse] = grad(sumOfAll(backwards), [end]);
    const [found, expected, forward, inverse] = valuesOf([
      vectors(density.derivative(states)),
      vectors(byInverse),
      density.logProb(states),
      backwards,
    ]);
    const largest = Math.max(1, ...expected.map(Math.abs));
    found.forEach((x, i) => {
      expect(Math.abs(x - expected[i])).toBeLessThan(1e-8 * largest);
    });
    forward.forEach((x, i) => {
      expect(x).toBeCloseTo(inverse[i], 8);
    });
  });
});
