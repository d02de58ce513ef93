/** Positions that are data lie on the axis they are positions along. */
import { describe, expect, test } from "vitest";
import { normal } from "../../src/distributions/index.ts";
import { fit, minibatch } from "../../src/inference/index.ts";
import { model } from "../../src/model/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  and,
  axis,
  cast,
  constant,
  gather,
  grad,
  index,
  input,
  key,
  maximum,
  minimum,
  mod,
  select,
  stopGradient,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/internal.ts";

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

describe.each(["oracle", "wasm", "c"] as const)(
  "positions that only the program computes, on %s",
  (backend) => {
    const at = input("at", [row], "int32");
    const run = (outputs: Record<string, Tensor>, ...values: number[]) =>
      compile({ outputs }, { backend }).run({ inputs: { at: Int32Array.from(values) } });
    test("are NaN outside the axis, with no gradient", () => {
      const beta = input("beta", [group]);
      const y = gather(beta, group, at);
      const [slope] = grad(sum(select(at.lt(3), y, 0)), [beta]);
      const program = compile({ outputs: { y, slope } }, { backend });
      const found = program.run({ inputs: { at: Int32Array.of(3, 0, -1), beta: [10, 20, 30] } });
      expect([...found.y.data]).toEqual([Number.NaN, 10, Number.NaN]);
      expect([...found.slope.data]).toEqual([1, 0, 0]);
    });
    test("need no check where they are seen to lie on the axis", () => {
      const bits = input("bits", [row], "uint8");
      const certain = [
        mod(at, 3),
        minimum(maximum(at, 0), 2),
        maximum(0, minimum(2, at)),
        and(at, 1),
        cast(bits.gt(0), "int32"),
        select(at.lt(0), index(row), 2),
      ];
      for (const positions of certain) expect(gather(alpha, group, positions).op).toBe("gather");
      expect([
        ...run({ y: gather(alpha, group, minimum(maximum(at, 0), 2)) }, -7, 1, 99).y.data,
      ]).toEqual([10, 20, 30]);
    });
    test("are refused where whole numbers are taken", () => {
      expect(() => gather(ids(5, 6, 7), row, at)).toThrow(
        "gather along 'row' (size 3) of int32 {row: 3}, which has no NaN for positions outside the axis: take the " +
          "positions minimum(maximum(x, 0), 2), or cast the elements to 'float32' first",
      );
      expect([...run({ y: gather(ids(5, 6, 7), row, mod(at, 3)) }, 3, 1, 5).y.data]).toEqual([
        5, 6, 7,
      ]);
    });
  },
);

test("a fit whose positions leave the axis names site, axis and place", () => {
  const shifted = model(({ sample, observe, plate }) => {
    const a = plate(group, () => sample("a", normal(0, 1)));
    const chosen = cast(stopGradient(sample("where", normal(7, 0.1))), "int32").add(index(row));
    plate(row, () => observe("y", normal(gather(a, group, chosen), 1), tensor([1, 2, 3], [row])));
  });
  expect(() => fit({ model: shifted, data: undefined, steps: 3 })).toThrow(
    /site 'y': a position along 'group' \(size 3\) is 6 at average 1, row 1 .*it must be from 0 to 2\. Positions are counted from 0/,
  );
});
