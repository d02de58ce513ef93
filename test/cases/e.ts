/** In long use, and with careless users. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { normal } from "../../src/distributions/index.ts";
import { fit } from "../../src/inference/index.ts";
import { model } from "../../src/model/index.ts";
import { adam } from "../../src/optim/index.ts";
import { appendRecord } from "../../src/runs/folder/records.ts";
import { decodeTensors, encodeTensors } from "../../src/runs/weights/safetensors.ts";
import { compile } from "../../src/runtime/index.ts";
import { native } from "../../src/runtime/native/executable.ts";
import { axis, constant, input, tensor } from "../../src/tensor/index.ts";
import { begin } from "../cli/command.ts";
import { elsewhere } from "../runtime/elsewhere.ts";
import type { Case } from "./case.ts";
import { fitting, inFolder, saying } from "./command.ts";

/** A model file with one latent, of this prior, and one observation at `y` with this sd. */
const oneLatent = (prior: string, y: string, sd: string, more = "") => ({
  "model.ts": `import { cauchy, halfNormal, model, normal } from "surmise";
import { constant, log } from "surmise/tensor";
export default model(({ sample, observe, deterministic }) => {
  const z = sample("z", ${prior});
  observe("y", normal(z, ${sd}), constant(${y}));
  ${more}
});`,
});
const long = ["--steps", "1500", "--draws", "1000", "--json"];

/** The mean of a latent whose prior has this width, in that width: 1.75 by conjugacy, with an sd of .71. */
const atWidth = (id: string, width: string, word: string): Case => ({
  id,
  input: `z ~ normal(0, ${width}), y = 3.5 widths, ${word}: the mean of z in widths`,
  run: async () => {
    const said = await fitting(oneLatent(`normal(0, ${width})`, `3.5 * ${width}`, width), [
      word,
      ...long,
    ]);
    return Number(/"mean":([^,]+)/.exec(said)?.[1]) / Number(width);
  },
  right: 1.75,
  within: 0.1,
});

/** Work that is worth native code. */
const LARGE = `
  import { compile } from "./src/runtime/index.ts";
  import { axis, input, sum } from "./src/tensor/index.ts";
  const [a, b, k] = [axis("a", 200), axis("b", 200), axis("k", 200)];
  const product = sum(input("x", [a, k]).mul(input("y", [b, k])), k);
  const ones = new Float32Array(40000).fill(1);
  const program = compile({ outputs: { s: product } });
  console.log(program.backend, program.run({ inputs: { x: ones, y: ones } }).s.data[0]);`;

const known = { model: model(({ sample }) => sample("z", normal(0, 1))), data: undefined };
const steps = (n: unknown) => () => fit({ ...known, steps: n as number });
const program = () => {
  const k = axis("k", 3);
  return compile({ outputs: { y: input("x", [k]).mul(2) } }, { backend: "wasm", steps: 1 });
};

