import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

/** The violations of the rule of the house in `folder`/src, each as "rule: from -> to". */
async function violations(folder: string): Promise<string[]> {
  const cruiser = resolve(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const config = resolve(root, ".dependency-cruiser.cjs");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [cruiser, "--config", config, "--output-type", "json", "src"],
    { cwd: folder, maxBuffer: 1 << 28 },
  );
  const { summary, modules } = JSON.parse(stdout);
  expect(modules.length).toBeGreaterThan(0);
  return summary.violations.map(
    (found: { rule: { name: string }; from: string; to: string }) =>
      `${found.rule.name}: ${found.from} -> ${found.to}`,
  );
}

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A temporary house: one line of source per file, and a package that stands in for any from npm. */
function house(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "surmise-house-"));
  made.push(folder);
  const all: Record<string, string> = {
    "package.json": '{ "type": "module", "dependencies": { "somepackage": "1.0.0" } }',
    "node_modules/somepackage/package.json":
      '{ "name": "somepackage", "exports": { ".": { "import": "./index.js" } } }',
    "node_modules/somepackage/index.js": "module.exports = 1;",
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const tensor = { "src/tensor/index.ts": "export const t = 1;", "src/tensor/in.ts": "export {};" };

describe("the rule of the house", () => {
  test("holds in src", async () => {
    expect(existsSync(join(root, "src"))).toBe(true);
    expect(await violations(root)).toEqual([]);
  });

  test("lets a room import an earlier one, and itself", async () => {
    const folder = house({
      ...tensor,
      "src/model/index.ts": 'export { t } from "../tensor/index.ts"; export * from "./own.ts";',
      "src/model/own.ts": "export const own = 1;",
      "src/data/index.ts": 'import "node:fs"; import "somepackage"; import "../tensor/index.ts";',
      "src/tensor/internal.ts": "export const inside = 1;",
      "src/runtime/index.ts": 'import "../tensor/internal.ts";',
      "src/index.ts": 'export * from "./tensor/index.ts"; export * from "./model/index.ts";',
    });
    expect(await violations(folder)).toEqual([]);
  });

  const refused: [string, Record<string, string>, string][] = [
    [
      "an import of a later room",
      { ...tensor, "src/tensor/up.ts": 'import "../model/index.ts";', "src/model/index.ts": "" },
      "no-later-room-in-tensor: src/tensor/up.ts -> src/model/index.ts",
    ],
    [
      "an import of only a type of a later room",
      {
        "src/compiler/index.ts": 'import type { R } from "../runtime/index.ts"; export type S = R;',
        "src/runtime/index.ts": "export type R = number;",
      },
      "no-later-room-in-compiler: src/compiler/index.ts -> src/runtime/index.ts",
    ],
    [
      "a delayed import of a later room",
      {
        "src/runtime/index.ts": 'export const late = () => import("../cli/index.ts");',
        "src/cli/index.ts": "",
      },
      "no-later-room-in-runtime: src/runtime/index.ts -> src/cli/index.ts",
    ],
    [
      "an import past another room's index.ts",
      { ...tensor, "src/compiler/index.ts": 'import "../tensor/in.ts";' },
      "front-door-only: src/compiler/index.ts -> src/tensor/in.ts",
    ],
    [
      "an export to users of what is for other rooms",
      {
        "src/tensor/internal.ts": "export const t = 1;",
        "src/index.ts": 'export * from "./tensor/internal.ts";',
      },
      "users-see-index: src/index.ts -> src/tensor/internal.ts",
    ],
    [
      "an import of inference by data",
      { "src/data/index.ts": 'import "../inference/index.ts";', "src/inference/index.ts": "" },
      "data-knows-no-inference: src/data/index.ts -> src/inference/index.ts",
    ],
    [
      "an import of a later folder of inference",
      {
        "src/inference/density/a.ts": 'import "../mcmc/b.ts";',
        "src/inference/mcmc/b.ts": "export {};",
      },
      "no-later-folder-in-inference-density: src/inference/density/a.ts -> src/inference/mcmc/b.ts",
    ],
    [
      "two files that import each other",
      {
        "src/nn/a.ts": 'import { b } from "./b.ts"; export const a = b;',
        "src/nn/b.ts": 'import { a } from "./a.ts"; export const b = a;',
      },
      "no-circle: src/nn/a.ts -> src/nn/b.ts",
    ],
    [
      "a Node module in a browser room",
      { "src/compiler/index.ts": 'import { readFileSync } from "node:fs"; readFileSync("x");' },
      "browser-safe: src/compiler/index.ts -> fs",
    ],
    [
      "an npm package in a browser room",
      { "src/inference/index.ts": 'import "somepackage";' },
      "browser-safe: src/inference/index.ts -> node_modules/somepackage/index.js",
    ],
    [
      "an npm package that package.json does not name",
      {
        "src/cli/index.ts": 'import "other";',
        "node_modules/other/package.json": '{ "name": "other", "main": "index.js" }',
        "node_modules/other/index.js": "",
      },
      "no-undeclared-package: src/cli/index.ts -> node_modules/other/index.js",
    ],
    [
      "a room that imports the whole",
      { ...tensor, "src/index.ts": "", "src/model/index.ts": 'import "../index.ts";' },
      "no-import-of-the-whole: src/model/index.ts -> src/index.ts",
    ],
    [
      "a folder that is no room",
      { ...tensor, "src/utils/index.ts": 'import "../tensor/index.ts";' },
      "room-is-listed: src/utils/index.ts -> src/tensor/index.ts",
    ],
    [
      "an import of a file that does not exist",
      { "src/tensor/index.ts": 'import "./gone.ts";' },
      "resolvable: src/tensor/index.ts -> ./gone.ts",
    ],
  ];

  test.each(refused)("refuses %s", async (_, files, violation) => {
    expect(await violations(house(files))).toContain(violation);
  });
});

describe("what users see", () => {
  /** What a model, or what is around a fit, is written with. */
  test("the package exports at most 260 values, and no parts of the compiler among them", async () => {
    const names = Object.keys(await import("../src/index.ts"));
    expect(names.length).toBeLessThanOrEqual(260);
    const parts = [
      "and",
      "or",
      "xor",
      "shl",
      "shr",
      "mod",
      "randomBits",
      "threefry",
      "make",
      "Widening",
    ];
    expect(names.filter((name) => parts.includes(name))).toEqual([]);
  });

  test("no folder but that of the families has more than 12 files, beside its own folders", () => {
    const folders = new Map<string, number>();
    for (const name of readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })) {
      if (name.endsWith(".ts")) folders.set(dirname(name), (folders.get(dirname(name)) ?? 0) + 1);
    }
    const full = [...folders].filter(([, files]) => files > 12).map(([folder]) => folder);
    expect(full).toEqual(["distributions/families"]);
  });
});

