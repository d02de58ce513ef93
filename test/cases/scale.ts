/** Large inputs: counted before they are computed, told while they are, refused where they cannot be. */
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { normal } from "../../src/distributions/index.ts";
import {
  bound,
  explainElimination,
  fit,
  particles,
  samplePosterior,
} from "../../src/inference/index.ts";
import { type Model, model, paramStore, type Sites } from "../../src/model/index.ts";
import { tidy, withLock } from "../../src/runs/lock.ts";
import { compile } from "../../src/runtime/index.ts";
import { axis, constant, input, key, sum, type Tensor } from "../../src/tensor/index.ts";
import { begin } from "../cli/command.ts";
import type { Case } from "./case.ts";
import { fitting, inFolder, saying } from "./command.ts";

const user = axis("user", 20);
const parents = (sites: Sites, inside: (z: Tensor) => void) => {
  const [a, b, c] = ["a", "b", "c"].map((name) => sites.sample(name, normal(0, 1)));
  sites.plate(user, () => inside(sites.sample("z", normal(a.add(b).add(c), 1))));
};
const threeParents: Model = model((sites) => {
  parents(sites, (z) => sites.observe("x", normal(z, 1), constant(0)));
});
const guideOfThree: Model = model((sites) => parents(sites, () => undefined));

/** The costs of its massively parallel bound with k particles of each latent. */
const eliminated = (k: number, maxCost?: number) =>
  bound({
    ...{ model: threeParents, guide: guideOfThree, data: undefined, key: key(1) },
    ...{ parameters: paramStore(), particles: particles.massivelyParallel(k) },
    ...(maxCost !== undefined && { maxCost }),
  }).elimination;

/** 24 latents, six at each of four levels, each given the one before. */
const levels = ["a", "b", "c"].map((name) => axis(name, 4));
const nested: Model<undefined> = model(({ sample, observe, plate }) => {
  const at = (depth: number, above: Tensor) => {
    let last = above;
    for (let i = 0; i < 6; i++) last = sample(`z${depth}${i}`, normal(last, 1));
    if (depth === levels.length) observe("y", normal(last, 1), constant(1));
    else plate(levels[depth], () => at(depth + 1, last));
  };
  at(0, constant(0));
});

const oneMean: Model<undefined> = model(({ sample, observe }) => {
  observe("y", normal(sample("z", normal(0, 1)), 1), constant(1));
});
const ONE_MEAN = {
  "model.ts": `import { model, normal } from "surmise";
import { constant } from "surmise/tensor";
export default model(({ sample, observe }) => {
  observe("y", normal(sample("z", normal(0, 1)), 1), constant(1));
});`,
};
const many = (count: number) => ({
  "model.ts": `import { axis, model, normal } from "surmise";
import { constant } from "surmise/tensor";
const many = axis("many", ${count});
export default model(({ sample, observe, plate }) => {
  plate(many, () => observe("y", normal(sample("z", normal(0, 1)), 1), constant(1)));
});`,
});

/** A sum over so many float32 numbers: an input, so that they take memory. */
const wide = (rows: number, columns: number, backend: "wasm" | "c") => {
  const [k, j] = [axis("k", rows), axis("j", columns)];
  const x = input("x", [k, j]);
  return compile({ outputs: { y: sum(x, k, j) } }, { backend });
};

