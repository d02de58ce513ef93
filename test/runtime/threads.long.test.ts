/** Threads: the same results on any number of them, one set for all programs, and a clean end. */

import { describe, expect, test } from "vitest";
import { bound, single, training } from "../../src/inference/internal.ts";
import { paramStore } from "../../src/model/index.ts";
import { adam } from "../../src/optim/index.ts";
import { vae } from "../../src/papers/aevb/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { threadsFor } from "../../src/runtime/threads/count.ts";
import { axis, SurmiseError, tensor } from "../../src/tensor/index.ts";
import { COMPILED } from "../backends.ts";
import { start } from "../inference/programs.ts";
import { temporaryCache } from "./cache.ts";
import { elsewhere } from "./elsewhere.ts";

temporaryCache();

/** A training step of a variational autoencoder on some pattern. */
function vaeStep() {
  const [image, pixels] = [axis("image", 31), axis("pixel", 83)];
  const pair = vae({ pixels, hidden: axis("hidden", 45), latents: axis("latent", 7) });
  const x = tensor(
    Float32Array.from({ length: 31 * 83 }, (_, i) => Number((i * i) % 7 < 3)),
    [image, pixels],
  );
  const store = paramStore();
  return training({
    objective: (_, key) =>
      bound({
        ...pair,
        data: { x, image, total: image.size },
        particles: single(),
        key,
        parameters: store,
      }),
    parameters: store,
    optimiser: adam(0.01),
    scale: 1 / image.size,
    seed: 11,
  });
}

describe.each(COMPILED)("%s", (backend) => {
  test("training has the same bits on 1 to 4 threads", () => {
    const trained = vaeStep();
    const state = start(trained);
    const finalOf = (threads: number) => {
      const program = compile(
        { outputs: trained.metrics, updates: trained.updates },
        { backend, threads, grain: 1000 },
      );
      for (const [name, values] of state) program.write(name, values);
      const { bound } = program.run({ steps: 20 });
      return {
        bound: bound.data,
        ...Object.fromEntries([...state].map(([name]) => [name, program.read(name).data])),
      };
    };
    const alone = finalOf(1);
    expect(alone.bound[0]).toBeGreaterThan(-31 * 83 * Math.LN2);
    for (const threads of [2, 3, 4]) expect(finalOf(threads)).toEqual(alone);
  });

  const imports = 'import { isRight, sums } from "./test/runtime/fixtures/sums.ts";';

  test("a process that used threads ends by itself", async () => {
    const code = `${imports}
      console.log(isRight(sums(2, "${backend}", 4), 2, 300));`;
    const ended = await Promise.all(Array.from({ length: 6 }, () => elsewhere(code)));
    expect(ended).toEqual(new Array(6).fill({ failed: undefined, stdout: "true", stderr: "" }));
  });

  test.skipIf(process.platform !== "linux")(
    "ten programs alive use one set of threads",
    async () => {
      const code = `${imports}
        import { readdirSync } from "node:fs";
        const threads = () => readdirSync("/proc/self/task").length;
        const before = threads();
        const alive = [];
        const counts = [];
        for (let i = 0; i < 10; i++) {
          alive.push(sums(i + 1, "${backend}", 4));
          if (!alive.every((program, k) => isRight(program, k + 1))) console.log("wrong");
          await new Promise((resolve) => setTimeout(resolve, 20));
          counts.push(threads() - before);
        }
        console.log(...counts);`;
      const ended = { failed: undefined, stdout: "3 3 3 3 3 3 3 3 3 3", stderr: "" };
      expect(await elsewhere(code)).toEqual(ended);
    },
    60_000,
  );

  test("programs that are gone keep no memory", async () => {
    const code = `
      import { growth } from "./test/runtime/fixtures/many.ts";
      console.log(await growth("${backend}", 2));`;
    const { stdout, stderr } = await elsewhere(code);
    expect(stderr).toBe("");
    expect(Number(stdout)).toBeLessThan(100);
  });

  test("Node's workers run programs at once, and the main thread after them", async () => {
    const code = `
      import { runEverywhere } from "./test/runtime/fixtures/workers.ts";
      console.log(...(await runEverywhere("${backend}")));`;
    const ended = { failed: undefined, stdout: "true true true", stderr: "" };
    expect(await elsewhere(code)).toEqual(ended);
  });
});

describe("how many threads", () => {
  test.each(["0", "65", "1.5", "-1", "many", " "])("SURMISE_THREADS=%j is refused", (named) => {
    process.env.SURMISE_THREADS = named;
    try {
      expect(() => threadsFor(undefined)).toThrow(
        new SurmiseError(
          `SURMISE_THREADS must be a whole number from 1 to 64, not ${/^\d+$/.test(named) ? named : JSON.stringify(named)}`,
        ),
      );
    } finally {
      delete process.env.SURMISE_THREADS;
    }
  });
  test("what the caller says comes before SURMISE_THREADS, which comes before the machine", () => {
    process.env.SURMISE_THREADS = "3";
    try {
      expect(threadsFor(undefined)).toBe(3);
      expect(threadsFor(5)).toBe(5);
    } finally {
      delete process.env.SURMISE_THREADS;
    }
    expect(threadsFor(undefined)).toBeGreaterThanOrEqual(1);
    expect(threadsFor(undefined)).toBeLessThanOrEqual(8);
  });
  test("a number that cannot be is refused", () => {
    expect(() => compile({ outputs: {} }, { threads: 0 })).toThrow(
      new SurmiseError("threads must be a whole number from 1 to 64, not 0"),
    );
  });
});