/** How many of 25 changed bits among the values of a checkpoint are seen. */
async function seenFlips(values: { steps: number; weights: Float32Array }): Promise<number> {
  const { steps, weights } = values;
  const bytes = encodeTensors({
    tensors: { weights: { shape: [weights.length], dtype: "float32", data: weights } },
    metadata: { step: `${steps}` },
  });
  let seen = 0;
  for (let flip = 0; flip < 25; flip++) {
    const changed = Uint8Array.from(bytes);
    changed[bytes.length - 1 - flip * 20_011] ^= 1 << (flip % 8);
    try {
      decodeTensors(changed, "checkpoint");
    } catch {
      seen++;
    }
  }
  return seen;
}

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
const NATIVE: readonly Case[] = [
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

/** The command line with this standard output. */
const spawnMain = (words: readonly string[], stdout: "pipe" | number) =>
  spawn(
    process.execPath,
    [
      "--import",
      import.meta.resolve("tsx"),
      join(import.meta.dirname, "../../src/cli/main.ts"),
      ...words,
    ],
    { stdio: ["ignore", stdout, "pipe"] },
  );

/** What careless users do. */
export const E: readonly Case[] = [
  {
    id: "E1",
    input: "60 fits in one process, WebAssembly on two threads: MiB that the last 10 add",
    run: async () => {
      const k = axis("k", 100_000);
      const y = tensor(new Float32Array(k.size).fill(1), [k]);
      const many = model(({ sample, observe, plate }) => {
        const m = sample("m", normal(0, 1));
        plate(k, () => observe("y", normal(m, 1), y));
      });
      let before = 0;
      for (let seed = 0; seed < 60; seed++) {
        if (seed === 50) before = process.memoryUsage.rss();
        fit({ model: many, data: undefined, steps: 2, seed, backend: "wasm", threads: 2 });
        await setTimeout(1);
      }
      return Math.max(0, (process.memoryUsage.rss() - before) / 2 ** 20);
    },
    right: 0,
    within: 100,
  },
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
  {
    id: "E4",
    input: "--resume after a module that the model file imports has changed",
    run: () =>
      inFolder(
        {
          "model.ts": `import { model, normal } from "surmise";
import { sd } from "./lib/sd.ts";
export default model(({ sample }) => { sample("z", normal(0, sd)); });`,
          "lib/sd.ts": 'export { sd } from "./deep.ts";',
          "lib/deep.ts": "export const sd = 1;",
        },
        async (folder) => {
          const out = join(folder, "run");
          await saying(["fit", join(folder, "model.ts"), "--out", out, "--steps", "20"]);
          rmSync(join(out, "result.json"));
          writeFileSync(join(folder, "lib/deep.ts"), "export const sd = 2;");
          return saying(["fit", "--resume", out]);
        },
      ),
    right: /^exit 2: surmise: .*changed: 'lib\/deep.ts'/,
  },
  {
    id: "E6",
    input: "deterministic log(z) where z may be negative",
    run: () => fitting(oneLatent("normal(0, 1)", "1", "1", 'deterministic("l", log(z));'), long),
    right:
      /^exit 0: .*'l' is infinite or not a number in \d+ of 1000 draws.*"site":"l","element":\[\],"mean":-?\d/s,
  },
  {
    id: "E6b",
    input: "deterministic 1 / (z - z)",
    run: () =>
      fitting(
        oneLatent("normal(0, 1)", "1", "1", 'deterministic("i", constant(1).div(z.sub(z)));'),
        long,
      ),
    right: /^exit 0: .*'i' is infinite or not a number in 1000 of 1000 draws/s,
  },
  atWidth("E7", "1e30", "--float64"),
  atWidth("E7b", "1e30", "--float32"),
  atWidth("E7c", "1e-30", "--float64"),
  atWidth("E7d", "1e-30", "--float32"),
  atWidth("E7e", "1e60", "--float64"),
  atWidth("E7f", "1e-60", "--float64"),
  {
    id: "E7g",
    input: "z ~ normal(0, 1e-200) in float32",
    run: () => fitting(oneLatent("normal(0, 1e-200)", "1e-200", "1"), ["--float32"]),
    right: /^exit 2: surmise: .*float32|^exit 2: surmise: .*greater than 0/,
  },
  {
    id: "E9",
    input: "a fit of a single step",
    run: () => fitting(oneLatent("normal(0, 1)", "1", "1"), ["--steps", "1"]),
    right: /^exit 0: .*surmise: a single step .*far from the posterior/s,
  },
  ...[-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32, 1.5, "3", null].map(
    (n, i): Case => ({
      id: `E12${"abcdefg"[i]}`,
      input: `fit({ steps: ${n} })`,
      run: steps(n),
      right: /fit: steps must be a whole number/,
    }),
  ),
  ...[-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32].map(
    (n, i): Case => ({
      id: `E12${"hijk"[i]}`,
      input: `run({ steps: ${n} })`,
      run: () => {
        const made = program();
        made.write("x", [1, 2, 3]);
        return made.run({ steps: n });
      },
      right: /run: steps must be a whole number/,
    }),
  ),
  { id: "E12l", input: "adam(-1)", run: () => adam(-1), right: /adam/ },
  {
    id: "E12m",
    input: 'write("x", ["1", "2", "3"])',
    run: () => program().write("x", ["1", "2", "3"] as never),
    right: /'x'/,
  },
  {
    id: "E12n",
    input: "a run whose inputs were never written",
    run: () => program().run(),
    right: /no values for 'x'/,
  },
  {
    id: "E12o",
    input: "constant(NaN) as the sd of a normal",
    run: () => normal(0, constant(Number.NaN)),
    right: /normal: sd/,
  },
  ...(["SIGINT", "SIGTERM"] as const).map(
    (signal, i): Case => ({
      id: `E11${"ab"[i]}`,
      input: `${signal} to a model that loops`,
      run: () =>
        inFolder({ "model.ts": "export default () => { for (;;) {} };" }, async (folder) => {
          const { process: child, ended } = begin(["fit", join(folder, "model.ts")]);
          await once(child.stderr as NodeJS.ReadableStream, "data");
          child.kill(signal);
          const { code, stderr } = await ended;
          return `exit ${code ?? child.signalCode}: ${stderr}`;
        }),
      right: /^exit SIG(INT|TERM): surmise: the model of '.*model.ts' has been running for 2 s/,
    }),
  ),
  ...(
    [
      ["E13a", "run.json", "null", /^exit 2: surmise: '\/run\/run.json' is damaged/],
      ["E13b", "result.json", "{}", /^exit 2: surmise: '\/run\/result.json' is damaged/],
      ["E13c", "run.json", "", /^exit 2: surmise: '\/run\/run.json' is damaged/],
      [
        "E13d",
        "metrics.jsonl",
        "x",
        /^exit 0: surmise: '\/run\/metrics.jsonl': damaged or missing/,
      ],
      [
        "E15",
        "checkpoint.safetensors",
        "x",
        /^exit 2: surmise: \/run\/checkpoint.safetensors: not a whole/,
      ],
    ] as const
  ).map(
    ([id, name, content, right]): Case => ({
      id,
      input: `--resume with ${JSON.stringify(content)} as ${name}`,
      run: () =>
        inFolder(oneLatent("normal(0, 1)", "1", "1"), async (folder) => {
          const out = join(folder, "run");
          await saying(["fit", join(folder, "model.ts"), "--out", out, "--steps", "20"]);
          if (name !== "result.json") rmSync(join(out, "result.json"));
          writeFileSync(join(out, name), content);
          return saying(["fit", "--resume", out]);
        }),
      right,
    }),
  ),
  {
    id: "E14",
    input: "--out into a folder with somebody's report.html",
    run: () =>
      inFolder({ ...oneLatent("normal(0, 1)", "1", "1"), "mine/report.html": "mine" }, (folder) =>
        saying(["fit", join(folder, "model.ts"), "--out", join(folder, "mine"), "--steps", "20"]),
      ),
    right: /^exit 2: surmise: '\/mine' holds 'report.html' and no run/,
  },
  {
    id: "E14b",
    input: "escape codes in a label of a CSV",
    run: async () => {
      const said = await fitting({
        "model.ts": `import { type Columns, model, normal } from "surmise";
export default model(({ sample, plate }, { axisOf }: Columns) => {
  plate(axisOf("g"), () => { sample("z", normal(0, 1)); });
});`,
        "t.csv": "g\n\u001b[31mred\u0007\n",
      });
      return /\p{Cc}/u.test(said.replaceAll("\n", "")) ? "escape codes" : said;
    },
    right: /^exit 0: .*red/s,
  },
  {
    id: "E14c",
    input: "a symbolic link in the place of metrics.jsonl",
    run: () =>
      inFolder({ "aim.txt": "mine" }, async (folder) => {
        symlinkSync(join(folder, "aim.txt"), join(folder, "metrics.jsonl"));
        await appendRecord(folder, { step: 1 } as never);
        return "written through it";
      }),
    right: /cannot write/,
  },
  {
    id: "E15b",
    input: "25 flips in the values of a checkpoint of 600 kB: how many are seen",
    run: () =>
      seenFlips({
        steps: 1,
        weights: Float32Array.from({ length: 150_000 }, (_, i) => Math.sin(i)),
      }),
    right: 25,
  },
  ...(["pipe", "/dev/full"] as const)
    .filter((to) => to === "pipe" || existsSync(to))
    .map(
      (to, i): Case => ({
        id: `E10${["", "b"][i]}`,
        input: to === "pipe" ? "a closed pipe" : "> /dev/full",
        run: () =>
          inFolder(oneLatent("normal(0, 1)", "1", "1"), async (folder) => {
            const [model, out] = [join(folder, "model.ts"), join(folder, "run")];
            const words = ["fit", model, "--out", out, "--steps", "20"];
            const child = spawnMain(words, to === "pipe" ? "pipe" : openSync(to, "w"));
            child.stdout?.destroy();
            let stderr = "";
            child.stderr?.on("data", (text) => {
              stderr += text;
            });
            const [code] = await once(child, "close");
            const lines = stderr.split("\n").filter((line) => line.startsWith("surmise: cannot"));
            return `exit ${code}, ${lines.length} lines, ${existsSync(join(out, "result.json"))}`;
          }),
        right: [/^exit 0, 0 lines, true$/, /^exit 2, 1 lines, true$/][i],
      }),
    ),
  ...(typeof native() === "string" ? [] : NATIVE),
];
