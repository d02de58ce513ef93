/** The seed of a run is a value that its program is given: another seed compiles nothing. */
import { describe, expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import {
  compileAlgorithm,
  fit,
  Loop,
  type MethodName,
  minibatch,
  prepare,
  samplePosterior,
  training,
  writeSeed,
} from "../../../src/inference/internal.ts";
import { model, paramStore } from "../../../src/model/index.ts";
import { normalInit } from "../../../src/nn/index.ts";
import { adam } from "../../../src/optim/index.ts";
import { graphText } from "../../../src/runtime/native/graphText.ts";
import {
  axis,
  fold,
  type Key,
  key,
  square,
  standardNormal,
  sum,
  type Tensor,
  tensor,
} from "../../../src/tensor/internal.ts";

const row = axis("row", 30);
const y = tensor(
  Float32Array.from({ length: row.size }, (_, i) => Math.sin(i)),
  [row],
);
const twoLevels = model(({ sample, observe, plate }) => {
  const mean = sample("mean", normal(0, 1));
  plate(row, () => observe("y", normal(sample("effect", normal(mean, 1)), 1), y));
});

const textOf = (
  outputs: Readonly<Record<string, Tensor>>,
  updates: readonly (readonly [Tensor, Tensor])[] = [],
) =>
  graphText(
    {
      outputs: Object.entries(outputs).map(([name, value]) => ({ name, value })),
      updates: updates.map(([input, value]) => ({ input, value })),
    },
    (data) => Array.from(data).join(),
  ).text;

/** Noise in the initial values, in the steps, and in the order of the rows. */
function noisy(seed: number, keyOf?: Key) {
  const batch = axis("batch", 7);
  const store = paramStore();
  const { value } = store.declare("w", [], { init: normalInit(1) });
  return training({
    objective: (step, stepKey, runKey) => {
      const own = keyOf ?? runKey;
      const noise = standardNormal(keyOf ? fold(fold(keyOf, "step"), step) : stepKey, [batch]);
      const bound = sum(square(value.sub(noise).sub(minibatch(y, row, batch, step, own)))).neg();
      return { bound, sites: {} };
    },
    parameters: store,
    optimiser: adam(0.1),
    seed,
  });
}

const fitted = (seed: number) =>
  fit({ model: twoLevels, data: undefined, method: "vi", steps: 20, seed });

const SEEDS = [0, 2, 2 ** 31, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER];

describe("the program of a run", () => {
  test.each<MethodName>(["vi", "iwae", "mp", "map"])(
    "by %s is the same for all seeds",
    (method) => {
      const [one, two] = [1, 2 ** 40].map((seed) => {
        const options = { model: twoLevels, data: undefined, method, seed, steps: 20 };
        const { initial, metrics, updates } = prepare(options).training;
        return [textOf(metrics, updates), textOf(initial)];
      });
      expect(two).toEqual(one);
    },
  );

  test.each(["wasm", "c", "oracle"] as const)(
    "on %s draws what the seed as a constant draws",
    (backend) => {
      for (const seed of SEEDS) {
        const [given, known] = [noisy(seed), noisy(seed, key(seed))].map((algorithm) => {
          const program = compileAlgorithm(algorithm, { backend });
          program.run({ steps: 3 });
          return program.read("w").data;
        });
        expect(given).toEqual(known);
      }
    },
  );

  test("under another seed has the bits of one made for it", () => {
    const used = compileAlgorithm(noisy(1), { backend: "wasm" });
    used.run({ steps: 4 });
    for (const seed of SEEDS) {
      const fresh = compileAlgorithm(noisy(seed), { backend: "wasm" });
      for (const name of ["w", "w#mean", "w#squares", "#step"]) {
        used.write(name, fresh.read(name).data);
      }
      writeSeed(used, seed);
      for (const program of [used, fresh]) program.run({ steps: 5 });
      expect(used.read("w").data).toEqual(fresh.read("w").data);
    }
  });

  test("folds the seed before its first step, and looks at it no more", () => {
    const loops = compileAlgorithm(noisy(1), { backend: "wasm" }).explain("loops");
    const first = loops.search(/^k\d+/m);
    expect(loops.slice(0, first)).toContain("#seed0");
    expect(loops.slice(0, first)).toContain("#seed1");
    expect(loops.slice(first)).not.toContain("#seed");
  });

  test("keeps the seed in its state, so that a run goes on under its own", () => {
    const run = (seed: number, steps: number, from?: ReturnType<Loop["state"]>) => {
      const loop = new Loop({ algorithm: noisy(seed), steps, recordEvery: 5, from });
      for (const _ of loop.calls());
      return loop.state();
    };
    const whole = run(2 ** 40 + 5, 10);
    expect([whole["#seed0"].data, whole["#seed1"].data]).toEqual([
      Int32Array.of(5),
      Int32Array.of(256),
    ]);
    expect(run(1, 10, run(2 ** 40 + 5, 5))).toEqual(whole);
  });

  test("fits and their draws differ by the seed", () => {
    const means = [1, 2].map(fitted);
    expect(means[0].parameters["mean.mean"].data).not.toEqual(
      means[1].parameters["mean.mean"].data,
    );
    const draws = [1, 2, 1].map((seed) => samplePosterior(means[0], { draws: 3, seed }).sites.mean);
    expect(draws[2]).toEqual(draws[0]);
    expect(draws[1]).not.toEqual(draws[0]);
  });

  test.each([-1, 0.5, 2 ** 53])("refuses the seed %d", (seed) => {
    expect(() => noisy(seed)).toThrow("the seed must be a whole number");
  });
});
