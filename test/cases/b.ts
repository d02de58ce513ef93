/** Numbers: taken exactly or refused. */
import { type Columns, columnsOf, parseTable } from "../../src/data/index.ts";
import { bernoulli, normal } from "../../src/distributions/index.ts";
import { fit, samplePosterior } from "../../src/inference/index.ts";
import { model } from "../../src/model/index.ts";
import { axis, constant, gather, index, mean, sum, tensor } from "../../src/tensor/index.ts";
import { type Case, numbersOf } from "./case.ts";
import { fitting } from "./command.ts";

const [i, two, three] = [axis("i", 5), axis("two", 2), axis("three", 3)];

const table = async (content: string | Uint8Array, name = "t.csv"): Promise<Columns> =>
  columnsOf(await parseTable(content, name));

const normals = model(({ sample, observe }) => {
  const m = sample("m", normal(0, 1));
  const s = sample("s", normal(0, 1));
  observe("y", normal(m.add(s), 1), constant(2));
});

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
    right: /int32 holds whole numbers/,
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
];
