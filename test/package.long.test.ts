/**
 * The package as it is published: packed, put where npm puts it, with the packages it depends on and no others, and used
 * as the README says. Needs no network: the dependencies are links to those of the repository.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "surmise-package-"));
const [checkout, app] = ["checkout", "app"].map((name) => join(folder, name));
const installed = join(app, "node_modules", "surmise");
const readme = readFileSync(join(root, "README.md"), "utf8");
const read = (file: string) => JSON.parse(readFileSync(file, "utf8"));

/** What a program prints, run in the folder that has the package. */
function run(command: string, args: readonly string[], cwd = app): string {
  const { NODE_OPTIONS: _, npm_lifecycle_event: __, ...env } = process.env;
  const cache = { XDG_CACHE_HOME: join(folder, "cache") };
  const options = { cwd, env: { ...env, ...cache }, encoding: "utf8", stdio: "pipe" } as const;
  return execFileSync(command, args, options);
}

/** The files of the repository that a package is made from. */
function copyCheckout(): void {
  const { files } = read(join(root, "package.json"));
  const sources = ["package.json", "tsconfig.json", "tsconfig.build.json", "src", ...files];
  for (const name of sources.filter((each) => each !== "dist")) {
    cpSync(join(root, name), join(checkout, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
  // Left over from an earlier build.
  mkdirSync(join(checkout, "dist"));
  writeFileSync(join(checkout, "dist", "renamed.js"), "");
}

/** Links what the lock file names for those who use the package. */
function linkDependencies(): void {
  const { packages } = read(join(root, "package-lock.json"));
  for (const [path, { dev }] of Object.entries<{ dev?: boolean }>(packages)) {
    const found = join(root, path);
    if (dev || path === "" || path.lastIndexOf("node_modules/") > 0 || !existsSync(found)) continue;
    mkdirSync(dirname(join(app, path)), { recursive: true });
    symlinkSync(found, join(app, path));
  }
}

beforeAll(() => {
  copyCheckout();
  run("npm", ["pack", "--offline", "--pack-destination", folder], checkout);
  const [archive] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  run("tar", ["-xzf", archive], folder);
  mkdirSync(join(app, "node_modules", ".bin"), { recursive: true });
  cpSync(join(folder, "package"), installed, { recursive: true });
  linkDependencies();
  const main = join(installed, read(join(installed, "package.json")).bin.surmise);
  chmodSync(main, 0o755);
  symlinkSync(main, join(app, "node_modules", ".bin", "surmise"));
  writeFileSync(join(app, "package.json"), '{ "name": "app", "private": true, "type": "module" }');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const examples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
const entries = () => Object.keys(read(join(installed, "package.json")).exports);
const nameOf = (entry: string) => entry.replace(/^\./, "surmise");

describe("the packed package", () => {
  test("holds what is published and nothing from before", () => {
    const names = readdirSync(installed).sort();
    const pages = ["ARCHITECTURE.md", "LICENSE", "README.md"];
    expect(names).toEqual([...pages, "dist", "docs", "examples", "package.json"]);
    expect(existsSync(join(installed, "dist", "renamed.js"))).toBe(false);
    const all = readdirSync(installed, { recursive: true }) as string[];
    expect(all.filter((name) => /(^|\/)(test|bench)\/|\.test\./.test(name))).toEqual([]);
  });

  test("holds the pages that its README links to, but for those of the benchmarks", () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path);
    expect(links).toContain("docs/models.md");
    const lost = links.filter((path) => !existsSync(join(installed, path)));
    expect(lost.filter((path) => !path.startsWith("bench/"))).toEqual([]);
  });

  test("prints its help", () => {
    const shown = run("npx", ["--no", "--offline", "surmise", "--help"]);
    expect(shown).toContain("Usage: surmise");
  });

  test("fits the model file of the README by the command beside it", () => {
    const [, source] = readme.match(/```ts model\n(.*?)```/s) ?? [];
    const [, command] = readme.match(/```sh fit\nnpx (.*?)\n```/s) ?? [];
    writeFileSync(join(app, "schools.ts"), source);
    const words = ["--no", "--offline", ...command.split(" "), "--steps", "200"];
    expect(run("npx", words)).toMatch(/theta\[Choate\] +-?[\d.]+ +[\d.]+/);
  });

  test("runs the first example of the README", () => {
    writeFileSync(join(app, "example.mjs"), examples[0]);
    expect(run(process.execPath, ["example.mjs"])).toMatch(/theta\[Choate\] +-?[\d.]+ ± [\d.]+/);
  });

  test("every entry point can be imported and exports something", () => {
    const imports = entries().map(nameOf);
    const code = `const found = {};
      for (const name of ${JSON.stringify(imports)}) found[name] = Object.keys(await import(name)).length;
      console.log(JSON.stringify(found));`;
    const found = JSON.parse(run(process.execPath, ["--input-type=module", "-e", code]));
    expect(Object.keys(found)).toEqual(imports);
    for (const name of imports) expect(found[name], name).toBeGreaterThan(0);
  });

  test("its types say nothing that TypeScript before 5.7 cannot read", () => {
    const all = readdirSync(join(installed, "dist"), { recursive: true }) as string[];
    const types = all.filter((name) => name.endsWith(".d.ts"));
    const text = (name: string) => readFileSync(join(installed, "dist", name), "utf8");
    expect(types.filter((name) => /Array<\w*ArrayBuffer/.test(text(name)))).toEqual([]);
  });

  test("its types are found and fit the examples", () => {
    const all = entries().map((entry, i) => `export * as entry${i} from "${nameOf(entry)}";`);
    writeFileSync(join(app, "entries.ts"), all.join("\n"));
    const files = examples.map((code, i) => {
      writeFileSync(join(app, `example${i}.ts`), code);
      return `example${i}.ts`;
    });
    const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023"];
    const lib = ["--lib", "es2023,dom", "--types", ""];
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    run(process.execPath, [tsc, ...flags, ...lib, "entries.ts", ...files]);
    // As a service has them, without those of a page, which the packages for figures need.
    const node = ["--typeRoots", join(root, "node_modules", "@types"), "--types", "node"];
    run(process.execPath, [tsc, ...flags, "--lib", "es2023", ...node, ...files]);
  });
});
