/** Random graphs, compiled, agree with the oracle. `npm run fuzz` looks longer. */
import { expect, test } from "vitest";
import { RULES } from "../../src/compiler/oracle/rules.ts";
import { compiled } from "../fuzz/compiled.ts";
import { fuzz } from "../fuzz/fuzz.ts";

test("2000 random graphs agree with the oracle", { timeout: 60_000 }, () => {
  const report = fuzz({ graphs: 2000, seed: 20240607, run: compiled() });
  expect(report.failures).toEqual([]);
  expect(report.graphs).toBe(2000);
  expect(report.skipped).toBeLessThan(40);
  expect(report.unsure).toBeLessThan(0.05 * report.judged);
  expect([...report.operations.keys()].sort()).toEqual(Object.keys(RULES).sort());
});
