/** Programs as their users meet them. */

import { describe, expect, test } from "vitest";
import { compile, type Linkage, type ProgramSpec, SPARE } from "../../src/runtime/internal.ts";
import {
  axis,
  cast,
  constant,
  exp,
  gather,
  index,
  input,
  max,
  type Nested,
  SurmiseError,
  sum,
  tensor,
} from "../../src/tensor/index.ts";
import { BACKENDS } from "../backends.ts";
import { temporaryCache } from "./cache.ts";

const a = axis("a", 3);
const b = axis("b", 2);

temporaryCache();

describe.each(BACKENDS)("programs, %s", (backend) => {
  const programOf = (spec: ProgramSpec) => compile(spec, { backend });
  test("results come with their axes", () => {
    const x = input("x", [a, b]);
    const program = programOf({ outputs: { s: sum(x, b), t: max(x) } });
    const { s, t } = program.run({ inputs: { x: [1, 2, 3, 4, 5, 6] } });
    expect([...s.data]).toEqual([3, 7, 11]);
    expect(s.axes).toEqual([a]);
    expect([...t.data]).toEqual([6]);
  });
  test("results lie in the order of the axes of their expressions, however they are kept", () => {
    const [x, y] = [input("x", [a, b]), input("y", [b, a])];
    const outputs = { xy: x.add(y), yx: y.add(x), first: x, known: tensor([1, 2], [b]).mul(y) };
    const values = { x: [1, 2, 3, 4, 5, 6], y: [10, 20, 30, 40, 50, 60] };
    const found = programOf({ outputs }).run({ inputs: values });
    for (const [name, { axes }] of Object.entries(outputs)) expect(found[name].axes).toEqual(axes);
    expect([...found.xy.data]).toEqual([11, 42, 23, 54, 35, 66]);
    expect([...found.yx.data]).toEqual([11, 23, 35, 42, 54, 66]);
    expect([...found.known.data]).toEqual([10, 20, 30, 80, 100, 120]);
  });
  test("an output may be an input, a literal, a constant, or the same value twice", () => {
    const x = input("x", [a]);
    const y = x.add(1);
    const outputs = { x, y, again: y, five: constant(5), known: tensor([7, 8], [b]) };
    const result = programOf({ outputs }).run({ inputs: { x: [1, 2, 3] } });
    expect([...result.x.data]).toEqual([1, 2, 3]);
    expect([...result.again.data]).toEqual([2, 3, 4]);
    expect([...result.five.data, ...result.known.data]).toEqual([5, 7, 8]);
  });
  test("updates see the values of the beginning of the step, whatever reads whatever", () => {
    const [x, y] = [input("x", [a]), input("y", [a])];
    const turned = gather(x, a, index(a).mul(-1).add(2));
    const program = programOf({
      outputs: {},
      updates: [
        [x, y],
        [y, turned],
      ],
    });
    program.run({ inputs: { x: [1, 2, 3], y: [4, 5, 6] } });
    expect([...program.read("x").data]).toEqual([4, 5, 6]);
    expect([...program.read("y").data]).toEqual([3, 2, 1]);
    program.run({ steps: 3 });
    expect([...program.read("x").data]).toEqual([1, 2, 3]);
  });
  test("many steps in one call are the same as many calls, in memory that does not grow", () => {
    const x = input("x", [a]);
    const total = input("total", [], "float64");
    const sums = cast(sum(x), "float64");
    const spec = {
      outputs: {},
      updates: [
        [x, x.mul(1.001)],
        [total, total.add(sums)],
      ] as const,
    };
    const [one, many] = [programOf(spec), programOf(spec)];
    for (const program of [one, many]) {
      program.write("x", [1, 2, 3]);
      program.write("total", 0);
    }
    const before = one.bytes;
    for (let i = 0; i < 10_000; i++) one.run();
    many.run({ steps: 10_000 });
    expect(one.read("total").data).toEqual(many.read("total").data);
    expect(one.read("x").data).toEqual(many.read("x").data);
    expect(one.bytes).toBe(before);
  });
  test("no program runs without values, but for what it only writes", () => {
    const [x, y] = [input("x", []), input("y", [])];
    const program = programOf({ outputs: { z: x.mul(2) }, updates: [[y, x]] });
    expect(() => program.run()).toThrow("the program has no values for 'x'");
    expect(() => program.read("x")).toThrow("the program has no values for 'x'");
    program.run({ inputs: { x: 3 } });
    expect(program.read("y").data[0]).toBe(3);
  });
  test("a program of no steps changes nothing", () => {
    const x = input("x", []);
    const program = programOf({ outputs: {}, updates: [[x, x.add(1)]] });
    program.run({ steps: 0, inputs: { x: 4 } });
    expect(program.read("x").data[0]).toBe(4);
  });
});

test("another module calls a program in its memory, behind which the rest is its own", () => {
  const [x, c] = [input("x", [a]), input("c", [])];
  const spec = { outputs: { y: x.mul(exp(c)) }, varying: [x] };
  const program = compile(spec, { backend: "wasm", threads: 1 });
  program.write("x", [1, 2, 3]);
  expect(() => program.prepare()).toThrow("the program has no values for 'c'");
  const { memory, run, free } = program.linkage as Linkage;
  const { buffer } = memory as WebAssembly.Memory;
  const rest = new Uint8Array(buffer, free);
  expect(rest.length).toBe(SPARE);
  rest.fill(255);
  for (const at of [0, 1]) {
    program.write("c", [at]);
    program.prepare();
    expect(run(1, 0, 0, 0)).toBe(1);
    const { offset, length } = program.place("y");
    const y = new Float32Array(buffer, offset, length);
    expect([...y].map((value) => value / Math.exp(at))).toEqual([1, 2, 3].map(near));
  }
  expect(rest.every((byte) => byte === 255)).toBe(true);
});

