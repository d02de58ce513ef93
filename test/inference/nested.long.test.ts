/** What compiling costs for many latents: those that a model treats alike share code. */
import { expect, test } from "vitest";
import { compileToC, plan } from "../../src/compiler/index.ts";
import { automaticGuide, fit, meanField } from "../../src/inference/index.ts";
import { prepare } from "../../src/inference/internal.ts";
import { native } from "../../src/runtime/native/executable.ts";
import { TARGETS } from "../../src/runtime/native/toolchain.ts";
import { temporaryCache } from "../runtime/cache.ts";
import { nested } from "./nested.ts";

temporaryCache();

/** A guide in which each latent is a normal by itself. */
function fitted(each: number) {
  const problem = nested(each);
  return { ...problem, guide: automaticGuide(problem.model, meanField()) };
}

function codeOf(each: number): string {
  const { updates, metrics } = prepare(fitted(each)).training;
  const outputs = Object.entries(metrics).map(([name, value]) => ({ name, value }));
  const pairs = updates.map(([input, value]) => ({ input, value }));
  return compileToC(plan({ outputs, updates: pairs }), TARGETS.avx2).code;
}

test("the code of 24 latents in each of three plates is no longer than 2.5 times that of 8", () => {
  const [few, many] = [8, 24].map((each) => codeOf(each).length);
  expect(many).toBeLessThan(2.5 * few);
  expect(many).toBeLessThan(1e6);
});

test.skipIf(typeof native() === "string")("shared code computes what WebAssembly computes", () => {
  const [c, wasm] = (["c", "wasm"] as const).map((backend) =>
    fit({ ...fitted(12), steps: 20, records: 1, backend }),
  );
  expect(c.bounds[0].bound).toBeCloseTo(wasm.bounds[0].bound, 1);
  for (const [name, { data }] of Object.entries(c.parameters)) {
    const other = wasm.parameters[name].data;
    data.forEach((x, i) => void expect(x).toBeCloseTo(other[i], 2));
  }
});
