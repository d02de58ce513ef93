/** Axes, types, what is refused in its exact words, and the functions a model is written with. */
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/compiler/oracle/index.ts";
import {
  type Axis,
  abs,
  and,
  apply,
  axis,
  cast,
  concat,
  constant,
  type DType,
  describeAxes,
  exp,
  gather,
  gatherClamped,
  index,
  input,
  logMeanExp,
  logSumExp,
  make,
  max,
  mean,
  mod,
  nodesOf,
  placeAmong,
  positionsAt,
  pow,
  rename,
  SurmiseError,
  sameAxes,
  select,
  shl,
  shr,
  sizeOf,
  slice,
  stack,
  stopGradient,
  sum,
  type Tensor,
  type TypedArray,
  tensor,
  unionAxes,
  withInputs,
  withoutAxes,
} from "../../src/tensor/internal.ts";

const a = axis("a", 3);
const b = axis("b", 2);
const c = axis("c", 4);

/** What a tensor without inputs is worth. */
function worth(x: Tensor): number[] {
  return [...evaluate([x], new Map())[0].values];
}

function refuses(make: () => unknown, message: string): void {
  expect(make).toThrow(new SurmiseError(message));
}

describe("axes", () => {
  test("are the same only if they are the same object", () => {
    expect(sameAxes([a, b], [b, a])).toBe(true);
    expect(sameAxes([a], [axis("a", 3)])).toBe(false);
    expect(sameAxes([a], [a, b])).toBe(false);
  });
  test("are printed with their sizes", () => {
    expect(describeAxes([a, b])).toBe("{a: 3, b: 2}");
    expect(describeAxes([])).toBe("{}");
  });
  test("unite in order of first appearance", () => {
    expect(unionAxes([b], [a, b], [c])).toEqual([b, a, c]);
    expect(unionAxes()).toEqual([]);
    const list = [a, b];
    expect(unionAxes(list, [], list)).toBe(list);
    expect(withoutAxes([a, b, c], [b])).toEqual([a, c]);
    expect(sizeOf([a, b, c])).toBe(24);
    expect(sizeOf([])).toBe(1);
  });
  test("carry labels", () => {
    expect(axis("film", 2, ["Heat", "Alien"]).labels).toEqual(["Heat", "Alien"]);
    expect(a.labels).toBeUndefined();
  });
  test("are refused when they make no sense", () => {
    refuses(() => axis("", 3), "an axis needs a name");
    for (const size of [0, -1, 1.5, Number.NaN]) {
      refuses(
        () => axis("a", size),
        `axis 'a': the size must be a whole number of at least 1, not ${size}`,
      );
    }
    refuses(() => axis("a", 3, ["x", "y"]), "axis 'a' has size 3 but 2 labels");
    refuses(() => axis("a", 2, ["x", "x"]), "axis 'a': labels must differ from one another");
    refuses(() => axis("a", 2, [1, "1"]), "axis 'a': labels must differ from one another");
    const texts = "axis 'a': labels must be a list of texts or numbers, not a list of 2";
    refuses(() => axis("a", 2, [1, Number.NaN]), texts);
    refuses(() => axis("a", 2, ["x", null as never]), texts);
  });
  test("have numbers as labels", () => {
    expect(axis("year", 3, [1990, 1990.5, 1991]).labels).toEqual(["1990", "1990.5", "1991"]);
  });
  test("of one name must not meet", () => {
    const other = axis("a", 5);
    refuses(
      () => input("x", [a, b]).add(input("y", [other])),
      "two different axes are both named 'a' (sizes 3 and 5) and meet in one expression with axes " +
        "{a: 3, b: 2} and {a: 5}: make the axis once and use that object in both places, or rename " +
        "one of them",
    );
  });
});

test("an element has a position along each axis, and a place among some of them", () => {
  const at = (2 * b.size + 1) * c.size + 3;
  expect(positionsAt([a, b, c], at)).toEqual([2, 1, 3]);
  expect(positionsAt([], 0)).toEqual([]);
  expect(placeAmong([c, a], [a, b, c], at)).toBe(3 * a.size + 2);
  expect(placeAmong([], [a, b, c], at)).toBe(0);
});

