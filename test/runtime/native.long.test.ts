/** Native code: the same results, and a cache that survives what happens to caches. */
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/runtime/index.ts";
import { type Native, native } from "../../src/runtime/native/executable.ts";
import { cachedToolchain } from "../../src/runtime/native/remembered.ts";
import { axis, input, SurmiseError, sum } from "../../src/tensor/index.ts";
import { temporaryCache } from "./cache.ts";
import { elsewhere } from "./elsewhere.ts";

const folder = temporaryCache();

const here = typeof native() !== "string";
if (!here) console.log(`tests of native code are left out: ${native()}`);

const [a, b] = [axis("a", 30), axis("b", 40)];
const total = () => compile({ outputs: { s: sum(input("x", [a, b])) } }, { backend: "c" });
const ones = { x: new Float32Array(1200).fill(1) };
const libraries = () => readdirSync(join(folder, "programs")).filter((f) => f.endsWith(".so"));

/** A sum of 1200 times 2. */
const SMALL = `
  import { compile } from "./src/runtime/index.ts";
  import { axis, input, sum } from "./src/tensor/index.ts";
  const x = input("x", [axis("a", 30), axis("b", 40)]);
  const program = compile({ outputs: { s: sum(x.mul(2)) } });
  const { s } = program.run({ inputs: { x: new Float32Array(1200).fill(1) } });
  console.log(program.backend, s.data[0]);`;

/** Work that is worth native code: twice, as a second program should not say anything again. */
const LARGE = `
  import { compile } from "./src/runtime/index.ts";
  import { axis, input, sum } from "./src/tensor/index.ts";
  const [a, b, k] = [axis("a", 200), axis("b", 200), axis("k", 200)];
  const product = sum(input("x", [a, k]).mul(input("y", [b, k])), k);
  const ones = new Float32Array(40000).fill(1);
  for (const factor of [1, 2]) {
    const program = compile({ outputs: { s: product.mul(factor) } });
    const { s } = program.run({ inputs: { x: ones, y: ones } });
    console.log(program.backend, s.data[0]);
  }`;

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
      Array.from({ length: 10 }, () => elsewhere(SMALL, { SURMISE_BACKEND: "c" })),
    );
    expect(results).toEqual(
      new Array(10).fill({ failed: undefined, stdout: "c 2400", stderr: "" }),
    );
    expect(libraries().length).toBe(1);
    expect(readdirSync(join(folder, "programs")).length).toBe(2);
    expect(readdirSync(join(folder, "records")).length).toBe(1);
    expect((await elsewhere(SMALL, { SURMISE_BACKEND: "c" })).stdout).toBe("c 2400");
  });

  test.skipIf(process.platform === "win32")("a folder that others can write is refused", () => {
    const open = join(folder, "open");
    mkdirSync(join(open, "programs"), { recursive: true });
    chmodSync(join(open, "programs"), 0o777);
    process.env.SURMISE_CACHE = open;
    try {
      const programs = join(open, "programs");
      expect(total).toThrow(
        new SurmiseError(
          `the folder of compiled programs ${programs} cannot be used (others can write it: delete it with all ` +
            "that is in it); SURMISE_CACHE names another",
        ),
      );
    } finally {
      process.env.SURMISE_CACHE = folder;
    }
  });

  const plants = {
    "that others can write": (file: string) => chmodSync(file, 0o722),
    "that is a link": (file: string) => {
      renameSync(file, `${file}.planted`);
      symlinkSync(`${file}.planted`, file);
    },
    ...(process.getuid?.() === 0 && { "of another user": (file: string) => chownSync(file, 1, 1) }),
  };
  test.skipIf(process.platform === "win32").each(Object.entries(plants))(
    "a file %s is made again",
    (_, plant) => {
      rmSync(join(folder, "programs"), { recursive: true, force: true });
      total();
      const { node } = native() as Native;
      cachedToolchain(node);
      const programs = readdirSync(join(folder, "programs")).map((name) => join("programs", name));
      const files = ["threads/compiler.json", ...programs].map((name) => join(folder, name));
      for (const file of files) plant(file);
      expect(total().run({ inputs: ones }).s.data[0]).toBe(1200);
      expect(typeof cachedToolchain(node)).not.toBe("string");
      for (const file of files) {
        const found = lstatSync(file);
        expect(found.isFile()).toBe(true);
        expect(found.uid).toBe(process.getuid?.());
        expect(found.mode & 0o022).toBe(0);
      }
    },
  );
});

