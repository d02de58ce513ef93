/** No number is swallowed: what people write comes out as it is, or is refused in words. */

import { describe, expect, test } from "vitest";
import { categorical, normal } from "../../src/distributions/index.ts";
import { logDensity } from "../../src/inference/index.ts";
import { model } from "../../src/model/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  type Axis,
  abs,
  axis,
  cast,
  constant,
  cos,
  gather,
  grad,
  index,
  input,
  logSumExp,
  max,
  maximum,
  mean,
  minimum,
  type Operand,
  pow,
  SurmiseError,
  scan,
  select,
  slice,
  sqrt,
  square,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { BACKENDS } from "../backends.ts";

const i = axis("i", 5);
const whole = tensor(Int32Array.of(1, 2, 3, 4, 5), [i]);

function worth(x: Tensor, backend: (typeof BACKENDS)[number] = "oracle"): number[] {
  return [...compile({ outputs: { x } }, { backend }).run().x.data];
}

const refuses = (make: () => unknown, message: string | RegExp) => {
  expect(make).toThrow(SurmiseError);
  expect(make).toThrow(message);
};

describe.each(BACKENDS)("whole numbers on %s", (backend) => {
  const cases: readonly [string, () => Tensor, readonly number[]][] = [
    ["mean of int32", () => mean(whole), [3]],
    ["mean of positions", () => mean(index(i)), [2]],
    ["mean that is no whole number", () => mean(gather(whole, i, index(axis("j", 4)))), [2.5]],
    ["mean of comparisons", () => mean(whole.gt(2)), [0.6]],
    ["mean of bytes", () => mean(tensor(Uint8Array.of(200, 201), [axis("j", 2)])), [200.5]],
    ["sum beyond int32", () => sum(index(axis("k", 100_000))), [4999950000]],
    [
      "sum below int32",
      () => sum(tensor(Int32Array.of(-(2 ** 31), -2, 2, -(2 ** 31)), [axis("j", 4)])),
      [-(2 ** 32)],
    ],
    ["count of comparisons", () => sum(index(axis("k", 1000)).lt(700)), [700]],
    ["sum of bytes", () => sum(tensor(new Uint8Array(300).fill(255), [axis("k", 300)])), [76500]],
    ["sum of one", () => sum(tensor(7, [], "int32")), [7]],
    [
      "cumulative sums",
      () => sum(select(index(axis("k", 5)).ge(index(i)), whole, 0), i),
      [1, 3, 6, 10, 15],
    ],
    ["square of whole numbers", () => sum(square(whole)), [55]],
    ["variance", () => mean(square(cast(whole, "float64").sub(mean(whole)))), [2]],
    ["power", () => pow(whole, 3), [1, 8, 27, 64, 125]],
  ];
  test.each(cases)("%s", (_, make, right) => {
    expect(worth(make(), backend)).toEqual(right);
  });
  test("means and sums along one axis of several", () => {
    const j = axis("j", 2);
    const x = tensor(Int32Array.of(2 ** 31 - 1, 2 ** 31 - 1, 1, 2), [axis("r", 2), j]);
    expect(worth(sum(x, j), backend)).toEqual([2 ** 32 - 2, 3]);
    expect(worth(mean(x, j), backend)).toEqual([2 ** 31 - 1, 1.5]);
  });
});