describe("axes of results", () => {
  const x = input("x", [a, b]);
  const positions = input("p", [c], "int32");
  const cases: readonly [string, Tensor, readonly Axis[]][] = [
    ["elementwise: the union", x.add(input("y", [c, b])), [a, b, c]],
    ["a number adds none", x.mul(2), [a, b]],
    ["select: of all three", select(input("t", [c], "uint8"), x, 0), [c, a, b]],
    ["sum over one", sum(x, a), [b]],
    ["sum over several", sum(x, b, a), []],
    ["sum over all", sum(x), []],
    ["max over one", max(x, b), [a]],
    ["mean", mean(x, b), [a]],
    ["logSumExp", logSumExp(x, a), [b]],
    ["gather: positions, then the rest", gather(x, a, positions), [c, b]],
    ["gather at a number", gather(x, a, 1), [b]],
    ["gather with positions over the rest", gather(x, a, input("q", [b], "int32")), [b]],
    ["index", index(c), [c]],
    ["slice", slice(x, a, 1, b), [b]],
    [
      "scatterAdd",
      make({ op: "scatterAdd", axis: a, over: [c] }, [input("v", [c, b]), positions]),
      [a, b],
    ],
    ["cast", cast(x, "float64"), [a, b]],
  ];
  test.each(cases)("%s", (_, y, axes) => {
    expect(y.axes).toEqual(axes);
  });

  test("of no axes: the sum is the tensor itself", () => {
    const scalar = input("s");
    expect(sum(scalar)).toBe(scalar);
    expect(max(scalar)).toBe(scalar);
  });
  test("an axis that is not there cannot be summed", () => {
    refuses(
      () => sum(x, c),
      "sum over 'c': the tensor has axes {a: 3, b: 2}; sum only over axes the tensor has",
    );
    refuses(
      () => max(x, axis("a", 7)),
      "max over 'a': the tensor has axes {a: 3, b: 2}; it has another axis of that name with size " +
        "3: use the same axis object, made once, outside of the model, which runs several times",
    );
    refuses(
      () => make({ op: "scatterAdd", axis: a, over: [c] }, [input("v", [b]), index(b)]),
      "scatterAdd over 'c': the tensor has axes {b: 2}; sum only over axes the tensor has",
    );
  });
  test("an axis that is not there cannot be gathered along", () => {
    refuses(
      () => gather(x, c, 0),
      "gather along 'c': the source has axes {a: 3, b: 2}; it has one value for all of 'c': make it inside plate(c, ...), " +
        "or take it as it is",
    );
    refuses(
      () => gather(x, axis("b", 2), 0),
      "gather along 'b': the source has axes {a: 3, b: 2}; it has another axis of that name with size 2: use the same " +
        "axis object, made once, outside of the model, which runs several times",
    );
  });
});

