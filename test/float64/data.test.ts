/** float64 through minibatches, masks, gaps and chains: numbers that float32 lacks stay what they are. */
import { expect, test } from "vitest";
import { type Columns, columnsOf } from "../../src/data/index.ts";
import { masked, normal } from "../../src/distributions/index.ts";
import { minibatch, samplePosterior, summarise, fit as train } from "../../src/inference/index.ts";
import { inferGaps, model } from "../../src/model/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { axis, constant, key, scan, type Tensor } from "../../src/tensor/index.ts";

const START = 1_700_000_000;
const seconds = Array.from({ length: 12 }, (_, i) => START + 3 * i + 1);
const table = columnsOf({ name: "t.csv", rows: 12, columns: { seconds } });
const values = (x: Tensor) => [...compile({ outputs: { x } }, { dtype: "float64" }).run().x.data];

test("a minibatch holds elements of the column", () => {
  const batch = axis("batch", 5);
  const rows = minibatch(table.column("seconds"), table.row, batch, constant(0, "int32"), key(1));
  for (const x of values(rows)) expect(seconds).toContain(x);
});

test("a scan carries exact sums, and takes exact elements", () => {
  const column = table.column("seconds");
  const { last } = scan(table.row, { total: constant(0) }, ({ total }, { at }) => ({
    carries: { total: total.add(at(column)) },
  }));
  expect(values(last.total)).toEqual([seconds.reduce((a, b) => a + b)]);
});

const GAPPY = {
  name: "gaps.csv",
  rows: 4,
  columns: { y: [START + 1, undefined, START + 3, START + 5] },
};

test.each(["masked", "inferred"])("gaps that are %s leave the others exact", (how) => {
  const gappy = model(
    ({ sample, observe, plate }, { row, column, present }: Columns) => {
      const mean = sample("mean", normal(START, 10));
      const [y, there] = [column("y", [row], { missing: START }), present("y")];
      const whole = how === "masked" ? y : inferGaps(sample, "y", { value: y, present: there });
      const p = normal(mean, 1);
      plate(row, () => observe("y", how === "masked" ? masked(p, there) : p, whole));
    },
    { dtype: "float64" },
  );
  const options = { model: gappy, data: columnsOf(GAPPY), method: "laplace", steps: 300 } as const;
  const [mean] = summarise(samplePosterior(train(options), { draws: 4000 }));
  const precision = 3 + 0.01;
  const sd = precision ** -0.5;
  expect(Math.abs(mean.mean - (START + 9 / precision))).toBeLessThan((4.5 * sd) / Math.sqrt(4000));
  expect(Math.abs(mean.sd / sd - 1)).toBeLessThan(4.5 / Math.sqrt(8000));
});
