/** The log likelihood of new data, and which units of a code tell them apart. */
import { expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import { activeUnits, type DataSet, dataEvaluator } from "../../../src/inference/index.ts";
import { type Model, paramStore } from "../../../src/model/index.ts";
import { zeros } from "../../../src/nn/index.ts";
import { type Axis, axis, input, sum, type Tensor, tensor } from "../../../src/tensor/index.ts";

const [datum, unit, part] = [axis("datum", 4), axis("unit", 3), axis("part", 3)];
/** How each unit shows: the last one not at all. */
const weights = [2, 0.5, 0];

interface Some {
  readonly x: Tensor;
  readonly datum: Axis;
}

/** z ~ normal(0, 1), x ~ normal(w z, 1): the marginal of x is normal(0, sqrt(1 + w^2)). */
const model: Model<Some> = ({ sample, observe, plate }, { x, datum }) => {
  plate(datum, () => {
    const z = sample("z", normal(0, 1).event(unit));
    const seen = tensor(
      [
        [2, 0, 0],
        [0, 0.5, 0],
        [0, 0, 0],
      ],
      [unit, part],
    );
    observe("x", normal(sum(seen.mul(z), unit), 1).event(part), x);
  });
};

/** Near the posterior, normal(w x / (1 + w^2), 1 / sqrt(1 + w^2)), and a second latent that follows z. */
const guide: Model<Some> = ({ sample, plate, param }, { x, datum }) => {
  const shift = param("shift", [unit], { init: zeros });
  plate(datum, () => {
    const gain = tensor(
      [
        [0.4, 0, 0],
        [0, 0.4, 0],
        [0, 0, 0],
      ],
      [part, unit],
    );
    const sd = tensor([0.5, 0.95, 1.05], [unit]);
    sample("z", normal(sum(gain.mul(x), part).add(shift), sd).event(unit));
  });
};

const parameters = paramStore();
const data = { x: input("x", [datum, part]), datum };
const values = { shift: { data: Float32Array.of(0, 0, 0) } };
/** Six data, of which the last two are in a batch that is not full. */
const rows = Array.from({ length: 8 * 3 }, (_, i) => Math.sin(7 * i + 1) * 2);
const set: DataSet = {
  count: 6,
  rows: (first) => ({ x: Float32Array.from(rows.slice(first * 3, first * 3 + 12)) }),
};

test("the log likelihood of each datum is that of its marginal, within the error of the draws", async () => {
  const judge = dataEvaluator({ model, guide, data, plate: datum, parameters, draws: 5000 });
  const done: number[] = [];
  const score = await judge.score(set, values, { onProgress: (n) => done.push(n) });
  const exact = Array.from({ length: 6 }, (_, n) =>
    weights.reduce((nll, w, i) => {
      const variance = 1 + w * w;
      return nll + rows[n * 3 + i] ** 2 / (2 * variance) + 0.5 * Math.log(2 * Math.PI * variance);
    }, 0),
  );
  const mean = exact.reduce((a, b) => a + b) / 6;
  const sd = Math.sqrt(exact.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 5);
  expect(Math.abs(score.nll - mean)).toBeLessThan(0.01);
  expect(score.nllError).toBeCloseTo(sd / Math.sqrt(6), 1);
  expect(score.elbo).toBeLessThan(-score.nll);
  expect([score.count, done.at(-1), done.length]).toEqual([6, 6, 200]);
});

test("in as many calls as one likes; what stops it ends it", async () => {
  const judge = dataEvaluator({
    model,
    guide,
    data,
    plate: datum,
    parameters,
    draws: 60,
    chunk: 7,
  });
  const done: number[] = [];
  await judge.score(set, values, { onProgress: (n) => done.push(n) });
  // Six draws at a time, ten times, for each of two batches.
  expect(done.length).toBe(20);
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(judge.score(set, values, { signal })).rejects.toThrow("enough");
  expect((await judge.score(set, values, { maxSeconds: 0 })).count).toBe(4);
  await expect(judge.score(set, {})).rejects.toThrow(/'shift' missing/);
});

test("units that follow the data are active, by the variance of their means", () => {
  const found = activeUnits({ guide, data, plate: datum, parameters, values, set }).z;
  const varianceOf = (i: number) => {
    const means = Array.from({ length: 6 }, (_, n) => 0.4 * rows[n * 3 + i]);
    const mean = means.reduce((a, b) => a + b) / 6;
    return means.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 6;
  };
  [varianceOf(0), varianceOf(1), 0].forEach((variance, i) => {
    expect(found.variance[i]).toBeCloseTo(variance, 5);
  });
  expect(found.active).toBe(2);
  const outside: Model<Some> = ({ sample }) => void sample("w", normal(0, 1));
  const alone = { guide: outside, data, plate: datum, parameters: paramStore(), values: {}, set };
  expect(() => activeUnits(alone)).toThrow(/latent 'w' does not stand in the plate 'datum'/);
});
