/** Against ArviZ 0.23.0 on chains that both can make: autoregressions of a linear congruential generator's numbers. */
import { describe, expect, test } from "vitest";
import { laggedProducts } from "../../../src/inference/statistics/autocovariance.ts";
import {
  eBfmi,
  essBulk,
  essMean,
  essSd,
  essTail,
  mcseMean,
  mcseQuantile,
  mcseSd,
  rHat,
} from "../../../src/inference/statistics/chainDiagnostics.ts";
import { inverseNormal } from "../../../src/inference/statistics/inverseNormal.ts";

/** y_i = phi y_{i-1} + u_i, plus `apart` times the number of the chain. */
function autoregressions(phi: number, chains: number, draws: number, apart = 0): Float64Array {
  const values = new Float64Array(chains * draws);
  for (let c = 0; c < chains; c++) {
    let x = 17 + c * 101;
    let y = 0;
    for (let i = 0; i < draws; i++) {
      x = Number((1103515245n * BigInt(x) + 12345n) % 2147483648n);
      y = phi * y + inverseNormal((x + 0.5) / 2147483648);
      values[c * draws + i] = y + apart * c;
    }
  }
  return values;
}

const CHAINS = {
  independent: { values: autoregressions(0, 4, 500), chains: 4 },
  slow: { values: autoregressions(0.9, 4, 501), chains: 4 },
  alternating: { values: autoregressions(-0.5, 2, 300), chains: 2 },
  apart: { values: autoregressions(0.3, 4, 200, 0.6), chains: 4 },
  heavy: { values: autoregressions(0.2, 4, 250).map((x) => x ** 3), chains: 4 },
};

/** R-hat; ESS of bulk, tail, mean and sd; MCSE of mean, sd, 5% quantile and median. */
const ARVIZ: Readonly<Record<keyof typeof CHAINS, readonly number[]>> = {
  independent: [
    1.0007447305, 1998.33488, 2011.6969, 1984.34348, 2017.47579, 0.021981989378, 0.0152603151,
    0.0481595908, 0.0214700007,
  ],
  slow: [
    1.0430263478, 94.87576738, 224.97243058, 95.117063318, 205.4492692, 0.229552425595,
    0.1128654282, 0.2645880819, 0.216872534,
  ],
  alternating: [
    1.0020632306, 1666.89075, 518.0026882, 1666.89075023, 310.0302814, 0.027882465447, 0.0453105372,
    0.0743985744, 0.0269692679,
  ],
  apart: [
    1.3070175085, 10.80835738, 170.00094977, 10.8539257, 534.71646555, 0.379528497223, 0.0388768522,
    0.1958114929, 0.4252530183,
  ],
  heavy: [
    1.0047254849, 678.10114316, 792.98162573, 721.72368456, 1007.27655123, 0.143258094894,
    0.399339567, 0.5767341752, 0.0005616505,
  ],
};

describe.each(Object.keys(CHAINS) as (keyof typeof CHAINS)[])("%s chains", (name) => {
  const draws = CHAINS[name];
  const [rhat, bulk, tail, mean, sd, ofMean, ofSd, of5, ofMedian] = ARVIZ[name];

  test("are worth as much as ArviZ says", () => {
    expect(rHat(draws)).toBeCloseTo(rhat, 5);
    expect(essBulk(draws) / bulk).toBeCloseTo(1, 4);
    expect(essTail(draws) / tail).toBeCloseTo(1, 4);
    expect(essMean(draws) / mean).toBeCloseTo(1, 4);
    expect(essSd(draws) / sd).toBeCloseTo(1, 4);
    expect(mcseMean(draws) / ofMean).toBeCloseTo(1, 4);
    expect(mcseSd(draws) / ofSd).toBeCloseTo(1, 2);
    expect(mcseQuantile(draws, 0.05)).toBeCloseTo(of5, 6);
    expect(mcseQuantile(draws, 0.5)).toBeCloseTo(ofMedian, 6);
  });
});

test("E-BFMI of each chain", () => {
  const { values } = CHAINS.slow;
  const found = [0, 1, 2, 3].map((c) => eBfmi(values.subarray(c * 501, (c + 1) * 501)));
  [0.1716821259, 0.2340141501, 0.2147805174, 0.2380502571].forEach((expected, c) => {
    expect(found[c]).toBeCloseTo(expected, 5);
  });
});

test("one chain is split; draws that do not vary are worth all of themselves; what cannot be said is NaN", () => {
  expect(rHat({ values: CHAINS.independent.values, chains: 1 })).toBeLessThan(1.01);
  const constant = { values: new Float64Array(40).fill(3.7), chains: 2 };
  expect(essBulk(constant)).toBe(40);
  expect(rHat(constant)).toBeNaN();
  expect([mcseMean(constant), mcseSd(constant), mcseQuantile(constant, 0.5)]).toEqual([0, 0, 0]);
  expect(essBulk({ values: [1, 2, Number.NaN, 4, 5, 6, 7, 8], chains: 1 })).toBeNaN();
  expect(rHat({ values: [1, 2, 3], chains: 1 })).toBeNaN();
  const still = Float64Array.from({ length: 40 }, (_, d) => (d < 20 ? 1 : 2));
  expect(rHat({ values: still, chains: 2 })).toBe(Number.POSITIVE_INFINITY);
});

test("autocorrelations at all lags are those at each", () => {
  const values = autoregressions(0.9, 1, 300);
  const each = values.map((_, lag) =>
    values.reduce((sum, x, i) => sum + (i + lag < 300 ? x * values[i + lag] : 0), 0),
  );
  laggedProducts([values]).forEach((x, lag) => {
    expect(x).toBeCloseTo(each[lag], 8);
  });
});

test("chains of long memory are worth as much as ArviZ says", () => {
  const slow = { values: autoregressions(0.995, 2, 4000), chains: 2 };
  // ess(method="mean" and "bulk") of ArviZ 0.23.4.
  expect(essMean(slow)).toBeCloseTo(4.645641406929, 9);
  expect(essBulk(slow)).toBeCloseTo(5.040424077742, 6);
});

test("two values in equal shares have the R-hat of the draws: their distances from the median are all one", () => {
  const values = Float64Array.from({ length: 160 }, (_, d) => (d % 2 === 0 ? 1 : -1));
  expect(rHat({ values, chains: 4 })).toBeCloseTo(Math.sqrt(19 / 20), 12);
});

test.each([
  ["1e9 away", (x: number) => 1e9 + x * 2 ** -20, (x: number) => (x - 1e9) * 2 ** 20, 2 ** -20],
  ["tiny", (x: number) => x * 2 ** -700, (x: number) => x * 2 ** 700, 2 ** -700],
  ["huge", (x: number) => x * 2 ** 700, (x: number) => x * 2 ** -700, 2 ** 700],
] as const)("draws that are %s are worth what they are in other units", (_, there, back, unit) => {
  const values = CHAINS.slow.values.map(there);
  const far = { values, chains: 4 };
  const near = { values: values.map(back), chains: 4 };
  for (const worth of [rHat, essBulk, essTail, essMean, essSd]) {
    expect(worth(far)).toBeCloseTo(worth(near), 9);
  }
  for (const error of [mcseMean, mcseSd]) expect(error(far) / unit).toBeCloseTo(error(near), 9);
  expect(eBfmi(far.values)).toBeCloseTo(eBfmi(near.values), 9);
});
