/** Native code: the same results, and a cache that survives what happens to caches. */
import { execFile } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/runtime/index.ts";
import { native } from "../../src/runtime/native/machine.ts";
import { axis, input, SurmiseError, sum } from "../../src/tensor/index.ts";
import { temporaryCache } from "./cache.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = temporaryCache();

const here = typeof native() !== "string";
if (!here) console.log(`tests of native code are left out: ${native()}`);

const [a, b] = [axis("a", 30), axis("b", 40)];
const total = () => compile({ outputs: { s: sum(input("x", [a, b])) } }, { backend: "c" });
const ones = { x: new Float32Array(1200).fill(1) };
const libraries = () => readdirSync(join(folder, "programs")).filter((f) => f.endsWith(".so"));

/** Runs a small program in a process of its own; its result, or what it printed when it failed. */
async function elsewhere(env: Record<string, string>): Promise<string> {
  const code = `
    import { compile } from "./src/runtime/index.ts";
    import { axis, input, sum } from "./src/tensor/index.ts";
    const x = input("x", [axis("a", 30), axis("b", 40)]);
    const program = compile({ outputs: { s: sum(x.mul(2)) } });
    const { s } = program.run({ inputs: { x: new Float32Array(1200).fill(1) } });
    console.log(program.backend, s.data[0]);`;
  const args = ["--import", "tsx", "--input-type", "module", "-e", code];
  const options = { cwd: root, env: { ...process.env, SURMISE_CACHE: folder, ...env } };
  const run = promisify(execFile)(process.execPath, args, options);
  return run.then(({ stdout }) => stdout.trim()).catch((error) => String(error.stderr));
}

describe.runIf(here)("native programs", () => {
  test("a program is compiled once, and a damaged library is built again", () => {
    rmSync(join(folder, "programs"), { recursive: true, force: true });
    expect(total().run({ inputs: ones }).s.data[0]).toBe(1200);
    const [library] = libraries();
    const file = join(folder, "programs", library);
    const before = readFileSync(file);
    total();
    expect(libraries()).toEqual([library]);
    rmSync(file);
    writeFileSync(file, before.subarray(0, 1000));
    expect(total().run({ inputs: ones }).s.data[0]).toBe(1200);
    truncateSync(join(folder, "programs", library.replace(".so", ".sha256")), 10);
    expect(total().run({ inputs: ones }).s.data[0]).toBe(1200);
  });

  test("ten processes that compile one program at once are all right and leave one library", async () => {
    rmSync(join(folder, "programs"), { recursive: true, force: true });
    const results = await Promise.all(
      Array.from({ length: 10 }, () => elsewhere({ SURMISE_BACKEND: "c" })),
    );
    expect(results).toEqual(new Array(10).fill("c 2400"));
    expect(libraries().length).toBe(1);
    expect(readdirSync(join(folder, "programs")).length).toBe(2);
  }, 120_000);

  test.skipIf(process.platform === "win32")("a folder that others can write is refused", () => {
    const open = join(folder, "open");
    mkdirSync(join(open, "programs"), { recursive: true });
    chmodSync(join(open, "programs"), 0o777);
    process.env.SURMISE_CACHE = open;
    try {
      const programs = join(open, "programs");
      expect(total).toThrow(
        new SurmiseError(
          `the folder of compiled programs ${programs} can be written by others: run chmod 700 on ` +
            "it, or set SURMISE_CACHE to a folder of your own",
        ),
      );
    } finally {
      process.env.SURMISE_CACHE = folder;
    }
  });
});

describe("without a compiler", () => {
  test("native code asked for by name is refused, with the way out", async () => {
    const said = await elsewhere({ SURMISE_BACKEND: "c", CC: "no-such-compiler" });
    expect(said).toMatch(
      /native code is not to be had: no C compiler works .*SURMISE_BACKEND=wasm/,
    );
  }, 60_000);
  test("auto means WebAssembly", async () => {
    expect(await elsewhere({ SURMISE_BACKEND: "auto", CC: "no-such-compiler" })).toBe("wasm 2400");
  }, 60_000);
  test("an unknown backend is refused by name", async () => {
    expect(await elsewhere({ SURMISE_BACKEND: "fast" })).toContain(
      "SURMISE_BACKEND is 'fast': the known ones are auto, c, wasm",
    );
  }, 60_000);
});
