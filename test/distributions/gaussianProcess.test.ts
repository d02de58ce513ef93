/** Gaussian processes against scikit-learn, and their sums of functions against their kernels. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { columnOf } from "../../src/distributions/gaussianProcess/kernel.ts";
import {
  type BasisProcess,
  constantKernel,
  fourierProcess,
  gaussianProcess,
  hilbertSpaceProcess,
  type Kernel,
  linearKernel,
  matern,
  periodicKernel,
  squaredExponential,
  whiteKernel,
} from "../../src/distributions/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  axis,
  constant,
  grad,
  input,
  key,
  rename,
  SurmiseError,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { expectClose } from "../close.ts";
import { FIVE_SIGMA } from "./values.ts";

interface Reference {
  readonly matrix: readonly number[];
  readonly logDensity: number;
  readonly mean: readonly number[];
  readonly covariance: readonly number[];
}
const { kernels: REFERENCE } = JSON.parse(
  readFileSync(new URL("reference/gaussianProcess.json", import.meta.url), "utf8"),
) as { readonly kernels: Readonly<Record<string, Reference>> };

const [place, fresh, input2] = [axis("place", 5), axis("fresh", 3), axis("input", 2)];
const PLACES = [
  [0, 0.3],
  [0.7, -0.2],
  [1.1, 1],
  [2.4, 0.1],
  [3, -1.3],
];
const FRESH = [
  [0.4, 0],
  [2.9, -1],
  [5, 2],
];
const y = tensor([0.1, 0.8, 1.2, 0.3, -0.7], [place]);
const both = { scale: 1.2, lengthscale: tensor([0.8, 1.7], [input2]), over: input2 };
const smooth = squaredExponential(both);

const KERNELS: Readonly<Record<string, Kernel>> = {
  squaredExponential: smooth,
  matern1: matern(1 / 2, both),
  matern3: matern(3 / 2, both),
  matern5: matern(5 / 2, both),
  linear: linearKernel({ scale: 0.7, over: input2 }),
  constantAndWhite: constantKernel(0.9).add(whiteKernel(0.6)),
  joined: smooth
    .add(whiteKernel(0.2))
    .mul(constantKernel(Math.sqrt(0.5)))
    .add(linearKernel({ scale: 0.7, over: input2 })),
  periodic: periodicKernel({ scale: 0.7, lengthscale: 1.3, period: 2.1 }),
};

const first = (rows: readonly (readonly number[])[]) => rows.map(([x]) => x);
const inputsOf = (kernel: string) =>
  kernel === "periodic"
    ? { x: tensor(first(PLACES), [place]), at: tensor(first(FRESH), [fresh]) }
    : { x: tensor(PLACES, [place, input2]), at: tensor(FRESH, [fresh, input2]) };

function run<Name extends string>(outputs: Record<Name, Tensor>, dtype: "float32" | "float64") {
  return compile({ outputs }, { backend: "wasm", threads: 1, dtype, steps: 1 }).run();
}

describe.each([
  ["float64", 1e-12],
  ["float32", 1e-5],
] as const)("in %s", (dtype, within) => {
  test.each(Object.keys(KERNELS))("%s has the values of scikit-learn", (name) => {
    const { x, at } = inputsOf(name);
    const kernel = KERNELS[name];
    const reference = REFERENCE[name];
    const process = gaussianProcess(kernel, { noise: 0.3 });
    // Predictions have no noise, and more jitter.
    const given = gaussianProcess(kernel, { noise: 0.3, jitter: 0 }).given(y, x, place);
    const { mean, covariance } = given.at(at, fresh).parameters;
    const each = given.each(at, fresh);
    const found = run(
      {
        matrix: kernel.matrix(x, place, 0),
        logDensity: process.at(x, place).logProb(y),
        mean,
        covariance,
        eachMean: each.mean(),
        variance: each.variance(),
      },
      dtype,
    );
    expect(found.matrix.axes.map(({ size }) => size)).toEqual([5, 5]);
    expectClose(found.matrix.data, reference.matrix, within);
    expectClose(found.logDensity.data, [reference.logDensity], within * 10);
    expectClose(found.mean.data, reference.mean, within * 10);
    expectClose(found.covariance.data, reference.covariance, within * 10);
    expectClose(found.eachMean.data, reference.mean, within * 10);
    const variances = [0, 4, 8].map((i) => reference.covariance[i]);
    expectClose(found.variance.data, variances, within * 10);
  });

  test("a smooth process without noise at 200 places has a factor", () => {
    const many = axis("many", 200);
    const x = tensor(
      Array.from({ length: 200 }, (_, i) => i / 40),
      [many],
    );
    const process = gaussianProcess(squaredExponential({ lengthscale: 1 }));
    const values = process.values(tensor(new Array(200).fill(0.1), [many]), x, many);
    expect(run({ values }, dtype).values.data.every(Number.isFinite)).toBe(true);
  });
});

test.each(Object.keys(KERNELS).filter((name) => name !== "constantAndWhite"))(
  "%s has the derivatives of differences",
  (name) => {
    const { x } = inputsOf(name);
    const theta = ["scale", "length", "period"].map((each) => input(each, [], "float64"));
    const [scale, lengthscale, period] = theta;
    const over = input2;
    const made: Record<string, Kernel> = {
      squaredExponential: squaredExponential({ scale, lengthscale, over }),
      matern1: matern(1 / 2, { scale, lengthscale, over }),
      matern3: matern(3 / 2, { scale, lengthscale, over }),
      matern5: matern(5 / 2, { scale, lengthscale, over }),
      linear: linearKernel({ scale, centre: period, over }),
      joined: linearKernel({ scale, over }).mul(squaredExponential({ lengthscale, over })),
      periodic: periodicKernel({ scale, lengthscale, period }),
    };
    const wide = (t: Tensor) => tensor(Float64Array.from((t.exact as Float64Array) ?? []), t.axes);
    const logDensity = gaussianProcess(made[name], { noise: 0.3 })
      .at(wide(x), place)
      .logProb(wide(y));
    const slopes = grad(logDensity, theta);
    const program = compile(
      { outputs: { logDensity, ...Object.fromEntries(slopes.map((s, i) => [`s${i}`, s])) } },
      { backend: "wasm", threads: 1 },
    );
    const at = [0.9, 1.1, 2.3];
    const evaluate = (values: readonly number[]) => {
      ["scale", "length", "period"].forEach((each, i) => {
        if (program.inputs.has(each)) program.write(each, Float64Array.of(values[i]));
      });
      const found = program.run();
      return {
        value: found.logDensity.data[0],
        slopes: slopes.map((_, i) => found[`s${i}`].data[0]),
      };
    };
    const { slopes: found } = evaluate(at);
    const step = 1e-5;
    at.forEach((_, i) => {
      const moved = (by: number) => evaluate(at.map((v, j) => (i === j ? v + by : v))).value;
      const difference = (moved(step) - moved(-step)) / (2 * step);
      expect(Math.abs(found[i] - difference)).toBeLessThan(1e-7 * (1 + Math.abs(difference)));
    });
  },
);

test("draws have the covariance of the kernel", () => {
  const draw = axis("draw", 20_000);
  const { x } = inputsOf("matern3");
  const process = gaussianProcess(KERNELS.matern3, { mean: 0.5 });
  const draws = process.at(x, place).sample(key(1), [draw, place]);
  const apart = draws.sub(0.5);
  const products = sum(apart.mul(rename(apart, place, columnOf(place))), draw).mul(1 / draw.size);
  const { matrix } = REFERENCE.matern3;
  const found = run({ products }, "float32").products.data;
  matrix.forEach((c, i) => {
    const [a, b] = [matrix[6 * Math.floor(i / 5)], matrix[6 * (i % 5)]];
    const error = Math.sqrt((c * c + a * b) / draw.size);
    expect(Math.abs(found[i] - c)).toBeLessThan(FIVE_SIGMA * error);
  });
});

test("predictions at the known places without noise are what is known", () => {
  const { x } = inputsOf("matern5");
  const given = gaussianProcess(KERNELS.matern5, { jitter: 0 }).given(y, x, place);
  const { mean, sd } = given.each(x, place).parameters;
  const found = run({ mean, sd }, "float64");
  expectClose(found.mean.data, [0.1, 0.8, 1.2, 0.3, -0.7], 1e-12);
  expect(Math.max(...found.sd.data)).toBeLessThan(1e-7);
});

describe("sums of functions", () => {
  /** The covariance that independent weights make. */
  const covarianceOf = (process: BasisProcess, x: Tensor, along = place) => {
    const functions = process.functions(x).mul(process.scales);
    const [basis] = process.scales.axes;
    return sum(functions.mul(rename(functions, along, columnOf(along))), basis);
  };
  const mixed = squaredExponential({ lengthscale: 0.9 })
    .mul(2)
    .add(matern(5 / 2, { lengthscale: 1 }));

  // What is left is the variance at frequencies above the highest, which falls as frequency^(-2 order) for Matern kernels.
  test.each<[string, Kernel, number]>([
    ["squaredExponential", squaredExponential({ scale: 1.2, lengthscale: 0.8 }), 1e-9],
    ["matern 5/2", matern(5 / 2, { scale: 1.2, lengthscale: 0.8 }), 1e-6],
    ["matern 3/2", matern(3 / 2, { scale: 1.2, lengthscale: 0.8 }), 1e-4],
    ["matern 1/2", matern(1 / 2, { scale: 1.2, lengthscale: 0.8 }), 2e-2],
    ["a sum", mixed, 1e-6],
  ])("%s by many eigenfunctions", (_, kernel, within) => {
    const x = tensor(first(PLACES), [place]);
    const process = hilbertSpaceProcess(kernel, axis("basis", 200), { range: [0, 3], boundary: 6 });
    const found = run(
      { covariance: covarianceOf(process, x), matrix: kernel.matrix(x, place, 0) },
      "float64",
    );
    expectClose(found.covariance.data, [...found.matrix.data], within);
  });

  test("of two input columns", () => {
    const x = tensor(PLACES, [place, input2]);
    const basis = axis("basis", 40 * 30);
    for (const [kernel, within] of [
      [smooth, 1e-6],
      [matern(5 / 2, both), 1e-2],
    ] as const) {
      const process = hilbertSpaceProcess(kernel, basis, {
        range: [
          [0, 3],
          [-1.3, 1],
        ],
        boundary: 6,
        counts: [40, 30],
      });
      const matrix = kernel.matrix(x, place, 0);
      const found = run({ covariance: covarianceOf(process, x), matrix }, "float64");
      expectClose(found.covariance.data, [...found.matrix.data], within);
    }
  });

  test("of a periodic kernel", () => {
    const x = tensor(first(PLACES), [place]);
    const kernel = periodicKernel({ scale: 0.7, lengthscale: 1.3, period: 2.1 }).mul(2);
    const process = fourierProcess(kernel, axis("basis", 31));
    const found = run({ covariance: covarianceOf(process, x) }, "float64");
    expectClose(
      found.covariance.data,
      REFERENCE.periodic.matrix.map((k) => 2 * k),
      1e-12,
    );
    const weights = tensor(
      Array.from({ length: 31 }, (_, j) => Math.cos(j)),
      process.scales.axes,
    );
    const direct = sum(
      process.functions(x).mul(process.scales).mul(weights),
      ...process.scales.axes,
    );
    const { values, also } = run({ values: process.values(weights, x), also: direct }, "float64");
    expectClose(values.data, [...also.data], 1e-12);
  });
});

