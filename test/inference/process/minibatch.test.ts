import { describe, expect, test } from "vitest";
import { binarise, minibatch, minibatchRows } from "../../../src/inference/index.ts";
import { addToRows } from "../../../src/inference/process/minibatch.ts";
import { axis, input, key, tensor } from "../../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError, values } from "../../distributions/values.ts";

const row = axis("row", 10);
const step = input("#step", [], "int32");

/** The rows of the first `steps` minibatches of `size`. */
function stream(size: number, steps: number, seed = 1): number[] {
  const rows = minibatchRows(row, axis("batch", size), step, key(seed));
  return Array.from({ length: steps }, (_, i) => [
    ...values(rows, { "#step": Int32Array.of(i) }),
  ]).flat();
}

const everyRow = Array.from({ length: row.size }, (_, i) => i);
const ascending = (rows: number[]) => [...rows].sort((a, b) => a - b);

describe("minibatches", () => {
  test("hold each row once an epoch, also where a batch straddles two", () => {
    for (const seed of [1, 2, 3]) {
      const rows = stream(4, 10, seed);
      for (let epoch = 0; epoch < 4; epoch++) {
        expect(ascending(rows.slice(epoch * 10, epoch * 10 + 10))).toEqual(everyRow);
      }
    }
  });

  test("come in another order each epoch and for each seed, whatever their size", () => {
    const rows = stream(4, 10);
    expect(rows.slice(10, 20)).not.toEqual(rows.slice(0, 10));
    expect(stream(4, 10, 2)).not.toEqual(rows);
    expect(stream(5, 8)).toEqual(rows);
  });

  test("are shuffled fairly: each row is as likely at each place", () => {
    const epochs = 400;
    const rows = stream(10, epochs);
    const counts = new Float64Array(100);
    rows.forEach((r, i) => {
      counts[(i % 10) * 10 + r]++;
    });
    const expected = epochs / 10;
    const statistic = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // Rows and columns sum to `epochs`, which leaves 81 degrees of freedom; scaled by 9/10, the
    // statistic has mean 81 and sd sqrt(162): at most five of these.
    expect(statistic * 0.9).toBeLessThan(81 + FIVE_SIGMA * Math.sqrt(162));
  });

  test("gather the elements of other axes along", () => {
    const pixel = axis("pixel", 2);
    const batch = axis("batch", 3);
    const rows = tensor(
      Uint8Array.from({ length: 20 }, (_, i) => i),
      [row, pixel],
    );
    const drawn = minibatch(rows, row, batch, step, key(1));
    expect(drawn.dtype).toBe("uint8");
    expect(drawn.axes).toEqual([batch, pixel]);
    const at = stream(3, 1);
    const found = [...values(drawn, { "#step": Int32Array.of(0) })];
    expect(found).toEqual(at.flatMap((r) => [2 * r, 2 * r + 1]));
  });
});

describe("binarise", () => {
  const pixel = axis("pixel", 20_000);
  const at = (level: number) =>
    binarise(tensor(new Uint8Array(pixel.size).fill(level), [pixel]), key(3));

  test("is 1 with probability grey / 255", () => {
    for (const level of [1, 100, 254]) {
      const { mean } = meanAndError(values(at(level)));
      const p = level / 255;
      const error = Math.sqrt((p * (1 - p)) / pixel.size);
      expect(Math.abs(mean - p)).toBeLessThan(FIVE_SIGMA * error);
    }
  });

  test("leaves black black and white white", () => {
    expect(at(0).dtype).toBe("float32");
    expect(new Set(values(at(0)))).toEqual(new Set([0]));
    expect(new Set(values(at(255)))).toEqual(new Set([1]));
  });
});

test("of a row that comes twice in a minibatch, the later change counts alone", () => {
  const [data, part] = [axis("data", 4), axis("part", 3)];
  const all = tensor([1, 2, 3, 4], [data], "float64");
  const change = tensor([10, 20, 5], [part], "float64");
  const rows = tensor([1, 1, 3], [part], "int32");
  expect([...values(addToRows(all, change, { batch: part, row: data, rows }))]).toEqual([
    1, 22, 3, 9,
  ]);
});
