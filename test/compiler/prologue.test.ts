/** Work that is the same in every step: it is not in the step, and it is done again when it has to be. */

import { describe, expect, test } from "vitest";
import { compile, type ProgramSpec } from "../../src/runtime/index.ts";
import {
  axis,
  exp,
  fold,
  gather,
  index,
  input,
  key,
  log,
  mean,
  scan,
  standardNormal,
  sum,
  type Tensor,
  tanh,
  tensor,
} from "../../src/tensor/index.ts";
import { carry, lastTurn } from "../../src/tensor/scan/loop.ts";
import { BACKENDS } from "../backends.ts";
import { temporaryCache } from "../runtime/cache.ts";

temporaryCache();

const [row, column] = [axis("row", 60), axis("column", 4)];
const positive = Float32Array.from({ length: 240 }, (_, i) => 1 + ((i * 37) % 100) / 10);
const centred = (x: Tensor) => log(x).sub(mean(log(x), row));
const b = input("b", [column]);

/** The kernels of the prologue and of a step: axes and what is computed, without the numbers of temporaries. */
function kernels(spec: ProgramSpec): { prologue: string[]; step: string[] } {
  const program = compile(spec, { backend: "wasm" });
  const lines = program.explain().split("\n").slice(1, -2);
  const shown = (letter: string) =>
    lines
      .filter((line) => new RegExp(`^${letter}\\d`).test(line))
      .map((line) => line.slice(line.indexOf("{")).replaceAll(/ (\d+)(?=;|$)/g, ""));
  return { prologue: shown("p"), step: shown("k") };
}

describe("what is left of a step", () => {
  test("work on literals alone is not in it", () => {
    const fitted = sum(centred(tensor(positive, [row, column])).mul(b), column);
    expect(kernels({ outputs: { y: exp(fitted) } })).toMatchInlineSnapshot(`
      {
        "prologue": [
          "{row: 60, column: 4}  log -> log; sum over row -> sum",
          "{row: 60, column: 4}  mul sub -> sub",
        ],
        "step": [
          "{row: 60, column: 4}  mul sum over column -> sum",
          "{row: 60}             exp -> y",
        ],
      }
    `);
  });
  test("nor is work on inputs that are not updated, or not said to vary", () => {
    const y = sum(centred(input("x", [row, column])).mul(b), column);
    const trained = kernels({ outputs: {}, updates: [[b, b.add(sum(y, row))]] });
    const called = kernels({ outputs: { y }, varying: [b] });
    expect(trained).toMatchInlineSnapshot(`
      {
        "prologue": [
          "{row: 60, column: 4}  log -> log; sum over row -> sum",
          "{row: 60, column: 4}  mul sub -> sub",
        ],
        "step": [
          "{row: 60, column: 4}  mul sum over row column -> sum",
          "{column: 4}           add -> b",
        ],
      }
    `);
    expect(called.prologue).toEqual(trained.prologue);
    expect(kernels({ outputs: { y } }).prologue).toEqual([]);
  });
  test("keys of sites depend on the seed alone, draws on the step too", () => {
    const [seed, step] = [input("seed", [], "int32"), input("#step", [], "int32")];
    const site = fold(fold(key(1), seed), "site");
    const draw = standardNormal(fold(site, step), [row]);
    const spec = { outputs: { y: draw }, updates: [[step, step.add(1)]] as const };
    expect(kernels(spec)).toMatchInlineSnapshot(`
      {
        "prologue": [
          "{}         threefry -> threefry; threefry -> threefry",
        ],
        "step": [
          "{}         threefry -> threefry; threefry -> threefry; add -> #step",
          "{row: 60}  ... cast add mul log sqrt cos -> y",
        ],
      }
    `);
  });
  test("a value that is cheaper to compute than to read is computed again", () => {
    const [x, shift] = [input("x", [row, column]), input("shift", [column])];
    const y = x.sub(shift).mul(b);
    expect(kernels({ outputs: { y }, varying: [b] }).prologue).toEqual([]);
  });
  test("of values made of each other those are stored that the others are cheap to make from", () => {
    const scaled = log(input("x", [row, column]));
    const y = scaled.mul(b).add(scaled.mul(scaled));
    expect(kernels({ outputs: { y }, varying: [b] }).prologue).toMatchInlineSnapshot(`
      [
        "{row: 60, column: 4}  log -> log",
      ]
    `);
  });
  test("a table of functions of small tensors is not written out where it is large", () => {
    const [long, wide] = [axis("long", 4096), axis("wide", 2048)];
    const [x, z] = [input("x", [long]), input("z", [wide])];
    const y = sum(exp(x.mul(z)).mul(input("w", [wide])), wide);
    const program = compile({ outputs: { y }, varying: [input("w", [wide])] });
    expect(program.bytes).toBeLessThan(4 * 4096 * 2048);
  });
  test("work in the body of a loop that no turn changes is done before the turns", () => {
    const [start, free] = [input("start", [column]), input("free", [column])];
    const [turn, s, f] = [
      carry([], "int32"),
      carry([column], "float32"),
      carry([column], "float32"),
    ];
    const next = [s.mul(exp(f)).add(tanh(s))];
    const loop = { axis: row, reverse: false, turn, carries: [s], next, free: [f] };
    const y = lastTurn(loop, 0, [start, free]);
    const inBody = kernels({ outputs: { y } });
    expect(inBody).toMatchInlineSnapshot(`
      {
        "prologue": [],
        "step": [
          "{}                    -> turn along row",
          "{column: 4}           -> carried along row",
          "{column: 4}           exp -> exp",
          "{row: 60}             add -> turn along row",
          "{row:; column: 4}  mul tanh add -> carried along row",
          "{column: 4}           -> y",
        ],
      }
    `);
    const outside = scan(row, { s: start }, (now) => ({
      carries: { s: now.s.mul(exp(free)).add(tanh(now.s)) },
    }));
    const spec = { outputs: { y: outside.last.s }, varying: [start] };
    expect(kernels(spec).prologue).toEqual(["{column: 4}           exp -> exp"]);
    const inputs = { start: [0.1, 0.2, 0.3, 0.4], free: [-3, -2, -1, 0] };
    const values = compile({ outputs: { y } }).run({ inputs }).y.data;
    expect(values).toEqual(compile(spec).run({ inputs }).y.data);
  });
});