describe("without native code", () => {
  const here = { SURMISE_BACKEND: "auto" };
  /** A compiler that says what it is and then fails. */
  const failing = join(folder, "failing-cc");
  writeFileSync(
    failing,
    '#!/bin/sh\ncase "$*" in *-dM*) echo "#define __VERSION__ \\"1\\"";; *) echo broken >&2; exit 1;; esac\n',
    { mode: 0o755 },
  );
  /** One that says nothing and writes what is no library. */
  const garbage = join(folder, "garbage-cc");
  writeFileSync(
    garbage,
    '#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = -o ] && echo garbage > "$2"; shift; done\nexit 0\n',
    { mode: 0o755 },
  );
  const file = join(folder, "file");
  writeFileSync(file, "");

  test.skipIf(process.platform === "win32").each([
    [
      "there is no compiler",
      { CC: "no-such-compiler" },
      /^surmise: native code is not to be had: no C compiler works \(no-such-compiler.*\); using WebAssembly instead$/,
    ],
    [
      "the compiler fails",
      { CC: failing },
      /^surmise: .*failing-cc cannot compile the program: broken\); using WebAssembly instead$/,
    ],
    [
      "nothing can be written",
      { SURMISE_CACHE: join(file, "cache") },
      /^surmise: .*the folder of compiled programs .* cannot be used \(ENOTDIR.*; using WebAssembly instead$/,
    ],
    [
      "the folder is one of processes",
      { SURMISE_CACHE: "/proc/1/x/y" },
      /^surmise: .* cannot be used \(E.*; using WebAssembly instead$/,
    ],
    [
      "CC is nothing",
      { CC: "" },
      /^surmise: .*CC, which names the C compiler, is set to nothing; using WebAssembly instead$/,
    ],
    [
      "the compiler does nothing",
      { CC: "/bin/true" },
      /^surmise: .*cannot compile the program: it wrote no file\); using WebAssembly instead$/,
    ],
    [
      "the compiler writes garbage",
      { CC: garbage },
      /^surmise: .*Failed to load shared library.*\); using WebAssembly instead$/,
    ],
  ])(
    "auto means WebAssembly and says so in one line: %s",
    async (_, env, message) => {
      const { failed, stdout, stderr } = await elsewhere(LARGE, { ...here, ...env });
      expect(failed).toBe(undefined);
      expect(stdout).toBe("wasm 200\nwasm 400");
      expect(stderr).toMatch(message);
    },
    60_000,
  );

  test("small work is WebAssembly without a word", async () => {
    const ended = await elsewhere(SMALL, { ...here, CC: "no-such-compiler" });
    expect(ended).toEqual({ failed: undefined, stdout: "wasm 2400", stderr: "" });
  });

  test("native code asked for by name is refused, with the way out", async () => {
    const env = { SURMISE_BACKEND: "c", CC: "no-such-compiler" };
    expect((await elsewhere(SMALL, env)).stderr).toMatch(
      /native code is not to be had: no C compiler works .*SURMISE_BACKEND=wasm/,
    );
  });

  test("an unknown backend is refused by name", async () => {
    const { failed, stderr } = await elsewhere(SMALL, { SURMISE_BACKEND: "fast" });
    expect(failed).toBe("1");
    expect(stderr).toContain("SURMISE_BACKEND is 'fast': the known ones are auto, c, wasm, oracle");
  });
});