describe("ARCHITECTURE.md", () => {
  const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");

  test("lists the rooms in the order of the rule", () => {
    const listed = [...page.matchAll(/^\| ((?:`\w+\/`(?:, )?)+) \|/gm)].flatMap(([, names]) =>
      [...names.matchAll(/(\w+)\//g)].map(([, name]) => name),
    );
    const rule = readFileSync(join(root, ".dependency-cruiser.cjs"), "utf8");
    const [, rooms] = rule.match(/const rooms = \[(.*?)\]/s) as RegExpMatchArray;
    expect(listed).toEqual([...rooms.matchAll(/"(\w+)"/g)].map(([, name]) => name));
  });

  test("lists the folders of inference in the order of the rule", () => {
    const [, sentence] = page.match(/The folders of `inference\/` follow the walk([^.]*)\./) ?? [];
    const listed = [...(sentence ?? "").matchAll(/`(\w+)\/`/g)].map(([, name]) => name);
    const rule = readFileSync(join(root, ".dependency-cruiser.cjs"), "utf8");
    const [, walk] = rule.match(/const walk = \[(.*?)\]/s) as RegExpMatchArray;
    const order = [...walk.matchAll(/"(\w+)"/g)].map(([, name]) => name);
    expect(listed).toEqual(order);
    const folders = readdirSync(join(root, "src/inference"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect([...order].sort()).toEqual(folders.sort());
  });

  test("names files and folders that there are", () => {
    const folders = ["bench", "bench/src", "docs", "examples", "src", "test"];
    const inside = folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: folder !== "bench", encoding: "utf8" }).map(
        (name) => `${folder}/${name}`,
      ),
    );
    const all = [...folders, ...inside].map((path) => `/${path}/`);
    const named = [...page.matchAll(/`(\w[\w./]*(?:\/|\.ts|\.md))`/g)].map(([, name]) => name);
    const isThere = (name: string) =>
      all.some((path) => path.endsWith(`/${name.replace(/\/?$/, "/")}`));
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter((name) => !isThere(name))).toEqual([]);
  });
});