describe("operands of whole numbers", () => {
  const year = index(axis("year", 10));
  const byte = tensor(Uint8Array.of(1, 0), [axis("b", 2)]);
  const bad = [Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, -(2 ** 31) - 1, 1e300];
  const forms: readonly [string, (x: Tensor, n: number) => unknown][] = [
    ["add", (x, n) => x.add(n)],
    ["sub", (x, n) => x.sub(n)],
    ["mul", (x, n) => x.mul(n)],
    ["lt", (x, n) => x.lt(n)],
    ["le", (x, n) => x.le(n)],
    ["gt", (x, n) => x.gt(n)],
    ["ge", (x, n) => x.ge(n)],
    ["eq", (x, n) => x.eq(n)],
    ["minimum", (x, n) => minimum(x, n)],
    ["maximum", (x, n) => maximum(n, x)],
    ["select", (x, n) => select(x.lt(1), x, n)],
    ["select first", (x, n) => select(x.lt(1), n, x)],
    ["gather", (x, n) => gather(x, x.axes[0], n)],
  ];
  test.each(forms)("%s of int32 refuses what int32 does not hold", (_, form) => {
    for (const n of bad) refuses(() => form(year, n), "int32 holds whole numbers from");
  });
  test("the message names operation, axes and number, and says what to do", () => {
    refuses(
      () => year.sub(2 ** 31),
      "sub of int32 {year: 10} and 2147483648: int32 holds whole numbers from -2147483648 to 2147483647; " +
        "use cast(x, 'float32')",
    );
    refuses(() => gather(year, year.axes[0], 0.5), "int32 holds whole numbers from");
  });
  test("beside fractions they are floats", () => {
    const places = Array.from({ length: 10 }, (_, k) => k);
    expect(worth(year.sub(4.5))).toEqual(places.map((k) => k - 4.5));
    expect(worth(year.lt(4.5))).toEqual(places.map((k) => (k < 4.5 ? 1 : 0)));
    expect(worth(byte.mul(0.5))).toEqual([0.5, 0]);
  });
  test("beside floats they take their type", () => {
    const places = Array.from({ length: 10 }, (_, k) => k);
    const half = constant(0.5);
    expect(worth(year.mul(half))).toEqual(places.map((k) => k / 2));
    expect(worth(half.sub(year))).toEqual(places.map((k) => 0.5 - k));
    expect(worth(select(year.lt(2), year, half))).toEqual(places.map((k) => (k < 2 ? k : 0.5)));
    expect(year.add(constant(1, "float64")).dtype).toBe("float64");
    expect(byte.add(half).dtype).toBe("float32");
    expect(byte.add(year).dtype).toBe("int32");
    const x = input("x", year.axes);
    const [slope] = grad(sum(square(x).mul(year)), [x]);
    const found = compile({ outputs: { slope } }).run({
      inputs: { x: new Float32Array(10).fill(0.5) },
    });
    expect([...found.slope.data]).toEqual(places);
  });
  test("numbers in a list are positions, if they are whole", () => {
    const [j, row] = [axis("j", 3), axis("row", 2)];
    const source = tensor([5, 6, 7], [j]);
    expect(worth(gather(source, j, tensor([2, 0], [row])))).toEqual([7, 5]);
    expect(worth(gather(source, j, tensor([3, 1], [row]).sub(1)))).toEqual([7, 5]);
    refuses(
      () => gather(source, j, tensor([2, 0.5], [row])),
      "gather along 'j' (size 3): the position of row 2 is 0.5, but positions are counted from 0 to 2: a position is a whole number",
    );
    refuses(() => gather(source, j, tensor([2, 3], [row])), "the position of row 2 is 3");
    const { outputs } = scan(row, { x: constant(0) }, ({ x }, { at }) => {
      const next = x.add(gather(source, j, at(tensor([2, 0], [row]))));
      return { carries: { x: next }, outputs: { x: next } };
    });
    expect(worth(outputs.x)).toEqual([7, 12]);
    refuses(() => gather(source, j, input("at", [row])), "int32 is needed; use cast(x, 'int32')");
  });
  test("operations of floats take them as floats", () => {
    expect(worth(whole.div(2))).toEqual([0.5, 1, 1.5, 2, 2.5]);
    expect(worth(sqrt(square(whole)))).toEqual([1, 2, 3, 4, 5]);
    expect(worth(pow(whole, -1))).toEqual([1, 2, 3, 4, 5].map((k) => Math.fround(1 / k)));
    expect(worth(logSumExp(whole))).toEqual(worth(logSumExp(cast(whole, "float32"))));
    expect(worth(logSumExp(byte))).toEqual(worth(logSumExp(cast(byte, "float32"))));
    expect(worth(max(byte))).toEqual([1]);
    expect(worth(byte.add(byte))).toEqual([2, 0]);
  });
  test("distributions of floats take them as values and as weights", () => {
    const float = cast(whole, "float32");
    const { logProb } = normal(3, 2);
    expect(worth(logProb(whole))).toEqual(worth(logProb(float)));
    const of = (weights: Tensor) => worth(categorical(weights).logProb(constant(2, "int32")));
    expect(of(whole)).toEqual(of(float));
    const at = (y: Tensor) => {
      const counted = model(({ sample, observe, plate }) => {
        const mu = sample("mu", normal(0, 1));
        plate(i, () => observe("y", normal(mu, 2), y));
      });
      return logDensity(counted, undefined).evaluate(new Float64Array(1), new Float64Array(1));
    };
    expect(at(whole)).toBe(at(float));
  });
  test("what float32 would round is refused, unless it is cast", () => {
    const second = tensor(Int32Array.of(1_700_000_001, 5), [axis("j", 2)]);
    const given = [second.mul(constant(0.5)), normal(second, 1).logProb(constant(0))];
    for (const y of [...given, constant(20_000_001, "int32").mul(constant(0.5))]) {
      refuses(() => compile({ outputs: { y } }), "in float32: compute in float64");
    }
    const k = axis("k", 3);
    refuses(
      () => index(k).mul(10_000_000).mul(constant(0.5)),
      "mul of int32 {k: 3}: values up to 20000000 beside float32, which holds whole numbers up to 16777216: " +
        "subtract an offset first, or use cast(x, 'float32') to round them",
    );
    const wide = {
      y: second.mul(constant(0.5)),
      n: constant(20_000_001, "int32").mul(constant(1)),
    };
    const { y, n } = compile({ outputs: wide }, { dtype: "float64" }).run();
    expect([...y.data, ...n.data]).toEqual([850_000_000.5, 2.5, 20_000_001]);
    expect(worth(second.mul(constant(0.5, "float64")))).toEqual([850_000_000.5, 2.5]);
  });
  test("bytes", () => {
    for (const n of [-1, 256, Number.NaN]) {
      refuses(() => byte.eq(n), "uint8 holds whole numbers from 0 to 255");
      refuses(() => select(byte, byte, n), "uint8 holds whole numbers from 0 to 255");
    }
  });
  test("constants", () => {
    for (const n of bad) refuses(() => constant(n, "int32"), "int32 holds whole numbers from");
    refuses(() => constant(300, "uint8"), "constant of 300: uint8 holds whole numbers");
    const infinite = "1e+39 is infinite in float32, which ends at 3.4e38: compute in float64";
    refuses(() => worth(constant(1e39)), infinite);
    refuses(() => compile({ outputs: { y: input("x").mul(1e39) } }), infinite);
    const y = constant(1e39)
      .mul(1e39)
      .div(tensor([1e39, 16777217], [axis("j", 2)]));
    const wide = compile({ outputs: { y } }, { dtype: "float64" }).run().y.data;
    expect([...wide]).toEqual([1e39, 16777217].map((x) => (1e39 * 1e39) / x));
    expect(worth(constant(1e39, "float64"))).toEqual([1e39]);
    expect(worth(input("x").op === "input" ? constant(Number.POSITIVE_INFINITY) : whole)).toEqual([
      Number.POSITIVE_INFINITY,
    ]);
  });
  test("arithmetic that is known to go beyond int32", () => {
    const k = index(axis("k", 100_000));
    refuses(
      () => k.mul(index(axis("j", 100_000))),
      "mul of int32 {k: 100000} and int32 {j: 100000}: the result may be 9999800001, beyond int32; " +
        "use cast(x, 'float64') first",
    );
    refuses(() => square(k), "beyond int32");
    refuses(() => constant(2 ** 31 - 1, "int32").add(1), "the result may be 2147483648");
    refuses(() => tensor(Int32Array.of(-(2 ** 31)), [axis("j", 1)]).neg(), "beyond int32");
    refuses(() => abs(tensor(Int32Array.of(-(2 ** 31)), [axis("j", 1)])), "beyond int32");
    refuses(() => tensor(Int32Array.of(-(2 ** 31), 5), [axis("j", 2)]).sub(1), "-2147483649");
    expect(worth(k.mul(21474).add(47).sub(k).lt(0)).every((x) => x === 0)).toBe(true);
  });
  test("carries that are known to go beyond int32", () => {
    const total = (k: Axis, dtype: "int32" | "float64") =>
      scan(k, { total: constant(0, dtype) }, (carries, turn) => ({
        carries: { total: carries.total.add(cast(turn.at(index(k)), dtype)) },
      })).last.total;
    refuses(
      () => total(axis("k", 100_000), "int32"),
      "scan along 'k': the carry 'total' is int32 and may become 9999900000 in 100000 turns, beyond " +
        "the type: carry float64",
    );
    expect(worth(total(axis("k", 1000), "int32"), "wasm")).toEqual([499500]);
    const k = axis("k", 1000);
    const count = scan(k, { n: constant(0, "int32") }, ({ n }, turn) => ({
      carries: { n: select(turn.at(index(k)).lt(700), n.add(1), n) },
    }));
    expect(worth(count.last.n, "wasm")).toEqual([700]);
  });
  test("casts of known values to types that do not hold them", () => {
    refuses(
      () => cast(tensor(Int32Array.of(1, 300), [axis("j", 2)]), "uint8"),
      "cast of int32 {j: 2} to uint8: it may be 300; uint8 holds whole numbers from 0 to 255",
    );
    refuses(() => cast(index(axis("j", 257)), "uint8"), "it may be 256");
    refuses(() => cast(tensor([1, 1e10]), "int32"), "needs 1 values, got 2");
    refuses(() => cast(tensor([1, 1e10], [axis("j", 2)]), "int32"), "it may be 10000000000");
    refuses(() => cast(tensor([Number.NaN], [axis("j", 1)]), "int32"), "it may be NaN");
    expect(worth(cast(tensor([2.9, -2.9], [axis("j", 2)]), "int32"))).toEqual([2, -2]);
    expect(worth(cast(index(axis("j", 256)), "uint8"))[255]).toBe(255);
    refuses(() => cast(whole, "int64" as "int32"), 'cast: there is no data type "int64"');
  });
});

