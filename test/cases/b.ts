/** Numbers: taken exactly or refused. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Columns, columnsOf, parseTable } from "../../src/data/index.ts";
import { bernoulli, normal } from "../../src/distributions/index.ts";
import { fit, samplePosterior } from "../../src/inference/index.ts";
import { model } from "../../src/model/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  axis,
  constant,
  gather,
  index,
  input,
  mean,
  square,
  sum,
  tensor,
} from "../../src/tensor/index.ts";
import { type Case, numbersOf } from "./case.ts";
import { fitting, inFolder, saying } from "./command.ts";

const [i, two, three] = [axis("i", 5), axis("two", 2), axis("three", 3)];

const table = async (content: string | Uint8Array, name = "t.csv"): Promise<Columns> =>
  columnsOf(await parseTable(content, name));

const normals = model(({ sample, observe }) => {
  const m = sample("m", normal(0, 1));
  const s = sample("s", normal(0, 1));
  observe("y", normal(m.add(s), 1), constant(2));
});

const ONE_LATENT = {
  "model.ts": `import { model, normal } from "surmise";
import { constant } from "surmise/tensor";
export default model(({ sample, observe }) => {
  observe("y", normal(sample("z", normal(0, 1)), 1), constant(1));
});`,
};

/** Numbers that are taken exactly or refused. */
export const B: readonly Case[] = [
  {
    id: "B1",
    input: "mean of the int32 1 to 5",
    run: () => numbersOf(mean(tensor(Int32Array.of(1, 2, 3, 4, 5), [i]), i)),
    right: 3,
  },
  { id: "B1b", input: "mean(index(i)), size 5", run: () => numbersOf(mean(index(i), i)), right: 2 },
  {
    id: "B2",
    input: "index(i).sub(0.5)",
    run: () => numbersOf(index(i).sub(0.5)),
    right: [-0.5, 0.5, 1.5, 2.5, 3.5],
  },
  {
    id: "B3",
    input: "sum(index(axis(k, 100000)))",
    run: () => {
      const k = axis("k", 100_000);
      return numbersOf(sum(index(k), k));
    },
    right: 4999950000,
  },
  {
    id: "B4",
    input: "tensor([[1,2],[3,4],[5,6]], [size 2, size 3])",
    run: () =>
      tensor(
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        [two, three],
      ),
    right: /two.*2|3.*two/,
  },
  {
    id: "B4b",
    input: "a ragged nest",
    run: () => tensor([[1, 2, 3], [4]], [two, three]),
    right: /three/,
  },
  {
    id: "B5",
    input: "tensor(Uint16Array.of(300, 1))",
    run: () => numbersOf(tensor(Uint16Array.of(300, 1), [two])),
    right: [300, 1],
  },
  {
    id: "B5b",
    input: "tensor(Uint32Array.of(2^32 - 1, 1)) in float64",
    run: () => numbersOf(tensor(Uint32Array.of(2 ** 32 - 1, 1), [two], "float64")),
    right: [2 ** 32 - 1, 1],
  },
  {
    id: "B6",
    input: "tensor([null, 'x', true])",
    run: () => tensor([null, "x", true] as never, [three]),
    right: /null/,
  },
  {
    id: "B7",
    input: "5 observed in a Bernoulli",
    run: () => {
      const x = model(({ sample, observe }) => {
        const p = sample("p", normal(0, 1));
        observe("x", bernoulli({ logits: p }), constant(5));
      });
      return fit({ model: x, data: undefined, steps: 2 });
    },
    right: /site 'x'|observe 'x'|'x'/,
  },
  {
    id: "B8",
    input: "trained values that lack one parameter",
    run: () => {
      const trained = fit({ model: normals, data: undefined, steps: 2 });
      const [, ...left] = Object.entries(trained.parameters);
      const lacking = { ...trained, parameters: Object.fromEntries(left) };
      return samplePosterior(lacking, { draws: 2 });
    },
    right: /m|s/,
  },
  {
    id: "B9",
    input: '{"N": 8, "y": [1, 2]}: the scalar N',
    run: async () => (await table('{"N": 8, "y": [1, 2]}', "t.json")).scalar("N"),
    right: 8,
  },
  {
    id: "B10",
    input: "mean of 1e5 float32 numbers 0.1, relative error",
    run: () => {
      const k = axis("k", 100_000);
      const x = tensor(new Float32Array(k.size).fill(0.1), [k]);
      return Math.abs(numbersOf(mean(x, k))[0] / Math.fround(0.1) - 1);
    },
    right: 0,
    within: 1e-6,
  },
  {
    id: "B10b",
    input: "mean of 5e7 float32 numbers 0.1, relative error",
    heavy: true,
    run: () => {
      const k = axis("k", 50_000_000);
      const x = input("x", [k]);
      const program = compile({ outputs: { y: mean(x, k) } }, { steps: 1 });
      program.write("x", new Float32Array(k.size).fill(0.1));
      return Math.abs(program.run().y.data[0] / Math.fround(0.1) - 1);
    },
    right: 0,
    within: 1e-6,
  },
  {
    id: "B10c",
    input: "variance of [2e6, 2] equal numbers 0.1 along the slow axis",
    run: () => {
      const k = axis("k", 2_000_000);
      const x = tensor(new Float32Array(2 * k.size).fill(0.1), [k, two]);
      return numbersOf(mean(square(x.sub(mean(x, k))), k));
    },
    right: [0, 0],
    within: 1e-12,
  },
  {
    id: "B11",
    input: "0x10 in a column of numbers",
    run: async () => (await table("y\n1\n0x10\n")).column("y"),
    right: /column 'y' in row 2 .*decimals/,
  },
  {
    id: "B11b",
    input: 'the texts "" and " " in a JSON column of numbers',
    run: async () => (await table('{"y": [1, " "]}', "t.json")).column("y"),
    right: /column 'y' in row 2/,
  },
  {
    id: "B12",
    input: "one bit of a value in a checkpoint",
    run: () =>
      inFolder(ONE_LATENT, async (folder) => {
        const out = join(folder, "run");
        await saying(["fit", join(folder, "model.ts"), "--out", out, "--steps", "20"]);
        rmSync(join(out, "result.json"));
        const path = join(out, "checkpoint.safetensors");
        const bytes = readFileSync(path);
        bytes[bytes.length - 3] ^= 4;
        writeFileSync(path, bytes);
        return saying(["fit", "--resume", out]);
      }),
    right: /^exit 2: surmise: .*checkpoint.safetensors/,
  },
  {
    id: "B13",
    input: "unix seconds minus 1.7e9 (model file)",
    run: () =>
      fitting(
        {
          "model.ts": `import { type Columns, model, normal } from "surmise";
export default model(({ sample, observe, plate, deterministic }, { row, column }: Columns) => {
  const late = sample("late", normal(0, 1));
  plate(row, () => {
    deterministic("t", column("ts").sub(1.7e9));
    observe("y", normal(late, 1), column("y"));
  });
});`,
          "t.csv": "ts,y\n1700000000,1\n1700000033,2\n1700000129,2\n",
        },
        ["--json"],
      ),
    right: /^exit 0.*"t","element":\["1"\],"mean":33,.*"t","element":\["2"\],"mean":129,/s,
  },
  ...(
    [
      ["b", "YYYYMMDD", "20240301,20240229", "72,0"],
      ["c", "counts above 2^24", "16777217,16777219", "1,3", "16777216"],
      ["d", "a length of 1.6e7 and a bit", "16000000.25,16000000.5", "0.25,0.5", "16000000"],
    ] as const
  ).map(
    ([letter, what, values, right, from = "20240229"]): Case => ({
      id: `B13${letter}`,
      input: `${what}, less ${from} (model file)`,
      run: async () => {
        const said = await fitting(
          {
            "model.ts": `import { type Columns, model, normal } from "surmise";
export default model(({ sample, observe, plate, deterministic }, { row, column }: Columns) => {
  const z = sample("z", normal(0, 1));
  plate(row, () => {
    deterministic("t", column("x").sub(${from}));
    observe("y", normal(z, 1), column("y"));
  });
});`,
            "t.csv": `x,y\n${values.split(",").join(",1\n")},1\n`,
          },
          ["--json"],
        );
        const means = [...said.matchAll(/"site":"t","element":\["\d"\],"mean":([^,]+)/g)];
        return means.map(([, mean]) => mean).join(",");
      },
      right: new RegExp(`^${right}$`),
    }),
  ),
  {
    id: "B14",
    input: "ISO dates that are not in order",
    run: async () => {
      const dates = "d,y\n2024-03-01,1\n2024-01-01,2\n2024-02-01,3\n";
      return (await table(dates)).axisOf("d").labels?.join(" ");
    },
    right: /^2024-01-01 2024-02-01 2024-03-01$/,
  },
  {
    id: "B15",
    input: "a CSV in Latin-1 with the groups Bär and Bör",
    run: () => table(Buffer.from("g,y\nB\xe4r,1\nB\xf6r,2\n", "latin1")),
    right: /UTF-8/,
  },
  {
    id: "B16",
    input: "ids 1 to 3 as positions in gather",
    run: () => {
      const [of, ids] = [axis("of", 3), tensor(Int32Array.of(1, 2, 3), [three])];
      return gather(tensor([1, 2, 3], [of]), of, ids);
    },
    right: /position 3|is 3|outside/,
  },
  {
    id: "B17",
    input: "the country NA among labels",
    run: async () => (await table("c,y\nDE,1\nNA,2\nFR,3\n")).axisOf("c").labels?.join(" "),
    right: /^DE NA FR$/,
  },
  {
    id: "B17b",
    input: "the labels 1, 1.0 and 01: one label, and a word of it",
    run: () =>
      fitting({
        "model.ts": `import { type Columns, model, normal } from "surmise";
export default model(({ sample, observe, plate }, { row, axisOf, column }: Columns) => {
  plate(axisOf("g"), () => sample("z", normal(0, 1)));
  plate(row, () => observe("y", normal(0, 1), column("y")));
});`,
        "t.csv": "g,y\n1,1\n1.0,2\n01,3\n2,1\n",
      }),
    right: /^exit 0: .*column 'g': '1', '1.0', '01' are one label/s,
  },
  {
    id: "B18",
    input: "an async model function",
    run: () =>
      fitting({
        "model.ts": `import { normal } from "surmise";
export default async ({ sample, observe }) => {
  const z = sample("z", normal(0, 1));
  await null;
  observe("y", normal(z, 1), 3);
};`,
      }),
    right: /^exit 2: surmise: .*promise/,
  },
  {
    id: "B19",
    input: '{"y": [1], "y": [2]}',
    run: () => table('{"y": [1], "y": [2]}', "t.json"),
    right: /line 1 has the name 'y' a second time/,
  },
  {
    id: "B19b",
    input: '{"y": [9007199254740993]}',
    run: () => table('{"y": [9007199254740993]}', "t.json"),
    right: /line 1 holds 9007199254740993, a whole number with more digits/,
  },
  {
    id: "B20",
    input: "bernoulli({ probs: 0.5, logits: 0 })",
    run: () => bernoulli({ probs: 0.5, logits: 0 }),
    right: /both probs and logits/,
  },
  {
    id: "B21",
    input: "fit({ learningRate: 1 })",
    run: () => fit({ model: normals, data: undefined, learningRate: 1 } as never),
    right: /has no entry 'learningRate'/,
  },
  {
    id: "B22",
    input: "x > 0, which is false in JavaScript whatever x is",
    run: () => ((tensor([1, 2, 3], [three]) as never as number) > 0 ? "true" : "false"),
    right: /stands in an operator/,
  },
];
