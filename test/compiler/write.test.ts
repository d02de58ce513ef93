/** Writes at a position along an axis: in place, only there, from every printer. */

import { describe, expect, test } from "vitest";
import { compile } from "../../src/runtime/index.ts";
import {
  axis,
  cast,
  type DType,
  gatherClamped,
  grad,
  index,
  input,
  rename,
  scan,
  setAt,
  square,
  sum,
  type Tensor,
} from "../../src/tensor/internal.ts";
import { BACKENDS } from "../backends.ts";

const [chain, draw, part] = [axis("chain", 3), axis("draw", 4), axis("part", 5)];
const step = input("step", [], "int32");
const count: [Tensor, Tensor] = [step, step.add(1)];

describe.each(BACKENDS)("writes at a position (%s)", (backend) => {
  const run = (state: Tensor, value: Tensor, steps: number, start = 0, more = [count]) => {
    const program = compile({ outputs: {}, updates: [[state, value], ...more] }, { backend });
    const { name } = state.operation as { name: string };
    const length = state.axes.reduce((n, a) => n * a.size, 1);
    program.write(
      name,
      Array.from({ length }, (_, i) => i),
    );
    program.write("step", start);
    program.run({ steps });
    return [...program.read(name).data];
  };

  test.each<DType>(["float32", "float64", "int32", "uint8"])("a row for each step, %s", (dtype) => {
    const trace = input("trace", [draw, part], dtype);
    const got = run(trace, setAt(trace, draw, step, cast(step.add(100), dtype)), 3, 1);
    const row = (x: number) => [0, 1, 2, 3, 4].map((i) => x + i);
    expect(got).toEqual([...row(0), ...[101, 102, 103].flatMap((x) => new Array(5).fill(x))]);
  });

  test("elements along the last axis, one by one", () => {
    const trace = input("trace", [chain, draw]);
    const value = cast(index(chain), "float32").mul(10).add(0.5);
    expect(run(trace, setAt(trace, draw, step, value), 2, 2)).toEqual([
      0, 1, 0.5, 0.5, 4, 5, 10.5, 10.5, 8, 9, 20.5, 20.5,
    ]);
  });

  test("nothing is written outside, or it goes round", () => {
    const ring = input("ring", [draw]);
    const value = cast(step, "float32");
    expect(run(ring, setAt(ring, draw, step, value), 3, -3)).toEqual([0, 1, 2, 3]);
    expect(run(ring, setAt(ring, draw, step, value), 3, 4)).toEqual([0, 1, 2, 3]);
    expect(run(ring, setAt(ring, draw, step, value, { wrap: true }), 6, -3)).toEqual([0, 1, 2, -1]);
    expect(run(ring, setAt(ring, draw, step, value, { wrap: true }), 1, -2147483648)).toEqual([
      -2147483648, 1, 2, 3,
    ]);
  });

  test("positions of their own, and values made of the old ones", () => {
    const trace = input("trace", [chain, draw]);
    const at = index(chain).add(step);
    const before = gatherClamped(trace, draw, at.sub(1));
    expect(run(trace, setAt(trace, draw, at, before.add(100)), 2)).toEqual([
      100, 200, 2, 3, 4, 104, 204, 7, 8, 9, 109, 209,
    ]);
  });

  test("in a loop, which carries the rest along", () => {
    const turns = axis("turns", 4);
    const { last } = scan(turns, { s: cast(index(draw), "float32") }, ({ s }, { position }) => ({
      carries: { s: setAt(s, draw, position.sub(1), sum(s)) },
    }));
    const program = compile({ outputs: { s: last.s } }, { backend });
    expect([...program.run().s.data]).toEqual([6, 12, 23, 3]);
  });

  test("derivatives reach what was written and what was kept", () => {
    const [x, v] = [input("x", [draw]), input("v")];
    const y = sum(square(setAt(x, draw, 2, v)));
    const [dx, dv] = grad(y, [x, v]);
    const program = compile({ outputs: { dx, dv } }, { backend });
    const { dx: gx, dv: gv } = program.run({ inputs: { x: [1, 2, 3, 4], v: 5 } });
    expect([...gx.data]).toEqual([2, 4, 0, 8]);
    expect([...gv.data]).toEqual([10]);
  });
});

test("only the elements at the position are written, whatever else is in the step", () => {
  const long = axis("long", 1_000_000);
  const trace = input("trace", [chain, long]);
  const x = input("x", [chain]);
  const next = x.mul(0.5);
  const program = compile({
    outputs: {},
    updates: [[trace, setAt(trace, long, step, next)], [x, next], count],
  });
  const table = program.explain();
  expect(table).toContain("put along long -> trace");
  expect(table).not.toContain("long: 1000000");
});

describe("what setAt refuses", () => {
  const x = input("x", [draw, part]);
  test.each<[string, () => Tensor, string]>([
    ["an axis that is not there", () => setAt(x, chain, 0, 1), "the target has axes"],
    ["a position that is no int32", () => setAt(x, draw, input("p"), 1), "the position is float32"],
    ["another type", () => setAt(x, draw, 0, step), "the target is float32, the value int32"],
    ["a value along the axis", () => setAt(x, draw, 0, x), "the value varies over {draw: 4}"],
    [
      "a position over an axis the target lacks",
      () => setAt(x, draw, index(chain), 1),
      "the position varies over {chain: 3}; it may over {part: 5}",
    ],
    [
      "two axes of one name",
      () => setAt(x, draw, 0, rename(input("y", [part]), part, axis("part", 5))),
      "varies",
    ],
  ])("%s", (_, make, message) => expect(make).toThrow(message));
});
