/** Positions that are data lie on the axis they are positions along. */
import { describe, expect, test } from "vitest";
import { minibatch } from "../../src/inference/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  axis,
  cast,
  constant,
  gather,
  input,
  key,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";

const row = axis("row", 3);
const group = axis("group", 3, ["a", "b", "c"]);
const batch = axis("batch", 2);
const alpha = tensor([10, 20, 30], [group]);
const ids = (...values: number[]) => tensor(Int32Array.from(values), [row]);
const inBatch = (rows: Tensor) => minibatch(rows, row, batch, input("#step", [], "int32"), key(1));

describe("positions outside an axis are refused", () => {
  const many = "but positions are counted from 0 to 2";
  const cases: [string, Tensor | number][] = [
    [
      `gather along 'group' (size 3): the position of row 3 is 3, ${many}: subtract 1, if they are numbered from 1?`,
      ids(1, 2, 3),
    ],
    [`the position of row 2 is -1, ${many}: mend the data`, ids(0, -1, 2)],
    [`the position of row 1 is 7, ${many}: mend the data`, ids(7, 1, 2)],
    [`the position is 3, ${many}`, 3],
    [`the position is -1, ${many}`, -1],
    [`the position of row 3 is 3, ${many}`, ids(0, 1, 2).add(1)],
    [`the position of row 1 is -1, ${many}`, ids(0, 1, 2).sub(1)],
    [
      `the position of row 2 is 1.5, ${many}: a position is a whole number`,
      cast(tensor([0, 1.5, 2], [row]), "int32"),
    ],
    [`the position of row 3 is 3, ${many}`, cast(tensor(Uint8Array.of(1, 2, 3), [row]), "int32")],
    [`the position of row 3 is 3, ${many}`, inBatch(ids(1, 2, 3))],
    [`the position of row 3 is 3, ${many}`, cast(inBatch(tensor([1, 2, 3], [row])), "int32")],
    [
      `the position of row 3 is 3, ${many}`,
      inBatch(ids(0, 1, 2)).add(inBatch(ids(0, 1, 2)).op === "gather" ? 1 : 0),
    ],
  ];
  test.each(cases)("%s", (message, positions) => {
    expect(() => gather(alpha, group, positions)).toThrow(message);
  });
  test("what is not a number, where it is made a position", () => {
    expect(() => cast(tensor([0, 1, Number.NaN], [row]), "int32")).toThrow("it may be NaN");
  });
});

test("positions on the axis are let pass, and so are rows that are left out", () => {
  const few = gather(ids(9, 1, 2), row, tensor(Int32Array.of(1, 2), [batch]));
  const outputs = {
    minusOne: gather(alpha, group, ids(1, 2, 3).sub(1)),
    few: gather(alpha, group, few),
    one: gather(alpha, group, constant(2, "int32")),
  };
  const found = compile({ outputs }).run();
  expect([...found.minusOne.data]).toEqual([10, 20, 30]);
  expect([...found.few.data]).toEqual([20, 30]);
  expect([...found.one.data]).toEqual([30]);
});
