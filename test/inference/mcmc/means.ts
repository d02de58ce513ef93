/** Posterior expectations by many chains. */
import { expect } from "vitest";
import type { ChainDraws } from "../../../src/inference/index.ts";

/** Checks a posterior expectation against its value, by the spread of the means of many chains. */
export function expectMean(found: ChainDraws, value: (draw: number) => number, expected: number) {
  const means = chainMeans(found, value);
  const n = means.length;
  const mean = means.reduce((a, b) => a + b, 0) / n;
  const error = Math.sqrt(means.reduce((a, m) => a + (m - mean) ** 2, 0) / (n - 1) / n);
  // Of a t distribution with 15 degrees of freedom about 1e-4 lies beyond 5 standard errors.
  expect(Math.abs(mean - expected) / error).toBeLessThan(5);
}

/** The means over each chain, of a function of the draws. */
function chainMeans({ chains, draws }: ChainDraws, value: (draw: number) => number): number[] {
  const each = draws / chains;
  return Array.from({ length: chains }, (_, c) => {
    let total = 0;
    for (let d = 0; d < each; d++) total += value(c * each + d);
    return total / each;
  });
}