describe("types", () => {
  const one = (dtype: DType) => input("x", [a], dtype);
  const [f32, f64, i32, u8] = (["float32", "float64", "int32", "uint8"] as const).map(one);

  test("of results", () => {
    expect(f32.add(1).dtype).toBe("float32");
    expect(f64.mul(0.1).dtype).toBe("float64");
    expect(i32.sub(1).dtype).toBe("int32");
    expect(f32.lt(0).dtype).toBe("uint8");
    expect(i32.eq(i32).dtype).toBe("uint8");
    expect(u8.eq(u8).dtype).toBe("uint8");
    expect(and(u8, u8).dtype).toBe("uint8");
    expect(shr(i32, 2).dtype).toBe("int32");
    expect(select(u8, f64, 0).dtype).toBe("float64");
    expect(gather(u8, a, 0).dtype).toBe("uint8");
    expect(stopGradient(f64).dtype).toBe("float64");
    expect(index(a).dtype).toBe("int32");
    expect(exp(1).dtype).toBe("float32");
    expect(cast(f64, "int32").dtype).toBe("int32");
  });
  test("a cast to the type a tensor has is the tensor", () => {
    expect(cast(f32, "float32")).toBe(f32);
  });
  test("numbers are rounded to the type they take", () => {
    const value = (x: Tensor) => (x.operation.op === "constant" ? x.operation.value : undefined);
    expect(value(f32.add(0.1).inputs[1])).toBe(Math.fround(0.1));
    expect(value(f64.add(0.1).inputs[1])).toBe(0.1);
    expect(value(i32.add(-0).inputs[1])).toBe(0);
    expect(value(constant(255, "uint8"))).toBe(255);
  });
  test("of literals follow their arrays", () => {
    expect(tensor(Float64Array.of(1, 2, 3), [a]).dtype).toBe("float64");
    expect(tensor(Uint8Array.of(1, 2, 3), [a]).dtype).toBe("uint8");
    expect(tensor([1, 2, 3], [a]).dtype).toBe("float32");
    expect(tensor([1, 2, 3], [a], "int32").dtype).toBe("int32");
    expect(
      worth(
        tensor(
          [
            [0.1, 2],
            [3, 4],
            [5, 6],
          ],
          [a, b],
        ),
      ),
    ).toEqual([Math.fround(0.1), 2, 3, 4, 5, 6]);
    expect(worth(tensor(5))).toEqual([5]);
  });
  test("a literal needs as many values as its axes", () => {
    refuses(() => tensor([1, 2], [a, b]), "tensor over {a: 3, b: 2} needs 6 values, got 2");
  });

  test("what is made of numbers alone is float64 beside float64, unrounded", () => {
    const wide = constant(2, "float64");
    const one = select(constant(1, "uint8"), 0.1, 0).add(constant(0.2));
    expect(worth(one.mul(wide))).toEqual([(0.1 + 0.2) * 2]);
    expect(worth(wide.sub(constant(0.1)))).toEqual([2 - 0.1]);
    expect(worth(cast(constant(3, "int32"), "float32").div(wide))).toEqual([1.5]);
    // Shared parts are looked at once, not once for each way to them.
    let shared = constant(1);
    for (let i = 0; i < 60; i++) shared = shared.mul(shared);
    expect(worth(shared.mul(wide))).toEqual([2]);
  });

  const WHOLE = "int32 is needed; use cast(x, 'int32')";
  const refused: readonly [string, () => unknown, string][] = [
    [
      "two types",
      () => f32.add(f64),
      "add of float32 {a: 3} and float64 {a: 3}: the types differ; cast one of them",
    ],
    [
      "two types in a choice",
      () => select(u8, f32, f64),
      "select of uint8 {a: 3} and float32 {a: 3} and float64 {a: 3}: the types differ; cast one of them",
    ],
    [
      "a choice by numbers",
      () => select(f32, f32, 0),
      "select of float32 {a: 3} and float32 {a: 3} and float32 {}: the condition must be uint8, " +
        "such as a.lt(b), or x.eq(1) of what is 0 or 1",
    ],
    ["bits of floats", () => and(f32, f32), `and of float32 {a: 3} and float32 {a: 3}: ${WHOLE}`],
    ["shifted bytes", () => shl(u8, 1), `shl of uint8 {a: 3} and uint8 {}: ${WHOLE}`],
    ["remainders of floats", () => mod(f32, 2), `mod of float32 {a: 3} and float32 {}: ${WHOLE}`],
    [
      "positions that are no whole numbers",
      () => gather(f32, a, f32),
      `gather along 'a': the positions are float32 {a: 3}; ${WHOLE}, or, of what is 0 or 1, x.eq(1)`,
    ],
    [
      "keys that are no whole numbers",
      () => make({ op: "threefry", word: 0 }, [i32, i32, i32, f32]),
      `threefry of int32 {a: 3} and int32 {a: 3} and int32 {a: 3} and float32 {a: 3}: ${WHOLE}`,
    ],
  ];
  test.each(refused)("refused: %s", (_, make, message) => {
    refuses(make, message);
  });
  test("cast is not made by make", () => {
    expect(() => make({ op: "cast" }, [f32])).toThrow("use cast(x, dtype)");
  });
});

