/** Random graphs, compiled, agree with the oracle. `npm run fuzz` looks longer. */
import { expect, test } from "vitest";
import { RULES } from "../../src/compiler/oracle/rules.ts";
import { native } from "../../src/runtime/native/executable.ts";
import { BATCH, fuzz } from "../fuzz/fuzz.ts";
import { settings } from "../fuzz/settings.ts";
import { Wasm } from "../fuzz/wasm.ts";

test("2000 random graphs in WebAssembly, on 1, 2 and 4 threads", async () => {
  const wasm = new Wasm();
  const report = await fuzz({ graphs: 2000, seed: 20240607, subjects: () => [wasm] });
  expect(report.failures).toEqual([]);
  expect(report.graphs).toBe(2000);
  expect(report.skipped).toBeLessThan(50);
  // Inputs at the limits of their types lie within rounding of a kink more often than others, and special functions
  // and densities have kinks where they choose between formulas.
  expect(report.unsure).toBeLessThan(0.1 * report.judged);
  // A carry is met inside the loops of scans only.
  const known = Object.keys(RULES).filter((op) => op !== "carry");
  expect([...report.operations.keys()].sort()).toEqual(known.sort());
  expect(wasm.pieces.helped).toBeGreaterThan(0);
});

const here = native();

test.runIf(typeof here !== "string")(
  "random graphs in C, as shipped and for every kind of processor, on 1, 2 and 4 threads",

  async () => {
    const { native: inC } = settings(here as Exclude<typeof here, string>);
    const report = await fuzz({
      graphs: BATCH * inC.length,
      seed: 20240608,
      subjects: (batch) => [inC[batch]],
    });
    expect(report.failures).toEqual([]);
    expect([...report.subjects]).toEqual(inC.map(({ name }) => [name, BATCH]));
    expect(inC.reduce((n, { pieces }) => n + pieces.helped, 0)).toBeGreaterThan(0);
  },
);
