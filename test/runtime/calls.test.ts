/** Calling programs: until a flag is set, seeing results where they lie. */
import { describe, expect, test } from "vitest";
import { type CompileOptions, compile, type ProgramSpec } from "../../src/runtime/index.ts";
import {
  axis,
  cast,
  type DType,
  index,
  input,
  scan,
  select,
  setAt,
  sizeOf,
  sum,
} from "../../src/tensor/index.ts";

const TYPES: readonly DType[] = ["uint8", "int32", "float32", "float64"];
const step = input("step", [], "int32");

/** A program whose inputs are all zero. */
function zeroed(spec: ProgramSpec, options: CompileOptions) {
  const program = compile(spec, options);
  for (const [name, { axes }] of program.inputs)
    program.write(name, new Float32Array(sizeOf(axes)));
  return program;
}

describe.each(["oracle", "wasm", "c"] as const)("calls (%s)", (backend) => {
  test.each(TYPES)("a run ends when an output is set, %s", (dtype) => {
    const stop = cast(step.ge(6), dtype);
    const program = zeroed({ outputs: { stop }, updates: [[step, step.add(1)]] }, { backend });
    expect(program.step(4, "stop")).toBe(4);
    expect(program.step(100, "stop")).toBe(3);
    expect([...program.read("step").data]).toEqual([7]);
    expect(program.step(100, "stop")).toBe(1);
    program.run({ steps: 100, until: "stop", inputs: { step: 2 } });
    expect(program.stepsMade).toBe(5);
    expect(program.step(0, "stop")).toBe(0);
    expect(program.step()).toBe(1);
  });

  test.each(TYPES)("a run ends when an input was set by a step, %s", (dtype) => {
    const done = input("done", [], dtype);
    const updates = [
      [step, step.add(1)],
      [done, cast(step.ge(6), dtype)],
    ] as const;
    const program = zeroed({ outputs: {}, updates }, { backend });
    expect(program.step(100, "done")).toBe(7);
    expect([...program.view("done")]).toEqual([1]);
  });

  test("a small number is set, minus zero is not", () => {
    const flag = select(step.ge(3), 1e-40, input("zero", [], "float64").mul(-1));
    const program = zeroed({ outputs: { flag }, updates: [[step, step.add(1)]] }, { backend });
    expect(program.step(2, "flag")).toBe(2);
    expect(Object.is(program.view("flag")[0], -0)).toBe(true);
    expect(program.step(100, "flag")).toBe(2);
  });

  test("what is recorded inside ends with the step that set the flag", () => {
    const draw = axis("draw", 6);
    const trace = input("trace", [draw]);
    const x = input("x");
    const next = x.mul(2).add(1);
    const program = zeroed(
      {
        outputs: { large: next.gt(10) },
        updates: [
          [trace, setAt(trace, draw, step, next)],
          [x, next],
          [step, step.add(1)],
        ],
      },
      { backend },
    );
    expect(program.step(6, "large")).toBe(4);
    expect([...program.view("trace")]).toEqual([1, 3, 7, 15, 0, 0]);
  });

  test("a view is one array, with the values after every run", () => {
    const [a, b] = [axis("a", 3), axis("b", 2)];
    const x = input("x", [a, b]);
    const program = zeroed({ outputs: { y: x.mul(2), total: sum(x) } }, { backend });
    const [y, total] = [program.view("y"), program.view("total")];
    expect(program.view("y")).toBe(y);
    expect(y).toBeInstanceOf(Float32Array);
    for (const k of [1, 5]) {
      program.write("x", [k, 2, 3, 4, 5, 6]);
      program.step();
      expect([...y]).toEqual([2 * k, 4, 6, 8, 10, 12]);
      expect([...total]).toEqual([k + 20]);
    }
    expect([...program.view("x")]).toEqual([5, 2, 3, 4, 5, 6]);
  });

  test("what is refused", () => {
    const x = input("x", [axis("a", 3)]);
    const program = zeroed({ outputs: { y: x.mul(2) } }, { backend });
    expect(() => program.view("z")).toThrow("has no input 'z'");
    expect(() => program.step(1, "z")).toThrow("has no input 'z'");
    expect(() => program.step(1, "y")).toThrow("'y' has axes {a: 3}");
    for (const steps of [-1, 0.5, Number.NaN, 2 ** 31]) {
      expect(() => program.step(steps)).toThrow("steps must be a whole number");
    }
  });
});

test.each(["wasm", "c"] as const)(
  "on several threads, and with loops in a step (%s)",
  (backend) => {
    const [long, turns] = [axis("long", 5000), axis("turns", 3)];
    const x = input("x", [long]);
    const { last } = scan(turns, { s: x }, ({ s }, { position }) => ({
      carries: { s: s.add(cast(index(long).add(position), "float32").mul(0.001)) },
    }));
    const enough = sum(last.s).gt(150_000);
    const spec = { outputs: { enough }, updates: [[x, last.s]] as const };
    const made = [1, 3].map((threads) => {
      const program = zeroed(spec, { backend, threads, grain: 256 });
      return [program.step(1000, "enough"), ...program.view("x")];
    });
    expect(made[0][0]).toBe(4);
    expect(made[1]).toEqual(made[0]);
  },
);
