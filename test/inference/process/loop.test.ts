import { afterEach, describe, expect, test, vi } from "vitest";
import {
  type Algorithm,
  Loop,
  type LoopEvent,
  type ProgramState,
  type Training,
  training,
} from "../../../src/inference/index.ts";
import { paramStore } from "../../../src/model/index.ts";
import { constantInit, normalInit } from "../../../src/nn/index.ts";
import { adam, type Optimiser, sgd } from "../../../src/optim/index.ts";
import {
  axis,
  cast,
  constant,
  input,
  log,
  sqrt,
  square,
  standardNormal,
  sum,
  type Tensor,
} from "../../../src/tensor/index.ts";

afterEach(() => vi.restoreAllMocks());

const COUNT = axis("count", 7);

/** A noisy quadratic: its bits depend on the seed, on every step, and on the optimiser's slots. */
function quadratic(): Training {
  const store = paramStore();
  const { value } = store.declare("w", [COUNT], { init: normalInit(1) });
  return training({
    objective: (_step, key) => {
      const bound = sum(square(value.sub(standardNormal(key, [COUNT])).sub(3))).neg();
      return { bound, sites: { w: bound } };
    },
    parameters: store,
    optimiser: adam(0.1),
    seed: 3,
  });
}

async function collect(loop: Loop, signal?: AbortSignal): Promise<LoopEvent[]> {
  const events: LoopEvent[] = [];
  for await (const event of loop.run({ signal })) events.push(event);
  return events;
}

const records = (events: readonly LoopEvent[]) =>
  events
    .filter(({ kind }) => kind === "record")
    .map(({ step, metrics }) => ({ step, bound: metrics.bound }));

/** A clock by which every call takes so long that the next one is of a single step. */
function everyCallOneStep(): void {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    now += 1e6;
    return now;
  });
}