/** See above. */
export const SCALE: readonly Case[] = [
  {
    id: "D11",
    input: "three parents, 60 particles each: what the guide's mixture costs",
    run: () => explainElimination(eliminated(60)),
    right: /^mixture of the guide +\{user: 20\} +259200000 +z$/m,
  },
  {
    id: "D11b",
    input: "the same with 101 particles",
    run: () => explainElimination(eliminated(101)),
    right: /site 'z'.*is a mixture.*more than maxCost = 1000000000/,
  },
  {
    id: "D11c",
    input: "the same with maxCost just below",
    run: () => explainElimination(eliminated(60, 259_199_999)),
    right: /site 'z'.*is a mixture.*more than maxCost = 259199999/,
  },
  ...(["vi", "mp", "iwae"] as const).map(
    (method, i): Case => ({
      id: `D12${["", "b", "c"][i]}`,
      input: `24 latents in three nested plates by ${method}: seconds of work until the first step`,
      run: () => {
        const before = process.cpuUsage();
        fit({ model: nested, data: undefined, method, steps: 1, backend: "wasm" });
        const { user, system } = process.cpuUsage(before);
        return (user + system) / 1e6;
      },
      right: 0,
      within: 10,
    }),
  ),
  {
    id: "D13",
    input: "50,000 latents x 1000 draws are written: megabytes of them",
    heavy: true,
    run: async () => {
      let bytes = 0;
      await inFolder(many(50_000), async (folder) => {
        const words = ["--method", "vi", "--steps", "5", "--out", join(folder, "run")];
        const said = await saying(["fit", join(folder, "model.ts"), ...words]);
        bytes = statSync(join(folder, "run/draws.parquet")).size;
        return said;
      });
      return bytes / 1e6;
    },
    right: 400,
    within: 100,
  },
  {
    id: "D14",
    input: "a CSV of 100,000 columns",
    run: () => {
      const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`);
      const row = names.map((_, i) => (i * 7) % 10).join(",");
      return fitting({
        "model.ts": `import { type Columns, model, normal } from "surmise";
export default model(({ sample, observe, plate }, { row, column }: Columns) => {
  const z = sample("z", normal(0, 1));
  plate(row, () => observe("y", normal(z, 1), column("c99999")));
});`,
        "t.csv": `${names.join(",")}\n${row}\n${row}\n`,
      });
    },
    right: /^exit 0/,
  },
  {
    id: "D15",
    input: "300,000 draws: they are told of as they are made",
    run: () => {
      const told: number[] = [];
      const trained = fit({ model: oneMean, data: undefined, method: "vi", steps: 1 });
      samplePosterior(trained, { draws: 300_000, onProgress: (done) => told.push(done) });
      const rises = told.every((done, i) => i === 0 || done >= told[i - 1]);
      return `${told.length > 3} ${rises} ${told.at(-1)}`;
    },
    right: /^true true 300000$/,
  },
  ...(
    [
      ["", "1e9 particles", ["--method", "iwae", "--particles", "1e9"], /needs .* GiB of memory/],
      ["b", "1e12 draws", ["--draws", "1e12"], /--draws is 1000000000000: it must be/],
      [
        "c",
        "2e9 draws of a normal",
        ["--method", "laplace", "--draws", "2e9"],
        /draws need .* GiB/,
      ],
      [
        "d",
        "1e12 particles",
        ["--method", "mp", "--particles", "1e12"],
        /particles .*2\^31 - 1|GiB/,
      ],
      ["e", "1e12 steps", ["--steps", "1e12"], /steps must be a whole number from 1 to 2\^31 - 1/],
    ] as const
  ).map(
    ([letter, what, words, right]): Case => ({
      id: `D16${letter}`,
      input: what,
      run: () => fitting(ONE_MEAN, words),
      right: new RegExp(`^exit 2: surmise: [^\n]*(?:${right.source})`),
    }),
  ),
  {
    id: "D16f",
    input: "a plate of 2e9 elements",
    run: () => fitting(many(2e9), ["--method", "vi"]),
    right: /^exit 2: surmise: [^\n]*need[^\n]* GiB of memory/,
  },
  {
    id: "D17",
    input: "a program above 4 GiB in WebAssembly",
    run: () => wide(6e8, 2, "wasm"),
    right: /needs 4\.\d+ GiB of memory, more than the 4 GiB that WebAssembly addresses/,
  },
  {
    id: "D17b",
    input: "a program above the memory of the machine in C",
    run: () => wide(2e9, 2000, "c"),
    right: /needs \d+ GiB of memory, more than the [\d.]+ GiB of this machine/,
  },
  {
    id: "D18",
    input: "a rate that makes a latent leave the domain of log: the site, and what to mend",
    run: () => {
      const falls: Model<undefined> = model(({ sample, observe }) => {
        observe("y", normal(0, sample("z", normal(0, 1)).sub(5)), constant(1));
      });
      return fit({ model: falls, data: undefined, method: "vi", steps: 5 });
    },
    right: /site 'y': the sd of its normal is -.*must be greater than 0/,
  },
  {
    id: "D19",
    input: "two processes on one folder",
    run: () =>
      inFolder({}, (folder) =>
        withLock(folder, () => withLock(folder, async () => "both are in it")),
      ),
    right: /process \d+ works in/,
  },
  {
    id: "D19b",
    input: "drafts and the lock of a killed process",
    run: () =>
      inFolder({}, async (folder) => {
        const { pid } = spawnSync(process.execPath, ["--version"]);
        writeFileSync(join(folder, ".lock"), JSON.stringify({ pid, host: hostname() }));
        for (const name of ["checkpoint.safetensors", "result.json", "report.html"]) {
          writeFileSync(join(folder, `.${name}.${randomUUID()}.tmp`), "");
        }
        await tidy(folder);
        return `left: ${readdirSync(folder).join(" ")}`;
      }),
    right: /^left: $/,
  },
  {
    id: "D20",
    input: "eight processes at once with the default folder: how many folders, how many failures",
    heavy: true,
    run: () =>
      inFolder(ONE_MEAN, async (folder) => {
        const words = ["fit", join(folder, "model.ts"), "--steps", "5", "--draws", "5"];
        const ended = await Promise.all(
          Array.from({ length: 8 }, () => begin(words, {}, folder).ended),
        );
        const failed = ended.filter(({ code }) => code !== 0);
        return `${readdirSync(join(folder, "surmise-runs")).length} ${failed.length}`;
      }),
    right: /^8 0$/,
  },
  {
    id: "D21",
    input: "ordinal cutpoints with independent priors",
    run: () =>
      fitting({
        "model.ts": `import { axis, model, normal, orderedLogistic } from "surmise";
import { constant } from "surmise/tensor";
const [cut, category] = [axis("cut", 3), axis("category", 4)];
export default model(({ sample, observe }) => {
  const cuts = sample("cuts", normal(0, 1).event(cut));
  observe("y", orderedLogistic(0, cuts, { cut, category }), constant(1, "int32"));
});`,
      }),
    right: /^exit 2: surmise: [^\n]*(?:increas|ordered)/,
  },
];