describe("refusals", () => {
  const one = tensor([1, 2, 3, 4, 5], [place]);
  test.each<[() => unknown, string]>([
    [
      () => gaussianProcess(smooth).at(one, place),
      "squaredExponential: the inputs have axes {place: 5} and lack {input: 2}",
    ],
    [() => matern(2, { lengthscale: 1 }), "matern: the order must be 1/2, 3/2 or 5/2, not 2"],
    [
      () => squaredExponential({ lengthscale: -1 }),
      "squaredExponential: lengthscale must be greater than 0 and finite, not -1",
    ],
    [
      () => gaussianProcess(smooth).given(constant(1), one, place),
      "gaussianProcess, given: y has axes {} and lacks 'place'",
    ],
    [
      () => hilbertSpaceProcess(linearKernel(), axis("basis", 3), { range: [0, 1] }),
      "hilbertSpaceProcess: 'linear' has no spectral density: squaredExponential and matern have, and " +
        "their sums; for periodicKernel use fourierProcess",
    ],
    [
      () =>
        hilbertSpaceProcess(smooth, axis("basis", 6), {
          range: [
            [0, 1],
            [0, 1],
          ],
          counts: [2, 2],
        }),
      "hilbertSpaceProcess: 2 times 2 functions do not make basis: 6: give the product as its size",
    ],
    [
      () =>
        hilbertSpaceProcess(matern(3 / 2, { lengthscale: 1 }), axis("basis", 3), {
          range: [1, 5],
        }).functions(one.mul(2)),
      "hilbertSpaceProcess: there is an input at 10, but with this range and boundary the functions reach from 0 to 6: " +
        "give a range that holds all places, those to be predicted too",
    ],
    [
      () =>
        hilbertSpaceProcess(smooth, axis("basis", 4), {
          range: [
            [0, 2],
            [0, 4],
          ],
          counts: [2, 2],
        }).functions(tensor([0, 5, 3, 1], [axis("where", 2), input2])),
      "hilbertSpaceProcess: there is an input at 3 of column 1, but with this range and boundary the functions reach from " +
        "-0.5 to 2.5: give a range that holds all places, those to be predicted too",
    ],
    [
      () => fourierProcess(smooth, axis("basis", 3)),
      "fourierProcess: 'squaredExponential' is no periodic kernel of one input column",
    ],
  ])("%#", (make, message) => {
    expect(make).toThrow(new SurmiseError(message));
  });
});
