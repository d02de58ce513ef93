/** Scans against the same graph unrolled: values and derivatives, on every backend. */

import { describe, expect, test } from "vitest";
import { compile, type Program } from "../../src/runtime/index.ts";
import {
  abs,
  axis,
  cast,
  constant,
  exp,
  fold,
  gather,
  grad,
  index,
  input,
  key,
  log,
  logSumExp,
  rename,
  SurmiseError,
  scan,
  select,
  sizeOf,
  standardNormal,
  sum,
  type Tensor,
  tanh,
  tensor,
} from "../../src/tensor/index.ts";
import { BACKENDS } from "../backends.ts";

/** Runs `outputs` with every input filled by a fixed sequence. */
function values(outputs: Record<string, Tensor>, backend: (typeof BACKENDS)[number], grain = 16) {
  const program = compile({ outputs }, { backend, grain, threads: 2 });
  fill(program);
  const results = program.run();
  return Object.fromEntries(
    Object.entries(results).map(([name, { axes, data }]) => {
      const sorted = [...axes].sort((a, b) => a.name.localeCompare(b.name));
      const flat = Array.from({ length: data.length }, (_, i) => {
        let [rest, at] = [i, 0];
        for (const a of [...sorted].reverse()) {
          at += (rest % a.size) * sizeOf(axes.slice(axes.indexOf(a) + 1));
          rest = Math.floor(rest / a.size);
        }
        return data[at];
      });
      return [name, flat];
    }),
  );
}

function fill(program: Program) {
  let seed = 0;
  for (const [name, { axes }] of [...program.inputs].sort(([a], [b]) => a.localeCompare(b))) {
    seed++;
    const at = (_: unknown, i: number) => Math.sin(1.3 * i + seed);
    program.write(name, Float64Array.from({ length: sizeOf(axes) }, at));
  }
}

/** A recurrent network with an output at every step, and the same unrolled. */
function network() {
  const [time, a, b] = [axis("time", 6), axis("a", 3), axis("b", 3)];
  const [x, w, first] = [input("x", [time, a]), input("w", [a, b]), input("first", [a])];
  const step = (h: Tensor, now: Tensor) =>
    tanh(
      rename(sum(h.mul(w), a), b, a)
        .add(now)
        .add(h.mul(0.5)),
    );
  const scanned = scan(time, { h: first }, ({ h }, turn) => {
    const next = step(h, turn.at(x));
    return { carries: { h: next }, outputs: { y: next.mul(h) } };
  });
  const loss = (last: Tensor, ys: Tensor) => sum(last.mul(last)).add(ys);
  let h: Tensor = first;
  let ys: Tensor = constant(0);
  for (let t = 0; t < time.size; t++) {
    const next = step(h, gather(x, time, t));
    ys = ys.add(sum(exp(next.mul(h))));
    h = next;
  }
  const losses = [loss(scanned.last.h, sum(exp(scanned.outputs.y))), loss(h, ys)];
  return losses.map((y) => {
    const [x1, w1, first1] = grad(y, [x, w, first]);
    return { y, x1, w1, first1 };
  });
}

