/** Programs and draws that are larger than memory are refused before anything runs. */
import { describe, expect, test } from "vitest";
import { normal } from "../../src/distributions/index.ts";
import { fit, sample, samplePosterior } from "../../src/inference/index.ts";
import { model } from "../../src/model/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { native } from "../../src/runtime/native/executable.ts";
import { axis, cast, constant, index } from "../../src/tensor/index.ts";
import { temporaryCache } from "./cache.ts";

temporaryCache();
const [i, j, k] = [axis("row", 40_000), axis("column", 40_000), axis("deep", 10_000)];
const plane = cast(index(i), "float64").mul(cast(index(j), "float64"));
const one = model(({ sample: draw, observe }) => {
  const z = draw("z", normal(0, 1));
  observe("y", normal(z, 1), constant(1));
});

describe("memory", () => {
  test("WebAssembly: values above 4 GiB are named, with their axes", () => {
    expect(() => compile({ outputs: { plane } }, { backend: "wasm" })).toThrow(
      /needs 11\.9 GiB.*4 GiB that WebAssembly.*'plane' over \{row: 40000, column: 40000\}.*SURMISE_BACKEND=c/,
    );
  });

  test.skipIf(typeof native() === "string")("native: more than the machine has is refused", () => {
    const block = plane.mul(cast(index(k), "float64"));
    for (const backend of ["c", "auto"] as const) {
      expect(() => compile({ outputs: { block } }, { backend })).toThrow(
        /needs \d+ GiB of memory, more than the .* of this machine.*'block' over \{row: 40000/,
      );
    }
  });

  test("1e9 particles", () => {
    const options = { model: one, data: undefined, method: "iwae", steps: 1 } as const;
    expect(() => fit({ ...options, particles: 1e9, backend: "wasm" })).toThrow(
      /particle: 1000000000.*take fewer particles/,
    );
  });

  test("1e12 draws", async () => {
    const fitted = fit({ model: one, data: undefined, method: "vi", steps: 1 });
    const message = /1000000000000 draws need 74506 GiB.*largest site is 'z'.*take fewer draws/;
    expect(() => samplePosterior(fitted, { draws: 1e12 })).toThrow(message);
    await expect(sample(one, undefined, { draws: 1e12, chains: 1 })).rejects.toThrow(
      /take fewer draws/,
    );
  });
});