/** A float32 close to a number. */
const near = (value: number) => expect.closeTo(value, 5);

describe("what is written", () => {
  const x = input("x", [a, b]);
  const n = input("n", [a], "int32");
  const t = input("t", [a], "uint8");
  const program = compile({ outputs: { y: x.add(1), m: n.add(1), u: t.eq(1) } });
  const written = (name: string, data: Nested) => {
    program.write(name, data);
    return [...program.read(name).data];
  };

  test("may be nested as the axes, or flat, or in another array", () => {
    const rows = [
      [1, 2],
      [3, 4],
      [5, 6],
    ];
    expect(written("x", rows)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(written("x", Float64Array.of(1, 2, 3, 4, 5, 6))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(written("x", Uint16Array.of(1, 2, 3, 4, 5, 60_000))[5]).toBe(60_000);
    expect(written("n", Uint32Array.of(1, 2, 2 ** 31 - 1))).toEqual([1, 2, 2 ** 31 - 1]);
    expect(written("n", [-1, 2, 3])).toEqual([-1, 2, 3]);
    expect(written("n", BigInt64Array.of(1n, 2n, 3n))).toEqual([1, 2, 3]);
    expect(written("t", Float32Array.of(0, 1, 255))).toEqual([0, 1, 255]);
  });
  test.each([
    ["n", [1, 2.5, 3], "input 'n' over {a: 3}: the value at a 2 is 2.5; int32 holds whole numbers"],
    ["n", Float64Array.of(1, 2, 2 ** 31), "the value at a 3 is 2147483648; int32 holds"],
    ["n", [1, Number.NaN, 3], "the value at a 2 is NaN; int32 holds"],
    ["t", Int32Array.of(0, 1, 256), "the value at a 3 is 256; uint8 holds whole numbers from 0 to"],
    ["t", [0, -1, 0], "the value at a 2 is -1; uint8 holds"],
    ["n", ["1", 2, 3], 'the value at a 1 is "1"; numbers are needed'],
    ["n", [true, 2, 3], "the value at a 1 is true; numbers are needed"],
    ["n", [null, 2, 3], "the value at a 1 is null; numbers are needed"],
    ["n", "123", "input 'n' over {a: 3} needs 3 values, got 1"],
    ["n", null, "input 'n' over {a: 3}: null holds no values"],
    ["n", new DataView(new ArrayBuffer(12)), "an object (DataView) holds no values"],
    ["x", [1, 2, 3, 4, 5, 1e39], "the value at a 3, b 2 is 1e+39; float32 ends at 3.4e38"],
    ["x", [1, 2, 3, 4, 5, 2 ** 24 + 1], "float32 would round it to 16777216"],
    [
      "x",
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      "the outermost list has 2 elements, but the axis 'a' has size 3",
    ],
  ])("to '%s', %o, is refused", (name, data, message) => {
    expect(() => program.write(name, data as Nested)).toThrow(SurmiseError);
    expect(() => program.run({ inputs: { [name]: data as Nested } })).toThrow(message);
  });
  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32, 1.5, "3", null])(
    "a run of %o steps is refused",
    (steps) => {
      const act = () => program.run({ steps: steps as number });
      expect(act).toThrow(SurmiseError);
      expect(act).toThrow("run: steps must be a whole number");
    },
  );
});

describe("what programs refuse", () => {
  const x = input("x", [a]);
  const program = compile({ outputs: { y: x.add(1) } });
  test.each([
    [
      "a wrong number of values",
      () => program.write("x", [1]),
      "input 'x' over {a: 3} needs 3 values, got 1",
    ],
    [
      "an unknown input",
      () => program.run({ inputs: { z: 1 } }),
      "the program has no input 'z'; its inputs are: 'x'",
    ],
    [
      "an update with axes of its own",
      () => compile({ outputs: {}, updates: [[x, tensor([1, 2], [b])]] }),
      "update of 'x': the input has axes {a: 3}, the new value {b: 2}; sum over 'b' first",
    ],
    [
      "an update of another type",
      () => compile({ outputs: {}, updates: [[x, cast(x, "float64")]] }),
      "update of 'x': the input is float32, the new value float64; use cast",
    ],
    [
      "an update of what is not an input",
      () => compile({ outputs: {}, updates: [[x.add(1), x]] }),
      "an update needs an input made by input(...), not add{a: 3} float32",
    ],
    [
      "an input updated twice",
      () =>
        compile({
          outputs: {},
          updates: [
            [x, x],
            [x, x.add(1)],
          ],
        }),
      "input 'x' is updated twice in one step: combine the two updates",
    ],
    [
      "two inputs of one name",
      () => compile({ outputs: { y: x.add(input("x", [a])), z: input("x", [b]) } }),
      "two inputs are named 'x', over {a: 3} float32 and {b: 2} float32: rename one of them",
    ],
    [
      "an output with the name of an input",
      () => compile({ outputs: { x: x.add(1) } }),
      "an input and an output are both named 'x': rename one of them",
    ],
    [
      "more memory than there is",
      () => {
        const huge = axis("huge", 2 ** 30);
        return compile({ outputs: { y: input("h", [huge], "float64") } }, { backend: "wasm" });
      },
      "the program needs 16.0 GiB of memory, more than the 4 GiB that WebAssembly addresses; the largest " +
        "values are 'h' over {huge: 1073741824} (8.00 GiB), 'y' over {huge: 1073741824} (8.00 GiB): take fewer " +
        "particles or draws, or smaller batches or axes, or native code (SURMISE_BACKEND=c)",
    ],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(new SurmiseError(message));
  });
});
