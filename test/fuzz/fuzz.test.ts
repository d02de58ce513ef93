/** The fuzzing itself: failures become small, and one graph that cannot be compiled does not hide others. */
import { describe, expect, test } from "vitest";
import type { Tap } from "../../src/compiler/index.ts";
import type { Kernel, Statement } from "../../src/compiler/loops/loops.ts";
import { fuzz } from "./fuzz.ts";
import { type Results, type Subject, sameBits } from "./subject.ts";
import { Wasm } from "./wasm.ts";

/** Values of loops as if the operands of every difference were swapped. */
const fault: Tap = (stage, result) => {
  const damage = (s: Statement): void => {
    if ("body" in s) s.body.forEach(damage);
    if (s.kind !== "let" || s.value.op !== "sub") return;
    Object.assign(s.value, { args: [...s.value.args].reverse() });
  };
  if (stage === "lower") for (const k of result as readonly Kernel[]) k.body.forEach(damage);
  return result;
};

describe("fuzzing", () => {
  test("a fault is told with a small graph", async () => {
    const subjects = [new Wasm({ tap: fault, patience: 0 })];
    const report = await fuzz({ graphs: 30, seed: 7, subjects: () => subjects });
    expect(report.differ).toBeGreaterThan(1);
    expect(report.graphs).toBe(30);
    const [failure, ...others] = report.failures;
    expect(others).toEqual([]);
    expect(failure).toMatch(/^--seed 7 --graphs \d+; recipe \{/);
    expect(failure).toContain("by itself, WebAssembly: output");
    const nodes = failure.split("\n").filter((line) => /^ {2}%\d+ = /.test(line));
    expect(nodes.length).toBeLessThan(8);
  });

  test("graphs that cannot be compiled together are compiled alone", async () => {
    const wasm = new Wasm({ patience: 0 });
    const picky: Subject = {
      name: "picky",
      prepare: async (graphs) => {
        if (graphs.some((g) => g.updates.length === 2)) throw new Error("too many updates");
        return wasm.run;
      },
    };
    const report = await fuzz({ graphs: 60, seed: 5, subjects: () => [picky] });
    expect(report.differ).toBeGreaterThan(0);
    expect(report.agree).toBeGreaterThan(report.differ);
    expect(report.failures[0]).toContain("picky: the program failed: Error: too many updates");
  });

  test("results that depend on the number of threads are an error", () => {
    const results = (x: number): Results => [Float32Array.of(1, x)];
    const all = (...values: number[]) => values.map((x, i) => [i + 1, results(x)] as const);
    expect(sameBits(all(2, 2))).toEqual(results(2));
    expect(sameBits(all(Number.NaN, Number.NaN))).toEqual(results(Number.NaN));
    expect(() => sameBits(all(0, -0))).toThrow("result 0, element 1: 0 on 2 threads, not 0");
    expect(() => sameBits(all(2, 2, 3))).toThrow("result 0, element 1: 3 on 3 threads, not 2");
  });
});
