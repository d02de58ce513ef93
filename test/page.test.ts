/** What the package exports runs in a page: bundled without Node's modules, in a context without Node's globals. */
import { resolve } from "node:path";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { expect, test } from "vitest";

const PAGE = `
import { columnsOf, fitting, model, nameOf, normal, parseTable, samplePosterior, summarise } from "./src/index.ts";
globalThis.run = async (text) => {
  const data = columnsOf(await parseTable(text, "page.csv"));
  const mean = model(({ sample, observe, plate }, { column, row }) => {
    const z = sample("z", normal(0, 5));
    plate(row, () => observe("y", normal(z, 1), column("y")));
  });
  let events = 0;
  for await (const event of fitting({ model: mean, data, steps: 1000, records: 10, threads: 1 })) {
    events++;
    if (event.kind === "finished") {
      const [row] = summarise(samplePosterior(event.fit, { draws: 1000 }));
      return { name: nameOf(row), mean: row.mean, sd: row.sd, events };
    }
  }
};
`;

const bundled = build({
  stdin: { contents: PAGE, resolveDir: resolve(import.meta.dirname, ".."), loader: "js" },
  ...{ bundle: true, write: false, platform: "browser", format: "iife", logLevel: "silent" },
});

/** The globals of a page, as far as they are needed. */
const pageWith = (WebAssembly: object) =>
  createContext({
    ...{ WebAssembly, performance, TextEncoder, TextDecoder, setTimeout, URL, console },
  });

/** What a page finds that fits a model to three numbers. */
async function runPage(WebAssembly: object) {
  const { outputFiles, errors } = await bundled;
  expect(errors).toEqual([]);
  const page = pageWith(WebAssembly);
  runInContext(outputFiles[0].text, page);
  return runInContext("run('y\\n1\\n2\\n3\\n')", page);
}

test("a page fits a model to the text of a table", async () => {
  const found = await runPage(WebAssembly);
  // The posterior is normal(6 / 3.04, 1 / sqrt(3.04)); 1000 draws.
  const sd = 1 / Math.sqrt(3.04);
  expect(found.name).toBe("z");
  expect(found.events).toBeGreaterThan(10);
  expect(Math.abs(found.mean - 6 / 3.04)).toBeLessThan((5 * sd) / Math.sqrt(1000) + 0.01);
  expect(Math.abs(found.sd / sd - 1)).toBeLessThan(5 / Math.sqrt(2000) + 0.02);
});

test.each([
  // As Chromium and Firefox say it.
  "WebAssembly.Module(): violates Content Security policy directive because 'unsafe-eval' is not an allowed source of script",
  "call to WebAssembly.Module() blocked by CSP",
])("a page that forbids WebAssembly is told how to allow it: %s", async (message) => {
  class Module {
    constructor() {
      throw new WebAssembly.CompileError(message);
    }
  }
  const forbidding = Object.create(WebAssembly, { Module: { value: Module } });
  await expect(runPage(forbidding)).rejects.toThrow(/add 'wasm-unsafe-eval' to its script-src/);
});

test("the page among the examples draws lines, and says what is wrong with a table", async () => {
  const root = resolve(import.meta.dirname, "..");
  const { outputFiles } = await build({
    stdin: {
      contents: `import { drawLines } from "./examples/page/line.ts"; globalThis.draw = drawLines;`,
      ...{ resolveDir: root, loader: "ts" },
    },
    alias: { surmise: resolve(root, "src/index.ts") },
    ...{ bundle: true, write: false, platform: "browser", format: "iife", logLevel: "silent" },
  });
  const page = pageWith(WebAssembly);
  runInContext(outputFiles[0].text, page);
  const { rows, lines } = await runInContext("draw('x,y\\n1,2.1\\n2,2.9\\n3,4.2\\n4,4.8')", page);
  expect(rows.map(({ name }: { name: string }) => name)).toEqual(["level", "slope", "noise"]);
  // Least squares: 1.15 + 0.94 x.
  expect(Math.abs(rows[1].mean - 0.94)).toBeLessThan(rows[1].sd);
  expect(lines).toHaveLength(80);
  await expect(runInContext("draw('x,y\\n1,a')", page)).rejects.toThrow(/column 'y'/);
});
