/** float64 as one switch: known answers at large offsets. */

import { describe, expect, test } from "vitest";
import { type Columns, columnsOf } from "../../src/data/index.ts";
import { normal } from "../../src/distributions/index.ts";
import {
  type MethodName,
  samplePosterior,
  summarise,
  fit as train,
} from "../../src/inference/index.ts";
import { model } from "../../src/model/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  axis,
  computedValues,
  key,
  log,
  mean,
  standardNormal,
  sum,
  type Tensor,
  tensor,
  uniform,
} from "../../src/tensor/internal.ts";
import { BACKENDS } from "../backends.ts";

const table = (columns: Record<string, readonly number[]>) =>
  columnsOf({ name: "test.csv", rows: Object.values(columns)[0].length, columns });

describe.each(BACKENDS)("columns in float64 with %s", (backend) => {
  const values = (x: Tensor) => [
    ...compile({ outputs: { x } }, { backend, dtype: "float64" }).run().x.data,
  ];
  const seconds = [1_700_000_000, 1_700_000_033, 1_700_000_128, 1_700_000_129];
  const days = [20_240_229, 20_240_301, 20_240_302, 19_991_231];
  const counts = [16_777_217, 33_554_433, 9_007_199_254_740_991, 0];
  const { row, column } = table({ seconds, days, counts, year: [2010, 2011, 2018, 2019] });

  test("unix seconds, dates as numbers and counts are what they are", () => {
    expect(values(column("seconds").sub(1.7e9))).toEqual([0, 33, 128, 129]);
    expect(values(column("days").sub(20_240_000))).toEqual(days.map((x) => x - 20_240_000));
    expect(values(column("counts"))).toEqual(counts);
    expect(values(sum(column("seconds"), row))).toEqual([seconds.reduce((a, b) => a + b)]);
  });
  test("so are numbers in expressions, and tensors of numbers", () => {
    expect(values(column("year").mul(0.1))).toEqual([2010, 2011, 2018, 2019].map((x) => x * 0.1));
    const offsets = tensor([0.1, 0.2, 0.3, 1.7e9 + 1], [row]);
    expect(values(column("seconds").sub(offsets))).toEqual(
      seconds.map((x, i) => x - [0.1, 0.2, 0.3, 1.7e9 + 1][i]),
    );
  });
  test("logarithms are those of float64", () => {
    values(log(column("seconds"))).forEach((x, i) => {
      expect(Math.abs(x - Math.log(seconds[i]))).toBeLessThan(1e-14);
    });
  });
  test("closed form of a variance around 1.6e7", () => {
    const x = [16_000_001, 16_000_002, 16_000_004, 16_000_008.5];
    const y = table({ x }).column("x");
    const v = mean(y.sub(mean(y)).mul(y.sub(mean(y))));
    expect(values(v)[0]).toBeCloseTo(8.296875, 12);
  });
});

describe("what float32 would lose is refused", () => {
  const run = (x: Tensor) => compile({ outputs: { x } }).run();
  test.each([
    [[1_700_000_000, 1_700_000_033], /1700000033 at .*2 becomes 1700000000 in float32.*--float64/],
    [[16_777_217], /16777217/],
    [[2_459_000.501, 2_459_001.25], /2459000.501/],
  ])("%j", (x, message) => {
    const columns = table({ x });
    expect(() => run(columns.column("x").mul(2))).toThrow(message);
  });
  test("not what it holds well enough", () => {
    const { column } = table({ x: [0.1, 2019.25, -3], y: [2010, 2015, 16_777_216] });
    expect([...run(column("y")).x.data]).toEqual([2010, 2015, 16_777_216]);
    expect(run(column("x")).x.dtype).toBe("float32");
  });
  test("not values that were computed, which are exact in float64 all the same", () => {
    const near = Float64Array.from([0.00012551545, 0.00012551546, 0.00012551547]);
    const x = computedValues([axis("x", 3)], near, "float32");
    expect([...run(x).x.data]).toEqual([...Float32Array.from(near)]);
    expect([...compile({ outputs: { x } }, { dtype: "float64" }).run().x.data]).toEqual([...near]);
    const beyond = computedValues([], Float64Array.of(1e300), "float32");
    expect(() => run(beyond)).toThrow(/1e\+300 is infinite in float32/);
  });
});

