/** Random programs, at sizes about those of vectors, tiles and blocks, keep what is promised of their bits. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { native } from "../../src/runtime/native/executable.ts";
import { describe as asText } from "../fuzz/check.ts";
import { Dice } from "../fuzz/data.ts";
import { build, recipes } from "../fuzz/graphs.ts";
import { brokenPromise } from "../fuzz/programs.ts";

const SIZES = [1, 1, 2, 3, 15, 16, 17, 31, 33, 63, 65, 127, 129];

/** Programs for each backend; C takes a second or two for each of a dozen. */
const COUNTS = typeof native() === "string" ? { wasm: 120 } : { wasm: 120, c: 2 };

describe.each(Object.entries(COUNTS))("%s", (backend, count) => {
  test(`${count} programs`, async () => {
    for (let seed = 0; seed < count; seed++) {
      const dice = new Dice(seed, 0);
      const [recipe] = fc.sample(recipes, { numRuns: 1, seed });
      const sizes = Array.from(
        { length: 1 + dice.below(3) },
        () => SIZES[dice.below(SIZES.length)],
      );
      const graph = build({ ...recipe, sizes: dice.below(3) === 0 ? recipe.sizes : sizes });
      const broken = brokenPromise(graph, backend as "wasm" | "c", seed);
      if (broken !== undefined) expect.fail(`seed ${seed}: ${broken}\n${asText(graph)}`);
      // A turn of the event loop, in which memories of programs that are gone are given back.
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});
