/** In long use, and with careless users. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { normal } from "../../src/distributions/index.ts";
import { fit } from "../../src/inference/index.ts";
import { model } from "../../src/model/index.ts";
import { adam } from "../../src/optim/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { axis, constant, input } from "../../src/tensor/index.ts";
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

const known = { model: model(({ sample }) => sample("z", normal(0, 1))), data: undefined };
const steps = (n: unknown) => () => fit({ ...known, steps: n as number });
const program = () => {
  const k = axis("k", 3);
  return compile({ outputs: { y: input("x", [k]).mul(2) } }, { backend: "wasm", steps: 1 });
};

/** What careless users do. */
export const E: readonly Case[] = [
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
  atWidth("E7e", "1e200", "--float64"),
  atWidth("E7f", "1e-200", "--float64"),
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
];