describe("Loop", () => {
  const options = { steps: 95, recordEvery: 20 };

  test("records at multiples and at the end, and moves the parameters to the optimum", async () => {
    const loop = new Loop({ algorithm: quadratic(), steps: 500, recordEvery: 150 });
    const found = records(await collect(loop));
    expect(found.map(({ step }) => step)).toEqual([150, 300, 450, 500]);
    expect(found[3].bound).toBeGreaterThan(found[0].bound);
    expect(loop.step).toBe(500);
    for (const w of loop.state().w.data) expect(Math.abs(w - 3)).toBeLessThan(1.5);
  });

  test("the record is the mean of the bounds of its steps", async () => {
    const single = await collect(new Loop({ algorithm: quadratic(), steps: 6, recordEvery: 1 }));
    const three = await collect(new Loop({ algorithm: quadratic(), steps: 6, recordEvery: 3 }));
    const bounds = records(single).map(({ bound }) => bound);
    const mean = (some: readonly number[]) => some.reduce((a, b) => a + b) / some.length;
    expect(records(three)).toEqual([
      { step: 3, bound: mean(bounds.slice(0, 3)) },
      { step: 6, bound: mean(bounds.slice(3)) },
    ]);
  });

  test("how long the calls are changes no bit", async () => {
    const fast = new Loop({ algorithm: quadratic(), ...options });
    const inFewCalls = await collect(fast);
    everyCallOneStep();
    const slow = new Loop({ algorithm: quadratic(), ...options });
    const inManyCalls = await collect(slow);
    expect(inManyCalls.length).toBe(95);
    expect(inFewCalls.length).toBeLessThan(20);
    expect(slow.state()).toEqual(fast.state());
    expect(records(inManyCalls)).toEqual(records(inFewCalls));
  });

  test("goes on from the state after any call to the same bits and records", async () => {
    everyCallOneStep();
    const whole = new Loop({ algorithm: quadratic(), ...options });
    const events: LoopEvent[] = [];
    const states: ProgramState[] = [];
    for await (const event of whole.run()) {
      events.push(event);
      states.push(whole.state());
    }
    for (const stop of [1, 20, 37, 94]) {
      const rest = new Loop({ algorithm: quadratic(), ...options, from: states[stop - 1] });
      expect(records(await collect(rest))).toEqual(records(events.slice(stop)));
      expect(rest.state()).toEqual(whole.state());
    }
  });

  test("stops at the signal after the present call, and can be run on", async () => {
    const whole = new Loop({ algorithm: quadratic(), ...options });
    await collect(whole);
    const loop = new Loop({ algorithm: quadratic(), ...options });
    const controller = new AbortController();
    for await (const { step } of loop.run({ signal: controller.signal })) {
      if (step > 20) controller.abort();
    }
    expect(loop.step).toBeGreaterThan(20);
    expect(loop.step).toBeLessThan(95);
    await collect(loop);
    expect(loop.state()).toEqual(whole.state());
  });

  test("lets other work have its turn between calls", async () => {
    const loop = new Loop({ algorithm: quadratic(), steps: 50, recordEvery: 5 });
    let turns = 0;
    let over = false;
    const turn = () => {
      turns++;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    const calls = (await collect(loop)).length;
    over = true;
    expect(turns).toBeGreaterThanOrEqual(calls);
  });

  test("compiles nothing while it runs", async () => {
    const loop = new Loop({ algorithm: quadratic(), steps: 50, recordEvery: 5 });
    const modules = vi.spyOn(WebAssembly, "Module");
    await collect(loop);
    expect(modules).not.toHaveBeenCalled();
  });

  test("its memory stays flat over 20000 steps and 2000 records", async () => {
    const loop = new Loop({ algorithm: quadratic(), steps: 22_000, recordEvery: 10 });
    let before = 0;
    for await (const { kind, step } of loop.run()) {
      if (kind === "record" && step === 2000) before = process.memoryUsage().rss;
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
  });

  test("runs host code at its steps, whatever the calls are, and goes on with it after a resume", async () => {
    /** Doubles x at each step; the host adds 1 after 3, 6, 9 ... steps. */
    const algorithm = (): Algorithm => {
      const [step, x] = [input("#step", [], "int32"), input("x", [], "float64")];
      return {
        initial: { "#step": constant(0, "int32"), x: constant(1, "float64") },
        updates: [
          [step, step.add(1)],
          [x, x.mul(2)],
        ],
        metrics: { before: x, step: cast(step, "float64") },
        between: {
          next: (at) => Math.ceil(Math.max(at, 1) / 3) * 3,
          run: (program) => program.write("x", program.read("x").data[0] + 1),
        },
      };
    };
    const expected = Array.from({ length: 10 }).reduce<number>(
      (x, _, at) => 2 * (at > 0 && at % 3 === 0 ? x + 1 : x),
      1,
    );
    const whole = new Loop({ algorithm: algorithm(), steps: 10, recordEvery: 10 });
    const [last] = (await collect(whole)).slice(-1);
    expect(whole.state().x.data[0]).toBe(expected);
    expect(last.metrics.step).toBe(4.5);
    const half = new Loop({ algorithm: algorithm(), steps: 6, recordEvery: 10 });
    await collect(half);
    const rest = new Loop({
      algorithm: algorithm(),
      steps: 10,
      recordEvery: 10,
      from: half.state(),
    });
    await collect(rest);
    expect(rest.state()).toEqual(whole.state());
  });

  test("refuses the state of another program", () => {
    const state = new Loop({ algorithm: quadratic(), ...options }).state();
    const { w, ...rest } = state;
    const from = { ...rest, v: w };
    expect(() => new Loop({ algorithm: quadratic(), ...options, from })).toThrow(
      "the state to go on from is that of another program: it lacks 'w' and has besides 'v'",
    );
  });
});

describe("a bound that is not finite", () => {
  /** One parameter, 1 at the start, whose bound is `of` it. */
  function one(
    of: (w: Tensor) => { bound: Tensor; sites: Record<string, Tensor> },
    optimiser: Optimiser = sgd(0),
  ): Training {
    const store = paramStore();
    const { value } = store.declare("w", [], { init: constantInit(1) });
    return training({ objective: () => of(value), parameters: store, optimiser, seed: 0 });
  }

  const failure = async (step: Training, recordEvery = 10) => {
    const loop = new Loop({ algorithm: step, steps: 40, recordEvery });
    const error = await collect(loop).catch((reason: Error) => reason.message);
    return { error, good: loop.lastGood()["#step"].data[0] };
  };
  const hint = ". Try a smaller learning rate, or parameters that start closer to zero";
  const first = ". It is so before the first update, which no learning rate changes";

  test("is traced to the site and the step that make it", async () => {
    // w goes down by 1 / 16 a step: log w is no number from the step on at whose beginning w <= 0.
    const falling = one(
      (w) => {
        const [x, z] = [log(w).mul(0).sub(w), w.mul(2)];
        return { bound: x.add(z.mul(0)), sites: { z, x } };
      },
      sgd(1 / 16),
    );
    expect(await failure(falling)).toEqual({
      error: `at step 17 the bound is NaN: site 'x' contributes NaN${hint}`,
      good: 10,
    });
  });

  test("is owned up to where every site is finite", async () => {
    const both = one((w) => ({ bound: log(w.sub(2)), sites: { x: w } }));
    expect((await failure(both)).error).toContain(
      `at step 1 the bound is NaN, though each site's part of it is finite${first}`,
    );
  });

  test("a derivative that is not finite is named", async () => {
    const steep = one((w) => {
      const x = sqrt(w.sub(1));
      return { bound: x, sites: { x } };
    }, sgd(0.1));
    expect((await failure(steep)).error).toContain(
      `at step 1 the bound is finite, but not its derivative: gradient 'w'; first the derivative of a ` +
        `square root at 0, at site 'x'${first}`,
    );
  });

  test("a parameter that the optimiser makes infinite is named", async () => {
    const far = one((w) => ({ bound: w.mul(1e10), sites: { x: w } }), sgd(3e38));
    expect(await failure(far, 1)).toEqual({
      error: `at step 1 the optimiser makes 'w' infinite or not a number${hint}`,
      good: 0,
    });
  });
});