describe.each(BACKENDS)("programs with a prologue, %s", (backend) => {
  const [x, scale] = [input("x", [row, column]), input("scale", [])];
  const total = input("total", []);
  const reversed = gather(log(x), row, index(row).mul(-1).add(59));
  const y = sum(centred(x).mul(scale).add(reversed), column);
  const spec = {
    outputs: { y, before: mean(log(x)) },
    updates: [[total, total.add(sum(y))]] as const,
  };
  const other = positive.map((v, i) => v + (i % 7));

  /** Outputs after some steps, with all of it in each step. */
  function expected(data: Float32Array, steps: number, from: number) {
    const all = { ...spec, varying: [x, scale] };
    const program = compile(all, { backend });
    const inputs = { x: data, scale: 2, total: from };
    const { y: last } = program.run({ steps, inputs });
    return [...last.data, ...program.read("total").data];
  }

  test("an input that is written between runs counts from the next step on", () => {
    const program = compile(spec, { backend });
    const now = (found: ReturnType<typeof program.run>) => [
      ...found.y.data,
      ...program.read("total").data,
    ];
    const inputs = { x: positive, scale: 2, total: 0 };
    const first = now(program.run({ steps: 3, inputs }));
    expect(first).toEqual(expected(positive, 3, 0));
    expect(now(program.run())).toEqual(expected(positive, 4, 0));
    const from = program.read("total").data[0];
    program.write("x", other);
    expect(now(program.run({ steps: 2 }))).toEqual(expected(other, 2, from));
  });
  test("what is the same in every step may be an output, and all there is", () => {
    const program = compile({ outputs: { z: exp(x) }, varying: [] }, { backend });
    const values = program.run({ inputs: { x: positive } }).z.data;
    expect(program.run({ steps: 5 }).z.data).toEqual(values);
    expect(program.run({ inputs: { x: other } }).z.data[1]).toBeCloseTo(Math.exp(other[1]), -1);
    expect(program.run({ steps: 0, inputs: { x: positive } }).z.data).not.toEqual(values);
    expect(program.run().z.data).toEqual(values);
  });
  test("an input may be updated to what is the same in every step", () => {
    const next = sum(log(x), column);
    const state = input("state", [row]);
    const program = compile({ outputs: {}, updates: [[state, next]] }, { backend });
    program.run({ inputs: { x: positive } });
    const once = program.read("state").data;
    program.run({ inputs: { state: new Float32Array(60) } });
    expect(program.read("state").data).toEqual(once);
  });
});

test("only inputs vary", () => {
  const spec = { outputs: { y: b }, varying: [b.add(1)] };
  expect(() => compile(spec)).toThrow("only an input made by input(...) can vary, not add");
});
