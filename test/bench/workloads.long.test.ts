/** The workloads of the benchmark: what they count and check. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { rates } from "../../bench/src/statistics.ts";
import { workloads } from "../../bench/src/workloads/index.ts";
import { gradients, named, TINY_CHECKS } from "./tiny.ts";

test("counts the operations of all matrix products, in millions", () => {
  const flop = Object.fromEntries(
    workloads().map(({ name, sizes, family }) => [name, (family.flop?.(sizes) ?? 0) / 1e6]),
  );
  expect(flop).toEqual({
    ...{ vae: 410, "vae-200": 572 },
    ...{ "iwae-1 k=1": 44.56, "iwae-1 k=5": 143.824, "iwae-1 k=50": 1260.544 },
    ...{ "iwae-2 k=1": 55.96, "iwae-2 k=5": 191.224, "iwae-2 k=50": 1712.944 },
    ...{ vcd: 3634.56, "hmc-1d": 0, "mp K=3": 0, "mp K=10": 0, "mp K=30": 0, elementwise: 0 },
    ...{ "normals 100x20": 0, "normals 1000x1000": 0 },
    ...{ call: 0, "density-schools": 0, "density-logistic": 0 },
    ...{ "nuts-schools": 0, "nuts-logistic": 0 },
    ...{ "effective-schools": 0, "effective-logistic": 0 },
    ...{ "effective-hierarchical": 0, "effective-process": 0, "chains 1000": 0 },
    ...{ "first-draws-schools": 0, "first-draws-logistic": 0 },
    ...{
      "large 10000x50": 0,
      "large 100000x50": 0,
      "large 1000 groups": 0,
      "large 10000 groups": 0,
    },
    ...{ "cholesky 20": 0, "cholesky 200": 0, "cholesky 1000": 0, "cholesky 8x1000": 0 },
    ...{ "solve 20": 0, "solve 200": 0, "solve 1000": 0, "solve 8x1000": 0 },
    ...{ "process 50": 0, "process 200": 0, "process 1000": 0 },
    ...{ "convolution 3x3": 2803.433472, "convolution 5x5": 7787.3152 },
    ...{ "equation-lotka-volterra": 0, "equation-michaelis-menten": 0 },
    ...gradients("gradients-1", 143.824),
    ...gradients("gradients-2", 191.224),
    nll: 16544,
    ...{ "gemm 100x784x500": 78.4, "gemm 20x784x200": 6.272, "gemm 1000x200x784": 313.6 },
  });
});

test("rates, and the share of what the machine can do", () => {
  expect(rates(named("gemm 100x784x500"), 2, { gflops: 98, gbps: 10 })).toEqual({
    ...{ gflops: 39.2, peakShare: 0.4, gbps: null, bandwidthShare: null },
  });
  expect(rates(named("elementwise", { n: 1e6 }), 3, { gflops: 98, gbps: 16 })).toEqual({
    ...{ gflops: null, peakShare: null, gbps: 4, bandwidthShare: 0.25 },
  });
  expect(rates(named("vae"), 10, undefined)).toEqual({
    ...{ gflops: 41, peakShare: null, gbps: null, bandwidthShare: null },
  });
});

describe("workloads by name", () => {
  const names = (name?: string) => workloads(name).map((workload) => workload.name);

  test("one, a family, or all", () => {
    expect(names("vae")).toEqual(["vae"]);
    expect(names("mp")).toEqual(["mp K=3", "mp K=10", "mp K=30"]);
    expect(names("iwae-1 k=50")).toEqual(["iwae-1 k=50"]);
    expect(names("nuts").slice(0, 4)).toEqual([
      ...["density-schools", "density-logistic", "nuts-schools", "nuts-logistic"],
    ]);
    expect(names("nuts")).toHaveLength(15);
    expect(names("chains")).toEqual(["chains 1000"]);
    expect(names()).toHaveLength(59);
    expect(new Set(names()).size).toBe(59);
    expect(() => names("lstm")).toThrow(
      'there is no workload "lstm": use one of "vae", "vae-200",',
    );
  });
});

test.each(TINY_CHECKS)("surmise's check of %s is that of others", (name, sizes, expected) => {
  const { family, sizes: all } = named(name, sizes);
  const found = family.check(all);
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const [key, value] of Object.entries(expected)) {
    expect(found[key] / value, key).toBeCloseTo(1, 4);
  }
});

test("what is timed of vcd is a training step, whose options its target has", () => {
  const { family, sizes } = named("vcd", { batch: 4, hidden: 6, latents: 3 });
  const program = family.program(sizes);
  program.step(1);
  expect(program.read("#step").data[0]).toBe(1);
});

test("surmise's check of vae at its own size is that of NumPy", () => {
  const file = new URL("../../bench/peers/check.json", import.meta.url);
  const { loss, gradientNorm } = JSON.parse(readFileSync(file, "utf8"));
  const { family, sizes } = named("vae");
  const found = family.check(sizes);
  expect(found.loss / loss).toBeCloseTo(1, 6);
  expect(found.gradientNorm / gradientNorm).toBeCloseTo(1, 6);
});
