/** Programs that were made before: the same as planned ones, and planned again whenever anything is amiss. */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { native } from "../../src/runtime/native/executable.ts";
import { temporaryCache } from "./cache.ts";
import { elsewhere } from "./elsewhere.ts";
import type { tell, Variant } from "./fixtures/again.ts";

const folder = temporaryCache();

/** The system's compiler in a hurry. */
const hurried = join(folder, "cc");
writeFileSync(hurried, '#!/bin/sh\nexec cc "$@" -O0\n', { mode: 0o755 });

type Told = ReturnType<typeof tell>;

/** What the last line of a process of its own, with an empty cache of its own, says. */
async function said(cache: string, code: string, cwd?: string): Promise<string> {
  const env = { CC: hurried, SURMISE_CACHE: join(folder, cache) };
  const { failed, stdout, stderr } = await elsewhere(code, env, cwd);
  expect([failed, stderr]).toEqual([undefined, ""]);
  return stdout;
}

/** What is told of variants, one after the other. */
async function told(cache: string, variants: readonly Variant[]): Promise<Told[]> {
  const code = `
    import { tell } from "./test/runtime/fixtures/again.ts";
    const variants = ${JSON.stringify(variants)};
    console.log(JSON.stringify(variants.map((variant) => tell(variant))));`;
  return JSON.parse(await said(cache, code));
}

const again = (all: readonly Told[]) => all.map((one) => one.again);

// The code of these tests is not in the files as it runs here: only processes of their own have records.
describe.runIf(typeof native() !== "string" && process.platform !== "win32")("records", () => {
  test("another graph or grain is planned; the same one again has the same bits and explains itself", async () => {
    const variants: Variant[] = [
      {},
      { factor: 2.5 },
      { double: -0.1 },
      { size: 5 },
      { wide: 41 },
      { name: "other" },
      { output: "other" },
      { seed: 2 },
      { reverse: true },
      { varying: [] },
      { table: [1, 2, 3, 4, 5, 6, 8] },
      { options: { grain: 50 } },
      { options: { grain: 60 } },
    ];
    const all = await told("variants", [...variants, ...variants, { options: { threads: 3 } }]);
    const planned = all.slice(0, variants.length);
    const recorded = all.slice(variants.length, -1);
    expect(again(planned)).toEqual(variants.map(() => false));
    expect(again(recorded)).toEqual(variants.map(() => true));
    expect(recorded).toEqual(planned.map((one) => ({ ...one, again: true })));
    expect(all.at(-1)).toEqual(recorded[0]);
    for (const { strange } of all) expect(strange).toEqual([]);
    expect(planned[0].explained).toMatch(/ MFLOP [\s\S]* MB kept/);
    expect(new Set(planned.map(({ bits }) => bits.join())).size).toBe(variants.length - 3);
    expect(again(await told("variants", [{}]))).toEqual([true]);
  });

  test("what is damaged is made again", async () => {
    const rows = JSON.parse(await said("damages", 'import "./test/runtime/fixtures/damages.ts";'));
    expect(rows.length).toBeGreaterThan(5);
    for (const [name, ...seen] of rows) expect([name, ...seen]).toEqual([name, false, true, true]);
  });

  test("auto takes C for work that is worth it, from its record too, and WebAssembly for other work", async () => {
    const auto = { backend: "auto" } as const;
    const variants = [{ wide: 40_000, size: 20, options: auto }, { options: auto }, {}];
    const all = await told("auto", [...variants, ...variants]);
    expect(all.map((one) => [one.backend, one.again])).toEqual([
      ["c", false],
      ["wasm", false],
      ["c", false],
      ["c", true],
      ["wasm", false],
      ["c", true],
    ]);
    expect(all[3].bits).toEqual(all[0].bits);
  });

  test("auto goes by the work of all steps to come", async () => {
    const of = (wide: number, steps: number) =>
      ({ wide, size: 20, options: { backend: "auto", steps } }) as const;
    const variants = [
      of(40_000, 1),
      of(40_000, 100),
      of(40_000, 500),
      of(4000, 1000),
      of(4000, 1e4),
    ];
    const all = await told("steps", [...variants, ...variants, { ...of(4, 1e8), size: 2 }]);
    const backends = ["wasm", "wasm", "c", "wasm", "c"];
    expect(all.map(({ backend }) => backend)).toEqual([...backends, ...backends, "wasm"]);
  });

  test("a program whose passes are looked into, or whose code may not be in its file, is planned", async () => {
    const lines = await said(
      "none",
      `import { tell } from "./test/runtime/fixtures/again.ts";
      for (let i = 0; i < 2; i++) console.log(tell({ options: { tap: (_, x) => x } }).again);
      Error.stackTraceLimit = 0;
      for (let i = 0; i < 2; i++) console.log(tell().again);`,
    );
    expect(lines).toBe("false\nfalse\nfalse\nfalse");
  });

  test("a change of the compiler is met by no record of the old one", async () => {
    const [copy, root] = [join(folder, "copy"), resolve(import.meta.dirname, "../..")];
    mkdirSync(copy);
    for (const room of ["tensor", "compiler", "runtime"]) {
      cpSync(join(root, "src", room), join(copy, "src", room), { recursive: true });
    }
    cpSync(join(root, "package.json"), join(copy, "package.json"));
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    const rules = join(copy, "src/compiler/graph/simplify.ts");
    const before = readFileSync(rules, "utf8");
    const sum = (first = "") =>
      said(
        "changes",
        `import { utimesSync } from "node:fs";
        import { build } from "./src/runtime/backend.ts";
        import { Program } from "./src/runtime/program.ts";
        import { constant } from "./src/tensor/index.ts";
        ${first}
        const value = constant(1).add(constant(2));
        const roots = { outputs: [{ name: "y", value }], updates: [] };
        const { layout, machine, explain } = build(roots, { backend: "c" });
        const { y } = new Program(layout, machine, explain).run();
        console.log(y.data[0], "kernels" in layout ? "planned" : "again");`,
        copy,
      );
    // Changed while the process ran, so perhaps not what runs: nothing is recorded.
    expect(await sum(`utimesSync(${JSON.stringify(rules)}, 1, 1);`)).toBe("3 planned");
    expect(await sum()).toBe("3 planned");
    writeFileSync(rules, before.replace("add: (a, b) => a + b,", "add: (a, b) => a - b,"));
    expect(await sum()).toBe("-1 planned");
    writeFileSync(rules, before);
    expect(await sum()).toBe("3 again");
    rmSync(copy, { recursive: true });
  });
});