describe("draws in float64", () => {
  const i = axis("i", 20_000);
  const values = (x: Tensor, dtype: "float32" | "float64") =>
    compile({ outputs: { x } }, { dtype }).run().x.data;
  test("begin with the bits of float32, and have more", () => {
    const u = uniform(key(1), [i]);
    const [short, long] = [values(u, "float32"), values(u, "float64")];
    short.forEach((x, at) => {
      expect(Math.abs(x - long[at])).toBeLessThanOrEqual(2 ** -24 + 2 ** -49);
    });
    expect(new Set(long.map((x) => (x * 2 ** 23) % 1)).size).toBeGreaterThan(0.99 * i.size);
    expect(Math.min(...long)).toBeGreaterThan(0);
    expect(Math.max(...long)).toBeLessThan(1);
  });
  test("normal draws have mean 0 and variance 1", () => {
    const z = Float64Array.from(values(standardNormal(key(2), [i]), "float64"));
    const m = z.reduce((a, b) => a + b) / i.size;
    const v = z.reduce((a, b) => a + (b - m) ** 2, 0) / i.size;
    expect(Math.abs(m)).toBeLessThan(4 / Math.sqrt(i.size));
    expect(Math.abs(v - 1)).toBeLessThan(4 * Math.sqrt(2 / i.size));
  });
});

describe("conjugate regression on years that are not centred", () => {
  const year = Array.from({ length: 10 }, (_, i) => 2010 + i);
  const y = year.map((t, i) => 3 + 0.25 * (t - 2010) + 0.1 * Math.cos(3 * i));
  const [sdA, sdB, noise] = [1000, 10, 0.5];
  const regression = model(
    ({ sample, observe, plate }, { row, column }: Columns) => {
      const a = sample("a", normal(0, sdA));
      const b = sample("b", normal(0, sdB));
      plate(row, () => observe("y", normal(a.add(b.mul(column("year"))), noise), column("y")));
    },
    { dtype: "float64" },
  );
  /** The posterior's mean and covariance: the normal equations with the prior, solved exactly enough. */
  const total = (f: (i: number) => number) => year.reduce((s, _, i) => s + f(i), 0);
  const w = noise ** -2;
  const [p, q, r] = [
    w * 10 + sdA ** -2,
    w * total((i) => year[i]),
    w * total((i) => year[i] ** 2) + sdB ** -2,
  ];
  const det = p * r - q * q;
  const [u, v] = [w * total((i) => y[i]), w * total((i) => year[i] * y[i])];
  const [meanA, meanB] = [(r * u - q * v) / det, (p * v - q * u) / det];

  test("laplace finds the exact posterior", () => {
    const draws = 4000;
    const fitted = train({
      model: regression,
      data: table({ year, y }),
      method: "laplace",
      steps: 200,
    });
    expect(fitted.dtype).toBe("float64");
    expect(fitted.parameters["a.mode"].data).toBeInstanceOf(Float64Array);
    const [a, b] = summarise(samplePosterior(fitted, { draws }));
    for (const [found, m, variance] of [
      [a, meanA, r / det],
      [b, meanB, p / det],
    ] as const) {
      const sd = Math.sqrt(variance);
      expect(Math.abs(found.mean - m)).toBeLessThan((4.5 * sd) / Math.sqrt(draws));
      expect(Math.abs(found.sd / sd - 1)).toBeLessThan(4.5 / Math.sqrt(2 * draws));
    }
  });
});

describe("every method in float64, where the data have an offset of 1.6e7", () => {
  const x = [1, 2, 4, 3, 2.5].map((d) => d + 16_000_000);
  const located = model(
    ({ sample, observe, plate }, { row, column }: Columns) => {
      const m = sample("m", normal(16_000_000, 10));
      plate(row, () => observe("x", normal(m, 1), column("x")));
    },
    { dtype: "float64" },
  );
  const precision = 5 + 0.01;
  const exact = { mean: 16_000_000 + (5 * 2.5) / precision, sd: precision ** -0.5 };

  test.each([
    "vi",
    "lowrank",
    "fullcov",
    "structured",
    "iwae",
    "rws",
    "mp",
    "mprws",
    "map",
    "laplace",
  ])("%s", (method) => {
    const options = {
      model: located,
      data: table({ x }),
      method: method as MethodName,
      steps: 1500,
    };
    const fitted = train(options);
    const [m] = summarise(samplePosterior(fitted, { draws: 2000 }));
    expect(Math.abs(m.mean - exact.mean)).toBeLessThan(0.3 * exact.sd);
    if (method !== "map") expect(Math.abs(m.sd / exact.sd - 1)).toBeLessThan(0.25);
    for (const { data } of Object.values(fitted.parameters))
      expect(data).toBeInstanceOf(Float64Array);
  });
});
