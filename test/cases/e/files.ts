/** Runs in folders that others have been in, and processes that end before their time. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { appendRecord } from "../../../src/runs/folder/records.ts";
import { decodeTensors, encodeTensors } from "../../../src/runs/weights/safetensors.ts";
import { begin } from "../../cli/command.ts";
import type { Case } from "../case.ts";
import { fitting, inFolder, saying } from "../command.ts";
import { oneLatent } from "./oneLatent.ts";

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

/** The command line with this standard output. */
const spawnMain = (words: readonly string[], stdout: "pipe" | number) =>
  spawn(
    process.execPath,
    [
      "--import",
      import.meta.resolve("tsx"),
      join(import.meta.dirname, "../../../src/cli/main.ts"),
      ...words,
    ],
    { stdio: ["ignore", stdout, "pipe"] },
  );

export const FILES: readonly Case[] = [
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
];