describe("nodes", () => {
  test("are printed with operation, axes and type", () => {
    expect(String(input("x", [a]).mul(input("y", [b])))).toBe("mul{a: 3, b: 2} float32");
  });
  test("come after what they are made of, each once", () => {
    const x = input("x", [a]);
    const y = exp(x);
    const z = y.add(y.mul(x));
    expect(nodesOf([z, y])).toEqual([y.inputs[0], y, z.inputs[1], z]);
  });
  test("deep graphs do not overflow the stack", () => {
    let x = input("x");
    for (let i = 0; i < 50_000; i++) x = x.add(1);
    expect(nodesOf([x]).length).toBe(100_001);
  });
  test("keep their identity when their inputs stay the same", () => {
    const x = input("x");
    const y = exp(x);
    expect(withInputs(y, [x])).toBe(y);
    expect(withInputs(cast(x, "int32"), [y]).toString()).toBe("cast{} int32");
    expect(withInputs(y, [y]).inputs).toEqual([y]);
  });
});

describe("values", () => {
  const x = tensor(
    [
      [1, -2],
      [3, 4],
      [-5, 0.5],
    ],
    [a, b],
  );

  test("sums, means and maxima over named axes", () => {
    expect(worth(sum(x, a))).toEqual([-1, 2.5]);
    expect(worth(sum(x, b))).toEqual([-1, 7, -4.5]);
    expect(worth(sum(x))).toEqual([1.5]);
    expect(worth(mean(x, b))).toEqual([-0.5, 3.5, -2.25]);
    expect(worth(max(x, a))).toEqual([3, 4]);
    expect(worth(max(x))).toEqual([4]);
  });
  test("gathers inside the library move positions that only the program knows to the ends", () => {
    const p = tensor([-3, 0, 2, 9], [c], "int32");
    expect(worth(gatherClamped(x, a, p.mul(1)))).toEqual([1, -2, 1, -2, -5, 0.5, -5, 0.5]);
  });
  test("scatterAdd adds up at its positions, moved to the ends", () => {
    const p = tensor([-3, 0, 2, 9], [c], "int32");
    const v = tensor([1, 2, 4, 8], [c]);
    expect(worth(make({ op: "scatterAdd", axis: a, over: [c] }, [v, p]))).toEqual([3, 0, 12]);
  });
  test("slice", () => {
    expect(worth(slice(x, a, 1, axis("two", 2)))).toEqual([3, 4, -5, 0.5]);
    const message = (from: number, to: number) =>
      `slice of 'a' (size 3): elements ${from} to ${to} are asked for`;
    refuses(() => slice(x, a, 2, axis("two", 2)), message(2, 3));
    refuses(() => slice(x, a, -1, axis("two", 2)), message(-1, 0));
    expect(worth(slice(x, a, 0, axis("all", 3)))).toEqual(worth(x));
  });
  test("rename", () => {
    const other = axis("other", 3);
    expect(rename(x, a, other).axes).toEqual([other, b]);
    expect(worth(rename(x, a, other))).toEqual(worth(x));
    refuses(() => rename(x, a, c), "rename of axis a: 3 to axis c: 4: the sizes differ");
  });
  test("concat", () => {
    const both = axis("both", 5);
    expect(worth(concat(sum(x, b), sum(x, a), [a, b], both))).toEqual([-1, 7, -4.5, -1, 2.5]);
    expect(concat(x, sum(x, b), [a, a], axis("six", 6)).axes.map(String)).toEqual([
      "six: 6",
      "b: 2",
    ]);
    refuses(
      () => concat(x, x, [a, a], both),
      "concat of a: 3 and a: 3: axis both: 5 has another size",
    );
  });
  test("stack", () => {
    const part = axis("part", 3);
    const stacked = stack([sum(x, b), 2, sum(x)], part);
    expect(new Set(stacked.axes)).toEqual(new Set([a, part]));
    const at = (i: number) => worth(gather(stacked, part, i));
    expect([0, 1, 2].map(at)).toEqual([
      worth(sum(x, b)),
      [2, 2, 2],
      Array(3).fill(worth(sum(x))[0]),
    ]);
    expect(stack([x.lt(0), x.ge(0)], axis("sign", 2)).dtype).toBe("uint8");
    expect(worth(stack([7], axis("one", 1)))).toEqual([7]);
    refuses(
      () => stack([1, 2], part),
      "stack along part: 3: 2 are given, one for each element is needed",
    );
    refuses(
      () => stack([constant(1, "float64"), 1, input("f", [], "float32")], part),
      "stack along part: 3: some are float64, some float32; cast them to one type",
    );
    refuses(
      () => stack([1, x, 2], a),
      "stack along a: 3: number 1 of what is given has that axis already; take one element of it, " +
        "gather(x, a, position), or join along another axis by concat",
    );
  });
  test.each([0, 1, 2, 3, 7, 64, -1, -2, -5])("pow %i is exact where the products are", (p) => {
    const y = tensor([1, -2, 0.5, 2], [c], "float64");
    expect(worth(pow(y, p))).toEqual([1, -2, 0.5, 2].map((v) => v ** p));
  });
  test("pow of other powers is exp(p log x)", () => {
    const y = tensor([0.5, 2, 3, 10], [c], "float64");
    for (const p of [0.5, -1.7, 65]) {
      worth(pow(y, p)).forEach((v, i) => {
        expect(v / [0.5, 2, 3, 10][i] ** p).toBeCloseTo(1, 12);
      });
    }
    worth(pow(y, tensor([1, 2, 3, 0], [c], "float64"))).forEach((v, i) => {
      expect(v).toBeCloseTo([0.5, 4, 27, 1][i], 12);
    });
  });
  test("abs, comparisons, and numbers on the left", () => {
    expect(worth(abs(x))).toEqual([1, 2, 3, 4, 5, 0.5]);
    expect(worth(x.gt(0.5))).toEqual([1, 0, 1, 1, 0, 0]);
    expect(worth(x.ge(0.5))).toEqual([1, 0, 1, 1, 0, 1]);
    expect(worth(apply("sub", 1, x))).toEqual([0, 3, -2, -3, 6, 0.5]);
  });
  test("casts truncate, saturate, and take NaN for 0", () => {
    const given = new Map<string, TypedArray>([
      ["y", Float32Array.of(-2.7, 1e12, Number.NaN, 2.9)],
      ["n", Int32Array.of(-1, 256, 7, 300)],
    ]);
    const values = (x: Tensor) => [...evaluate([x], given)[0].values];
    expect(values(cast(input("y", [c]), "int32"))).toEqual([-2, 2 ** 31 - 1, 0, 2]);
    expect(values(cast(input("n", [c], "int32"), "uint8"))).toEqual([255, 0, 7, 44]);
  });
});