describe("values of tensors", () => {
  const [row, column] = [axis("row", 2), axis("column", 3)];
  const over = "tensor over {row: 2, column: 3}";

  test.each([
    [
      "nested as the axes",
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    ["flat, row-major", [1, 2, 3, 4, 5, 6]],
    ["rows as typed arrays", [Float32Array.of(1, 2, 3), Int8Array.of(4, 5, 6)]],
  ] as const)("%s", (_, values) => {
    expect(worth(tensor(values, [row, column]))).toEqual([1, 2, 3, 4, 5, 6]);
  });
  test.each([
    [
      "transposed",
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      "the outermost list has 3 elements, but the axis 'row' has size 2",
    ],
    [
      "ragged",
      [
        [1, 2, 3],
        [4, 5],
      ],
      "[1] has 2 elements, but the axis 'column' has size 3",
    ],
    [
      "ragged with the right number",
      [
        [1, 2, 3, 4],
        [5, 6],
      ],
      "[0] has 4 elements, but the axis 'column' has size 3",
    ],
    [
      "too deep",
      [
        [[1], [2], [3]],
        [[4], [5], [6]],
      ],
      "[0][0] is a list of 1 where a number is needed",
    ],
    [
      "a number among lists",
      [[1, 2, 3], 4],
      "[1] is 4 where a list along 'column' (size 3) is needed",
    ],
    [
      "null among lists",
      [[1, 2, 3], null],
      "[1] is null where a list along 'column' (size 3) is needed",
    ],
    ["too few", [1, 2, 3], "needs 6 values, got 3"],
    [
      "one list of all",
      [[1, 2, 3, 4, 5, 6]],
      "the outermost list has 1 elements, but the axis 'row' has size 2",
    ],
  ])("refused: %s", (_, values, message) => {
    refuses(() => tensor(values as number[], [row, column]), message);
    refuses(() => tensor(values as number[], [row, column]), over);
  });
  test("too shallow for three axes", () => {
    const depth = axis("depth", 1);
    refuses(
      () =>
        tensor(
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
          [row, column, depth],
        ),
      "[0][0] is 1 where a list along 'depth' (size 1) is needed",
    );
    refuses(() => tensor([[5]]), "[0] is a list of 1 where a number is needed".slice(4));
  });

  const three = axis("three", 3);
  test.each([
    ["null", [1, null, 3], "the value at three 2 is null; numbers are needed"],
    ["a text", [1, 2, "x"], 'the value at three 3 is "x"; numbers are needed'],
    ["a number in a text", ["1", 2, 3], 'the value at three 1 is "1"; numbers are needed'],
    ["a truth value", [true, 0, 0], "the value at three 1 is true; numbers are needed"],
    ["undefined", [1, 2, undefined], "the value at three 3 is undefined; numbers are needed"],
    // biome-ignore lint/suspicious/noSparseArray: what people may have
    ["a hole", [1, , 3], "the value at three 2 is undefined; numbers are needed"],
    ["an object", [1, {}, 3], "the value at three 2 is an object (Object); numbers are needed"],
    ["a DataView", new DataView(new ArrayBuffer(3)), "an object (DataView) holds no values"],
    ["a buffer", new ArrayBuffer(3), "an object (ArrayBuffer) holds no values"],
    ["a set", new Set([1, 2, 3]), "an object (Set) holds no values"],
    ["null itself", null, "null holds no values"],
    ["undefined itself", undefined, "needs 3 values, got 1"],
    ["a text itself", "123", "needs 3 values, got 1"],
  ])("refused: %s", (_, values, message) => {
    refuses(() => tensor(values as number[], [three]), message);
  });
  test("labels tell the place", () => {
    const film = axis("film", 2, ["Heat", "Alien"]);
    refuses(
      () => tensor([1, null as unknown as number], [film]),
      "the value at film 'Alien' is null",
    );
    refuses(() => tensor(null as unknown as number), "null holds no values");
    refuses(() => tensor("5" as unknown as number), 'tensor over {}: the value is "5"');
  });

  test.each([
    [Uint8Array.of(255), "uint8", 255],
    [Uint8ClampedArray.of(300), "uint8", 255],
    [Int8Array.of(-3), "int32", -3],
    [Int16Array.of(-300), "int32", -300],
    [Uint16Array.of(300), "int32", 300],
    [Uint32Array.of(2 ** 31 - 1), "int32", 2 ** 31 - 1],
    [Int32Array.of(-(2 ** 31)), "int32", -(2 ** 31)],
    [BigInt64Array.of(-5n), "int32", -5],
    [BigUint64Array.of(5n), "int32", 5],
    [Float64Array.of(0.1), "float64", 0.1],
    [[7n], "float32", 7],
  ] as const)("%o is %s", (values, dtype, value) => {
    const x = tensor(values, [axis("one", 1)]);
    expect(x.dtype).toBe(dtype);
    expect(worth(x)).toEqual([value]);
  });
  test("arrays are converted to a type that is asked for", () => {
    const one = axis("one", 1);
    expect(worth(tensor(Uint32Array.of(2 ** 32 - 1), [one], "float64"))).toEqual([2 ** 32 - 1]);
    expect(worth(tensor(BigInt64Array.of(2n ** 53n), [one], "float64"))).toEqual([2 ** 53]);
    expect(worth(tensor(Float64Array.of(0.1), [one], "float32"))).toEqual([Math.fround(0.1)]);
    expect(worth(tensor(Float64Array.of(3), [one], "uint8"))).toEqual([3]);
    expect(tensor(Float64Array.of(3), [one], "int32").dtype).toBe("int32");
  });
  const one = axis("one", 1);
  test.each([
    [Uint32Array.of(2 ** 31), undefined, "int32 holds whole numbers"],
    [BigInt64Array.of(2n ** 40n), undefined, "give 'float64' as the type"],
    [BigUint64Array.of(2n ** 53n + 1n), "float64", "float64 would round it to 9007199254740992"],
    [Uint16Array.of(300), "uint8", "uint8 holds whole numbers from 0 to 255"],
    [Int8Array.of(-1), "uint8", "uint8 holds whole numbers from 0 to 255"],
    [Float32Array.of(1.5), "int32", "the value at one 1 is 1.5; int32 holds whole numbers"],
    [Float64Array.of(Number.NaN), "int32", "the value at one 1 is NaN"],
    [Int32Array.of(2 ** 24 + 1), "float32", "float32 would round it to 16777216"],
    [[2.5], "int32", "int32 holds whole numbers"],
    [[256], "uint8", "uint8 holds whole numbers from 0 to 255"],
    [[2 ** 31], "int32", "int32 holds whole numbers"],
    [[10n ** 400n], "float64", "float64 would round it to Infinity"],
  ] as const)("refused: %o as %s", (values, dtype, message) => {
    refuses(() => tensor(values, [one], dtype), message);
  });
  test.each([2 ** 24 + 1, 1.7e9 + 1, 1e39])(
    "%d in a list, or made float32, is refused by programs of float32 and exact in float64",
    (value) => {
      const all = [
        tensor([value], [one]),
        tensor([value], [one], "float32"),
        tensor([[value]], [axis("other", 1), one], "float32"),
        tensor(Float64Array.of(value), [one], "float32"),
      ];
      for (const x of all) {
        expect(x.dtype).toBe("float32");
        refuses(() => compile({ outputs: { x } }), "becomes");
        const { data } = compile({ outputs: { x } }, { dtype: "float64" }).run().x;
        expect([...data]).toEqual([value]);
      }
    },
  );
  test("fractions and magnitudes are rounded to the nearest float32", () => {
    expect(worth(tensor([0.1, 6.02214076e23, Number.NaN], [three]))).toEqual(
      [0.1, 6.02214076e23, Number.NaN].map(Math.fround),
    );
  });
});

describe("what is no tensor, no number, no axis", () => {
  const x = input("x", [i]);
  test.each([undefined, null, "3", true, [1], {}, 3n])("%o as an operand", (other) => {
    refuses(() => x.add(other as unknown as Operand), "add of float32 {i: 5} and ");
    refuses(() => x.add(other as unknown as Operand), "tensors and numbers are needed");
    refuses(() => cos(other as unknown as Operand), "tensors and numbers are needed");
    refuses(() => sum(other as unknown as Tensor), "must be a tensor");
    refuses(() => mean(other as unknown as Tensor), "must be a tensor");
    refuses(() => cast(other as unknown as Tensor, "int32"), "a tensor is needed");
    refuses(() => gather(other as unknown as Tensor, i, 0), "must be a tensor");
    refuses(() => select(other as unknown as Tensor, x, 0), "must be a tensor");
    refuses(() => constant(other as unknown as number), "a number is needed");
  });
  test("axes", () => {
    const one = i as unknown as (typeof i)[];
    refuses(
      () => tensor([1, 2, 3, 4, 5], one),
      "tensor: the axes are the axis i: 5; put it into a list: [i]",
    );
    refuses(() => input("x", one), "input 'x': the axes are the axis i: 5");
    refuses(() => sum(x, "i" as unknown as typeof i), 'sum: "i" is no axis');
    refuses(() => sum(x, undefined as unknown as typeof i), "sum: undefined is no axis");
    refuses(
      () => tensor(new Float32Array(25), [i, i]),
      "the axis 'i' stands twice in {i: 5, i: 5}",
    );
    refuses(() => tensor([1], [axis("j", 1)], "float16" as "float32"), 'no data type "float16"');
    refuses(() => slice(x, i, 0.5, axis("two", 2)), "start must be a whole number");
    for (const size of ["3", 2 ** 31, null, 3n, Number.POSITIVE_INFINITY]) {
      refuses(() => axis("a", size as number), "axis 'a': the size must be a whole number");
    }
    refuses(() => axis(3 as unknown as string, 3), "the name of an axis must be a text, not 3");
  });
});
