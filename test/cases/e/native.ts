/** Compilers that are none, and caches that others have been in. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { native } from "../../../src/runtime/native/executable.ts";
import { elsewhere } from "../../runtime/elsewhere.ts";
import type { Case } from "../case.ts";
import { inFolder } from "../command.ts";

/** Work that is worth native code. */
const LARGE = `
  import { compile } from "./src/runtime/index.ts";
  import { axis, input, sum } from "./src/tensor/index.ts";
  const [a, b, k] = [axis("a", 200), axis("b", 200), axis("k", 200)];
  const product = sum(input("x", [a, k]).mul(input("y", [b, k])), k);
  const ones = new Float32Array(40000).fill(1);
  const program = compile({ outputs: { s: product } });
  console.log(program.backend, program.run({ inputs: { x: ones, y: ones } }).s.data[0]);`;

/** What becomes of work in native code after `spoil` has been in its cache. */
const spoilt = (id: string, input: string, spoil: (cache: string) => void): Case => ({
  id,
  input,
  run: () =>
    inFolder({}, async (cache) => {
      const env = { SURMISE_CACHE: cache, SURMISE_BACKEND: "c" };
      const before = await elsewhere(LARGE, env);
      spoil(cache);
      const after = await elsewhere(LARGE, env);
      return `${before.stdout}, then ${after.stdout} ${after.stderr}`;
    }),
  right: /^c 200, then c 200 $/,
});

const COMPILER = "threads/compiler.json";
const SPOILT: readonly Case[] = [
  spoilt("E2", 'compiler.json of the cache: "columns" changed', (cache) => {
    const path = join(cache, COMPILER);
    const text = readFileSync(path, "utf8");
    const changed = text.replace(/("columns":\s*)(\d+)/, (_, name, n) => `${name}${Number(n) + 1}`);
    writeFileSync(path, changed === text ? "{}" : changed);
  }),
  spoilt("E2b", "one bit of it", (cache) => {
    const bytes = readFileSync(join(cache, COMPILER));
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(join(cache, COMPILER), bytes);
  }),
  spoilt("E3", "files of the cache that others can write", (cache) => {
    for (const name of readdirSync(join(cache, "programs"))) {
      chmodSync(join(cache, "programs", name), 0o666);
    }
  }),
  {
    id: "E3b",
    input: "a folder of libraries in the cache that others can write",
    run: () =>
      inFolder({}, async (cache) => {
        mkdirSync(join(cache, "programs"));
        chmodSync(join(cache, "programs"), 0o777);
        const env = { SURMISE_CACHE: cache, SURMISE_BACKEND: "auto" };
        const { stdout, stderr } = await elsewhere(LARGE, env);
        return `${stdout} ${stderr}`;
      }),
    right: /^wasm 200 surmise: [^\n]*(?:others|write)[^\n]*using WebAssembly instead$/,
  },
];

export const NATIVE: readonly Case[] = [
  ...["", "/bin/true", "/bin/false", "no-such-compiler"].map(
    (CC, i): Case => ({
      id: `E5${"abcd"[i]}`,
      input: `CC="${CC}", work that is worth native code`,
      run: async () => {
        const { failed, stdout, stderr } = await elsewhere(LARGE, { CC, SURMISE_BACKEND: "auto" });
        return `exit ${failed ?? 0}: ${stdout} ${stderr}`;
      },
      right: /^exit 0: wasm 200 surmise: [^\n]*; using WebAssembly instead$/,
    }),
  ),
  ...["/proc/1/x", "/dev/null/x"].map(
    (folder, i): Case => ({
      id: `E5${"ef"[i]}`,
      input: `SURMISE_CACHE=${folder}`,
      run: async () => {
        const env = { SURMISE_CACHE: folder, SURMISE_BACKEND: "auto" };
        const { failed, stdout, stderr } = await elsewhere(LARGE, env);
        return `exit ${failed ?? 0}: ${stdout} ${stderr}`;
      },
      right: /^exit 0: wasm 200 surmise: [^\n]*cannot be used[^\n]*; using WebAssembly instead$/,
    }),
  ),
  ...(typeof native() === "string" ? [] : SPOILT),
];
