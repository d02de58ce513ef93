/** What `surmise doctor` says: what programs become here, why, and how fast that is. */
import { expect, test } from "vitest";
import { surmise } from "./command.ts";

test("doctor says what is used, and how fast it is", async () => {
  const { code, stdout, stderr } = await surmise(["doctor"]);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("WebAssembly");
  expect(stdout).toMatch(/GFLOP\/s/);
  expect(stdout).not.toMatch(/NaN|undefined/);
});

test("--json has the same as numbers, here of the backend that is asked for", async () => {
  const { code, stdout } = await surmise(["doctor", "--json"], { SURMISE_BACKEND: "wasm" });
  expect(code).toBe(0);
  const found = JSON.parse(stdout);
  expect(found).toMatchObject({ node: process.version, backend: "wasm" });
  expect(found.used).toContain("WebAssembly");
  for (const { matrixProduct, exponentials } of found.speeds) {
    expect(Math.min(matrixProduct, exponentials)).toBeGreaterThan(0);
  }
});