describe("scan", () => {
  for (const backend of BACKENDS) {
    test(`agrees with the unrolled graph in values and derivatives (${backend})`, () => {
      const [scanned, unrolled] = network().map((outputs) => values(outputs, backend));
      for (const [name, expected] of Object.entries(unrolled)) {
        scanned[name].forEach((x, i) => {
          expect(x).toBeCloseTo(expected[i], 4);
        });
      }
    });

    test(`goes backwards, and its output at each turn is where it belongs (${backend})`, () => {
      const time = axis("time", 5);
      const x = input("x", [time]);
      const { outputs } = scan(
        time,
        { left: constant(0) },
        ({ left }, turn) => {
          const more = left.add(turn.at(x));
          return { carries: { left: more }, outputs: { toGo: more } };
        },
        { reverse: true },
      );
      const given = Array.from({ length: 5 }, (_, i) => Math.sin(1.3 * i + 1));
      const expected = given.map((_, i) => given.slice(i).reduce((p, q) => p + q));
      const { y } = values({ y: outputs.toGo }, backend);
      y.forEach((v, i) => {
        expect(v).toBeCloseTo(expected[i], 5);
      });
    });

    test(`loops inside loops, and derivatives of derivatives (${backend})`, () => {
      const [outer, inner] = [axis("outer", 4), axis("inner", 3)];
      const x = input("x", []);
      // ((x^2)^2)^2 ... : x to the power of 2^12, as exp(2^12 log x) near 1.
      const start = exp(x.mul(0.001));
      const { last } = scan(outer, { p: start }, ({ p }) => ({
        carries: { p: scan(inner, { q: p }, ({ q }) => ({ carries: { q: q.mul(q) } })).last.q },
      }));
      const [slope] = grad(last.p, [x]);
      const [curve] = grad(slope, [x]);
      const got = values({ y: last.p, slope, curve }, backend);
      const c = 4.096;
      const y = Math.exp(c * Math.sin(1));
      expect(got.y[0] / y).toBeCloseTo(1, 3);
      expect(got.slope[0] / (c * y)).toBeCloseTo(1, 3);
      expect(got.curve[0] / (c * c * y)).toBeCloseTo(1, 3);
    });
  }

  test("carries take on axes of what is added to them, and derivatives sum over them again", () => {
    const [time, a] = [axis("time", 3), axis("a", 2)];
    const [x, first] = [input("x", [a]), input("first", [])];
    const { last } = scan(time, { s: first }, ({ s }) => ({ carries: { s: s.add(x) } }));
    expect(last.s.axes).toEqual([a]);
    const [dx, dfirst] = grad(sum(last.s), [x, first]);
    const got = values({ dx, dfirst }, "wasm");
    expect(got.dx).toEqual([3, 3]);
    expect(got.dfirst).toEqual([2]);
  });

  test("random numbers inside are those of a key folded with the position", () => {
    const time = axis("time", 4);
    const { outputs } = scan(time, { x: constant(0) }, ({ x }, { position }) => {
      const next = x.add(standardNormal(fold(key(3), position), []));
      return { carries: { x: next }, outputs: { next } };
    });
    const steps = standardNormal(fold(key(3), index(time)), []);
    const until = rename(cast(index(time), "float32"), time, time);
    const other = axis("other", 4);
    const before = cast(index(other).le(cast(until, "int32")), "float32");
    const expected = sum(rename(steps, time, other).mul(before), other);
    const got = values({ walk: outputs.next, expected }, "wasm");
    got.walk.forEach((v, i) => {
      expect(v).toBeCloseTo(got.expected[i], 5);
    });
  });

  test("a program is as large for a thousand turns as for ten", () => {
    const kernels = (length: number) => {
      const [time, state, from] = [axis("time", length), axis("state", 3), axis("from", 3)];
      const [moves, seen] = [input("moves", [from, state]), input("seen", [time, state])];
      const first = input("start", [state]);
      const { last } = scan(time, { alpha: first }, ({ alpha }, turn) => ({
        carries: {
          alpha: logSumExp(rename(alpha, state, from).add(log(moves)), from).add(turn.at(seen)),
        },
      }));
      const likelihood = logSumExp(last.alpha);
      const [slope] = grad(likelihood, [moves]);
      const program = compile({ outputs: { likelihood, slope } }, { backend: "wasm" });
      return program.explain().split("\n").length;
    };
    expect(kernels(1000)).toBe(kernels(10));
  });

  test("says what does not fit", () => {
    const time = axis("time", 3);
    const x = input("x", [time]);
    const s = constant(0);
    expect(() => scan(time, { s }, ({ s: now }) => ({ carries: { s: now.add(x) } }))).toThrow(
      /scan along 'time': 's' varies over 'time' itself; take its element .* turn.at/,
    );
    expect(() => scan(time, { s }, () => ({ carries: { s: constant(0, "float64") } }))).toThrow(
      "the carry 's' is float32 at first and float64 after a turn; cast it",
    );
    const forgets = () => ({ carries: {} as { s: Tensor } });
    expect(() => scan(time, { s }, forgets)).toThrow("the body returns no carry 's'");
  });
});

describe("a loop with until", () => {
  const [most, row] = [axis("most", 1000), axis("row", 3)];
  /** Newton's iterations for square roots, each as often as it needs. */
  const roots = (x: Tensor) =>
    scan(
      most,
      { root: x, steps: constant(0), done: constant(0, "int32") },
      ({ root, steps, done }) => {
        const better = root.add(x.div(root)).mul(0.5);
        const rests = abs(better.sub(root)).le(root.mul(1e-6));
        const isDone = done.eq(1);
        return {
          carries: {
            root: select(isDone, root, better),
            steps: steps.add(1),
            done: select(rests, 1, done),
          },
        };
      },
      { until: "done" },
    ).last;

  test.each(["oracle", "wasm", "c"] as const)(
    "ends when all elements are done, on %s",
    (backend) => {
      const { root, steps } = roots(input("x", [row]));
      const program = compile({ outputs: { root, steps } }, { backend, threads: 2 });
      program.write("x", Float32Array.of(2, 1e6, 0.25));
      const found = program.run();
      [Math.SQRT2, 1e3, 0.5].forEach((x, i) => {
        expect(found.root.data[i]).toBeCloseTo(x, 3);
      });
      const slow = found.steps.data[0];
      expect(slow).toBeGreaterThan(10);
      expect(slow).toBeLessThan(30);
      program.write("x", Float32Array.of(1, 1, 1));
      expect(program.run().steps.data[0]).toBe(1);
    },
  );

  test("inside another loop, from other starts at each turn", () => {
    const turn = axis("turn", 4);
    const x = tensor([1, 4, 1e4, 9], [turn]);
    const found = scan(turn, { sum: constant(0) }, ({ sum }, { at }) => {
      const { root, steps } = roots(at(x));
      return { carries: { sum: sum.add(root) }, outputs: { steps } };
    });
    const outputs = { sum: found.last.sum, steps: found.outputs.steps };
    const results = (["oracle", "wasm", "c"] as const).map((backend) => {
      const { sum, steps } = compile({ outputs }, { backend }).run();
      return [sum.data[0], ...steps.data];
    });
    expect(results[0][0]).toBeCloseTo(106, 3);
    expect(results[0][1]).toBe(1);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  test("has no outputs, an int32 carry, and no derivative", () => {
    const go = (carry: Tensor, outputs = {}) =>
      scan(most, { carry }, ({ carry }) => ({ carries: { carry }, outputs }), { until: "carry" });
    expect(() => go(constant(0))).toThrow(
      new SurmiseError("scan along 'most': a loop with until needs an int32 carry 'carry'"),
    );
    expect(() => go(constant(0, "int32"), { x: constant(1) })).toThrow(
      new SurmiseError("scan along 'most': a loop with until has no outputs"),
    );
    const x = input("x");
    expect(() => grad(roots(x).root, [x])).toThrow(/a loop with until has no derivative/);
  });
});