describe("logSumExp", () => {
  const log = (...x: number[]) => Math.log(x.reduce((s, v) => s + Math.exp(v), 0));
  const of = (...x: number[]) => worth(logSumExp(tensor(x, [axis("k", x.length)], "float64")))[0];
  const none = Number.NEGATIVE_INFINITY;

  test("is the logarithm of the sum", () => {
    expect(of(0.3, -1.2, 2)).toBeCloseTo(log(0.3, -1.2, 2), 14);
  });
  test("does not overflow or underflow", () => {
    expect(of(1e4, 1e4)).toBeCloseTo(1e4 + Math.LN2, 10);
    expect(of(-1e4, -1e4 - 1)).toBeCloseTo(-1e4 + Math.log1p(Math.exp(-1)), 10);
  });
  test("-Infinity adds nothing", () => {
    expect(of(none, 0.5, none)).toBeCloseTo(0.5, 14);
    expect(of(none, none)).toBe(none);
    expect(of(none)).toBe(none);
  });
  test("Infinity and NaN go through", () => {
    expect(of(Number.NaN, 1)).toBeNaN();
  });
  test("logMeanExp divides by the number of elements", () => {
    const x = tensor([0.3, -1.2, 2], [a], "float64");
    expect(worth(logMeanExp(x))[0]).toBeCloseTo(log(0.3, -1.2, 2) - Math.log(3), 14);
    const y = tensor([1, 2, 3, 4, 5, 6], [a, b], "float64");
    expect(worth(logMeanExp(y, a))[1]).toBeCloseTo(log(2, 4, 6) - Math.log(3), 14);
  });
});
