/** Values that no user means: of models, options and calls. */
import { setTimeout } from "node:timers/promises";
import { normal } from "../../../src/distributions/index.ts";
import { fit } from "../../../src/inference/index.ts";
import { model } from "../../../src/model/index.ts";
import { adam } from "../../../src/optim/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { axis, constant, input, tensor } from "../../../src/tensor/index.ts";
import type { Case } from "../case.ts";
import { fitting } from "../command.ts";
import { oneLatent } from "./oneLatent.ts";

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

export const VALUES: readonly Case[] = [
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
];
